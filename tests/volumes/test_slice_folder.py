"""Folders of slices: natural order, one size and depth, and a new folder that appears complete or not at all."""

import numpy as np
import pytest
from PIL import Image

from repix.errors import Unreadable, Unwritable
from repix.pictures import Picture
from repix.volumes import read
from repix.volumes.slice_folder import save_folder


def folder_of(folder, slices):
    folder.mkdir()
    for name, pixels in slices.items():
        Image.fromarray(pixels).save(folder / name)
    return folder


def level(value: int, shape: tuple[int, ...] = (3, 4)) -> np.ndarray:
    return np.full(shape, value, np.uint8)


def test_slices_are_in_natural_order(tmp_path):
    names = {"z10.png": level(10), "z9.png": level(9), "z1.tif": level(1), "z02.png": level(2)}
    found = read(folder_of(tmp_path / "slices", names))
    assert found.voxels[:, 0, 0].tolist() == [1, 2, 9, 10]


BAD = {
    "size": ({"a.png": level(1), "b.png": level(1, (3, 5))}, "5×3 pixels of depth 8, but a.png has 4×3"),
    "depth": ({"a.png": level(1), "b.png": level(1).astype(np.uint16)}, "one size and depth"),
    "colors": ({"a.png": level(1, (3, 4, 3))}, "a.png is RGB; the slices of a volume must be gray"),
    "empty": ({}, "no pictures"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_folder_is_refused_with_a_sentence(tmp_path, case):
    slices, said = BAD[case]
    with pytest.raises(Unreadable, match=said):
        read(folder_of(tmp_path / "slices", slices))


def test_a_folder_appears_complete_or_not_at_all(tmp_path):
    def slices():
        yield Picture(level(1))
        raise Unreadable("the second slice is damaged.")

    with pytest.raises(Unreadable, match="second slice"):
        save_folder(slices(), tmp_path / "out", ["a.png", "b.png"], quality=90, strict=False)
    assert list(tmp_path.iterdir()) == []
    save_folder([Picture(level(1))], tmp_path / "out", ["a.png"], quality=90, strict=False)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]
    with pytest.raises(Unwritable, match="exists already"):
        save_folder([Picture(level(1))], tmp_path / "out", ["a.png"], quality=90, strict=False)
