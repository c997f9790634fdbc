"""`check`: every defect is found, exactly, and none is invented."""

import json

import numpy as np
import pytest
from PIL import Image

import repix
from repix.cli._app import run
from repix.data import check
from repix.data.rules import ALIKE
from repix.errors import UnknownName, WrongUse
from tests.data import drawing


def found(folder, task, **settings) -> set[tuple[str, tuple[str, ...]]]:
    """Each finding's kind, and the files it names."""
    return {(finding.kind, finding.files) for finding in check(folder, task, **settings).findings}


@pytest.fixture
def defects(tmp_path):
    """A folder of sources and targets, and one change to it."""
    return drawing.pairs(tmp_path, 12)


CLEAN = (
    ("pictures", drawing.pictures, "denoise"),
    ("pairs", drawing.pairs, "restore"),
    ("larger targets", lambda root: drawing.pairs(root, scale=2), "upscale"),
    ("masks", drawing.masks, "segment"),
    ("splits", drawing.splits, "segment"),
    ("CamVid", lambda root: drawing.splits(root, "annot", 12), "segment"),
    ("pets", drawing.pets, "segment"),
)


@pytest.mark.parametrize(("make", "task"), [row[1:] for row in CLEAN], ids=[row[0] for row in CLEAN])
def test_nothing_is_invented_on_a_clean_folder(tmp_path, make, task):
    holdout = 2 if make is drawing.pets else None
    findings = check(make(tmp_path), task, holdout)
    assert findings.findings == ()
    assert not findings.has_errors


@pytest.mark.parametrize(("folder", "task"), [("photos/train", "denoise"), ("camvid", "segment"),
                                              ("membrane", "segment")])  # fmt: skip
def test_nothing_is_invented_on_the_given_pictures(shared, folder, task):
    assert check(shared / folder, task).findings == ()


def test_orphans(defects):
    (defects / "source" / "03.png").unlink()
    drawing.put(defects / "source" / "new.png", drawing.photo(77))
    assert found(defects, "restore") == {("orphan", ("source/new.png", "target/03.png"))}


def test_twins(defects):
    drawing.put(defects / "source" / "03.jpg", drawing.photo(3))
    assert found(defects, "restore") == {("twins", ("source/03.jpg", "source/03.png"))}


def test_a_line_without_a_file(tmp_path):
    names = drawing.pets(tmp_path) / "annotations" / "trainval.txt"
    names.write_text(names.read_text() + "Dog_1 1 1 1\n")
    assert found(tmp_path, "segment", holdout=1) == {("missing", ("Dog_1",))}


def test_sizes_that_differ(defects):
    drawing.put(defects / "target" / "05.png", drawing.photo(5, (96, 81)))
    assert found(defects, "restore") == {("size", ("source/05.png", "target/05.png"))}


def test_masks_of_another_size(tmp_path):
    drawing.put(drawing.masks(tmp_path) / "masks" / "05.png", drawing.blobs(5, 2, (96, 100)) * np.uint8(255))
    assert found(tmp_path, "segment") == {("size", ("images/05.jpg", "masks/05.png"))}


def test_targets_that_are_not_twice_as_large(tmp_path):
    drawing.put(drawing.pairs(tmp_path, scale=2) / "target" / "05.png", drawing.photo(5))
    assert found(tmp_path, "upscale") == {("size", ("source/05.png", "target/05.png"))}


def test_unreadable_files(defects):
    whole = (defects / "source" / "02.png").read_bytes()
    (defects / "source" / "02.png").write_bytes(whole[:300])
    (defects / "target" / "04.png").write_bytes(b"")
    assert found(defects, "restore") == {("unreadable", ("source/02.png",)), ("unreadable", ("target/04.png",))}


def test_duplicates_have_equal_pixels_in_any_format(tmp_path):
    drawing.pictures(tmp_path)
    drawing.put(tmp_path / "copy.tif", drawing.photo(1))
    assert found(tmp_path, "denoise", holdout=0) - {("no-validation", ())} == {("duplicate", ("01.png", "copy.tif"))}


@pytest.mark.parametrize("how", ["copied", "compressed", "smaller", "larger", "gray"])
def test_a_picture_in_two_splits_is_a_leak(tmp_path, how):
    drawing.splits(tmp_path, classes=2)
    image = Image.fromarray(drawing.photo(2, (192, 160)))
    drawing.put(tmp_path / "train" / "02.png", np.asarray(image))
    drawing.put(tmp_path / "train-labels" / "02.png", drawing.blobs(2, 2, (192, 160)))
    changed = {"smaller": image.resize((80, 96)), "larger": image.resize((200, 240)), "gray": image.convert("L")}
    image = changed.get(how, image)
    leak = tmp_path / "val" / ("99.jpg" if how == "compressed" else "99.png")
    image.save(leak, **({"quality": 40} if how == "compressed" else {}))
    drawing.put(tmp_path / "val-labels" / "99.png", drawing.blobs(2, 2, image.size[::-1]))
    expected = {("leak", ("train/02.png", f"val/{leak.name}"))}
    assert {row for row in found(tmp_path, "segment") if row[0] != "mixed-colors"} == expected


