"""HEIC and camera RAW: pixels, depth, orientation, metadata, damaged files, and what is said without the libraries."""

import io
import struct
import subprocess
import sys

import numpy as np
import pi_heif
import pillow_heif
import pytest
import rawpy
from PIL import Image

import repix
from repix.errors import RepixError, TooLarge, Unreadable
from repix.pictures import Limits, open_bands
from tests.pictures import making
from tests.pictures.making import DISPLAY_P3, by_pillow, dng, heic, put, tiff, turned, values

ORIENTATIONS = range(1, 9)


def srgb(linear: np.ndarray) -> np.ndarray:
    """The tone curve of IEC 61966-2-1."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def scene(height: int = 48, width: int = 64) -> np.ndarray:
    """A dark gray scene whose upper left corner is light."""
    linear = np.full((height, width, 3), (0.05, 0.1, 0.2))
    linear[:16, :24] = (0.8, 0.5, 0.3)
    return linear


@pytest.mark.parametrize("kind", ["L", "RGB", "RGBA"])
def test_a_lossless_heic_has_its_pixels(kind):
    pixels = values(kind, "8", 24, 31)
    found = repix.read(heic(pixels))
    assert found.pixels.shape == pixels.shape
    assert found.depth == "8"
    assert np.abs(found.pixels.astype(int) - pixels).max() <= 1  # YCbCr of 8 bits
    found.pixels[:] = 0  # like every other picture, it can be changed


@pytest.mark.parametrize("bits", [10, 12])
def test_levels_of_more_bits_fill_16(bits):
    levels = np.arange(2**bits, dtype=np.uint16).reshape(32, -1, 1)
    found = repix.read(heic(levels << (16 - bits), bits=bits))
    assert (found.depth, found.notes) == ("16", (f"{bits} bits became 16",))
    exact = levels * (65535 / (2**bits - 1))
    assert np.abs(found.pixels - exact).max() < 1
    assert np.array_equal(found.pixels >> (16 - bits), levels)
    assert (found.pixels.min(), found.pixels.max()) == (0, 65535)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_libheif_turns_a_heic_once(orientation):
    pixels = values("L", "8", 24, 31)
    found = repix.read(heic(pixels, orientation))
    np.testing.assert_array_equal(found.pixels, turned(pixels, orientation))
    assert found.exif == repix.read(heic(pixels, 1)).exif
    block = Image.Exif()
    block.load(found.exif)
    assert (block[0x0112], block[0x010F]) == (1, "a maker")


def test_an_orientation_that_only_the_exif_has_is_not_applied():
    pixels = values("L", "8", 24, 31)
    data = heic(pixels).replace(making.exif(1), making.exif(6))
    assert making.exif(6) in data
    found = repix.read(data)
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.exif == making.exif(1)


def test_profile_exif_and_xmp_of_a_heic_are_kept(tmp_path):
    image = Image.fromarray(values("RGB", "8", 24, 31))
    image.info["icc_profile"] = DISPLAY_P3
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, exif=making.exif(), xmp=b'<x:xmpmeta tiff:Orientation="6"/>')
    source = put(tmp_path, "a.heic", stream.getvalue())
    found = repix.read(source)
    assert found.exif == making.exif()
    report = repix.write(found, tmp_path / "a.jpg")
    found = repix.read(tmp_path / "a.jpg")
    assert found.profile == DISPLAY_P3
    assert b"2024:05:06 07:08:09" in found.exif
    assert found.xmp == b'<x:xmpmeta tiff:Orientation="1"/>'
    assert not report.lost


def test_bytes_files_and_bands_are_the_same_picture(tmp_path):
    for data in (heic(values("RGB", "8", 24, 31)), dng(scene())):
        whole = repix.read(put(tmp_path, "a", data)).pixels
        np.testing.assert_array_equal(repix.read(data).pixels, whole)
        np.testing.assert_array_equal(repix.read(io.BytesIO(data)).pixels, whole)
        with open_bands(tmp_path / "a") as bands:
            assert bands.whole is not None
            assert bands.decoder_memory > whole.nbytes
            parts = [bands.read(7).pixels for _ in range(0, bands.size[0], 7)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def several() -> bytes:
    made = pillow_heif.from_bytes(mode="RGB", size=(31, 24), data=values("RGB", "8", 24, 31).tobytes())
    made.add_frombytes("RGB", (31, 24), values("RGB", "8", 24, 31).tobytes())
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_the_gain_map_of_a_phone_is_no_second_picture():
    data = several()
    first = data.index(b"hvc1")
    second = data.index(b"hvc1", first + 4)
    assert repix.read(data[:second] + b"tmap" + data[second + 4 :]).size == (24, 31)


def exotic(old: bytes, new: bytes) -> bytes:
    """A HEIC with other bytes at one place of its headers."""
    data = heic(values("RGB", "8", 24, 31))
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (several, "has 2 pictures; repix reads single pictures"),
        (lambda: several().replace(b"pitm", b"free"), "damaged or incomplete HEIC.*pitm"),
        (lambda: b"\0\0\0\x18ftyphevc\0\0\0\0hevcmif1" + heic(values("RGB", "8")), "an animated HEIC"),
        (lambda: exotic(b"Exif", b"\xffxif"), "the kind or name of an item is not text"),
        (lambda: exotic(struct.pack(">4I", 31, 1, 24, 1), struct.pack(">4I", 31, 1, 24, 99)), "declares 31×0 pixels"),
        (lambda: b"", "is empty"),
    ],
)
def test_a_heic_without_one_picture_gets_a_sentence(tmp_path, data, words):
    with pytest.raises(Unreadable, match=words) as problem:
        repix.read(put(tmp_path, "a.heic", data()))
    assert "\n" not in str(problem.value)


def test_a_small_declared_size_does_not_let_a_large_picture_in(tmp_path):
    data = heic(np.zeros((512, 512, 3), np.uint8), quality=10, chroma=420)
    at = data.index(b"ispe") + 8
    assert data[at : at + 8] == (512).to_bytes(4) * 2
    lying = data[:at] + (64).to_bytes(4) * 2 + data[at + 8 :]
    with pytest.raises(Unreadable, match="damaged"):
        repix.read(put(tmp_path, "a.heic", lying))
    for honest in (data, dng(np.zeros((512, 512, 3)))):
        with pytest.raises(TooLarge, match="512×512"):
            repix.read(honest, limits=Limits(pixels=500 * 500, bytes=10**7))


def test_a_jpeg_that_is_called_heic_is_a_jpeg(tmp_path):
    pixels = values("L", "8")
    assert repix.read(put(tmp_path, "a.heic", by_pillow(pixels, "JPEG", quality=100))).size == pixels.shape[:2]


@pytest.mark.parametrize("color", [(0.18, 0.18, 0.18), (0.5, 0.2, 0.1), (0.02, 0.05, 0.3), (0.95, 0.9, 0.85)])
def test_a_flat_scene_is_developed_into_srgb(color):
    found = repix.read(dng(np.full((48, 64, 3), color)))
    assert (found.depth, found.size, found.profile) == ("16", (48, 64), None)
    np.testing.assert_allclose(found.pixels / 65535, np.broadcast_to(srgb(np.array(color)), (48, 64, 3)), atol=3e-4)


def test_a_ramp_is_developed_as_it_was_exposed():
    """Neither the brightest pixel nor the number of bright ones changes the others."""
    light = np.linspace(0, 1, 64)[np.newaxis, :, np.newaxis]
    linear = np.broadcast_to(0.85 * light, (48, 64, 3))
    found = repix.read(dng(linear)).pixels / 65535
    np.testing.assert_allclose(found[8:-8, 8:-8], srgb(linear)[8:-8, 8:-8], atol=4e-3)
    assert not np.allclose(found, srgb(linear / 0.85), atol=4e-3)  # the helper can fail


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_raw_is_turned_once(orientation):
    upright, found = repix.read(dng(scene())), repix.read(dng(scene(), orientation))
    np.testing.assert_array_equal(found.pixels, turned(upright.pixels, orientation))
    assert "AHD" in found.notes[0]
    assert found.exif == upright.exif
    assert b"a maker" in found.exif


def test_raw_is_recognized_by_its_content_or_its_name(tmp_path):
    data = dng(scene())
    assert repix.read(put(tmp_path, "a.tif", data)).depth == "16"
    plain = tiff(values("RGB", "8", 32, 32))
    assert repix.read(put(tmp_path, "b.tif", plain)).depth == "8"
    with pytest.raises(Unreadable, match=r"b\.dng is not a camera RAW file that LibRaw can develop; .*darktable"):
        repix.read(put(tmp_path, "b.dng", plain))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_a_raw_file_that_was_cut_off_is_an_error_and_nothing_else_is_printed(tmp_path, share, capfd):
    data = dng(scene())
    with pytest.raises(Unreadable, match=r"is damaged|not a camera RAW"):
        repix.read(put(tmp_path, "a.dng", data[: int(len(data) * share)]))
    assert capfd.readouterr() == ("", "")


def test_no_demosaicing_under_the_gpl_is_installed():
    assert not rawpy.flags["DEMOSAIC_PACK_GPL2"]
    assert not rawpy.flags["DEMOSAIC_PACK_GPL3"]
    assert not [name for name in pi_heif.libheif_info()["encoders"] if name != "mask"]


@pytest.mark.parametrize(
    ("library", "name", "words"),
    [
        ("pi_heif", "a.heic", "a.heic is HEIC, which needs pi-heif: `pip install pi-heif` (extra photos), or"),
        ("rawpy", "a.dng", "a.dng is camera RAW, which needs rawpy: `pip install rawpy` (extra photos), or"),
    ],
)
def test_a_missing_library_is_named(tmp_path, monkeypatch, library, name, words):
    monkeypatch.setitem(sys.modules, library, None)
    data = heic(values("RGB", "8")) if library == "pi_heif" else dng(scene())
    with pytest.raises(RepixError) as problem:
        repix.read(put(tmp_path, name, data))
    assert words in str(problem.value)
    assert "\n" not in str(problem.value)


def test_other_pictures_do_not_load_these_libraries(tmp_path):
    source = put(tmp_path, "a.jpg", by_pillow(values("RGB", "8"), "JPEG"))
    code = (
        "import sys, repix\n"
        f"repix.write(repix.read({str(source)!r}), {str(tmp_path / 'b.png')!r})\n"
        "print(*sys.modules.keys() & {'PIL', 'pi_heif', '_pi_heif', 'pillow_heif', 'rawpy'})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
