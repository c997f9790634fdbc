"""TIFF stacks: tifffile and repix read each other's voxels and spacing; bad stacks are refused with a sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.errors import RepixError, Unreadable, Unwritable
from repix.volumes import Metadata, Volume, is_volume, open_volume, read, write
from tests.given import count

DTYPES = (np.uint8, np.uint16, np.float32)


def voxels(shape: tuple[int, ...], dtype: type, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).random(shape)
    return (noise if dtype == np.float32 else noise * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.drawn
@settings(max_examples=count(25, 1000), deadline=None)
@given(
    shape=st.tuples(st.integers(2, 6), st.integers(1, 70), st.integers(1, 70)),
    dtype=st.sampled_from(DTYPES),
    compressed=st.booleans(),
    spacing=st.none() | st.tuples(*[st.floats(1e-3, 1e4)] * 3),
    unit=st.sampled_from(["nm", "µm", "mm"]),
)
def test_tifffile_reads_what_repix_writes(tmp_path_factory, shape, dtype, compressed, spacing, unit):
    path = tmp_path_factory.mktemp("stack") / "a.tif"
    given_voxels = voxels(shape, dtype)
    write(Volume(given_voxels, Metadata(spacing, unit, compressed=compressed)), path)
    with tifffile.TiffFile(path) as file:
        found = np.stack([page.asarray() for page in file.pages])
        assert file.pages[0].compression == (8 if compressed else 1)
        if spacing is not None:
            assert file.imagej_metadata["spacing"] == pytest.approx(spacing[0])
            across, per = file.pages[0].tags["XResolution"].value
            assert per / across == pytest.approx(spacing[2], rel=1e-6)
    assert found.dtype == dtype
    assert np.array_equal(found, given_voxels)
    again = read(path)
    assert np.array_equal(again.voxels, given_voxels)
    assert again.voxels.dtype == dtype
    if spacing is not None:
        assert again.metadata.spacing == pytest.approx(spacing, rel=1e-6)
        assert again.metadata.unit == unit


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}], ids=str)
@pytest.mark.parametrize("endian", ["<", ">"])
def test_repix_reads_what_tifffile_writes(tmp_path, dtype, options, endian):
    made = voxels((5, 40, 33), dtype)
    tifffile.imwrite(tmp_path / "a.tif", made, photometric="minisblack", byteorder=endian, **options)
    found = read(tmp_path / "a.tif")
    assert np.array_equal(found.voxels, made)
    assert found.metadata.compressed == bool(options.get("compression"))


@pytest.mark.parametrize("unit", ["nm", "micron", "mm"])
def test_the_spacing_of_imagej(tmp_path, unit):
    about = {"axes": "ZYX", "spacing": 50.5, "unit": unit}
    tifffile.imwrite(
        tmp_path / "a.tif", voxels((3, 8, 9), np.uint16), imagej=True, resolution=(0.25, 0.5), metadata=about
    )
    found = read(tmp_path / "a.tif").metadata
    assert found.spacing == (50.5, 2, 4)
    assert found.unit == {"micron": "µm"}.get(unit, unit)


def test_the_spacing_of_ome(tmp_path):
    about = {"axes": "ZYX", "PhysicalSizeX": 4, "PhysicalSizeY": 4.5, "PhysicalSizeZ": 50}
    about |= {f"PhysicalSize{axis}Unit": "nm" for axis in "XYZ"}
    tifffile.imwrite(
        tmp_path / "a.ome.tif", voxels((3, 8, 9), np.uint8), ome=True, metadata=about, photometric="minisblack"
    )
    assert read(tmp_path / "a.ome.tif").metadata.spacing == (50, 4.5, 4)
    assert read(tmp_path / "a.ome.tif").metadata.unit == "nm"


def test_a_resolution_without_spacing_is_kept(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.tif", voxels((3, 8, 9), np.uint8), photometric="minisblack", resolution=(300, 200),
        resolutionunit="INCH",
    )  # fmt: skip
    write(read(tmp_path / "a.tif"), tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        across, per = file.pages[2].tags["XResolution"].value
        assert file.pages[2].tags["ResolutionUnit"].value == 3
        assert across / per * 2.54 == pytest.approx(300)


def test_white_is_zero_and_few_bits_are_read_as_pictures_are(tmp_path):
    made = voxels((3, 8, 9), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", made, photometric="miniswhite")
    with open_volume(tmp_path / "a.tif") as reader:
        assert reader.converted == ("0 for white became 0 for black",)
        assert np.array_equal(reader.read().pixels[:, :, 0], 255 - made[0])


def test_slices_are_read_one_at_a_time(tmp_path):
    made = voxels((4, 8, 9), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", made, photometric="minisblack")
    with open_volume(tmp_path / "a.tif") as reader:
        for left in (4, 3, 2, 1):
            assert reader.slices_left == left
            assert np.array_equal(reader.read().pixels[:, :, 0], made[4 - left])
        with pytest.raises(RepixError, match="4 slices, and all were read"):
            reader.read()


def test_bigtiff_is_written_where_offsets_are_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr("repix.volumes.tiff_writer.BIG_FROM", 100)
    made = voxels((4, 8, 9), np.uint16)
    write(Volume(made), tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_bigtiff
        assert np.array_equal(np.stack([page.asarray() for page in file.pages]), made)
    assert np.array_equal(read(tmp_path / "a.tif").voxels, made)


def test_a_picture_is_not_a_volume(tmp_path):
    tifffile.imwrite(tmp_path / "one.tif", voxels((8, 9), np.uint8))
    (tmp_path / "text.tif").write_text("a")
    assert not is_volume(tmp_path / "one.tif")
    assert not is_volume(tmp_path / "text.tif")
    tifffile.imwrite(tmp_path / "two.tif", voxels((2, 8, 9), np.uint8), photometric="minisblack")
    assert is_volume(tmp_path / "two.tif")


def pages(*each: np.ndarray) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as written:
        for one in each:
            written.write(one)
    return file.getvalue()


BAD = {
    "size": (pages(np.zeros((8, 9), np.uint8), np.zeros((8, 7), np.uint8)), "page 2 has 7×8 pixels, but page 1 has"),
    "depth": (pages(np.zeros((8, 9), np.uint8), np.zeros((8, 9), np.uint16)), "page 2 has another type"),
    "colors": (pages(*[np.zeros((8, 9, 3), np.uint8)] * 2), "3 channels; repix converts gray volumes"),
    "integers": (pages(*[np.zeros((8, 9), np.int32)] * 2), "32-bit signed integers"),
    "complex": (pages(*[np.zeros((8, 9), np.complex64)] * 2), "complex numbers"),
    "cut": (pages(*[np.zeros((90, 90), np.uint8)] * 2)[:9000], "damaged"),
    "nothing": (b"", "not an image|empty|damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_stack_is_refused_with_a_sentence(tmp_path, case):
    data, said = BAD[case]
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(Unreadable, match=said):
        read(tmp_path / "a.tif")


def test_a_hyperstack_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", voxels((2, 3, 8, 9), np.uint8), imagej=True, metadata={"axes": "ZCYX"})
    with pytest.raises(Unreadable, match=r"hyperstack \(2 slices, 3 channels\)"):
        read(tmp_path / "a.tif")


def test_slices_without_pages_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", voxels((3, 8, 9), np.uint8), imagej=True, truncate=True)
    with pytest.raises(Unreadable, match="1 pages, but ImageJ wrote 3 slices"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize("name", ["a.png", "a", "a.jpg"])
def test_other_formats_cannot_hold_a_volume(tmp_path, name):
    with pytest.raises(Unwritable, match="cannot hold a volume"):
        write(Volume(np.zeros((2, 3, 4), np.uint8)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_replaced(tmp_path):
    Path(tmp_path / "a.tif").write_bytes(b"mine")
    with pytest.raises(Unwritable, match="exists already"):
        write(Volume(np.zeros((2, 3, 4), np.uint8)), tmp_path / "a.tif")
    assert Path(tmp_path / "a.tif").read_bytes() == b"mine"
