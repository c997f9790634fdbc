"""Files made by others than repix, to be read by it: color profiles, EXIF, and pictures of every kind."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import tifffile
from PIL import Image, ImageCms

DTYPES = {"8": np.uint8, "16": np.uint16, "float": np.float32}
CHANNELS = {"1": 1, "L": 1, "LA": 2, "P": 4, "RGB": 3, "RGBA": 4}
HEIGHT, WIDTH = 5, 7


def profile(space: str, primaries=(), gamma: float = 2.2) -> bytes:
    """A small color profile by hand: primaries as XYZ columns, and one power as the tone curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    xyz = lambda values: b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))  # noqa: E731
    text = b"drawn by hand\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + text,
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
    }
    if space == "GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= {name: xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    head = bytearray(128)
    head[8:12], head[12:16], head[16:20], head[20:24] = b"\2\x10\0\0", b"mntr", space.ljust(4).encode(), b"XYZ "
    head[36:40], head[68:80] = b"acsp", struct.pack(">3i", 63190, 65536, 54061)
    head[0:4] = struct.pack(">I", 128 + len(table) + len(body))
    return bytes(head) + table + body


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
DISPLAY_P3 = profile("RGB", ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)))
GRAY_22 = profile("GRAY")


def profiles(gray: bool) -> tuple[bytes | None, ...]:
    """The profiles that a picture may have."""
    return (None, GRAY_22, profile("GRAY", gamma=1.8)) if gray else (None, SRGB, DISPLAY_P3)


def exif(orientation: int = 1, thumbnail: bool = False) -> bytes:
    """An EXIF block with maker, date and orientation, without the prefix that JPEG puts before it."""
    made = Image.Exif()
    made[0x010F] = "a maker"
    made[0x0112] = orientation
    made.get_ifd(0x8769).update({0x9003: "2024:05:06 07:08:09", 0x9010: "+02:00", 0xA002: 1, 0xA003: 1})
    made.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.0)})
    block = made.tobytes().removeprefix(b"Exif\0\0")
    return with_thumbnail(block) if thumbnail else block


