"""Volumes and models for pictures: the same voxels as slices alone, at every budget, with spacing and affine."""

import errno
import sys

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from repix.conversion import Budget, Contract, Echo, convert
from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.volume_file import convert_any_file, convert_stack
from repix.errors import DiskFull, FidelityLost, MissingLibrary, TooLarge, Unreadable, Unwritable, WrongUse
from repix.masks import Encoding, class_colors
from repix.pictures import Picture, read
from repix.tasks.segment import settings_for
from repix.volumes import Metadata, Volume
from repix.volumes import read as read_volume
from repix.volumes import write as write_volume
from tests.conversion.neighborhood_engine import Looking
from tests.volumes.test_tiff import voxels

NM = Metadata((50, 4, 4), "nm")
CLASSES = Encoding("levels", (0, 255))
TILED = FileOptions(budget=Budget(tile=5))


def stack(path, made, metadata=NM):
    write_volume(Volume(made, metadata), path)
    return path


class Thresholded:
    """A segmentation model: bright pixels are the second class."""

    def __init__(self, encoding: Encoding = CLASSES) -> None:
        self.contract = Contract("segment", settings_for(encoding) | {"color": False}, channels=(1, 2), halo=0)

    def run(self, x: np.ndarray) -> np.ndarray:
        return np.concatenate([1 - x, x], axis=1)


@settings(max_examples=10, deadline=None)
@given(
    shape=st.tuples(st.integers(2, 4), st.integers(1, 40), st.integers(1, 40)),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32]),
    tile=st.sampled_from([None, 5, 16]),
    ending=st.sampled_from(["tif", "nii.gz"]),
)
def test_voxels_are_those_of_slices_alone(tmp_path_factory, shape, dtype, tile, ending):
    if ending == "nii.gz":
        pytest.importorskip("nibabel")
    folder, made, engine = tmp_path_factory.mktemp("volume"), voxels(shape, dtype), Looking(step=4, reach=2)
    source = stack(folder / f"in.{ending}", made)
    convert_any_file(source, folder / f"out.{ending}", engine, FileOptions(budget=Budget(tile=tile)))
    found = read_volume(folder / f"out.{ending}")
    alone = np.stack([convert(Picture(one), engine).pixels[:, :, 0] for one in made])
    assert found.voxels.dtype == dtype
    np.testing.assert_array_equal(found.voxels, alone)
    assert found.metadata.in_unit("mm") == pytest.approx((50e-6, 4e-6, 4e-6))


def test_a_folder_of_slices_has_the_bytes_of_its_files_alone(tmp_path):
    (tmp_path / "in").mkdir()
    engine = Looking(step=4, reach=2)
    for name, pixels in zip(("a2.png", "a10.png"), voxels((2, 30, 20), np.uint8), strict=True):
        Image.fromarray(pixels).save(tmp_path / "in" / name)
        convert_file(tmp_path / "in" / name, tmp_path / name, engine, FileOptions())
    convert_stack(tmp_path / "in", tmp_path / "out", engine, TILED)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a10.png", "a2.png"]
    for name in ("a2.png", "a10.png"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / name).read_bytes()
    convert_stack(tmp_path / "in", tmp_path / "out.tif", engine, TILED)
    assert np.array_equal(read_volume(tmp_path / "out.tif").voxels, read_volume(tmp_path / "out").voxels)


def test_a_file_becomes_a_folder_of_slices(tmp_path):
    made = voxels((3, 8, 9), np.uint16)
    convert_stack(stack(tmp_path / "in.tif", made), tmp_path / "out", Thresholded(), FileOptions())
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [f"slice-000{n}.png" for n in (1, 2, 3)]
    assert np.array_equal(read_volume(tmp_path / "out").voxels, np.where(made > 32767, 255, 0))


def test_masks_of_a_volume(tmp_path):
    made = voxels((5, 20, 30), np.uint16)
    source = stack(tmp_path / "in.tif", made)
    convert_any_file(source, tmp_path / "out.tif", Thresholded(), FileOptions(overlay=True, compare=True))
    found = read_volume(tmp_path / "out.tif")
    assert found.voxels.dtype == np.uint8
    assert found.metadata.spacing == (50, 4, 4)
    np.testing.assert_array_equal(found.voxels, np.where(made > 32767, 255, 0))
    overlay, compare = (read(tmp_path / f"out-{name}.png") for name in ("overlay", "compare"))
    assert overlay.size == (44, 132)  # 4 + 1 slices, 4 pixels apart
    assert compare.size == (68, 124)  # pairs are wide, so two in a row
    colors = class_colors(CLASSES)[(made[4] > 32767).astype(int)]
    tinted = made[4][:, :, None] / 65535 * 127.5 + colors / 2
    assert np.abs(overlay.pixels[24:, :30] - tinted).max() <= 1  # the last slice, in the second row


def test_palette_indices_are_the_voxels(tmp_path):
    encoding = Encoding("palette", (3, 7), palette=(0x000000, 0xFF0000))
    made = voxels((2, 8, 9), np.uint8)
    source = stack(tmp_path / "in.tif", made)
    convert_any_file(source, tmp_path / "out.tif", Thresholded(encoding), FileOptions(overlay=True))
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tif"), np.where(made > 127, 7, 3))