def test_a_picture_of_the_test_split_elsewhere_is_a_warning(tmp_path):
    drawing.splits(tmp_path, classes=2)
    for place, pixels in (("test", drawing.photo(2)), ("test-labels", drawing.blobs(2, 2))):
        drawing.put(tmp_path / place / "99.png", pixels)
    drawing.put(tmp_path / "train" / "02.png", drawing.photo(2))
    severity = {one.kind: one.severity for one in check(tmp_path, "segment").findings}
    assert severity == {"test-leak": "warning"}


def test_a_leak_of_pairs_is_told_once(tmp_path):
    drawing.pairs(tmp_path / "mine", 6)
    drawing.pairs(tmp_path / "other", 1)
    assert found(tmp_path / "mine", "restore", holdout=tmp_path / "other") == {
        ("leak", ("source/00.png", "../other/source/00.png")),
        ("leak", ("target/00.png", "../other/target/00.png")),
    }


def test_pictures_of_one_color_are_no_leak_of_each_other(tmp_path):
    for name, level in (("train/a", 100), ("val/b", 101)):
        drawing.put(tmp_path / f"{name}.png", np.full((80, 80), level, np.uint8))
    assert found(tmp_path, "denoise") == {("flat", ("train/a.png", "val/b.png"))}


def test_the_threshold_lies_between_what_it_must_and_must_not_find(shared):
    """Frames of a film a fifteenth of a second apart are different pictures."""
    from repix.data.file_scan import alike, thumbnail

    frames = [repix.read(path).pixels for path in sorted((shared / "camvid" / "val").iterdir())[:12]]
    thumbnails = [thumbnail(frame, 255.0) for frame in frames]
    for k, one in enumerate(thumbnails):
        assert list(alike([one], thumbnails, ALIKE)) == [(0, k)]


def test_smeared_masks_are_named(tmp_path):
    drawing.masks(tmp_path)
    (tmp_path / "masks" / "04.png").unlink()
    drawing.put(tmp_path / "masks" / "04.jpg", np.roll(drawing.blobs(4, 2) * np.uint8(255), 3, 0))
    assert found(tmp_path, "segment") == {("smeared", ("masks/04.jpg",))}


def test_a_class_that_is_only_in_validation(tmp_path):
    drawing.splits(tmp_path, classes=3)
    drawing.put(tmp_path / "val-labels" / "50.png", drawing.blobs(50, 4))
    assert found(tmp_path, "segment") == {("unseen-class", ())}


def test_floats_that_are_no_colors(tmp_path):
    drawing.pictures(tmp_path)
    for name, worst in (("a", 3.0), ("b", np.nan)):
        pixels = drawing.photo(ord(name)).astype(np.float32) / 255
        pixels[4, 5] = worst
        repix.write(repix.Picture(pixels), tmp_path / f"{name}.tif")
    rows = {row for row in found(tmp_path, "denoise") if row[0] != "mixed-depths"}
    assert rows == {("range", ("a.tif", "b.tif"))} or rows == {("range", ("b.tif", "a.tif"))}


def test_warnings_are_no_errors(tmp_path):
    drawing.pictures(tmp_path)
    drawing.put(tmp_path / "gray.png", drawing.photo(90, channels=1))
    drawing.put(tmp_path / "small.png", drawing.photo(91, (63, 80)))
    drawing.put(tmp_path / "alpha.png", np.dstack([drawing.photo(92), np.full(drawing.SIZE, 9, np.uint8)]))
    repix.write(repix.Picture(drawing.photo(93).astype(np.uint16) * 16), tmp_path / "dark.png")
    (tmp_path / "layers.psd").write_bytes(b"x")
    findings = check(tmp_path, "denoise")
    assert not findings.has_errors
    assert {(finding.kind, finding.files) for finding in findings.findings} == {
        ("mixed-colors", ("gray.png",)),
        ("small", ("small.png",)),
        ("alpha", ("alpha.png",)),
        ("dark", ("dark.png",)),
        ("mixed-depths", ("dark.png",)),
        ("foreign", ("layers.psd",)),
    }


