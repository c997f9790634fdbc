"""Reads damaged files, in a process of its own so that a crash is seen: `... -m tests.pictures.damage FORM COUNT SEED`.

Prints how many were read and how many refused, and every file that did something else; its number and the seed make it
again.
"""

import ast
import io
import json
import logging
import random
import re
import resource
import struct
import sys
import tempfile
import warnings
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import repix
from repix.errors import RepixError
from repix.pictures import Limits
from tests.pictures import making
from tests.pictures.making import by_opencv, by_pillow, exif, png, tiff, values

HEIGHT, WIDTH = 24, 31
LIMITS = Limits(pixels=1_000_000, bytes=10_000_000)
EXTREMES = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1)


def made(suffix: str, kind: str = "RGB", depth: str = "8", **settings) -> bytes:
    """A file by repix itself, with EXIF, XMP and profile where the format has them."""
    picture = repix.Picture(values(kind, depth, HEIGHT, WIDTH), profile=making.SRGB, exif=exif(), xmp=b"<x:xmpmeta/>")
    with tempfile.TemporaryDirectory() as folder:
        repix.write(picture, Path(folder, f"a{suffix}"), **settings)
        return Path(folder, f"a{suffix}").read_bytes()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def runs() -> bytes:
    """A run-length coded BMP."""
    rows = b"".join(bytes([16, y, 0, 15]) + bytes(range(15)) + b"\0" + b"\0\0" for y in range(HEIGHT)) + b"\0\1"
    table = b"".join(bytes([i, 9, 255 - i, 0]) for i in range(64))
    head = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(rows), 0, 0, 64, 0)
    start = 14 + len(head) + len(table)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + head + table + rows


def sound_files(form: str) -> list[bytes]:
    """Small valid files of a format."""
    rgb, gray, rgba = (values(kind, "8", HEIGHT, WIDTH) for kind in ("RGB", "L", "RGBA"))
    return {
        "JPEG": lambda: [
            made(".jpg"), by_pillow(gray, "JPEG"), by_pillow(rgb, "JPEG", progressive=True, exif=exif(6)),
            by_pillow(rgb, "JPEG", quality=50, subsampling=2),
        ],
        "PNG": lambda: [
            made(".png", depth="16"), png(values("P", "8", HEIGHT, WIDTH), "P", 6, making.DISPLAY_P3),
            png(values("1", "8", HEIGHT, WIDTH), "1"), by_pillow(rgba, "PNG", compress_level=9),
        ],
        "TIFF": lambda: [
            made(".tif"), made(".tif", "RGBA", "float"), tiff(rgb, 3, tile=(16, 16), compression="zlib", bigtiff=True),
            tiff(gray, byteorder=">", rowsperstrip=4), by_pillow(rgb, "TIFF", compression="tiff_lzw"),
            by_pillow(rgb, "TIFF", compression="jpeg"), by_pillow(gray, "TIFF", "1", compression="group4"),
        ],
        "WebP": lambda: [made(".webp"), by_pillow(rgba, "WEBP", lossless=True), by_pillow(rgb, "WEBP")],
        "AVIF": lambda: [made(".avif"), made(".avif", depth="16"), by_pillow(gray, "AVIF"), by_pillow(rgba, "AVIF")],
        "GIF": lambda: [by_pillow(rgb, "GIF"), by_pillow(gray, "GIF", interlace=1)],
        "BMP": lambda: [made(".bmp"), by_pillow(gray, "BMP"), by_pillow(gray, "BMP", "1"), made(".bmp", "RGBA"),
                        runs()],
        "PPM": lambda: [
            by_pillow(rgb, "PPM"), by_opencv(values("L", "16", HEIGHT, WIDTH), ".pgm"), by_pillow(gray, "PPM", "1"),
            b"P2\n# by hand\n4 3\n99\n" + b" ".join(b"%d" % i for i in range(12)), b"P1 3 3 101010101",
            by_opencv(values("RGB", "float", HEIGHT, WIDTH), ".pfm"),
        ],
        "HEIC": lambda: [
            making.heic(rgb), making.heic(values("RGB", "16", HEIGHT, WIDTH) << 8, 6), making.heic(gray),
            making.heic(rgba), making.heic(rgb, quality=50, chroma=420),
        ],
        "DNG": lambda: [making.dng(rgb / 255), making.dng(rgb / 255, 6)],
        "NPY": lambda: [npy(rgb), npy(values("L", "16", HEIGHT, WIDTH)[:, :, 0]), npy(values("RGBA", "float"))],
    }[form]()  # fmt: skip


