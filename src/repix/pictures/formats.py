"""File formats: signatures, suffixes, what each can store, and advice for formats that repix does not read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from repix.errors import Unreadable, Unwritable, WrongUse

MIB = 2**20
QUALITY = 90
"""Quality of lossy results, unless another is asked for."""
RAW_SUFFIXES = (".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".orf", ".rw2", ".raf", ".pef", ".srw",
                ".3fr", ".iiq", ".rwl")  # fmt: skip


@dataclass(frozen=True)
class Format:
    """A file format: its suffixes, and what it can store."""

    name: str
    suffixes: tuple[str, ...]
    depths: tuple[str, ...]
    """Depths that can be written; none for a read-only format."""
    gray: bool = True
    gray_alpha: bool = True
    """Gray with alpha is stored as gray."""
    color: bool = True
    alpha: bool = True
    profile: bool = True
    exif: int = 0
    """Largest EXIF block, in bytes."""
    xmp: int = 0
    """Largest XMP packet, in bytes."""
    resolution: bool = False
    palette: bool = False
    """Gray levels can be stored as indices into a palette."""
    longest: int = 2**31 - 1
    """Longest side, in pixels."""
    lossy: bool = False
    """The encoder is lossy and takes `quality`."""
    result: str = "png"
    """Suffix of the results for sources of a read-only format, without the dot."""
    quality: int = QUALITY
    """Quality of lossy results for sources of this format, unless another is asked for."""


_FORMATS = (
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), ("8",), alpha=False, exif=65_525, xmp=65_502, resolution=True,
           longest=65_500, lossy=True),
    Format("PNG", (".png",), ("8", "16"), exif=64 * MIB, xmp=8 * MIB, resolution=True,
           palette=True),
    Format("TIFF", (".tif", ".tiff"), ("8", "16", "float"), exif=64 * MIB, xmp=64 * MIB, resolution=True),
    Format("WebP", (".webp",), ("8",), gray=False, exif=64 * MIB, xmp=64 * MIB, longest=16_383, lossy=True),
    Format("AVIF", (".avif",), ("8", "12"), gray=False, exif=8 * MIB, xmp=8 * MIB, longest=16_384, lossy=True),
    Format("BMP", (".bmp", ".dib"), ("8",), gray_alpha=False, resolution=True),
    Format("PPM", (".ppm",), ("8", "16"), gray=False, alpha=False, profile=False),
    Format("PGM", (".pgm",), ("8", "16"), color=False, alpha=False, profile=False),
    Format("PNM", (".pnm",), ("8", "16"), alpha=False, profile=False),
    Format("PFM", (".pfm",), ("float",), alpha=False, profile=False),
    Format("NPY", (".npy",), ("8", "16", "float"), profile=False),
    Format("GIF", (".gif",), ()),
    Format("PBM", (".pbm",), ()),
    Format("HEIC", (".heic", ".heif", ".hif"), (), result="jpg", quality=95),
    Format("camera RAW", RAW_SUFFIXES, ()),
)  # fmt: skip

FORMATS = {form.name: form for form in _FORMATS}
"""All formats that repix reads, by name."""

WRITTEN = tuple(form.name for form in _FORMATS if form.depths)
"""Names of the formats that repix also writes."""

READ_ONLY = tuple(suffix for form in _FORMATS if not form.depths for suffix in form.suffixes)
WRITTEN_SUFFIXES = tuple(suffix for form in _FORMATS if form.depths for suffix in form.suffixes)
MASK_SUFFIXES = tuple(
    suffix for form in _FORMATS if "8" in form.depths and form.color and not form.lossy for suffix in form.suffixes
)
"""Suffixes of the lossless formats for masks, with levels or colors."""
READ_SUFFIXES = frozenset((*READ_ONLY, *WRITTEN_SUFFIXES))

_OTHERS = {
    "JPEG XL": "decode it first with djxl picture.jxl picture.png",
    "JPEG 2000": "convert it first with opj_decompress",
    "PSD": "export it from Photoshop, GIMP or Krita as TIFF or PNG",
    "XCF": "export it from GIMP as TIFF or PNG",
    "PDF": "render its page first with pdftoppm -png",
    "PostScript": "render it first with Ghostscript",
    "SVG": "render it first with Inkscape or rsvg-convert",
    "OpenEXR": "convert it first to float TIFF",
    "Radiance HDR": "convert it first to float TIFF",
    "DICOM": "export it first as PNG or TIFF",
    "FITS": "export it first as float TIFF",
    "DDS": "convert it first to PNG",
    "TGA": "convert it first to PNG",
    "QOI": "convert it first to PNG",
    "an icon": "save it first as PNG",
    "PAM": "convert it first to PNG with pamtopng",
    "a video": "take a frame out of it first with ffmpeg",
    "NIfTI": "it is a volume, which only commands that run a model read, by the name .nii or .nii.gz",
    "a gzip file": "unpack it first, or name it .nii.gz if it is a volume for a command that runs a model",
    "a zip archive": "unpack it first",
}
"""Advice for each format that repix recognizes but does not read."""

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0\x10\0\0\0CR", "camera RAW"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\x93NUMPY", "NPY"),
    (b"P1", "PBM"),
    (b"P4", "PBM"),
    (b"P2", "PGM"),
    (b"P5", "PGM"),
    (b"P3", "PPM"),
    (b"P6", "PPM"),
    (b"P7", "PAM"),
    (b"PF", "PFM"),
    (b"Pf", "PFM"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "PSD"),
    (b"gimp xcf", "XCF"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"FUJIFILMCCD-RAW", "camera RAW"),
    (b"IIRO", "camera RAW"),
    (b"IIRS", "camera RAW"),
    (b"IIU\0", "camera RAW"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"SIMPLE  =", "FITS"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"\0\0\1\0", "an icon"),
    (b"\x5c\1\0\0", "NIfTI"),
    (b"\0\0\1\x5c", "NIfTI"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\3\4", "a zip archive"),
    (b"\x1a\x45\xdf\xa3", "a video"),
)

_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": "camera RAW"} | dict.fromkeys(
    (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"), "HEIC"
)
"""Formats by the brand of an ISO base media file."""


def detect_format(beginning: bytes, name: str) -> Format:
    """Return the format of a file, detected from its first bytes.

    Args:
        beginning: the first 132 bytes or more.
        name: file name, for messages; its suffix identifies camera RAW files.

    Raises:
        Unreadable: repix does not read this format.

    >>> detect_format(b"GIF89a...", "photo.png").name
    'GIF'
    >>> detect_format(b"8BPS...", "photo.psd")
    Traceback (most recent call last):
    repix.errors.Unreadable: photo.psd is PSD, which repix does not read; export it from Photoshop, GIMP or Krita ...
    """
    found = _kind(beginning)
    if found == "TIFF" and Path(name).suffix.lower() in RAW_SUFFIXES:
        found = "camera RAW"
    if found in FORMATS:
        return FORMATS[found]
    if found in _OTHERS:
        raise Unreadable(f"{name} is {found}, which repix does not read; {_OTHERS[found]}.")
    raise Unreadable(f"{name} is not an image repix can read; it reads {', '.join(FORMATS)}.")


def format_for_path(path: Path) -> Format:
    """Return the format for writing a file, chosen by its suffix.

    Raises:
        Unwritable: the suffix is missing, unknown, or of a read-only format.

    >>> format_for_path(Path("photo.TIF")).name
    'TIFF'
    >>> format_for_path(Path("photo.gif"))
    Traceback (most recent call last):
    repix.errors.Unwritable: photo.gif: repix reads GIF but does not write it; write photo.png instead.
    """
    suffix = path.suffix.lower()
    for form in FORMATS.values():
        if suffix in form.suffixes and form.depths:
            return form
        if suffix in form.suffixes:
            other = path.with_suffix(f".{form.result}")
            raise Unwritable(f"{path}: repix reads {form.name} but does not write it; write {other} instead.")
    known = " ".join(FORMATS[name].suffixes[0] for name in WRITTEN)
    said = f"'{path.suffix}' is not a format repix can write" if suffix else "the name has no suffix"
    raise Unwritable(f"{path}: {said}; choose from {known}.")


def format_by_name(name: str) -> Format:
    """Return a format by one of its suffixes, with or without the dot.

    Raises:
        WrongUse: the name is unknown.
        Unwritable: the format is read-only.

    >>> format_by_name("jpg").name, format_by_name(".TIF").name
    ('JPEG', 'TIFF')
    >>> format_by_name("gif")
    Traceback (most recent call last):
    repix.errors.Unwritable: repix reads GIF but does not write it; write png instead.
    """
    suffix = f".{name.lower().lstrip('.')}"
    found = next((form for form in _FORMATS if suffix in form.suffixes), None)
    if found is None:
        known = " ".join(FORMATS[one].suffixes[0][1:] for one in WRITTEN)
        raise WrongUse(f"format is {name!r}, which repix does not write; choose from {known}.")
    if not found.depths:
        raise Unwritable(f"repix reads {found.name} but does not write it; write {found.result} instead.")
    return found


@cache
def result_suffix(suffix: str) -> str:
    """Return the suffix of results for sources with a suffix; both are without the dot.

    >>> [result_suffix(suffix) for suffix in ("JPG", "gif", "heic", "nef", "txt")]
    ['JPG', 'png', 'jpg', 'png', 'png']
    """
    form = next((form for form in _FORMATS if f".{suffix.lower()}" in form.suffixes), None)
    if form is None:
        return "png"
    return suffix if form.depths else form.result


def require_lossless(path: Path, said: str) -> None:
    """Check that a path's format is lossless, as a mask of classes needs.

    Args:
        path: the file to write.
        said: the option as the user wrote it, for the message.

    Raises:
        WrongUse: the format is lossy or stores gray only.

    >>> require_lossless(Path("mask.jpg"), "-o mask.jpg")
    Traceback (most recent call last):
    repix.errors.WrongUse: -o mask.jpg: JPEG would change the classes of a mask; write a .png.
    """
    form = next((one for one in _FORMATS if path.suffix.lower() in one.suffixes), None)
    if form is not None and form.depths and form.suffixes[0] not in MASK_SUFFIXES:
        raise WrongUse(f"{said}: {form.name} would change the classes of a mask; write a .png.")


def _kind(beginning: bytes) -> str:
    """Return the name of the format, or an empty string."""
    if beginning[4:8] == b"ftyp":
        return _kind_of_boxes(beginning)
    if beginning[:4] == b"RIFF":
        return "WebP" if beginning[8:12] == b"WEBP" else "a video"
    if beginning[128:132] == b"DICM":
        return "DICOM"
    start = beginning.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!doctype svg")) and b"<svg" in start):
        return "SVG"
    return next((name for magic, name in _BEGINNINGS if beginning.startswith(magic)), "")


def _kind_of_boxes(beginning: bytes) -> str:
    """Return AVIF, HEIC, camera RAW or a video, by the main brand and then the compatible brands."""
    end = min(int.from_bytes(beginning[:4], "big"), len(beginning))
    brands = [beginning[8:12], *(beginning[i : i + 4] for i in range(16, end, 4))]
    if any(_BRANDS.get(brand) == "AVIF" for brand in brands):
        return "AVIF"
    return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "a video")
