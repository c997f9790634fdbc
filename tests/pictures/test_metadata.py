"""EXIF, XMP, profiles and resolution: kept byte for byte, but for what reading has made untrue."""

import io
import re
import struct

import numpy as np
import pytest
from PIL import Image

import repix
from repix.pictures import Picture
from repix.pictures.metadata import clean_exif
from repix.pictures.tiff_tags import Damaged
from tests.pictures import making
from tests.pictures.making import exif, put

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" dc:title="A title"/></x:xmpmeta>'
SUFFIXES = (".jpg", ".png", ".webp", ".avif")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("alpha", [False, True])
def test_exif_is_kept_byte_for_byte(tmp_path, suffix, order, alpha):
    block = making.with_thumbnail(exif()) if order == "MM" else little_endian()
    block = clean_exif(block).block + b"unknown maker note"
    picture = Picture(np.zeros((1, 1, 4 if alpha else 3), np.uint8), exif=block)
    repix.write(picture, tmp_path / f"a{suffix}")
    again = repix.read(tmp_path / f"a{suffix}").exif
    assert again.rstrip(b"\0") == block.rstrip(b"\0")
    assert len(again) - len(block) in (range(210) if suffix == ".avif" else (0,))


def little_endian() -> bytes:
    entries = [(0x010F, 2, 8, 50), (0x0112, 3, 1, 6)]
    body = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries))
    body += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return body.ljust(50, b"\0") + b"a maker\0"


@pytest.mark.parametrize("block", [little_endian(), exif(6)])
def test_orientation_is_reset_and_nothing_else(block):
    cleaned = clean_exif(block)
    assert cleaned.orientation == 6
    different = [i for i in range(len(block)) if block[i] != cleaned.block[i]]
    assert len(different) == 1
    assert clean_exif(cleaned.block).orientation == 1


def test_the_thumbnail_is_taken_out_and_that_is_said(tmp_path):
    block = exif(6, thumbnail=True)
    assert making.THUMBNAIL in block
    stream = io.BytesIO()
    Image.new("RGB", (8, 4)).save(stream, "JPEG", exif=b"Exif\0\0" + block)
    picture = repix.read(put(tmp_path, "a.jpg", stream.getvalue()))
    assert picture.size == (8, 4)
    assert making.THUMBNAIL not in picture.exif
    assert any("thumbnail" in note for note in picture.notes)
    repix.write(picture, tmp_path / "b.jpg")
    assert b"the face" not in (tmp_path / "b.jpg").read_bytes()


def test_the_size_in_the_exif_becomes_the_picture_s(tmp_path):
    repix.write(Picture(np.zeros((11, 13, 3), np.uint8), exif=exif()), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        details = image.getexif().get_ifd(0x8769)
    assert (details[0xA002], details[0xA003]) == (13, 11)
    assert details[0x9010] == "+02:00"


def test_exif_goes_through_a_tiff(tmp_path):
    repix.write(Picture(np.zeros((3, 3, 3), np.uint8), exif=exif()), tmp_path / "a.tif")
    repix.write(repix.read(tmp_path / "a.tif"), tmp_path / "b.jpg")
    for name in ("a.tif", "b.jpg"):
        with Image.open(tmp_path / name) as image:
            seen = image.getexif()
            assert seen[0x010F] == "a maker"
            assert seen.get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"
            assert seen.get_ifd(0x8825)[2] == (48.0, 8.0, 14.0)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".tif"])
def test_xmp_is_kept(tmp_path, suffix):
    upright = XMP.replace(b'Orientation="6"', b'Orientation="1"')
    repix.write(Picture(np.zeros((9, 9, 3), np.uint8), xmp=XMP), tmp_path / f"a{suffix}", strict=True)
    again = repix.read(tmp_path / f"a{suffix}")
    assert again.xmp == upright
    assert not again.lost


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp"])
def test_resolution_is_kept_and_turned(tmp_path, suffix):
    picture = Picture(np.zeros((9, 9, 3), np.uint8), resolution=(300 / 25.4, 150 / 25.4))
    repix.write(picture, tmp_path / f"a{suffix}", strict=True)
    across, down = repix.read(tmp_path / f"a{suffix}").resolution
    assert (round(across * 25.4), round(down * 25.4)) == (300, 150)
    with Image.open(tmp_path / f"a{suffix}") as image:
        seen = image.info["dpi"]
    assert tuple(round(float(value)) for value in seen) == (300, 150)


def test_resolution_of_a_turned_picture(tmp_path):
    Image.new("L", (4, 6)).save(tmp_path / "a.jpg", dpi=(300, 150), exif=b"Exif\0\0" + exif(8))
    across, down = repix.read(tmp_path / "a.jpg").resolution
    assert (round(across * 25.4), round(down * 25.4)) == (150, 300)


def test_orientation_of_an_avif_is_applied_once(tmp_path):
    stored = np.arange(0, 240, 5, dtype=np.uint8).reshape(6, 8)[:, :, None].repeat(3, axis=2)
    Image.fromarray(stored).save(tmp_path / "a.avif", quality=100, exif=exif(6))
    assert repix.read(tmp_path / "a.avif").size == (8, 6)


def test_damaged_exif_is_lost_and_said(tmp_path):
    Image.new("L", (4, 6)).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\0\0")
    picture = repix.read(tmp_path / "a.jpg")
    assert picture.exif is None
    assert picture.lost == ("the EXIF, which is damaged",)
    with pytest.raises(repix.errors.FidelityLost, match="EXIF"):
        repix.write(picture, tmp_path / "b.jpg", strict=True)


def test_lists_that_go_round_in_a_circle():
    block = bytearray(exif())
    (start,) = struct.unpack(">I", block[4:8])
    (count,) = struct.unpack(">H", block[start : start + 2])
    link = start + 2 + 12 * count
    block[link : link + 4] = block[4:8]
    with pytest.raises(Damaged, match="loop"):
        clean_exif(bytes(block))


@pytest.mark.parametrize(
    ("form", "settings", "word"),
    [
        ("JPEG", {"comment": b"made by hand"}, "comment"),
        ("PNG", {"pnginfo": "text"}, "PNG text"),
    ],
)
def test_what_is_not_kept_is_said(tmp_path, form, settings, word):
    from PIL.PngImagePlugin import PngInfo

    if form == "PNG":
        settings = {"pnginfo": PngInfo()}
        settings["pnginfo"].add_text("Author", "somebody")
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, form, **settings)
    lost = repix.read(put(tmp_path, "a", stream.getvalue())).lost
    assert len(lost) == 1
    assert re.search(word, lost[0])


def test_profile_of_the_wrong_kind_is_not_written(tmp_path):
    report = repix.write(Picture(np.zeros((4, 4), np.uint8), profile=making.SRGB), tmp_path / "a.png")
    assert report.lost == ("the color profile, which is for RGB and not for GRAY",)
    assert repix.read(tmp_path / "a.png").profile is None
