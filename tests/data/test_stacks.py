"""Volumes as training data, written by tifffile and nibabel: layouts, contiguous splits, three-dimensional crops."""

from collections import Counter
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile

from repix.data import VolumeCrops, check, find, split, store
from repix.data.cache import content_key
from repix.errors import RepixError, Unreadable, WrongUse
from repix.masks import Encoding
from repix.volumes.stack import read_labels, read_stack
from tests.data.drawing import photo, put

SHAPE = (7, 20, 24)
BINARY = Encoding("levels", (0, 255))


def numbered(shape: tuple[int, int, int] = SHAPE, start: int = 0) -> np.ndarray:
    """Voxels of which every one has its own value."""
    return (np.arange(np.prod(shape)).reshape(shape) + start).astype(np.uint16)


def labels(volume: np.ndarray) -> np.ndarray:
    """A mask that follows from each voxel alone."""
    return np.where(volume % 3 == 0, 255, 0).astype(np.uint8)


def put_stack(
    root: Path, name: str, volume: np.ndarray, mask: np.ndarray, first: str = "images", second: str = "masks"
) -> None:
    for folder, voxels in ((first, volume), (second, mask)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(root / folder / f"{name}.tif", voxels, photometric="minisblack")


@pytest.fixture
def one(tmp_path) -> Path:
    put_stack(tmp_path, "a", numbered(), labels(numbered()))
    return tmp_path


@pytest.fixture
def several(tmp_path) -> Path:
    for number in range(5):
        volume = numbered(start=number * 5000)
        put_stack(tmp_path, f"z{number}", volume, labels(volume))
    return tmp_path


def test_files_with_several_pages_are_found_as_volumes(one):
    dataset = find(one)
    assert dataset.volumes
    assert [item.files for item in dataset.parts["train"].items] == [("images/a.tif[0:7]", "masks/a.tif[0:7]")]


def test_slices_are_read_as_tifffile_wrote_them(one):
    np.testing.assert_array_equal(read_stack(one / "images/a.tif[2:5]").voxels[..., 0], numbered()[2:5])
    np.testing.assert_array_equal(read_labels(one / "masks/a.tif[6:7]"), labels(numbered())[6])
    with pytest.raises(Unreadable, match="has 7 slices; 3 to 9 are not among them"):
        read_stack(one / "images/a.tif[3:9]")


def test_pictures_are_slices_on_request_in_natural_order(tmp_path):
    for split_name, count in (("train", 11), ("val", 3)):
        for number in range(count):
            put(tmp_path / split_name / f"z{number}.png", np.full((8, 9), number, np.uint8))
            put(tmp_path / f"{split_name}-labels" / f"z{number}.png", np.full((8, 9), 255 * (number % 2), np.uint8))
    assert not find(tmp_path).volumes
    dataset = find(tmp_path, volumes=True)
    assert dataset.parts["train"].items[0].files == ("train[0:11]", "train-labels[0:11]")
    assert read_stack(tmp_path / "train[8:11]").voxels[:, 0, 0, 0].tolist() == [8, 9, 10]
    findings = check(tmp_path, "segment", volumes=True)
    assert not findings.has_errors
    assert findings.examples == "11 train slices, 3 validation slices"
    assert [one.train for one in findings.classes] == [6 / 11, 5 / 11]
    assert findings.sizes == {"train": (8, 9), "val": (8, 9)}


def test_subfolders_of_slices_are_volumes(tmp_path):
    for folder in ("images", "labels"):
        for name in ("a", "b"):
            for number in range(3):
                put(tmp_path / folder / name / f"{number}.png", np.zeros((8, 9), np.uint8))
    items = find(tmp_path, volumes=True).parts["train"].items
    assert [item.picture for item in items] == ["images/a[0:3]", "images/b[0:3]"]


def test_signed_masks_of_nifti_are_the_stored_classes(tmp_path):
    mask = np.random.default_rng(0).integers(0, 4, SHAPE).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(mask.T, np.eye(4)), tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.nii.gz[0:7]"), mask.reshape(-1, SHAPE[2]))
    nibabel.save(nibabel.Nifti1Image(mask.T - 1, np.eye(4)), tmp_path / "b.nii")
    with pytest.raises(Unreadable, match="contains negative values"):
        read_labels(tmp_path / "b.nii[0:7]")
    nibabel.save(nibabel.Nifti1Image(mask.T.astype(np.float32), np.eye(4)), tmp_path / "c.nii")
    with pytest.raises(Unreadable, match="contains floats; a mask needs integers"):
        read_labels(tmp_path / "c.nii[0:7]")


def test_a_volume_and_its_mask_have_one_shape(tmp_path):
    put_stack(tmp_path, "a", numbered(), labels(numbered())[:5])
    with pytest.raises(WrongUse, match=r"has 7 slices of 24×20 and .* has 5 slices of 24×20"):
        find(tmp_path)


def test_volumes_without_a_mask_are_found(several):
    (several / "masks/z1.tif").unlink()
    findings = check(several, "segment")
    assert [one.files for one in findings.findings if one.kind == "orphan"] == [("images/z1.tif",)]


def test_a_folder_without_masks_is_refused(tmp_path):
    put(tmp_path / "a.png", photo(0))
    with pytest.raises(WrongUse, match="has no volumes with masks"):
        find(tmp_path, volumes=True)


def voxels_of(root: Path, items) -> Counter:
    return Counter(int(value) for item in items for value in np.unique(read_stack(root / item.picture).pixels))


@pytest.mark.parametrize("holdout", [None, 1, 3, 6])
def test_held_out_slices_are_the_last_and_none_is_lost(one, holdout):
    parts = split(find(one), holdout)
    count = holdout or 0  # a tenth of 7 slices
    assert parts.slices == {"train": 7 - count, "validation": count, "test": 0}
    assert voxels_of(one, parts.train + parts.validation) == Counter(numbered().ravel().tolist())
    assert parts.held_out == count
    evaluation, selection = parts.halves
    if count >= 4:
        assert voxels_of(one, evaluation + selection) == voxels_of(one, parts.validation)
    else:
        assert evaluation == selection == parts.validation


def test_of_several_volumes_whole_ones_are_held_out(several):
    parts = split(find(several))
    assert [len(parts.train), len(parts.validation)] == [4, 1]
    assert split(find(several), 2).held_out == 2
    with pytest.raises(WrongUse, match="holdout is 5 and there are 5 volumes"):
        split(find(several), 5)


@pytest.mark.parametrize("holdout", [7, -1])
def test_more_slices_than_there_are_cannot_be_held_out(one, holdout):
    with pytest.raises(WrongUse, match="hold out 0 to 6 of them"):
        split(find(one), holdout)


def test_the_same_slices_twice_are_a_leak(tmp_path):
    for name in ("train", "val"):
        put_stack(tmp_path, "a", numbered(), labels(numbered()), name, f"{name}-labels")
    assert "leak" in check(tmp_path, "segment").kinds()


def test_changed_slices_change_the_key_of_the_data(tmp_path):
    for number in range(3):
        put(tmp_path / "images" / f"{number}.png", np.full((8, 9), number, np.uint8))
        put(tmp_path / "masks" / f"{number}.png", np.full((8, 9), 0, np.uint8))
    items = find(tmp_path, volumes=True).parts["train"].items
    before = content_key(tmp_path, items)
    put(tmp_path / "images" / "1.png", np.full((8, 9), 7, np.uint8))
    assert content_key(tmp_path, items) != before


@pytest.fixture
def cached(several, tmp_path_factory):
    return store(several, find(several).parts["train"].items, BINARY, tmp_path_factory.mktemp("cache"))


def places(crop: np.ndarray) -> np.ndarray:
    """The slice, row and column of each voxel of a crop, 3×D×H×W."""
    return np.stack(np.unravel_index(crop[..., 0].astype(int) % 5000, SHAPE))


def test_a_crop_is_a_block_of_a_volume_with_its_labels_in_every_orientation(cached):
    crops, seen = VolumeCrops(cached, slices=3, size=6, seed=4), set()
    for index in range(120):
        crop, ids = crops.cut(index)
        assert (crop.shape, ids.shape) == ((3, 6, 6, 1), (3, 6, 6))
        np.testing.assert_array_equal(ids, crop[..., 0] % 3 == 0)
        found = places(crop)
        steps = [found[:, 1, 0, 0] - found[:, 0, 0, 0], found[:, 0, 1, 0] - found[:, 0, 0, 0]]
        across = found[:, 0, 0, 1] - found[:, 0, 0, 0]
        grid = found[:, :1, :1, :1] + np.einsum("ca,aijk->cijk", np.stack([*steps, across], 1), np.indices((3, 6, 6)))
        np.testing.assert_array_equal(found, grid)  # an isometry: neighbors stay neighbors
        assert abs(steps[0]).tolist() == [1, 0, 0]
        seen.add((*steps[0], *steps[1], *across))
    assert len(seen) == 16  # eight symmetries of the plane, both orders of the slices


def test_without_rotations_slices_keep_their_order(cached):
    crops = VolumeCrops(cached, slices=3, size=6, seed=4, symmetries=2)
    for index in range(20):
        found = places(crops.cut(index)[0])
        assert (found[0, 1] > found[0, 0]).all()
        assert (found[1, :, 1] > found[1, :, 0]).all()


def test_each_epoch_uses_every_volume_and_a_crop_depends_on_seed_and_index_only(cached):
    crops = VolumeCrops(cached, slices=7, size=20, seed=1)
    for epoch in range(3):
        volumes = {int(crops.cut(epoch * 5 + place)[0].min()) // 5000 for place in range(5)}
        assert volumes == set(range(5))
    again = VolumeCrops(cached, slices=7, size=20, seed=1)
    np.testing.assert_array_equal(crops.cut(11)[0], again.cut(11)[0])
    others = VolumeCrops(cached, slices=7, size=20, seed=2)
    assert any((crops.cut(index)[0] != others.cut(index)[0]).any() for index in range(5))


def test_zoom_rescales_the_plane_and_keeps_classes(cached):
    crops = VolumeCrops(cached, slices=2, size=8, seed=3, zoom=(0.5, 2.0))
    for index in range(20):
        crop, ids = crops.cut(index)
        assert (crop.shape, ids.shape) == ((2, 8, 8, 1), (2, 8, 8))
        assert set(np.unique(ids)) <= {0, 1}


@pytest.mark.parametrize(("slices", "size"), [(8, 6), (3, 21)])
def test_crops_larger_than_every_volume_are_refused(cached, slices, size):
    with pytest.raises(RepixError, match="no volume is as large; the largest have 7 slices and a shorter side of 20"):
        VolumeCrops(cached, slices, size)