def test_an_opaque_alpha_channel_is_no_finding(tmp_path):
    drawing.pictures(tmp_path)
    drawing.put(tmp_path / "alpha.png", np.dstack([drawing.photo(92), np.full(drawing.SIZE, 255, np.uint8)]))
    assert found(tmp_path, "denoise") == set()


def test_tasks_and_folders_that_do_not_fit(tmp_path):
    assert found(drawing.pictures(tmp_path / "a"), "segment") == {("task", ())}
    assert found(drawing.masks(tmp_path / "b"), "denoise") == {("task", ())}
    with pytest.raises(UnknownName, match="did you mean 'denoise'"):
        check(tmp_path / "a", "denoize")


def test_every_defect_at_once(tmp_path):
    """One folder with all that can be wrong, each found once."""
    root = drawing.splits(tmp_path, classes=3)
    (root / "train-labels" / "00.png").unlink()
    drawing.put(root / "train" / "01.jpg", drawing.photo(1))
    (root / "train" / "02.png").write_bytes(b"\x89PNG broken")
    drawing.put(root / "train-labels" / "03.png", drawing.blobs(3, 3, (50, 50)))
    for name in ("train", "train-labels"):
        (root / name / "x.png").write_bytes((root / name / "04.png").read_bytes())
        (root / "val" / "y.png").write_bytes((root / "train" / "05.png").read_bytes())
        (root / "val-labels" / "y.png").write_bytes((root / "train-labels" / "05.png").read_bytes())
    drawing.put(root / "val-labels" / "51.png", drawing.blobs(51, 5))
    assert sorted(finding.kind for finding in check(root, "segment").findings) == [
        "duplicate", "leak", "orphan", "size", "twins", "unreadable", "unseen-class", "unseen-class",
    ]  # fmt: skip


def test_the_class_table_counts_pixels(tmp_path):
    for name, level in (("train", 64), ("val", 32)):
        mask = np.zeros((80, 64), np.uint8)
        mask[:level] = 1
        mask[:8] = 2
        drawing.put(tmp_path / name / "a.png", drawing.photo(level, (80, 64)))
        drawing.put(tmp_path / f"{name}-labels" / "a.png", mask)
    rows = [
        (c.id, c.value, c.train, c.validation, c.pictures) for c in check(tmp_path, "segment", ignore_index=2).classes
    ]
    assert rows == [(0, "0", 0.2, 0.6, 2), (1, "1", 0.7, 0.3, 2), (-1, "2", 0.1, 0.1, 2)]


def test_every_finding_says_what_to_do(tmp_path):
    findings = check(drawing.masks(tmp_path), "denoise").findings
    assert all(finding.message.endswith(".") and finding.advice.endswith(".") for finding in findings)


def test_the_command_exits_with_1_where_there_are_errors(defects, capsys):
    assert run(["check", str(defects), "--task", "restore"]) == 0
    assert "No problems found." in capsys.readouterr().out
    (defects / "source" / "03.png").unlink()
    assert run(["check", str(defects), "--task", "restore", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["has_errors"]
    assert [finding["kind"] for finding in record["findings"]] == ["orphan"]
    assert set(record["split"]) == {"rule", "train", "validation", "test"}


def test_the_command_shows_classes_and_findings(tmp_path, capsys):
    drawing.splits(tmp_path, "annot", 12)
    drawing.put(tmp_path / "train" / "[red].png", drawing.photo(7))
    assert run(["check", str(tmp_path), "--task", "segment", "--holdout", "3"]) == 1
    shown = capsys.readouterr().out
    for word in ("CamVid", "bicyclist", "11 ignored", "[red].png", "Fix the errors before training."):
        assert word in shown


@pytest.mark.parametrize(("words", "message"), [
    (["nowhere", "--task", "denoise"], "there is no such folder"),
    (["{}", "--task", "denoise", "--holdout", "99"], "holdout is 99"),
    (["{}", "--task", "denoise", "--holdout", "nowhere"], "there is no such folder"),
    (["{}"], "Missing option '--task'"),
])  # fmt: skip
def test_wrong_use_is_one_sentence(tmp_path, capsys, words, message):
    drawing.pictures(tmp_path)
    assert run(["check", *(word.format(tmp_path) for word in words)]) in (1, 2)
    assert message in capsys.readouterr().err


def test_a_label_to_ignore_needs_masks(tmp_path):
    drawing.put(tmp_path / "a.png", drawing.photo(0, (30, 26)))
    with pytest.raises(WrongUse, match="leave --ignore-index out"):
        check(tmp_path, "upscale", ignore_index=3)
