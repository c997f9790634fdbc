"""BMP decoder: 1, 4, 8, 16, 24 and 32 bits, uncompressed or run-length coded."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable
from repix.pictures.decoded import Decoded, Rows, decode_whole
from repix.pictures.file_bytes import Bytes
from repix.pictures.limits import Limits

PLAIN, RUNS_8, RUNS_4, MASKS, ALPHA_MASKS = 0, 1, 2, 3, 6
V5_HEADER = 124
EMBEDDED, SRGB = b"DEBM", b"BGRs"


@dataclass(frozen=True)
class Head:
    """The header fields of a BMP."""

    width: int
    height: int
    downwards: bool
    bits: int
    coding: int
    pixels_at: int
    palette: NDArray[np.uint8]  # N×3, RGB
    masks: tuple[int, ...]  # of red, green, blue, alpha
    resolution: tuple[float, float] | None
    profile: bytes | None


def open_file(data: Bytes, name: str, limits: Limits) -> Decoded:
    """Open a BMP file; its rows are decoded when they are read."""
    try:
        head = _head(data)
    except struct.error:
        raise _damaged(name, "its header is incomplete") from None
    if head.width <= 0 or head.height <= 0:
        raise _damaged(name, f"its header declares {head.width}×{head.height} pixels")
    limits.check_size(name, head.height, head.width)
    usual = {1: (PLAIN,), 4: (PLAIN, RUNS_4), 8: (PLAIN, RUNS_8), 24: (PLAIN,)}
    if head.coding not in usual.get(head.bits, (PLAIN, MASKS, ALPHA_MASKS) if head.bits in (16, 32) else ()):
        raise Unreadable(f"{name} is a BMP of {head.bits} bits and coding {head.coding}, which repix does not read.")
    if head.coding in (RUNS_4, RUNS_8):
        numbers = decode_whole(lambda: _runs(bytes(data[head.pixels_at :]), head, name))
    else:
        numbers = _stored(data, head, name)
    rows = (lambda first, count: numbers(head.height - first - count, count)[::-1]) if not head.downwards else numbers
    found = _by_palette(rows, head, name) if head.bits <= 8 else _by_masks(rows, head)
    found.resolution, found.profile = head.resolution, head.profile
    if head.coding in (RUNS_4, RUNS_8):
        found.whole, found.memory = "it is run-length coded", head.height * head.width + len(data)
    return found


def _head(data: Bytes) -> Head:
    pixels_at, size = struct.unpack("<II", data[10:18])
    if size == 12:
        width, height, _, bits = struct.unpack("<HHHH", data[18:26])
        palette = _palette(data, 26, 2**bits if bits <= 8 else 0, 3, pixels_at)
        return Head(width, height, False, bits, PLAIN, pixels_at, palette, (), None, None)
    width, height, _, bits, coding, _, across, down, used = struct.unpack("<iiHHIIiiI", data[18:50])
    masks: tuple[int, ...] = ()
    if size >= 52 or coding in (MASKS, ALPHA_MASKS):
        count = 4 if size >= 56 or coding == ALPHA_MASKS else 3
        masks = struct.unpack(f"<{count}I", data[54 : 54 + 4 * count])
    profile = None
    if size >= V5_HEADER and bytes(data[70:74]) == EMBEDDED:
        at, length = struct.unpack("<II", data[126:134])
        profile = bytes(data[14 + at : 14 + at + length])
    extra = 4 * len(masks) if size == 40 else 0
    palette = _palette(data, 14 + size + extra, min(used or 2**bits, 256) if bits <= 8 else 0, 4, pixels_at)
    resolution = (across / 1000, down / 1000) if across > 0 and down > 0 else None
    return Head(width, abs(height), height < 0, bits, coding, pixels_at, palette, masks, resolution, profile)


def _palette(data: Bytes, start: int, count: int, width: int, end: int) -> NDArray[np.uint8]:
    count = max(min(count, (end - start) // width), 0)
    entries = np.frombuffer(bytes(data[start : start + count * width]), np.uint8)
    return entries[: len(entries) // width * width].reshape(-1, width)[:, 2::-1]


def _stored(data: Bytes, head: Head, name: str) -> Rows:
    """Return a function that gives the stored values of rows, H×W or H×W×3."""
    stride = (head.width * head.bits + 31) // 32 * 4
    length = stride * head.height
    if len(data) < head.pixels_at + length or head.pixels_at < 14:
        raise _damaged(name, f"it ends before its {length:,} bytes of pixels do")

    def numbers(first: int, count: int) -> NDArray[Any]:
        at = head.pixels_at + first * stride
        rows = np.frombuffer(data[at : at + count * stride], np.uint8).reshape(count, stride)
        if head.bits == 1:
            return np.unpackbits(rows, axis=1, count=head.width)
        if head.bits == 4:
            return np.stack([rows >> 4, rows & 15], axis=2).reshape(count, -1)[:, : head.width]
        if head.bits == 24:
            return rows[:, : head.width * 3].reshape(count, head.width, 3)
        return rows.view(np.dtype(f"<u{head.bits // 8}"))[:, : head.width]

    return numbers


def _by_palette(numbers: Rows, head: Head, name: str) -> Decoded:
    """Decode palette indices; a palette of grays only makes a gray picture, which BMP cannot store otherwise."""
    gray = bool((head.palette == head.palette[:, :1]).all())
    palette = head.palette[:, :1] if gray else head.palette

    def colors(first: int, count: int) -> NDArray[Any]:
        rows = numbers(first, count)
        if int(rows.max()) >= len(palette):
            raise _damaged(name, f"a pixel has an index beyond the {len(palette)} colors of the palette")
        chosen: NDArray[Any] = palette[rows]
        return chosen

    changed = [f"{head.bits}-bit gray became 8-bit gray of the same values"] if head.bits < 8 else []
    return _decoded(head, palette.shape[1], colors, changed if gray else ["the palette became RGB"])


def _by_masks(numbers: Rows, head: Head) -> Decoded:
    if head.bits == 24:
        return _decoded(head, 3, lambda first, count: numbers(first, count)[:, :, ::-1], [])
    usual = (0x7C00, 0x3E0, 0x1F) if head.bits == 16 else (0xFF0000, 0xFF00, 0xFF)
    masks = head.masks if head.coding != PLAIN and any(head.masks) else usual
    used = [mask for mask in masks if mask or mask is not masks[-1]]
    used = used if len(used) in (3, 4) else used[:3]

    def colors(first: int, count: int) -> NDArray[Any]:
        rows = numbers(first, count)
        return np.stack([_channel(rows, mask) for mask in used], axis=2)

    narrow = any(mask.bit_count() != 8 for mask in masks if mask)
    return _decoded(head, len(used), colors, [f"{head.bits}-bit colors became 24-bit colors"] if narrow else [])


def _decoded(head: Head, channels: int, rows: Rows, changed: list[str]) -> Decoded:
    return Decoded((head.height, head.width), channels, np.dtype(np.uint8), rows, converted=changed)


def _channel(rows: NDArray[Any], mask: int) -> NDArray[np.uint8]:
    """Return the bits under a mask, scaled to 8 bits."""
    if not mask:
        return np.zeros(rows.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    values = (rows.astype(np.uint64) & mask) >> shift
    stretched: NDArray[np.uint8] = np.rint(values * (255 / (mask >> shift))).astype(np.uint8)
    return stretched


def _runs(data: bytes, head: Head, name: str) -> NDArray[np.uint8]:
    """Decode run-length coded rows; skipped pixels have index 0."""
    rows = np.zeros((head.height, head.width), np.uint8)
    x = y = position = 0
    while position + 2 <= len(data) and y < head.height:
        count, value = data[position], data[position + 1]
        position += 2
        if count:
            run = _run(bytes([value]) * count, count, head.coding)
        elif value >= 3:
            length = value if head.coding == RUNS_8 else (value + 1) // 2
            run = _run(data[position : position + length], value, head.coding, literal=True)
            position += length + length % 2
        elif value == 2:
            move = data[position : position + 2]
            x, y, position = x + sum(move[:1]), y + sum(move[1:]), position + 2
            continue
        elif value == 0:
            x, y = 0, y + 1
            continue
        else:
            return rows
        run = run[: max(head.width - x, 0)]
        rows[y, x : x + len(run)] = run
        x += len(run)
    if y < head.height:
        raise _damaged(name, f"it ends in row {y} of {head.height}")
    return rows


def _run(data: bytes, count: int, coding: int, literal: bool = False) -> NDArray[np.uint8]:
    values = np.frombuffer(data, np.uint8)
    if coding == RUNS_8:
        return values
    halves = np.stack([values >> 4, values & 15], axis=1).reshape(-1)
    return halves[:count] if literal else np.resize(halves, count)


def _damaged(name: str, why: str) -> Unreadable:
    return Unreadable(f"{name} is a damaged BMP: {why}.")
