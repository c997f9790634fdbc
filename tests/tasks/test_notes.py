"""What is said where a model of one kind is given a picture of the other."""

import numpy as np
import pytest

from repix import members
from repix.pictures import Picture


@pytest.mark.parametrize(
    ("task", "settings", "channels", "said"),
    [
        ("denoise", {"colour": True}, 1, "it stayed grey"),
        ("denoise", {"colour": True}, 2, "it stayed grey"),
        ("denoise", {"colour": True}, 3, ""),
        ("denoise", {"colour": False}, 1, ""),
        ("deblur", {"colour": False}, 4, "one after the other"),
        ("upscale", {"colour": True}, 1, "it stayed grey"),
        ("upscale", {"colour": True}, 2, "it stayed grey"),
        ("upscale", {"colour": False}, 3, "one after the other"),
        ("colorize", {}, 1, ""),
        ("colorize", {}, 3, "own colours were replaced"),
        ("restore", {}, 4, "own colours were replaced"),
        ("restore", {}, 2, ""),
    ],
)
def test_a_picture_of_another_kind_is_said(task, settings, channels, said):
    made = members.member("tasks", task)(settings)
    source = Picture(np.full((4, 6, channels), 200, np.uint8), notes=("before",))
    x = made.encode(source)
    y = np.full((len(x), made.channels[1], 4 * made.scale, 6 * made.scale), 0.5, np.float32)
    notes = made.decode(y, source).notes
    assert notes[0] == "before"
    assert (said in notes[-1]) if said else len(notes) == 1
