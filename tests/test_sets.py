"""Test sets are found however people have laid them out, and their pairs are the given ones or MATLAB's."""

import numpy as np
import pytest
from benchmarks import sets

from repix.degradations import shrink
from repix.pictures import Picture, read, write
from tests.data.drawing import photo


def put(path, size=(24, 36), seed=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    write(Picture(photo(seed, size)), path)


@pytest.mark.parametrize(
    "layout",
    [
        "Set5/{}.png",
        "set5/HR/{}.png",
        "SR/Set5/original/{}.bmp",
        "Set_5/GTmod12/../{}.png",
        "data/benchmark/Set5/HR/{}.png",
    ],
)
def test_a_set_is_found_wherever_it_lies(layout, tmp_path):
    for name in ("baby", "bird"):
        put(tmp_path / layout.format(name))
    found = sets.find(tmp_path)
    assert list(found) == ["Set5"]
    assert [file.stem for file in found["Set5"].files] == ["baby", "bird"]


def test_the_folder_itself_may_be_the_set(tmp_path):
    put(tmp_path / "BSDS100" / "a.png")
    assert [file.name for file in sets.find(tmp_path / "BSDS100")["BSD100"].files] == ["a.png"]
    assert sets.find(tmp_path / "BSDS100").keys() == sets.find(tmp_path).keys()


@pytest.mark.parametrize("names", ["{}_x{}_{}.png", "{}_SRF_{}_{}.png"])
def test_pairs_that_are_given_are_taken(names, tmp_path):
    for scale in (2, 3):
        put(tmp_path / "Set5" / names.format("baby", scale, "HR"), (24, 36), seed=1)
        put(tmp_path / "Set5" / names.format("baby", scale, "LR"), (24 // scale, 36 // scale), seed=2)
    found = sets.find(tmp_path)["Set5"]
    assert [file.name for file in found.files] == [names.format("baby", 2, "HR")]
    ((name, small, truth),) = found.pairs(3)
    assert (name, small.shape, truth.shape) == ("baby", (8, 12, 3), (24, 36, 3))
    np.testing.assert_array_equal(small, read(tmp_path / "Set5" / names.format("baby", 3, "LR")).colors())


def test_pairs_that_are_not_given_are_shrunk_and_cut_to_whole_multiples(tmp_path):
    put(tmp_path / "Set14" / "a.png", (25, 38))
    ((name, small, truth),) = sets.find(tmp_path)["Set14"].pairs(4)
    assert (name, small.shape, truth.shape) == ("a", (6, 9, 3), (24, 36, 3))
    np.testing.assert_array_equal(small, shrink(truth, 4, eight_bit=True))
