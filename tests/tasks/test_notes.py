"""What is said where a model of one kind is given a picture of the other."""

import numpy as np
import pytest

from repix import registry
from repix.pictures import Picture


@pytest.mark.parametrize(
    ("task", "settings", "channels", "said"),
    [
        ("denoise", {"color": True}, 1, "the result is gray"),
        ("denoise", {"color": True}, 2, "the result is gray"),
        ("denoise", {"color": True}, 3, ""),
        ("denoise", {"color": False}, 1, ""),
        ("deblur", {"color": False}, 4, "converted separately"),
        ("upscale", {"color": True}, 1, "the result is gray"),
        ("upscale", {"color": True}, 2, "the result is gray"),
        ("upscale", {"color": False}, 3, "converted separately"),
        ("colorize", {}, 1, ""),
        ("colorize", {}, 3, "own colors were replaced"),
        ("restore", {}, 4, "own colors were replaced"),
        ("restore", {}, 2, ""),
    ],
)
def test_a_picture_of_another_kind_is_said(task, settings, channels, said):
    made = registry.get("tasks", task)(settings)
    source = Picture(np.full((4, 6, channels), 200, np.uint8), notes=("before",))
    x = made.encode(source)
    y = np.full((len(x), made.channels[1], 4 * made.scale, 6 * made.scale), 0.5, np.float32)
    notes = made.decode(y, source).notes
    assert notes[0] == "before"
    assert (said in notes[-1]) if said else len(notes) == 1
