"""NIfTI: nibabel and repix read each other's voxels, spacing and affine; stored values and scaling stay exact."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.errors import FidelityLost, Unreadable
from repix.pictures import Picture
from repix.volumes import Metadata, Volume, open_volume, read, write, write_slices
from tests.given import count

nibabel = pytest.importorskip("nibabel")

ODD = np.array([[0, -4, 0.25, 10], [3.9, 0, 0.5, -7], [0, 0.3, 50, 3], [0, 0, 0, 1.0]])
ENDINGS = (".nii", ".nii.gz")


def saved(path: Path, stored: np.ndarray, affine: np.ndarray = ODD, kind: type = nibabel.Nifti1Image, **header) -> Path:
    """Save slices D×H×W with nibabel."""
    image = kind(stored.T, affine)
    image.header.set_slope_inter(header.get("slope", 1), header.get("inter", 0))
    image.header.set_xyzt_units("micron")
    image.header["descrip"] = b"odd affine"
    nibabel.save(image, path)
    return path


def stored_in(path: Path) -> np.ndarray:
    """The stored values as slices D×H×W, without scaling."""
    return nibabel.load(path).dataobj.get_unscaled().T


def drawn(dtype: type, shape: tuple[int, ...] = (4, 5, 7), seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.random(shape).astype(dtype)
    return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.drawn
@settings(max_examples=count(25, 1000), deadline=None)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 30), st.integers(1, 30)),
    dtype=st.sampled_from([np.uint8, np.uint16, np.int16, np.float32]),
    ending=st.sampled_from(ENDINGS),
    slope=st.sampled_from([1, 2, 0.25]),
)
def test_stored_values_affine_and_header_survive(tmp_path_factory, shape, dtype, ending, slope):
    folder = tmp_path_factory.mktemp("nifti")
    source = saved(folder / f"a{ending}", drawn(dtype, shape), slope=slope, inter=-1024)
    write(read(source), folder / f"b{ending}", strict=True)
    assert np.array_equal(stored_in(folder / f"b{ending}"), stored_in(source))
    one, two = (nibabel.load(path) for path in (source, folder / f"b{ending}"))
    assert np.array_equal(np.asarray(one.dataobj), np.asarray(two.dataobj))
    with nibabel.openers.Opener(source) as a, nibabel.openers.Opener(folder / f"b{ending}") as b:
        assert a.read(352) == b.read(352)  # the whole header


def test_signed_integers_are_read_with_black_at_the_lowest(tmp_path):
    source = saved(tmp_path / "a.nii", np.array([[[-32768, -1, 0, 32767]]], np.int16))
    assert read(source).voxels.tolist() == [[[0, 32767, 32768, 65535]]]


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("order", "<>")
def test_byte_orders_and_both_versions(tmp_path, kind, order):
    made = drawn(np.int16)
    header = kind.header_class(endianness=order)
    header.set_data_dtype(np.int16)
    nibabel.save(kind(made.T, ODD, header), tmp_path / "a.nii")
    found = read(tmp_path / "a.nii")
    assert np.array_equal(found.voxels.astype(np.int32) - 32768, made)
    write(found, tmp_path / "b.nii")
    assert np.array_equal(stored_in(tmp_path / "b.nii"), made)
    assert type(nibabel.load(tmp_path / "b.nii")) is kind


def test_spacing_affine_and_axes(tmp_path):
    source = saved(tmp_path / "a.nii.gz", drawn(np.uint8))
    found = read(source)
    image = nibabel.load(source)
    assert found.metadata.spacing == pytest.approx([float(one) for one in image.header.get_zooms()][::-1])
    assert found.metadata.unit == "µm"
    assert np.array_equal(found.metadata.affine, image.affine)
    assert found.voxels[3, 2, 6] == np.asarray(image.dataobj)[6, 2, 3]


def test_extensions_are_kept(tmp_path):
    image = nibabel.Nifti1Image(drawn(np.uint8).T, ODD)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"kept in the file"))
    nibabel.save(image, tmp_path / "a.nii.gz")
    write(read(tmp_path / "a.nii.gz"), tmp_path / "b.nii.gz")
    assert nibabel.load(tmp_path / "b.nii.gz").header.extensions[0].get_content() == b"kept in the file"
    assert np.array_equal(stored_in(tmp_path / "b.nii.gz"), drawn(np.uint8))


def test_a_mask_has_its_own_type_and_no_scaling(tmp_path):
    source = saved(tmp_path / "a.nii.gz", drawn(np.int16), slope=2, inter=5)
    classes = drawn(np.uint8)
    about = read(source).metadata
    write_slices(
        (Picture(one) for one in classes), classes.shape, tmp_path / "m.nii", metadata=about, same_values=False
    )
    image = nibabel.load(tmp_path / "m.nii")
    assert np.array_equal(np.asarray(image.dataobj).T, classes)
    assert np.array_equal(image.affine, nibabel.load(source).affine)


def test_enlarged_slices_stay_at_their_place(tmp_path):
    """The center of a block of enlarged pixels is where the source's pixel was."""
    source = read(saved(tmp_path / "a.nii", drawn(np.uint8)))
    large = Volume(source.voxels.repeat(2, axis=1).repeat(2, axis=2), source.metadata.enlarged(2))
    write(large, tmp_path / "b.nii")
    image = nibabel.load(tmp_path / "b.nii")
    corners = np.array([[6, 4, 2, 1], [7, 4, 2, 1], [6, 5, 2, 1], [7, 5, 2, 1]]).T
    assert (image.affine @ corners).mean(axis=1) == pytest.approx(ODD @ [3, 2, 2, 1], abs=1e-4)
    assert image.header.get_zooms()[2] == pytest.approx(source.metadata.spacing[0])
    assert image.header.get_zooms()[0] == pytest.approx(source.metadata.spacing[2] / 2)