def with_thumbnail(block: bytes) -> bytes:
    """The block with a second list of tags, which points to some bytes that begin like a JPEG."""
    order = "<" if block[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", block[4:8])
    (count,) = struct.unpack(order + "H", block[start : start + 2])
    link = start + 2 + 12 * count
    second = len(block)
    at = second + 2 + 24 + 4
    entries = struct.pack(order + "HHHIIHHIII", 2, 0x201, 4, 1, at, 0x202, 4, 1, len(THUMBNAIL), 0)
    return block[:link] + struct.pack(order + "I", second) + block[link + 4 :] + entries + THUMBNAIL


THUMBNAIL = b"\xff\xd8\xffthe face before it was blurred"


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """How pixels stored with an orientation look upright, by Pillow's own rules."""
    methods = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    if orientation == 1:
        return pixels
    places = Image.fromarray(np.arange(pixels.shape[0] * pixels.shape[1], dtype=np.int32).reshape(pixels.shape[:2]))
    order = np.asarray(places.transpose(Image.Transpose(methods[orientation])))
    return pixels.reshape(-1, pixels.shape[2])[order.reshape(-1)].reshape(*order.shape, -1)


def values(kind: str, depth: str, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Pixels as they should be read, H×W×C; the 16-bit ones are small numbers, which must not matter."""
    rng = np.random.default_rng(len(kind) + height)
    shape = (height, width, CHANNELS[kind])
    if kind == "1":
        return rng.integers(0, 2, shape).astype(np.uint8) * np.uint8(255)
    if kind == "P":
        return palette()[rng.integers(0, 5, shape[:2])]
    if depth == "float":
        return rng.random(shape).astype(np.float32)
    return rng.integers(0, 200, shape).astype(DTYPES[depth])


def palette() -> np.ndarray:
    """Five colors, one of them half transparent."""
    return np.array([[255, 0, 0, 255], [0, 255, 0, 128], [9, 9, 9, 255], [1, 2, 3, 255], [250, 1, 77, 0]], np.uint8)


def png(pixels: np.ndarray, kind: str, orientation: int = 1, icc: bytes | None = None, extra: bytes = b"") -> bytes:
    """A PNG by hand, which can be of any kind and depth, with EXIF and a profile."""
    height, width = pixels.shape[:2]
    bits, color = 8 * pixels.dtype.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    rows, tables = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1), b""
    if kind == "1":
        rows, bits = np.packbits(pixels[:, :, 0] > 0, axis=1), 1
    elif kind == "P":
        rows = (pixels[:, :, None] == palette()).all(axis=3).argmax(axis=2).astype(np.uint8)
        color = 3
        tables = chunk(b"PLTE", palette()[:, :3].tobytes()) + chunk(b"tRNS", palette()[:, 3].tobytes())
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0))
    colors = chunk(b"iCCP", b"p\0\0" + zlib.compress(icc)) if icc else b""
    turn = chunk(b"eXIf", exif(orientation))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + colors
        + extra
        + tables
        + turn
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def tiff(pixels: np.ndarray, orientation: int = 1, icc: bytes | None = None, **settings) -> bytes:
    """A TIFF by tifffile."""
    gray, alpha = pixels.shape[2] <= 2, pixels.shape[2] in (2, 4)
    stream = io.BytesIO()
    tifffile.imwrite(
        stream,
        pixels if pixels.shape[2] > 1 else pixels[:, :, 0],
        **{
            "photometric": "minisblack" if gray else "rgb",
            "planarconfig": "contig" if pixels.shape[2] > 1 else None,
            "extrasamples": ["unassalpha"] if alpha else None,
            "iccprofile": icc,
            "extratags": [(274, "H", 1, orientation, True), (271, "s", 0, "a maker", True)],
            "metadata": None,
            **settings,
        },
    )
    return stream.getvalue()


def by_pillow(pixels: np.ndarray, form: str, kind: str = "", **settings) -> bytes:
    """A file by Pillow."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if kind == "1":
        image = image.convert("1")
    stream = io.BytesIO()
    image.save(stream, form, **settings)
    return stream.getvalue()


def by_opencv(pixels: np.ndarray, suffix: str) -> bytes:
    """A file by OpenCV, which wants blue first."""
    return cv2.imencode(suffix, pixels[:, :, ::-1] if pixels.shape[2] == 3 else pixels)[1].tobytes()


def put(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def heic(pixels: np.ndarray, orientation: int = 1, bits: int = 8, **settings) -> bytes:
    """A HEIC by pillow-heif, which stores the orientation as a turn of the picture and leaves it in the EXIF."""
    kind = {1: "L", 3: "RGB", 4: "RGBA"}[pixels.shape[2]]
    mode = kind if pixels.dtype == np.uint8 else f"{kind};16"
    made = pillow_heif.from_bytes(mode=mode, size=pixels.shape[1::-1], data=np.ascontiguousarray(pixels).tobytes())
    stream, before = io.BytesIO(), pillow_heif.options.SAVE_HDR_TO_12_BIT
    pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
    made.save(stream, **{"quality": -1, "chroma": 444, "exif": exif(orientation), **settings})
    pillow_heif.options.SAVE_HDR_TO_12_BIT = before
    return stream.getvalue()


SRGB_TO_CAMERA = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
"""XYZ to the linear RGB of sRGB: the color matrix of a camera that sees the same primaries."""
BLACK, WHITE, NEUTRAL = 512, 16383, (0.5, 1.0, 0.625)
"""Levels of the sensor, and what it sees of a white surface."""


def mosaic(linear: np.ndarray) -> np.ndarray:
    """What a sensor with red and green in its first row sees of linear sRGB."""
    seen = linear * NEUTRAL
    levels = np.empty(linear.shape[:2])
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        levels[row::2, column::2] = seen[row::2, column::2, channel]
    return np.rint(BLACK + levels * (WHITE - BLACK)).astype(np.uint16)


def dng(linear: np.ndarray, orientation: int = 1) -> bytes:
    """A minimal DNG of linear sRGB, not compressed, in one strip."""
    levels = mosaic(linear)
    data = levels.astype("<u2").tobytes()
    rationals = lambda values: b"".join(struct.pack("<ii", round(v * 10000), 10000) for v in values)  # noqa: E731
    tags = [
        (254, 4, 1, 0), (256, 4, 1, levels.shape[1]), (257, 4, 1, levels.shape[0]), (258, 3, 1, 16), (259, 3, 1, 1),
        (262, 3, 1, 32803), (271, 2, 8, b"a maker\0"), (272, 2, 8, b"a model\0"), (273, 4, 1, None),
        (274, 3, 1, orientation), (277, 3, 1, 1), (278, 4, 1, levels.shape[0]), (279, 4, 1, len(data)), (284, 3, 1, 1),
        (33421, 3, 2, struct.pack("<HH", 2, 2)), (33422, 1, 4, bytes([0, 1, 1, 2])), (50706, 1, 4, bytes([1, 4, 0, 0])),
        (50707, 1, 4, bytes([1, 1, 0, 0])), (50708, 2, 8, b"a model\0"), (50714, 4, 1, BLACK), (50717, 4, 1, WHITE),
        (50721, 10, 9, rationals(SRGB_TO_CAMERA.ravel())), (50728, 5, 3, rationals(NEUTRAL)), (50778, 3, 1, 21),
    ]  # fmt: skip
    at = 8 + 2 + 12 * len(tags) + 4
    start = at + sum(len(value) for *_, value in tags if isinstance(value, bytes) and len(value) > 4)
    entries, values = b"", b""
    for tag, kind, count, value in tags:
        held = value if isinstance(value, bytes) else (start if value is None else value).to_bytes(4, "little")
        entries += struct.pack("<HHI", tag, kind, count)
        entries += held.ljust(4, b"\0") if len(held) <= 4 else struct.pack("<I", at + len(values))
        values += held if len(held) > 4 else b""
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + values + data
