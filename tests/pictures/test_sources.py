"""Pictures from bytes and binary files and into them: the same as through paths, with the same errors."""

import gzip
import io
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest

import repix
from repix.conversion import Contract, Echo
from repix.errors import RepixError, TooLarge, Unreadable, Unwritable, WrongUse
from repix.pictures import Limits, Picture, read, write
from repix.pictures.formats import FORMATS, WRITTEN
from tests.given import count
from tests.pictures.damage import sound_files
from tests.pictures.making import exif, values

READ = ("JPEG", "PNG", "TIFF", "WebP", "AVIF", "GIF", "BMP", "PPM", "NPY")
DAMAGED = count(20, 2000)


class Pipe(io.RawIOBase):
    """Bytes that come once, in small pieces, and cannot be sought."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = len(self.left) if size < 0 else min(size, 7000)
        piece, self.left = self.left[:size], self.left[size:]
        return piece


def behind(data: bytes) -> io.BytesIO:
    """A file that stands at its end, as after writing."""
    file = io.BytesIO(data)
    file.seek(0, 2)
    return file


WAYS = {"bytes": bytes, "bytearray": bytearray, "memoryview": memoryview, "file": behind, "pipe": Pipe}


def told(picture: Picture) -> tuple:
    return picture.profile, picture.exif, picture.xmp, picture.notes, picture.lost, picture.resolution


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", READ)
def test_a_picture_is_the_same_from_wherever_it_is_read(form, way, tmp_path):
    for data in sound_files(form):
        (tmp_path / "a").write_bytes(data)
        wanted, found = read(tmp_path / "a"), read(WAYS[way](data))
        np.testing.assert_array_equal(found.pixels, wanted.pixels)
        assert told(found) == told(wanted)


@pytest.mark.drawn
@pytest.mark.parametrize("form", READ)
def test_hostile_bytes_get_the_errors_of_files(form, tmp_path):
    rng = random.Random(form)  # noqa: S311 (a seed, and no secret)
    refused = 0
    for number in range(DAMAGED):
        data = bytearray(rng.choice(sound_files(form)))
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        data = bytes(data[: rng.choice([len(data), rng.randrange(len(data))])])
        path = tmp_path / f"{number}"
        path.write_bytes(data)
        outcomes = []
        for source in (path, data, Pipe(data)):
            try:
                outcomes.append(read(source, limits=Limits(10**6, 10**7)).pixels.tobytes())
            except RepixError as problem:
                outcomes.append((type(problem), str(problem).replace(str(path), "The picture")))
        assert outcomes[0] == outcomes[1] == outcomes[2]
        refused += not isinstance(outcomes[0], bytes)
    assert refused > DAMAGED // 10


def test_a_file_that_is_given_stays_open_and_may_lie_anywhere():
    data = sound_files("PNG")[0]
    with tempfile.TemporaryFile() as file:
        file.write(data)
        for _ in range(2):
            assert read(file).size == (24, 31)
        assert not file.closed
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(data[:60_000])
    with os.fdopen(reading, "rb") as file:
        assert read(file).size == (24, 31)
    with gzip.open(io.BytesIO(gzip.compress(data))) as packed:
        assert read(packed).size == (24, 31)


def test_a_pipe_is_not_read_beyond_the_limit():
    pipe = Pipe(b"\x89PNG\r\n\x1a\n" + bytes(100_000))
    with pytest.raises(TooLarge, match=r"The picture has .* bytes, more than the 10,000 allowed"):
        read(pipe, limits=Limits(10**6, 10_000))
    assert len(pipe.left) > 80_000


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        (b"", Unreadable, "The picture is empty"),
        (b"hello", Unreadable, "The picture is not an image repix can read"),
        (io.StringIO("text"), WrongUse, "Cannot read from a StringIO; give a path, the bytes of a file, or"),
        ([1, 2], WrongUse, "Cannot read from a list"),
        (None, WrongUse, "Cannot read from a NoneType"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(source, error, said):
    with pytest.raises(error, match=said):
        read(source)


def test_a_closed_file_is_one_sentence():
    file = io.BytesIO(b"GIF89a")
    file.close()
    with pytest.raises(Unreadable, match="The picture cannot be read: I/O operation on closed file"):
        read(file)
    with pytest.raises(Unwritable, match="The picture cannot be written: I/O operation on closed file"):
        write(Picture(np.zeros((2, 3), np.uint8)), file, format="png")


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("kind", ["L", "RGBA"])
def test_a_binary_file_gets_what_a_path_gets(form, kind, tmp_path):
    if form == "PGM" and kind != "L":
        pytest.skip("it holds no colors")
    suffix = FORMATS[form].suffixes[0]
    picture = Picture(values(kind, "8"), exif=exif())
    report = write(picture, tmp_path / f"a{suffix}")
    for given in (io.BytesIO(), (tmp_path / "b").open("w+b")):
        with given as file:
            assert write(picture, file, format=suffix[1:]) == report
            file.seek(0)
            assert file.read() == (tmp_path / f"a{suffix}").read_bytes()
    assert write(picture, tmp_path / "c.tmp", format=suffix.upper()) == report
    assert (tmp_path / "c.tmp").read_bytes() == (tmp_path / f"a{suffix}").read_bytes()


class Full(io.BytesIO):
    def write(self, data: object) -> int:
        if len(bytes(data)):
            raise OSError(28, "No space left on device")
        return 0


def test_a_binary_file_gets_nothing_where_something_is_wrong():
    file, picture = io.BytesIO(), Picture(np.zeros((2, 3, 4), np.uint8))
    wrong = [
        ({}, WrongUse, r"has no suffix to choose the format by; pass the format, such as format='png'"),
        ({"format": "xyz"}, WrongUse, "format is 'xyz', which repix does not write; choose from jpg png"),
        ({"format": "gif"}, Unwritable, "repix reads GIF but does not write it; write png"),
        ({"format": "pgm"}, Unwritable, "The picture: PGM cannot store colors"),
        ({"format": "jpg", "strict": True}, RepixError, "transparency"),
        ({"format": "jpg", "quality": 0}, WrongUse, "quality is 0"),
    ]
    for options, error, said in wrong:
        with pytest.raises(error, match=said):
            write(picture, file, **options)
    assert file.getvalue() == b""
    with pytest.raises(WrongUse, match="Cannot write to a StringIO"):
        write(picture, io.StringIO(), format="png")
    with pytest.raises(Unwritable, match="The picture cannot be written: the disk is full"):
        write(picture, Full(), format="png")


@pytest.mark.parametrize("way", WAYS)
def test_a_converter_takes_them_too(way, tmp_path):
    data = sound_files("PNG")[0]
    turn = repix.converter(Echo(Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2)))
    (tmp_path / "a").write_bytes(data)
    np.testing.assert_array_equal(turn(WAYS[way](data)).pixels, turn(Path(tmp_path, "a")).pixels)
    with pytest.raises(Unreadable, match="The picture is not an image"):
        turn(WAYS[way](b"hello"))