def test_floats_of_64_bits_are_said_to_be_lost(tmp_path):
    source = saved(tmp_path / "a.nii", drawn(np.float64))
    with open_volume(source) as reader:
        assert reader.lost == ("64-bit floats became 32-bit floats",)
        assert reader.read().pixels.dtype == np.float32


def test_a_tiff_says_what_it_loses_of_nifti(tmp_path):
    volume = read(saved(tmp_path / "a.nii", drawn(np.int16), slope=2, inter=5))
    report = write(volume, tmp_path / "a.tif")
    assert report.lost == ("the affine (position and orientation)", "the scaling of the values (slope 2, intercept 5)")
    with pytest.raises(FidelityLost, match="affine"):
        write(volume, tmp_path / "b.tif", strict=True)
    assert not (tmp_path / "b.tif").exists()
    assert np.array_equal(read(tmp_path / "a.tif").voxels, volume.voxels)


@pytest.mark.parametrize(("unit", "name", "factor"), [("nm", "micron", 1e-3), ("cm", "mm", 10), ("mm", "mm", 1)])
def test_units_that_nifti_lacks_are_converted(tmp_path, unit, name, factor):
    write(Volume(drawn(np.uint8), Metadata((50, 4, 5), unit)), tmp_path / "a.nii")
    header = nibabel.load(tmp_path / "a.nii").header
    assert header.get_xyzt_units()[0] == name
    assert header.get_zooms() == pytest.approx((5 * factor, 4 * factor, 50 * factor))


def with_nan() -> np.ndarray:
    made = drawn(np.float32)
    made[2, 3, 4] = np.nan
    return made


BAD = {
    "4-D": (np.zeros((3, 2, 3, 4), np.uint8), r"4 dimensions \(4×3×2×3\)"),
    "2-D": (np.zeros((3, 4), np.uint8), "2 dimensions"),
    "nan": (with_nan(), "NaN"),
    "complex": (drawn(np.float32).astype(np.complex64), "complex numbers"),
    "integers": (drawn(np.int32), "int32"),
    "colors": (np.zeros((2, 3, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "colors"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_volume_that_repix_does_not_convert_is_refused(tmp_path, case):
    stored, said = BAD[case]
    nibabel.save(nibabel.Nifti1Image(stored.T, np.eye(4)), tmp_path / "a.nii.gz")
    with pytest.raises(Unreadable, match=said):
        read(tmp_path / "a.nii.gz")


def test_a_fourth_axis_of_one_is_no_problem(tmp_path):
    made = drawn(np.uint8)
    nibabel.save(nibabel.Nifti1Image(made.T[..., None], ODD), tmp_path / "a.nii")
    assert np.array_equal(read(tmp_path / "a.nii").voxels, made)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path, ending, share):
    data = saved(tmp_path / f"a{ending}", drawn(np.uint16, (9, 30, 30))).read_bytes()
    (tmp_path / f"b{ending}").write_bytes(data[: int(share * len(data))])
    with pytest.raises(Unreadable, match=r"b\.nii"):
        read(tmp_path / f"b{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_other_content_is_refused(tmp_path, ending):
    (tmp_path / f"a{ending}").write_bytes(b"not a volume" * 99)
    with pytest.raises(Unreadable, match=r"a\.nii"):
        read(tmp_path / f"a{ending}")


def test_a_compressed_file_has_the_same_bytes_every_time(tmp_path):
    volume = Volume(drawn(np.uint16), Metadata((1, 2, 3), "mm"))
    for name in ("a.nii.gz", "b.nii.gz"):
        write(volume, tmp_path / name)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    write(volume, tmp_path / "a.nii")
    assert gzip.decompress((tmp_path / "a.nii.gz").read_bytes()) == (tmp_path / "a.nii").read_bytes()
