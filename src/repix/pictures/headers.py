"""Parse file headers for what the decoder does not report: animation, pages, small bit depths, lost metadata."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from repix.errors import Unreadable
from repix.pictures.file_bytes import Bytes
from repix.pictures.formats import FORMATS, Format, detect_format
from repix.pictures.metadata import exif_of_tiff, orientation_of
from repix.pictures.tiff_tags import Damaged, TagList, lists

Box = tuple[bytes, int, int]
"""Kind, start and end of the contents of a box (ISO base media)."""
LONGEST_HEIF = 10_000_000
"""Longest side that libvips accepts."""
DEFLATE_AT_BEST = 1032
"""Highest compression ratio of deflate."""

FRAMES, PROGRESSIVE, START_OF_SCAN = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA), (0xC2, 0xCA), 0xDA
"""Markers of JPEG."""

PHOTOMETRIC, BITS, EXTRA, SAMPLE_FORMAT, REDUCED, DNG = 262, 258, 338, 339, 254, 50706
RESOLUTION_ACROSS, RESOLUTION_DOWN, RESOLUTION_UNIT = 282, 283, 296
WIDTH, HEIGHT, CHANNELS, COMPRESSION, PLANES = 256, 257, 277, 259, 284
STRIP_ROWS, STRIP_LENGTHS, TILE_WIDTH, TILE_HEIGHT, TILE_LENGTHS = 278, 279, 322, 323, 325
SEQUENCES = (b"avis", b"hevc", b"hevx", b"hevm", b"hevs", b"msf1")
"""Main brands of files with a sequence of pictures (ISO base media)."""
SENSOR = (32803, 34892)
"""The photometric values of raw sensor data."""


@dataclass
class Header:
    """Contents of a file's headers besides the pixels."""

    exif: bytes | None = None
    orientation: int | None = None
    """Orientation, if the format stores it outside EXIF."""
    resolution: tuple[float, float] | None = None
    """Pixels per millimeter, across and down, if stored outside EXIF."""
    gray: bool = False
    """The file is gray although the decoder returns colors."""
    lab_at: int = 0
    """Offset of the photometric tag of a TIFF in 8-bit or 16-bit Lab, or 0."""
    whole: str | None = None
    """Reason why this file must be decoded whole, or None."""
    components: int = 0
    """Channels of a JPEG before color conversion."""
    chunk: tuple[int, int] = (0, 0)
    """Bytes of a TIFF that are decoded together: compressed, and decoded."""
    converted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def file_format(data: Bytes, name: str) -> Format:
    """Return the format of a file; a TIFF that holds the data of a sensor is camera RAW.

    Args:
        data: the file's contents.
        name: file name, for messages; its suffix identifies camera RAW files too.

    Raises:
        Unreadable: repix does not read this format.
    """
    found = detect_format(data[:256], name)
    if found.name == "TIFF":
        with suppress(Damaged):
            pages = lists(data)
            if pages and _is_raw(pages[0]):
                return FORMATS["camera RAW"]
    return found


def _is_raw(page: TagList) -> bool:
    """Return true if the first page of a TIFF is sensor data, or the small preview that a camera puts before it."""
    return page.number(PHOTOMETRIC) in SENSOR or DNG in page.entries or page.number(REDUCED) & 1 == 1


def inspect(form: str, data: Bytes, name: str) -> Header:
    """Parse the headers of a file.

    Args:
        form: name of the format.
        data: the file's contents.
        name: file name, for messages.

    Raises:
        Unreadable: the headers are damaged, or the file contains more than one picture.
    """
    look = _LOOKS.get(form)
    return Header() if look is None else look(data, name)


