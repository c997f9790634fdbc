"""Layouts are found by looking, and splits are repeatable records."""

import json
import tomllib

import numpy as np
import pytest

from repix.data import Item, Split, find, split
from repix.errors import Unreadable, WrongUse
from tests.data import drawing


def test_S10_a_folder_of_pictures(tmp_path):
    found = find(drawing.pictures(tmp_path))
    assert found.kind == "pictures"
    assert [item.picture for item in found.parts["train"].items] == [f"{n:02}.png" for n in range(12)]
    assert not find(tmp_path).parts["train"].orphans


def test_S10_source_and_target(tmp_path):
    found = find(drawing.pairs(tmp_path))
    assert found.kind == "pairs"
    assert found.parts["train"].items[3] == Item("source/03.png", "target/03.png")


@pytest.mark.parametrize("second", ["masks", "labels"])
def test_S10_pictures_with_masks_pair_by_stem(tmp_path, second):
    found = find(drawing.masks(tmp_path, second=second))
    assert found.kind == "masks"
    assert found.parts["train"].items[3] == Item("images/03.jpg", f"{second}/03.png")


def test_S10_stems_must_be_equal_to_the_letter(tmp_path):
    drawing.put(tmp_path / "images" / "a.1.png", drawing.photo(1))
    drawing.put(tmp_path / "masks" / "a.png", drawing.blobs(1, 2))
    assert find(tmp_path).parts["train"].orphans == ("images/a.1.png", "masks/a.png")


def test_S10_the_pets_are_split_by_their_lists(tmp_path):
    found = find(drawing.pets(tmp_path))
    assert "Oxford-IIIT Pet" in found.layout
    assert {name: len(part.items) for name, part in found.parts.items()} == {"train": 5, "test": 2}
    assert found.parts["test"].items[0] == Item("images/Cat_5.jpg", "annotations/trimaps/Cat_5.png")
    assert found.classes == {1: "object", 2: "background", 3: "border"}
    assert not any(part.orphans or part.missing or part.foreign for part in found.parts.values())


def test_S10_camvid_as_segnet_has_it(tmp_path):
    drawing.splits(tmp_path, "annot", 12)
    lines = "".join(f"/SegNet/CamVid/train/{n:02}.png /SegNet/CamVid/trainannot/{n:02}.png\n" for n in (0, 1, 9))
    (tmp_path / "train.txt").write_text(lines)
    found = find(tmp_path)
    assert "CamVid" in found.layout
    assert found.ignored == 11
    assert [item.picture for item in found.parts["train"].items] == ["train/00.png", "train/01.png"]
    assert found.parts["train"].missing == ("09",)
    assert len(found.parts["validation"].items) == len(found.parts["test"].items) == 6


def test_S10_splits_with_labels_beside(tmp_path):
    found = find(drawing.splits(tmp_path))
    assert found.kind == "masks"
    assert found.parts["validation"].items[0] == Item("val/50.png", "val-labels/50.png")


@pytest.mark.parametrize("end", ["-labels", "annot"])
@pytest.mark.parametrize(("name", "part"), [("val", "validation"), ("test", "test")])
def test_S10_what_is_there_to_be_measured_on_needs_no_training_pictures(tmp_path, end, name, part):
    drawing.splits(tmp_path / "all", end)
    for folder in (name, f"{name}{end}"):
        (tmp_path / "all" / folder).rename(_in(tmp_path / "some") / folder)
    found = find(tmp_path / "some")
    assert (found.kind, list(found.parts), len(found.parts[part].items)) == ("masks", [part], 6)
    assert split(found).train == ()


def _in(folder):
    folder.mkdir(exist_ok=True)
    return folder


def test_S10_splits_with_folders_inside(tmp_path):
    for name in ("train", "val"):
        drawing.pairs(tmp_path / name, 3)
    found = find(tmp_path)
    assert found.kind == "pairs"
    assert found.parts["validation"].items[0] == Item("val/source/00.png", "val/target/00.png")


def test_a_test_without_its_masks_is_left_alone(tmp_path):
    for mask in (drawing.splits(tmp_path) / "test-labels").iterdir():
        mask.unlink()
    (tmp_path / "test-labels").rmdir()
    assert set(find(tmp_path).parts) == {"train", "validation"}
    (tmp_path / "val-labels").rename(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="val-labels: there is no such folder"):
        find(tmp_path)


def test_the_given_camvid(shared):
    parts = split(find(shared / "camvid"))
    assert (parts.rule, len(parts.train), len(parts.validation)) == ("official", 367, 101)


def test_what_is_no_layout_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(WrongUse, match=r"source/ and target/"):
        find(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    with pytest.raises(Unreadable, match="is a file; name a folder"):
        find(drawing.put(tmp_path / "a.png", drawing.photo(1)))


def test_splits_that_hold_different_things_are_refused(tmp_path):
    drawing.pairs(tmp_path / "train", 2)
    drawing.masks(tmp_path / "val", 2)
    with pytest.raises(WrongUse, match="use one layout"):
        find(tmp_path)


def test_holding_out_is_repeatable_and_moves_little_when_files_come_in(tmp_path):
    dataset = find(drawing.pictures(tmp_path, 30))
    first, second = split(dataset, 8), split(dataset, 8)
    assert first == second
    assert len(first.validation) == 8
    assert not set(first.train) & set(first.validation)
    assert len(first.train) + len(first.validation) == 30
    drawing.put(tmp_path / "later.png", drawing.photo(99))
    assert len(set(split(find(tmp_path), 8).validation) - set(first.validation)) <= 1


def test_a_tenth_is_kept_out_where_nothing_is_said(tmp_path):
    assert len(split(find(drawing.pictures(tmp_path, 20))).validation) == 2


def test_asking_for_a_number_overrides_the_official_split(tmp_path):
    parts = split(find(drawing.splits(tmp_path)), 4)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (8, 4, 6)


def test_a_folder_is_kept_out_whole(tmp_path):
    dataset = find(drawing.pairs(tmp_path / "mine", 4))
    drawing.pairs(tmp_path / "other", 3)
    parts = split(dataset, tmp_path / "other")
    assert len(parts.train) == 4
    assert parts.validation[0] == Item("../other/source/00.png", "../other/target/00.png")
    with pytest.raises(WrongUse, match="a folder of the same kind"):
        split(dataset, drawing.pictures(tmp_path / "single"))


@pytest.mark.parametrize("wanted", [-1, 12, 1.5, True])
def test_an_impossible_number_is_refused(tmp_path, wanted):
    with pytest.raises(WrongUse, match="holdout"):
        split(find(drawing.pictures(tmp_path)), wanted)


def test_a_split_travels_as_json_and_toml():
    parts = Split("official", (Item("a.png", "b.png"), Item("c.png")), (Item("d.png"),))
    record = parts.to_json()
    assert Split.from_json(json.loads(json.dumps(record))) == parts
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in record.items())
    assert Split.from_json(tomllib.loads(toml)) == parts


@pytest.mark.parametrize("record", [{}, {"rule": "", "train": [["a", "b", "c"]], "validation": [], "test": []}])
def test_a_record_of_something_else_is_refused(record):
    with pytest.raises(WrongUse):
        Split.from_json(record)


def test_pictures_of_other_formats_are_named(tmp_path):
    (drawing.pictures(tmp_path) / "layers.psd").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("x")
    assert find(tmp_path).parts["train"].foreign == ("layers.psd",)


def test_the_drawings_differ():
    assert np.abs(drawing.photo(1).astype(int) - drawing.photo(2)).mean() > 20