def test_an_enlarged_volume_has_smaller_spacing(tmp_path):
    made, engine = voxels((3, 8, 9), np.uint8), Looking(step=4, reach=2, scale=2, task="upscale")
    convert_any_file(stack(tmp_path / "in.tif", made), tmp_path / "out.tif", engine, FileOptions())
    found = read_volume(tmp_path / "out.tif")
    assert found.voxels.shape == (3, 16, 18)
    assert found.metadata.spacing == (50, 2, 2)


def test_progress_counts_every_voxel(tmp_path):
    told = []
    made = voxels((3, 18, 29), np.uint8)
    options = FileOptions(budget=Budget(tile=7))
    source, target = stack(tmp_path / "in.tif", made), tmp_path / "out.tif"
    convert_any_file(source, target, Looking(step=4, reach=2), options, progress=told.append)
    assert sum(told) == made.size
    assert told.count(0) == 1
    assert len(told) == 1 + 3 * 2


ONLY_PICTURES = {
    "--crop": FileOptions(crop=Crop(0, 0, 2, 2)),
    "--stamp": FileOptions(stamp=True),
    "--probabilities": FileOptions(probabilities=True),
    "--keep-colors": FileOptions(keep_colors=True),
    "--fail-unsuitable": FileOptions(fail_unsuitable=True),
}


@pytest.mark.parametrize("option", ONLY_PICTURES)
def test_options_for_pictures_are_refused(tmp_path, option):
    source = stack(tmp_path / "in.tif", voxels((3, 8, 9), np.uint8))
    with pytest.raises(WrongUse, match=rf"in\.tif is a volume; {option} is for pictures only"):
        convert_any_file(source, tmp_path / "out.tif", Thresholded(), ONLY_PICTURES[option])
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def test_results_that_a_volume_cannot_hold_are_refused(tmp_path):
    source = stack(tmp_path / "in.tif", voxels((3, 8, 9), np.uint8))
    colors = Thresholded(Encoding("colors", (0, 0xFF0000)))
    with pytest.raises(WrongUse, match="classes as colors"):
        convert_any_file(source, tmp_path / "out.tif", colors, FileOptions())
    colorize = Echo(Contract("colorize", channels=(1, 2), halo=0))
    with pytest.raises(WrongUse, match="makes color pictures"):
        convert_any_file(source, tmp_path / "out.tif", colorize, FileOptions())
    with pytest.raises(Unwritable, match="cannot hold a volume"):
        convert_any_file(source, tmp_path / "out.png", Thresholded(), FileOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def test_a_damaged_slice_leaves_nothing(tmp_path):
    data = stack(tmp_path / "in.tif", voxels((3, 300, 300), np.uint16)).read_bytes()
    with tifffile.TiffFile(tmp_path / "in.tif") as file:
        offset = file.pages[2].dataoffsets[-1]
    (tmp_path / "in.tif").write_bytes(data[:offset] + bytes(50) + data[offset + 50 :])
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        convert_any_file(tmp_path / "in.tif", tmp_path / "out.tif", Thresholded(), FileOptions())
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        convert_stack(tmp_path / "in.tif", tmp_path / "out", Thresholded(), FileOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def test_strict_refuses_a_loss_before_anything_is_written(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    nibabel.save(nibabel.Nifti1Image(voxels((9, 8, 7), np.uint8), np.diag([1, 2, 3, 1])), tmp_path / "in.nii")
    with pytest.raises(FidelityLost, match="affine"):
        convert_any_file(tmp_path / "in.nii", tmp_path / "out.tif", Thresholded(), FileOptions(strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["in.nii"]


def test_too_little_memory_is_said(tmp_path):
    source = stack(tmp_path / "in.tif", voxels((3, 8, 9), np.uint8))
    with pytest.raises(TooLarge, match=r"more than the 0\.1 GB allowed"):
        convert_any_file(source, tmp_path / "out.tif", Thresholded(), FileOptions(budget=Budget(10**8)))


def test_an_interruption_leaves_nothing(tmp_path):
    source = stack(tmp_path / "in.tif", voxels((5, 8, 9), np.uint8))
    told = []

    def stop(pixels: int) -> None:
        told.append(pixels)
        if len(told) == 4:
            raise KeyboardInterrupt

    for convert_one, target in ((convert_any_file, "out.tif"), (convert_stack, "out")):
        told.clear()
        with pytest.raises(KeyboardInterrupt):
            convert_one(source, tmp_path / target, Thresholded(), FileOptions(), progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def test_nibabel_is_named_where_it_is_missing(tmp_path, monkeypatch):
    (tmp_path / "in.nii").write_bytes(bytes(400))
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(MissingLibrary, match=r"needs nibabel, which is not installed: .* \(extra volumes\)"):
        convert_any_file(tmp_path / "in.nii", tmp_path / "out.nii", Thresholded(), FileOptions())


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    source = stack(tmp_path / "in.tif", voxels((3, 8, 9), np.uint8))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("repix.volumes.files.save_tiff", full)
    with pytest.raises(DiskFull, match=r"out\.tif cannot be written: the disk is full"):
        convert_any_file(source, tmp_path / "out.tif", Thresholded(), FileOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]
