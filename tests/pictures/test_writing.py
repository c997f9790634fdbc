"""Every kind of picture into every format, read back by others; what the format cannot hold is said."""

import io
import itertools

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

import repix
from repix.errors import FidelityLost, Unwritable, WrongUse
from repix.pictures import Picture, fidelity
from repix.pictures.formats import FORMATS, WRITTEN
from tests.pictures import making
from tests.pictures.making import exif, png, profiles, put, tiff, turned, values

SOURCES = [("1", "8"), ("P", "8"), *itertools.product(("L", "LA", "RGB", "RGBA"), ("8", "16", "float"))]

HOLDS = {
    "JPEG": ({"8"}, {"gray", "color", "profile", "exif"}),
    "PNG": ({"8", "16"}, {"gray", "color", "alpha", "profile", "exif"}),
    "TIFF": ({"8", "16", "float"}, {"gray", "color", "alpha", "profile", "exif"}),
    "WebP": ({"8"}, {"color", "alpha", "profile", "exif"}),
    "AVIF": ({"8"}, {"color", "alpha", "profile", "exif"}),
    "BMP": ({"8"}, {"gray", "color", "alpha", "profile"}),  # but gray with alpha as RGB
    "PPM": ({"8", "16"}, {"color"}),
    "PGM": ({"8", "16"}, {"gray"}),
    "PNM": ({"8", "16"}, {"gray", "color"}),
    "PFM": ({"float"}, {"gray", "color"}),
    "NPY": ({"8", "16", "float"}, {"gray", "color", "alpha"}),
}  # fmt: skip
"""What each format can hold, written down a second time, by hand."""


def read_by_others(path, picture) -> np.ndarray:
    """The pixels H×W×C of a file as libraries other than ours see them."""
    data = path.read_bytes()
    form = path.suffix[1:]
    if form == "npy":
        pixels = np.load(path)
    elif form == "tif":
        pixels = tifffile.imread(path)
    elif form in ("ppm", "pgm", "pnm", "pfm") or (form == "png" and picture.depth != "8"):
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels.ndim == 3:
            pixels = pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]
        if picture.pixels.shape[2] == 2 and form == "png":
            pixels = pixels[:, :, [0, 3]]
    else:
        pixels = np.asarray(Image.open(io.BytesIO(data)))
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def stays_gray(picture: Picture, form: str) -> bool:
    return "gray" in HOLDS[form][1] and not (form == "BMP" and picture.has_alpha)


def expected(picture: Picture, form: str) -> np.ndarray:
    """The pixels that a file of this format should have, by plain arithmetic in float64."""
    depths, holds = HOLDS[form]
    white = {"8": 255, "16": 65535, "float": 1}
    pixels = picture.pixels.astype(np.float64) / white[picture.depth]
    channels = pixels.shape[2]
    if channels in (2, 4) and "alpha" not in holds:
        alpha = pixels[:, :, -1:]
        pixels = pixels[:, :, :-1] * alpha + 1 - alpha
    if channels <= 2 and not stays_gray(picture, form):
        pixels = np.concatenate([pixels[:, :, :1]] * 3 + [pixels[:, :, 1:]], axis=2)
    depth = picture.depth if picture.depth in depths else max(depths, key=["8", "16", "float"].index)
    return pixels if depth == "float" else np.round(np.clip(pixels, 0, 1) * white[depth]) / white[depth]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize(("kind", "depth"), SOURCES, ids=str)
def test_the_matrix(tmp_path, form, kind, depth):
    depths, holds = HOLDS[form]
    soft = values(kind, depth, 8, 8) if kind in ("1", "P") else gradient(kind, depth)
    for orientation, which in itertools.product(range(1, 9), range(3)):
        icc = profiles(kind in ("1", "L", "LA"))[which]
        made = tiff(soft, orientation, icc) if depth == "float" else png(soft, kind, orientation, icc)
        picture = repix.read(put(tmp_path, "source", made))
        np.testing.assert_array_equal(picture.pixels, turned(soft, orientation))
        path = tmp_path / f"{orientation}-{which}{FORMATS[form].suffixes[0]}"
        if not picture.is_gray and "color" not in holds:
            with pytest.raises(Unwritable, match="cannot store colors"):
                repix.write(picture, path)
            continue
        losses = ["transparency"] * (picture.has_alpha and "alpha" not in holds)
        losses += ["became"] * (["8", "16", "float"].index(depth) > max(["8", "16", "float"].index(d) for d in depths))
        keeps_profile = "profile" in holds and (not picture.is_gray or stays_gray(picture, form))
        losses += ["color profile"] * (icc is not None and not keeps_profile)
        losses += ["EXIF"] * ("exif" not in holds)
        report = fidelity(picture, path, quality=100)
        assert len(report.lost) == len(losses)
        assert all(word in said for word, said in zip(losses, report.lost, strict=True))
        if losses:
            with pytest.raises(FidelityLost):
                repix.write(picture, path, strict=True)
            assert not path.exists()
        assert repix.write(picture, path, strict=not losses, quality=100) == report
        check_file(path, form, picture, icc if keeps_profile else None, "exif" in holds)


