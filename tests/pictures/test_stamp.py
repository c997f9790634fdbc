"""The stamp: what Pillow and tifffile read of it, and that nothing else of the metadata changes."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from repix.errors import FidelityLost
from repix.pictures import Picture, read, write
from repix.pictures.stamp import Stamp, stamped_exif
from tests.pictures.making import SRGB, exif, values

STAMP = Stamp("repix 1.2", "model a, strength 1")
LINE = "repix 1.2: model a, strength 1"
EXIF, GPS = 0x8769, 0x8825


def tags(block: bytes) -> dict:
    found = Image.Exif()
    found.load(block)
    return {**found, **found.get_ifd(EXIF), **found.get_ifd(GPS)}


def written(block: bytes | None, suffix: str, **others) -> Image.Image:
    picture = Picture(values("RGB", "8", 16, 20), profile=SRGB, exif=block, stamp=STAMP, **others)
    stream = io.BytesIO()
    write(picture, stream, format=suffix)
    return Image.open(stream)


def little(block: bytes, **texts: str) -> bytes:
    """The same tags with others, in the other byte order."""
    made = Image.Exif()
    made.load(block)
    made.endian = "<"
    for name, text in texts.items():
        made[{"description": 0x010E, "software": 0x0131}[name]] = text
    return made.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("suffix", ["jpg", "tif", "png", "webp", "avif"])
@pytest.mark.parametrize("block", [None, exif(), little(exif())], ids=["none", "big", "little"])
def test_others_read_the_stamp_and_all_other_tags(suffix, block):
    found = written(block, suffix).getexif()
    assert (found[0x0131], found[0x010E]) == ("repix 1.2", LINE)
    if block is not None:
        everything = {**found, **found.get_ifd(EXIF), **found.get_ifd(GPS)}
        sizes = {0xA002: 20, 0xA003: 16}
        expected = {tag: value for tag, value in (tags(block) | sizes).items() if tag not in (EXIF, GPS, 0x0112)}
        assert everything.items() >= expected.items()


def test_a_png_has_it_as_text_too():
    assert written(None, "png").text == {"Software": "repix 1.2", "Description": LINE}
    stream = io.BytesIO()
    write(Picture(np.zeros((2, 3), np.uint8), stamp=Stamp("repix 1.2", "model 模型")), stream, format="png")
    assert Image.open(stream).text["Description"] == "repix 1.2: model 模型"


def test_a_tiff_has_it_in_its_page():
    stream = io.BytesIO()
    write(Picture(values("RGB", "16", 16, 20), exif=exif(), stamp=STAMP), stream, format="tif")
    stream.seek(0)
    with tifffile.TiffFile(stream) as file:
        assert file.pages[0].software == "repix 1.2"
        assert file.pages[0].description == LINE
        np.testing.assert_array_equal(file.asarray(), values("RGB", "16", 16, 20))


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_an_earlier_description_and_program_stay_readable(suffix):
    block = little(exif(), description="a day out", software="17.1")
    found = written(block, suffix).getexif()
    assert found[0x0131] == "repix 1.2"
    assert found[0x010E] == f"a day out\n{LINE}; before: 17.1"


def test_a_block_that_is_damaged_is_replaced():
    for block in (b"", b"not EXIF", b"II*\0\xff\0\0\0", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + bytes(20)):
        assert tags(stamped_exif(block, STAMP))[0x0131] == "repix 1.2"


def test_values_of_the_old_block_do_not_move():
    block = exif()
    assert stamped_exif(block, STAMP)[8 : len(block)] == block[8:]


def test_without_a_stamp_nothing_is_added(tmp_path):
    write(Picture(values("RGB", "8"), exif=exif()), tmp_path / "a.png")
    write(Picture(values("RGB", "8"), exif=exif()), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.png") as png, Image.open(tmp_path / "a.jpg") as jpg:
        assert png.text == {}
        assert 0x0131 not in jpg.getexif()
    assert read(tmp_path / "a.jpg").exif[:4] == exif()[:4]


def test_a_format_without_exif_says_that_the_stamp_is_lost(tmp_path):
    picture = Picture(values("RGB", "8"), stamp=STAMP)
    assert write(picture, tmp_path / "a.ppm").lost == ("the stamp, which PPM cannot store",)
    with pytest.raises(FidelityLost, match="the stamp, which BMP cannot store"):
        write(picture, tmp_path / "a.bmp", strict=True)


def test_an_exif_block_without_room_stays_without_the_stamp(tmp_path):
    block = exif() + bytes(65_500 - len(exif()))
    report = write(Picture(values("RGB", "8"), exif=block, stamp=STAMP), tmp_path / "a.jpg")
    assert report.lost == ("the stamp, which JPEG cannot store",)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif()[0x010F] == "a maker"
