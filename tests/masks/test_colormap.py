"""Classes as a person sees them."""

import numpy as np
import pytest

from repix.masks import IGNORED, Encoding, class_colours, coloured
from repix.pictures import Picture


@pytest.mark.parametrize("classes", [2, 3, 11, 20])
def test_levels_get_colours_that_differ(classes):
    colours = class_colours(Encoding("levels", tuple(range(classes)), ignored=200)).astype(int)
    shown = colours[:classes]
    apart = np.abs(shown[:, None] - shown[None]).sum(axis=2)[~np.eye(classes, dtype=bool)]
    assert apart.min() > 20
    assert shown.sum(axis=1).min() > 200
    assert not colours[classes:].any()


@pytest.mark.parametrize("kind", ["colours", "palette"])
def test_masks_with_colours_keep_them(kind):
    drawn = (0x102030, 0xFFFFFF)
    encoding = Encoding("colours", drawn) if kind == "colours" else Encoding("palette", (3, 5), palette=drawn)
    ids = np.array([[0, 1], [1, 0]], np.uint8)
    mask = Picture(encoding.to_pixels(ids))
    np.testing.assert_array_equal(coloured(mask, encoding).pixels, mask.pixels)


def test_what_is_ignored_is_black():
    encoding = Encoding("levels", (0, 1), ignored=IGNORED)
    assert not coloured(Picture(np.full((2, 2), IGNORED, np.uint8)), encoding).pixels.any()