def gradient(kind: str, depth: str) -> np.ndarray:
    """A soft picture, which the lossy formats come close to."""
    rows = np.linspace(0, 1, 8 * 8 * making.CHANNELS[kind]).reshape(8, 8, -1)
    return (rows * {"8": 250, "16": 60000, "float": 1}[depth]).astype(making.DTYPES[depth])


def check_file(path, form, picture, icc, has_exif):
    seen = read_by_others(path, picture)
    white = {"u1": 255, "u2": 65535, "f4": 1}[seen.dtype.str[1:]]
    bound = 12 / 255 if FORMATS[form].lossy else 2e-5
    wanted = expected(picture, form)
    if not (FORMATS[form].lossy and np.abs(np.diff(wanted, axis=0)).max() > 0.5):  # no bound for hard noise
        np.testing.assert_allclose(seen / white, wanted, atol=bound)
    again = repix.read(path)
    assert again.size == picture.size
    assert again.profile == icc
    if form in ("JPEG", "PNG", "WebP", "AVIF"):
        with Image.open(path) as opened:
            assert opened.info.get("icc_profile") == icc
            assert opened.getexif()[0x010F] == "a maker"
            assert opened.getexif().get(0x0112, 1) == 1
    elif form == "TIFF":
        with tifffile.TiffFile(path) as file:
            assert file.pages[0].tags["Make"].value == "a maker"
            assert file.pages[0].iccprofile == icc
    assert (again.exif is not None) == has_exif


def test_the_matrix_can_fail(tmp_path):
    picture = Picture(gradient("RGB", "8"))
    repix.write(picture, tmp_path / "a.png")
    with pytest.raises(AssertionError):
        check_file(tmp_path / "a.png", "PNG", Picture(255 - picture.pixels), None, False)


def test_sixteen_bits_stay_sixteen_though_the_numbers_are_small(tmp_path):
    repix.write(Picture(np.full((3, 3, 3), 7, np.uint16)), tmp_path / "a.png")
    again = repix.read(tmp_path / "a.png")
    assert again.depth == "16"
    assert (again.pixels == 7).all()


def test_gray_jpeg_is_gray(tmp_path):
    repix.write(Picture(np.full((9, 9), 100, np.uint8)), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.mode == "L"
    assert repix.read(tmp_path / "a.jpg").is_gray


def test_jpeg_keeps_the_full_resolution_of_colors(tmp_path):
    repix.write(Picture(np.zeros((16, 16, 3), np.uint8)), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_more_quality_is_a_larger_and_closer_file(tmp_path, suffix):
    rng = np.random.default_rng(3)
    picture = Picture(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    sizes, errors = [], []
    for quality in (10, 60, 95):
        path = tmp_path / f"{quality}{suffix}"
        repix.write(picture, path, quality=quality)
        sizes.append(path.stat().st_size)
        errors.append(np.abs(repix.read(path).pixels - picture.pixels.astype(int)).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("quality", [0, 101, -3, 1000, 2.5])
def test_quality_out_of_range(tmp_path, quality):
    with pytest.raises(WrongUse, match="from 1 to 100"):
        repix.write(Picture(np.zeros((1, 1), np.uint8)), tmp_path / "a.jpg", quality=quality)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 7.0])
def test_floats_out_of_range(tmp_path, value):
    picture = Picture(np.full((4, 4, 3), value, np.float32))
    for suffix in (".tif", ".pfm", ".npy"):
        repix.write(picture, tmp_path / f"a{suffix}", strict=True)
        np.testing.assert_array_equal(repix.read(tmp_path / f"a{suffix}").pixels, picture.pixels)
    repix.write(picture, tmp_path / "a.png")
    assert (repix.read(tmp_path / "a.png").pixels == (65535 if value > 1 else 0)).all()


@pytest.mark.parametrize("suffix", [FORMATS[name].suffixes[0] for name in WRITTEN if name != "PPM"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (17, 3)])
def test_smallest_pictures(tmp_path, suffix, shape):
    repix.write(Picture(np.zeros(shape, np.uint8)), tmp_path / f"a{suffix}")
    assert repix.read(tmp_path / f"a{suffix}").size == shape


def test_too_wide_for_the_format(tmp_path):
    with pytest.raises(Unwritable, match="at most 16383 pixels a side"):
        repix.write(Picture(np.zeros((1, 16384), np.uint8)), tmp_path / "a.webp")


def test_large_tiffs_are_tiled_and_big(tmp_path, monkeypatch):
    monkeypatch.setattr("repix.pictures.vips_writer.LARGE", 100)
    monkeypatch.setattr("repix.pictures.vips_writer.BIG_FROM", 100)
    picture = Picture(gradient("RGB", "16").repeat(20, axis=0).repeat(20, axis=1), exif=exif())
    repix.write(picture, tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_bigtiff
        assert file.pages[0].is_tiled
        assert file.pages[0].tags["Make"].value == "a maker"
        assert file.pages[0].tags["ExifTag"].value["OffsetTime"] == "+02:00"
    np.testing.assert_array_equal(repix.read(tmp_path / "a.tif").pixels, picture.pixels)
    assert repix.read(tmp_path / "a.tif").exif is not None
