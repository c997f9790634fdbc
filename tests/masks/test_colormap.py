"""Classes as a person sees them."""

import numpy as np
import pytest

from repix.masks import IGNORED, Encoding, class_colors, colored
from repix.pictures import Picture


@pytest.mark.parametrize("classes", [2, 3, 11, 20])
def test_levels_get_colors_that_differ(classes):
    colors = class_colors(Encoding("levels", tuple(range(classes)), ignored=200)).astype(int)
    shown = colors[:classes]
    apart = np.abs(shown[:, None] - shown[None]).sum(axis=2)[~np.eye(classes, dtype=bool)]
    assert apart.min() > 20
    assert shown.sum(axis=1).min() > 200
    assert not colors[classes:].any()


@pytest.mark.parametrize("kind", ["colors", "palette"])
def test_masks_with_colors_keep_them(kind):
    drawn = (0x102030, 0xFFFFFF)
    encoding = Encoding("colors", drawn) if kind == "colors" else Encoding("palette", (3, 5), palette=drawn)
    ids = np.array([[0, 1], [1, 0]], np.uint8)
    mask = Picture(encoding.to_pixels(ids))
    np.testing.assert_array_equal(colored(mask, encoding).pixels, mask.pixels)


def test_what_is_ignored_is_black():
    encoding = Encoding("levels", (0, 1), ignored=IGNORED)
    assert not colored(Picture(np.full((2, 2), IGNORED, np.uint8)), encoding).pixels.any()