def _png(data: Bytes, name: str) -> Header:
    header = Header()
    found = list(_png_chunks(data))
    chunks = dict(found)
    if b"IHDR" not in chunks or len(data) < 33:
        raise Unreadable(f"{name} is a damaged PNG: its header is missing.")
    if b"acTL" in chunks:
        raise _animated(name, "PNG")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    bits, kind = data[24], data[25]
    if data[28]:
        header.whole = "it is interlaced"
    if width * height * bits // 8 > DEFLATE_AT_BEST * len(data):
        raise Unreadable(
            f"{name} is a damaged PNG: {len(data)} bytes cannot contain the declared {width}×{height} pixels."
        )
    if kind == 3:
        header.converted.append("the palette became RGB")
    elif bits < 8:
        header.converted.append(_widened(bits))
    elif b"tRNS" in chunks:
        header.converted.append("the transparent color became an alpha channel")
    if chunks.get(b"pHYs", (0, 0))[1] == 9:
        across, down, metres = struct.unpack(">IIB", data[slice(*_span(chunks[b"pHYs"]))].ljust(9, b"\0"))
        header.resolution = (across / 1000, down / 1000) if metres == 1 and across and down else None
    if b"eXIf" in chunks:
        header.exif = bytes(data[slice(*_span(chunks[b"eXIf"]))])
    if any(chunk in (b"tEXt", b"zTXt", b"iTXt") and not _is_xmp(data, start) for chunk, (start, _) in found):
        header.lost.append("PNG text")
    if b"cICP" in chunks:
        header.lost.append("the color description (cICP)")
    elif not chunks.keys() & {b"iCCP", b"sRGB"} and chunks.keys() & {b"gAMA", b"cHRM"}:
        header.lost.append("the gamma and primaries (gAMA, cHRM)")
    return header


def _span(chunk: tuple[int, int]) -> tuple[int, int]:
    return chunk[0], chunk[0] + chunk[1]


def _is_xmp(data: Bytes, start: int) -> bool:
    return bytes(data[start : start + 18]) == b"XML:com.adobe.xmp\0"