def damaged(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The file with something gone wrong."""
    broken = bytearray(data)
    head = min(len(data), 200)
    how = rng.choice(("cut", "flip", "head", "number", "blank", "splice", "insert", "delete", "text"))
    if how == "cut":
        return data[: rng.randrange(len(data))]
    at = rng.randrange(len(data))
    if how == "flip":
        for _ in range(rng.randint(1, 8)):
            broken[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif how == "head":
        for _ in range(rng.randint(1, 3)):
            broken[rng.randrange(head)] = rng.randrange(256)
    elif how == "number":
        size, order = rng.choice((1, 2, 4)), rng.choice(("big", "little"))
        at = rng.randrange(head)
        broken[at : at + size] = (rng.choice(EXTREMES) % 256**size).to_bytes(size, order)
    elif how == "blank":
        length = min(rng.randint(1, 200), len(data) - at)
        broken[at : at + length] = bytes(length)
    elif how == "splice":
        other = rng.choice(others)
        broken[at:] = other[rng.randrange(len(other)) :]
    elif how == "text":
        return with_other_text(data, rng)
    elif how == "insert":
        broken[at:at] = rng.randbytes(rng.randint(1, 40))
    else:
        del broken[at : at + rng.randint(1, 40)]
    return bytes(broken)


DIGITS = "9" * 5000


def with_other_text(data: bytes, rng: random.Random) -> bytes:
    """The file with a word or number in its first part that nobody writes by accident; the rest moves on."""
    head = min(len(data), 400)
    places = [found.span() for found in re.finditer(rb"[0-9]+|[A-Za-z_]{3,}|[(){}<>\[\]]", data[:head])] or [(0, 1)]
    start, end = rng.choice(places)
    texts = (
        DIGITS,
        "-" + DIGITS,
        "9" * 400,
        "-1",
        "0",
        "1e999",
        "nan",
        "(" * 3000,
        "[" * 100_000,
        "\0",
        "\x1b[31m",
        "%s%n",
    )
    return data[:start] + rng.choice(texts).encode() + data[end:]


def hand_made(value: Any, rng: random.Random) -> str:
    """JSON of a value with one thing in it that nobody writes by accident: numbers of 5,000 digits, brackets within
    brackets, a NUL, another kind of value, a key that is missing."""
    text = json.dumps(value)
    places = [found.span() for found in re.finditer(r'"(?:[^"\\]|\\.)*"|-?\d+|true|false|null', text)]
    start, end = rng.choice(places)
    hows = (DIGITS, "-1", "1e999", "NaN", "null", "[]", "{}", '""', '"\\u0000"', '"\\udc9b"', "true", "9" * 400, "0.5",
            "[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, "[" * 100_000, "")  # fmt: skip
    return text[:start] + rng.choice(hows) + text[end:]


def sizes(path: Path, original: tuple[int, int]) -> set[tuple[int, int]]:
    """The heights and widths that a picture of this file may have: the sound file's, or the one its header now has."""
    width, height = original[::-1]
    found = {(height, width)}
    with suppress(Exception), Image.open(path) as image:  # Pillow does not see a picture in all of them
        found.add(image.size[::-1])
    if path.read_bytes()[4:8] == b"ftyp":
        found |= heic_sizes(path.read_bytes())
    if path.read_bytes()[:4] == b"II*\0":
        found |= tiff_sizes(path.read_bytes())
    text = path.read_bytes()[:200].split()
    found |= {(int(b), int(a)) for a, b in pairwise(text) if a.isdigit() and b.isdigit()}
    if path.read_bytes()[:6] == b"\x93NUMPY":
        shape = path.read_bytes()[:200].split(b"'shape':")[-1].partition(b")")[0] + b")"
        found.add(ast.literal_eval(shape.decode("latin-1").strip())[:2])
    return found | {(width, height) for height, width in found}


def tiff_sizes(data: bytes) -> set[tuple[int, int]]:
    """The heights and widths that a TIFF declares; damage may make another entry a second width."""
    (start,) = struct.unpack_from("<I", data, 4)
    entries = data[start + 2 : start + 2 + 12 * 64]
    numbers = [struct.unpack_from("<HHII", entries, place) for place in range(0, len(entries) - 11, 12)]
    widths, heights = ({value for tag, _, _, value in numbers if tag == wanted} for wanted in (256, 257))
    return {(height, width) for height in heights for width in widths}


def heic_sizes(data: bytes) -> set[tuple[int, int]]:
    """The heights and widths that a HEIC declares: the coded ones, and the crop's."""
    coded, crop = data.partition(b"ispe")[2][4:12], data.partition(b"clap")[2][:16]
    found = {struct.unpack(">II", coded)[::-1]} if len(coded) == 8 else set()
    if len(crop) == 16:
        across, per, down, per_down = struct.unpack(">4I", crop)
        found |= {(round(down / per_down), round(across / per))} if per and per_down else set()
    return found


def main(form: str, count: int, seed: int) -> None:
    """Damage files and read them."""
    resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
    logging.getLogger("PIL").disabled = True
    logging.getLogger("PIL.TiffImagePlugin").disabled = True  # `sizes` opens damaged files with it
    warnings.simplefilter("ignore")  # Pillow's and OpenCV's, while files are made
    sound, rng = sound_files(form), random.Random(f"repix {form} {seed}")  # noqa: S311
    warnings.simplefilter("error")
    outcomes = {"read": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        originals = []
        for data in sound:
            path.write_bytes(data)
            originals.append(repix.read(path, limits=LIMITS).size)
        for number in range(count):
            which = rng.randrange(len(sound))
            path.write_bytes(damaged(sound[which], sound, rng))
            try:
                picture = repix.read(path, limits=LIMITS)
            except RepixError as error:
                outcomes["refused"] += 1
                if "\n" in str(error):
                    print(f"{form} {number}: more than a line: {error!r}")
                continue
            except Exception as error:  # noqa: BLE001
                print(f"{form} {number}: {error!r}")
                continue
            outcomes["read"] += 1
            warnings.simplefilter("ignore")
            if picture.size not in sizes(path, originals[which]):
                print(f"{form} {number}: {picture.size}, not {sizes(path, originals[which])}")
            warnings.simplefilter("error")
    print(outcomes["read"], outcomes["refused"])


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
