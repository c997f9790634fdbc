"""Files written by others come back as they were meant: every kind, depth, orientation and profile."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import repix
from repix.errors import Unreadable
from tests.pictures import making
from tests.pictures.making import by_opencv, by_pillow, exif, png, profiles, put, tiff, turned, values

EXACT = {
    ("PNG", kind, depth): lambda v, o, icc, kind=kind: png(v, kind, o, icc)
    for kind, depths in {"1": ["8"], "L": ["8", "16"], "LA": ["8", "16"], "P": ["8"], "RGB": ["8", "16"],
                         "RGBA": ["8", "16"]}.items() for depth in depths
} | {
    ("TIFF", kind, depth): tiff for kind in ("L", "LA", "RGB", "RGBA") for depth in ("8", "16", "float")
} | {
    ("tiled TIFF", kind, depth): lambda v, o, icc: tiff(v, o, icc, tile=(16, 16), bigtiff=True, compression="zlib")
    for kind in ("L", "RGBA") for depth in ("8", "16", "float")
} | {
    ("big-endian TIFF", "RGB", depth): lambda v, o, icc: tiff(v, o, icc, byteorder=">")
    for depth in ("8", "16", "float")
} | {
    ("TIFF", "1", "8"): lambda v, o, icc: by_pillow(v, "TIFF", "1", tiffinfo={274: o}, icc_profile=icc),
    ("WebP", "RGB", "8"): lambda v, o, icc: by_pillow(v, "WEBP", lossless=True, icc_profile=icc, exif=exif(o)),
    ("WebP", "RGBA", "8"): lambda v, o, icc: by_pillow(v, "WEBP", lossless=True, exact=True, icc_profile=icc,
                                                       exif=exif(o)),
}  # fmt: skip
"""Who writes what without loss, given values, orientation and profile."""

CLOSE = {
    ("JPEG", "L"): lambda v, o, icc: by_pillow(v, "JPEG", quality=100, icc_profile=icc, exif=b"Exif\0\0" + exif(o)),
    ("JPEG", "RGB"): lambda v, o, icc: by_pillow(
        v, "JPEG", quality=100, subsampling=0, icc_profile=icc, exif=b"Exif\0\0" + exif(o)
    ),
    ("AVIF", "L"): lambda v, o, icc: by_pillow(v, "AVIF", quality=100, icc_profile=icc, exif=exif(o)),
    ("AVIF", "RGB"): lambda v, o, icc: by_pillow(
        v, "AVIF", quality=100, subsampling="4:4:4", icc_profile=icc, exif=exif(o)
    ),
    ("AVIF", "RGBA"): lambda v, o, icc: by_pillow(
        v, "AVIF", quality=100, subsampling="4:4:4", icc_profile=icc, exif=exif(o)
    ),
}  # fmt: skip

PLAIN = {
    ("bmp", "1", "8"): lambda v: by_pillow(v, "BMP", "1"),
    ("bmp", "L", "8"): lambda v: by_pillow(v, "BMP"),
    ("bmp", "RGB", "8"): lambda v: by_pillow(v, "BMP"),
    ("pbm", "1", "8"): lambda v: by_pillow(v, "PPM", "1"),
    ("pgm", "L", "8"): lambda v: by_pillow(v, "PPM"),
    ("pgm", "L", "16"): lambda v: by_opencv(v, ".pgm"),
    ("ppm", "RGB", "8"): lambda v: by_pillow(v, "PPM"),
    ("ppm", "RGB", "16"): lambda v: by_opencv(v, ".ppm"),
    ("pfm", "L", "float"): lambda v: by_opencv(v, ".pfm"),
    ("pfm", "RGB", "float"): lambda v: by_opencv(v, ".pfm"),
} | {("npy", kind, depth): lambda v: npy(v) for kind in ("L", "LA", "RGB", "RGBA") for depth in making.DTYPES}


def npy(array, **settings):
    stream = io.BytesIO()
    np.save(stream, array, **settings)
    return stream.getvalue()


def everything_but_pixels(picture, kind, icc, orientation):
    """What must hold for every file that has EXIF and a profile."""
    assert picture.is_gray == (kind in ("1", "L", "LA"))
    assert picture.has_alpha == (kind in ("LA", "P", "RGBA"))
    assert picture.profile == icc
    assert picture.exif is not None
    block = Image.Exif()
    block.load(b"Exif\0\0" + picture.exif)
    assert block.get(0x0112, 1) == 1
    assert block[0x010F] == "a maker"
    assert any("EXIF orientation" in note for note in picture.notes) == (orientation > 1)


@pytest.mark.parametrize(("form", "kind", "depth"), EXACT, ids=str)
def test_lossless_files_are_read_exactly(tmp_path, form, kind, depth):
    stored = values(kind, depth)
    maker = EXACT[form, kind, depth]
    for orientation in range(1, 9):
        for icc in profiles(kind in ("1", "L", "LA")):
            picture = repix.read(put(tmp_path, "any name", maker(stored, orientation, icc)))
            assert picture.depth == depth
            np.testing.assert_array_equal(picture.pixels, turned(stored, orientation))
            if (form, kind) != ("TIFF", "1"):
                everything_but_pixels(picture, kind, icc, orientation)


@pytest.mark.parametrize(("form", "kind"), CLOSE, ids=str)
def test_lossy_files_are_read_closely(tmp_path, form, kind):
    soft = np.linspace(0, 250, 12 * 16 * making.CHANNELS[kind]).reshape(12, 16, -1).astype(np.uint8)
    for orientation in range(1, 9):
        for icc in profiles(kind == "L"):
            picture = repix.read(put(tmp_path, "any name", CLOSE[form, kind](soft, orientation, icc)))
            np.testing.assert_allclose(picture.pixels, turned(soft, orientation).astype(int), atol=4)
            assert picture.depth == "8"
            assert picture.is_gray == (kind == "L")
            assert picture.profile == icc


@pytest.mark.parametrize(("form", "kind", "depth"), PLAIN, ids=str)
def test_plain_files_are_read_exactly(tmp_path, form, kind, depth):
    for size in ((making.HEIGHT, making.WIDTH), (1, 1), (3, 17)):
        stored = values(kind, depth, *size)
        picture = repix.read(put(tmp_path, "any name", PLAIN[form, kind, depth](stored)))
        assert picture.depth == depth
        np.testing.assert_array_equal(picture.pixels, stored)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_small_bit_depths_are_widened_and_said(tmp_path, bits):
    numbers = np.arange(16).reshape(4, 4) % 2**bits
    rows = np.packbits(
        np.unpackbits(numbers.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - bits :].reshape(4, -1), axis=1
    )
    head = making.chunk(b"IHDR", bytes([0, 0, 0, 4, 0, 0, 0, 4, bits, 0, 0, 0, 0]))
    body = making.chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows)))
    data = b"\x89PNG\r\n\x1a\n" + head + body + making.chunk(b"IEND", b"")
    picture = repix.read(put(tmp_path, "a.png", data))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], numbers * (255 // (2**bits - 1)))
    assert picture.notes == (f"{bits}-bit gray became 8-bit gray of the same values",)


def test_gif_is_read(tmp_path):
    stored = values("RGB", "8", 9, 9) // 64 * 64
    picture = repix.read(put(tmp_path, "a.gif", by_pillow(stored, "GIF")))
    np.testing.assert_array_equal(picture.pixels, stored)


def test_gif_with_a_transparent_color(tmp_path):
    image = Image.new("P", (2, 2))
    image.putdata([0, 1, 1, 0])
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.save(tmp_path / "a.gif", transparency=1)
    picture = repix.read(tmp_path / "a.gif")
    assert picture.pixels[:, :, 3].tolist() == [[255, 0], [0, 255]]


def test_12_bit_avif_has_its_white_at_white(tmp_path):
    picture = repix.Picture(np.full((8, 8, 3), 65535, np.uint16))
    repix.write(picture, tmp_path / "a.avif", quality=100)
    assert (repix.read(tmp_path / "a.avif").pixels == 65535).all()


def test_premultiplied_alpha_is_divided_out_and_said(tmp_path):
    straight = np.array([[[200, 100, 50, 128]]], np.uint8)
    stored = straight.copy()
    stored[..., :3] = straight[..., :3] * 128.0 / 255
    picture = repix.read(put(tmp_path, "a.tif", tiff(stored, extrasamples=["assocalpha"])))
    np.testing.assert_allclose(picture.pixels, straight.astype(int), atol=2)
    assert "premultiplied colors were divided by their alpha" in picture.notes


def test_white_is_zero_tiff(tmp_path):
    stored = values("L", "8")
    picture = repix.read(put(tmp_path, "a.tif", tiff(stored, photometric="miniswhite")))
    np.testing.assert_array_equal(picture.pixels, 255 - stored)


@pytest.mark.parametrize("dtype", ["uint32", "int16", "int8", "float64"])
def test_tiff_of_other_numbers_is_refused(tmp_path, dtype):
    with pytest.raises(Unreadable, match="repix reads TIFF with unsigned"):
        repix.read(put(tmp_path, "a.tif", tiff(values("RGB", "8").astype(dtype))))


def test_half_floats_are_widened(tmp_path):
    stored = values("RGB", "float").astype(np.float16)
    picture = repix.read(put(tmp_path, "a.tif", tiff(stored)))
    np.testing.assert_array_equal(picture.pixels, stored.astype(np.float32))


@pytest.mark.parametrize("bits", [16, 32])
def test_bmp_masks(tmp_path, bits):
    masks = {16: (0xF800, 0x7E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}[bits]
    numbers = np.arange(8, dtype=np.uint32).reshape(2, 4) * (0x1357 if bits == 16 else 0x13579B)
    rows = numbers.astype(np.uint16 if bits == 16 else np.uint32)[::-1]
    head = struct.pack("<IiiHHIIiiII3I", 40, 4, 2, 1, bits, 3, rows.nbytes, 0, 0, 0, 0, *masks)
    data = b"BM" + struct.pack("<IHHI", 14 + len(head) + rows.nbytes, 0, 0, 14 + len(head)) + head + rows.tobytes()
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_allclose(repix.read(put(tmp_path, "a.bmp", data)).pixels, expected.astype(int), atol=1)


@pytest.mark.parametrize("coding", [1, 2])
def test_bmp_run_lengths(tmp_path, coding):
    runs = {
        1: bytes([3, 1, 2, 0, 0, 0, 0, 5, 2, 1, 0, 1, 2, 0, 0, 1]),
        2: bytes([3, 0x12, 2, 0x33, 0, 0, 0, 5, 0x20, 0x10, 0x20, 0, 0, 1]),
    }[coding]
    colors = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    table = b"".join(bytes([*color[::-1], 0]) for color in colors.tolist())
    head = struct.pack("<IiiHHIIiiII", 40, 5, 2, 1, 8 // coding, coding, len(runs), 0, 0, 4, 0)
    start = 14 + len(head) + len(table)
    data = b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start) + head + table + runs
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(repix.read(put(tmp_path, "a.bmp", data)).pixels, expected)


def test_written_out_netpbm_with_comments(tmp_path):
    assert repix.read(put(tmp_path, "a", b"P1 # bits\n3 2\n101\n0 1 0")).pixels[:, :, 0].tolist() == [
        [0, 255, 0],
        [255, 0, 255],
    ]
    assert repix.read(put(tmp_path, "a", b"P2\n# a\n2 1 # b\n255\n7 255\n")).pixels[:, :, 0].tolist() == [[7, 255]]
    picture = repix.read(put(tmp_path, "a", b"P3 1 1 1023 1023 0 512"))
    assert picture.pixels[0, 0].tolist() == [65535, 0, round(512 * 65535 / 1023)]
    assert picture.notes == ("values up to 1023 became values up to 65535",)


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<f8", ">f4", "<f2"])
def test_npy_of_other_byte_orders_and_floats(tmp_path, dtype):
    array = np.asfortranarray(np.linspace(0, 1 if "f" in dtype else 60000, 24).reshape(2, 4, 3).astype(dtype))
    picture = repix.read(put(tmp_path, "a.npy", npy(array)))
    np.testing.assert_array_equal(picture.pixels, array.astype(np.float32 if "f" in dtype else np.uint16))


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((2, 3, 5)), np.zeros((0, 3)), np.zeros((2, 2), complex)])
def test_npy_that_is_no_picture(tmp_path, array):
    with pytest.raises(Unreadable, match="a picture"):
        repix.read(put(tmp_path, "a.npy", npy(array)))


def test_npy_with_a_pickle_is_never_opened(tmp_path):
    with pytest.raises(Unreadable, match="type object"):
        repix.read(put(tmp_path, "a.npy", npy(np.array([[print]]), allow_pickle=True)))