def _png_chunks(data: Bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield the name of each chunk with the start and length of its contents."""
    position = 8
    while position + 12 <= len(data):
        length, chunk = int.from_bytes(data[position : position + 4], "big"), bytes(data[position + 4 : position + 8])
        yield chunk, (position + 8, length)
        position += 12 + length


def _jpeg(data: Bytes, _: str) -> Header:
    header = Header()
    for marker, start, length in jpeg_segments(data):
        beginning = bytes(data[start : start + min(length, 32)])
        if marker == 0xE0 and beginning[:5] == b"JFIF\0" and beginning[7:8] in (b"\1", b"\2"):
            across, down = struct.unpack(">HH", beginning[8:12].ljust(4, b"\0"))
            unit = 25.4 if beginning[7] == 1 else 10.0
            header.resolution = (across / unit, down / unit) if across and down else None
        elif marker in FRAMES:
            header.components = sum(beginning[5:6])
            header.whole = "it is progressive" if marker in PROGRESSIVE else None
        elif marker == START_OF_SCAN and sum(beginning[:1]) < header.components:
            header.whole = header.whole or "its channels are stored one after the other"
        elif marker == 0xFE:
            header.lost.append("the JPEG comment")
        elif marker == 0xE2 and beginning.startswith(b"MPF\0"):
            header.lost.append("the further pictures in the JPEG (preview or gain map)")
        elif marker == 0xEB:
            header.lost.append("the provenance data (JUMBF)")
        elif marker == 0xE1 and beginning.startswith(b"http://ns.adobe.com/xmp/extension/"):
            header.lost.append("the XMP extension")
    return header


def jpeg_segments(data: Bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and length of each segment, up to the first segment of pixels."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == 0xD9 or length < 2:
            return
        yield marker, position + 4, length - 2
        if marker == START_OF_SCAN:
            return
        position += 2 + length


def _tiff(data: Bytes, name: str) -> Header:
    try:
        pages = lists(data)
        header = Header(exif=exif_of_tiff(data, pages[0]) if pages else None)
    except Damaged as problem:
        raise Unreadable(f"{name} is a damaged TIFF: {problem}.") from None
    if not pages:
        raise Unreadable(f"{name} is a damaged TIFF: it contains no page.")
    first, full = pages[0], [page for page in pages if not page.number(REDUCED) & 1]
    if len(full) > 1:
        raise Unreadable(
            f"{name} has {len(full)} pages; only commands that run a model read them, as slices of a volume, so split "
            "it first (tiffsplit)."
        )
    if len(pages) > 1:
        header.lost.append("the smaller copies of the picture (pyramid or thumbnail)")
    add_page(header, first, name)
    return header


def add_page(header: Header, page: TagList, name: str) -> None:
    """Add what the tags of a TIFF page tell about its pixels to a header.

    Raises:
        Unreadable: repix does not read this type of pixels.
    """
    header.orientation = orientation_of(page)
    header.resolution = _tiff_resolution(page)
    header.chunk = _tiff_chunk(page)
    _tiff_numbers(page, header, name)


def _tiff_resolution(page: TagList) -> tuple[float, float] | None:
    """Return pixels per millimeter from the resolution tags, which are per inch or centimeter."""
    unit = {2: 25.4, 3: 10.0}.get(page.number(RESOLUTION_UNIT, 2))
    pairs = [page.entries[tag].data for tag in (RESOLUTION_ACROSS, RESOLUTION_DOWN) if tag in page.entries]
    if unit is None or len(pairs) != 2 or any(len(pair) != 8 for pair in pairs):
        return None
    (across, per), (down, per_down) = (struct.unpack("<II", pair) for pair in pairs)
    return (across / per / unit, down / per_down / unit) if across and per and down and per_down else None


def _tiff_chunk(page: TagList) -> tuple[int, int]:
    """Return the bytes of the longest strip or tile, and of what is decoded together (two rows of tiles, or planes)."""
    width, height, bits = page.number(WIDTH), page.number(HEIGHT), max(page.numbers(BITS) or (1,))
    pixel = max(bits // 8, 1) * max(page.number(CHANNELS, 1), 1)
    if TILE_WIDTH in page.entries:
        across, down = page.number(TILE_WIDTH), page.number(TILE_HEIGHT)
        columns = -(-width // across) if across else 0
        return max(page.numbers(TILE_LENGTHS) or (0,)), 2 * columns * across * down * pixel
    strip = max(page.numbers(STRIP_LENGTHS) or (0,))
    rows = min(page.number(STRIP_ROWS, height), height)
    if page.number(COMPRESSION, 1) == 1 and page.number(PLANES, 1) == 1:
        return 0, 0  # read row by row
    return strip, rows * width * pixel if page.number(PLANES, 1) == 2 else 0


def _tiff_numbers(page: TagList, header: Header, name: str) -> None:
    """Check the sample format of a TIFF page and note its conversions."""
    bits, sample = max(page.numbers(BITS) or (1,)), page.number(SAMPLE_FORMAT, 1)
    photometric, extra = page.number(PHOTOMETRIC), page.numbers(EXTRA)
    known = {(1, 1), (2, 1), (4, 1), (8, 1), (16, 1), (16, 3), (32, 3)}
    if (bits, 1 if sample == 4 else sample) not in known:
        kinds = {1: "unsigned integers", 2: "signed integers", 3: "floats"}
        raise Unreadable(
            f"{name} contains {bits}-bit {kinds.get(sample, 'complex numbers')}; repix reads TIFF with unsigned "
            "integers of 1 to 16 bits and with floats of 16 or 32 bits."
        )
    if (bits, sample) == (16, 3):
        header.converted.append("16-bit floats became 32-bit floats")
    if photometric == 3:
        header.converted.append("the palette became RGB")
    elif bits < 8:
        header.converted.append(_widened(bits))
    if photometric == 0:
        header.converted.append("0 for white became 0 for black")
    if photometric in (8, 9) and sample == 1 and bits in (8, 16):
        header.lab_at = page.entries[PHOTOMETRIC].at
    if extra[:1] == (1,):
        header.converted.append("premultiplied colors were divided by their alpha")
    elif extra[:1] == (0,):
        header.converted.append("the unspecified extra channel was read as alpha")


def _webp(data: Bytes, name: str) -> Header:
    position = 12
    while position + 8 <= len(data):
        if bytes(data[position : position + 4]) in (b"ANIM", b"ANMF"):
            raise _animated(name, "WebP")
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length + length % 2
    return Header()


def _heif(form: str, data: Bytes, name: str) -> Header:
    top = list(_boxes(data, 0, len(data)))
    kinds = {kind for kind, _, _ in top}
    if b"moov" in kinds or bytes(data[8:12]) in SEQUENCES:
        raise _animated(name, form)
    header = Header()
    for kind, start, end in top:
        if kind == b"meta":
            everything, properties = _properties(data, start + 4, end)
            _check_heif_sizes(data, everything, form, name)
            _check_heif_items(data, start + 4, end, form, name)
            header.gray = any(_is_monochrome(box, bytes(data[at:stop])) for box, at, stop in properties)
            if any(box == b"colr" and _unusual_colors(bytes(data[at:stop])) for box, at, stop in properties):
                header.lost.append("the color description (CICP)")
    return header


def _is_monochrome(kind: bytes, content: bytes) -> bool:
    """Return true for a property that says that an item has one channel."""
    if kind == b"pixi":
        return content[4:5] == b"\1"
    if kind == b"av1C":
        return len(content) > 2 and bool(content[2] & 0x10)
    return kind == b"hvcC" and len(content) > 16 and not content[16] & 3


def _check_heif_sizes(data: Bytes, properties: list[Box], form: str, name: str) -> None:
    """Check the declared sizes; libvips would print an error on the terminal for impossible ones."""
    for box, at, stop in properties:
        if box == b"ispe" and stop - at >= 12:
            width, height = struct.unpack(">II", data[at + 4 : at + 12])
            if max(width, height) > LONGEST_HEIF:
                raise Unreadable(f"{name} is a damaged {form}: it declares {width}×{height} pixels.")


def _check_heif_items(data: Bytes, start: int, end: int, form: str, name: str) -> None:
    """Check that the kinds and names of the items are text; pi-heif 1.4 would end the program for others."""
    for table in (span for kind, *span in _boxes(data, start, end) if kind == b"iinf"):
        wide = data[table[0]] > 0 if table[0] < table[1] else False
        for kind, at, stop in _boxes(data, table[0] + (8 if wide else 6), table[1]):
            item = bytes(data[at:stop])
            words_at = 8 if item[:1] < b"\3" else 10  # after the version, the item's number and its protection
            if kind == b"infe" and not (item[words_at : words_at + 4].isascii() and _is_text(item[words_at:])):
                raise Unreadable(f"{name} is a damaged {form}: the kind or name of an item is not text.")


def _is_text(content: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        content.decode()
        return True
    return False


def _unusual_colors(box: bytes) -> bool:
    """Return true if a colr box names primaries or a transfer function other than those of sRGB."""
    primaries, transfer = int.from_bytes(box[4:6], "big"), int.from_bytes(box[6:8], "big")
    return box[:4] == b"nclx" and (primaries not in (1, 2) or transfer not in (1, 2, 6, 13))


def _boxes(data: Bytes, start: int, end: int) -> Iterator[Box]:
    """Yield kind, start and end of the contents of each box (ISO base media)."""
    while start + 8 <= end:
        length, head = int.from_bytes(data[start : start + 4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        stop = end if length == 0 else start + length
        if length and length < head:
            return
        yield bytes(data[start + 4 : start + 8]), start + head, min(stop, end)
        start = stop


def _properties(data: Bytes, start: int, end: int) -> tuple[list[Box], list[Box]]:
    """Return the property boxes of an AVIF or HEIC file: all of them, and those of the primary item."""
    inside = {kind: (at, stop) for kind, at, stop in _boxes(data, start, end)}
    if b"pitm" not in inside or b"iprp" not in inside:
        return [], []
    at = inside[b"pitm"][0]
    wide = data[at] > 0 if at < end else False
    primary = int.from_bytes(data[at + 4 : at + (8 if wide else 6)], "big")
    shelves = {kind: (at, stop) for kind, at, stop in _boxes(data, *inside[b"iprp"])}
    if b"ipco" not in shelves or b"ipma" not in shelves:
        return [], []
    properties = list(_boxes(data, *shelves[b"ipco"]))
    chosen = _associations(bytes(data[slice(*shelves[b"ipma"])])).get(primary, [])
    return properties, [properties[index - 1] for index in chosen if 0 < index <= len(properties)]


def _associations(box: bytes) -> dict[int, list[int]]:
    """Return the property indices of each item of an AVIF or HEIC file."""
    found: dict[int, list[int]] = {}
    if len(box) < 8:
        return found
    id_size, index_size = (4 if box[0] else 2), (2 if box[3] & 1 else 1)
    position = 8
    for _ in range(min(int.from_bytes(box[4:8], "big"), len(box))):
        item, position = int.from_bytes(box[position : position + id_size], "big"), position + id_size
        count = int.from_bytes(box[position : position + 1], "big")
        indices = box[position + 1 : position + 1 + count * index_size]
        mask = 0x7F if index_size == 1 else 0x7FFF
        found[item] = [
            int.from_bytes(indices[i : i + index_size], "big") & mask for i in range(0, len(indices), index_size)
        ]
        position += 1 + count * index_size
    return found


def _animated(name: str, form: str) -> Unreadable:
    return Unreadable(
        f"{name} is an animated {form}; repix reads single pictures, so extract its frames first with ffmpeg."
    )


def _widened(bits: int) -> str:
    return f"{bits}-bit gray became 8-bit gray of the same values"


_LOOKS: dict[str, Callable[[Bytes, str], Header]] = {
    "AVIF": partial(_heif, "AVIF"),
    "HEIC": partial(_heif, "HEIC"),
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "WebP": _webp,
}
