"""Convert a picture to what a file format can store, and report what is converted or lost."""

from dataclasses import replace

import numpy as np

from repix.errors import Unwritable, WrongUse
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.formats import Format
from repix.pictures.metadata import profile_space
from repix.pictures.picture import Picture, from_unit, to_unit
from repix.pictures.stamp import stamped_exif


def check_quality(quality: int) -> None:
    """Check that a quality is a whole number from 1 to 100."""
    if quality not in range(1, 101):
        raise WrongUse(f"quality is {quality}; it must be a whole number from 1 to 100.")


def check_size(size: tuple[int, int], form: Format, name: str) -> None:
    """Check that a format can store this height and width."""
    height, width = size
    if max(height, width) > form.longest:
        raise Unwritable(
            f"{name}: {form.name} stores at most {form.longest} pixels a side, but the picture has {width}×{height}; "
            "write PNG or TIFF."
        )


def fit(picture: Picture, form: Format, name: str, quality: int) -> tuple[Picture, Fidelity]:
    """Return a picture, or a band of one, converted to what a format can store, and the report of the changes.

    Args:
        picture: the picture.
        form: the file format.
        name: file name, for messages.
        quality: 1 to 100, for lossy formats.

    Raises:
        Unwritable: the format stores gray only and the picture has colors.

    >>> from repix.pictures.formats import FORMATS
    >>> fitted, report = fit(Picture(np.zeros((1, 1, 2), np.uint16)), FORMATS["JPEG"], "a.jpg", 90)
    >>> fitted.pixels.shape, fitted.depth, report.lost
    ((1, 1, 1), '8', ('JPEG has no transparency: blended with white', '16 bits became 8 bits'))
    """
    if not form.color and not picture.is_gray:
        raise Unwritable(f"{name}: {form.name} cannot store colors; write .ppm instead.")
    report = Fidelity()
    for change in (_fit_numbers, _fit_colors, _fit_profile, _fit_stamp, _fit_metadata):
        picture, changes = change(picture, form)
        report += changes
    if form.lossy:
        report += Fidelity(converted=(f"{form.name} approximates the colors (quality {quality})",))
    return picture, report


def _fit_numbers(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    """Convert transparency and depth, with one rounding."""
    report = Fidelity()
    flat = picture.has_alpha and not form.alpha
    if flat:
        report += Fidelity(lost=(f"{form.name} has no transparency: blended with white",))
    elif picture.has_alpha:
        report += Fidelity(kept=("transparency",))
    depth, changes = _nearest_depth(picture.depth, form)
    alpha = picture.alpha()
    if flat and alpha is not None:
        pixels = from_unit(picture.colors() * alpha + (1 - alpha), depth)
    else:
        pixels = picture.pixels if depth == picture.depth else from_unit(to_unit(picture.pixels), depth)
    return replace(picture, pixels=pixels), report + changes


def _nearest_depth(depth: str, form: Format) -> tuple[str, Fidelity]:
    """Return the depth for the encoder: the picture's own, else the next larger one, else the largest."""
    order = ("8", "12", "16", "float")
    said = {"8": "8 bits", "12": "12 bits", "16": "16 bits", "float": "floats"}
    if depth in form.depths:
        return depth, Fidelity(kept=(said[depth],))
    wider = [other for other in form.depths if order.index(other) > order.index(depth)]
    target = wider[0] if wider else form.depths[-1]
    change = (f"{said[depth]} became {said[target]}",)
    return "16" if target == "12" else target, Fidelity(converted=change) if wider else Fidelity(lost=change)


def _fit_colors(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    if picture.palette:
        return _fit_palette(picture, form)
    if not picture.is_gray:
        return picture, Fidelity(kept=("RGB",))
    if form.gray and (form.gray_alpha or not picture.has_alpha):
        return picture, Fidelity(kept=("gray",))
    gray, rest = picture.pixels[:, :, :1], picture.pixels[:, :, 1:]
    pixels = np.concatenate([gray, gray, gray, rest], axis=2)
    which = "gray with transparency" if form.gray else "gray"
    return replace(picture, pixels=pixels), Fidelity(converted=(f"{form.name} stores {which} as RGB",))


def _fit_palette(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    """Keep the palette if the format has one, else the gray levels alone."""
    if picture.pixels.shape[2] != 1 or picture.depth != "8" or picture.pixels.max() >= len(picture.palette):
        raise WrongUse(
            f"{picture} has a palette of {len(picture.palette)} colors; a palette needs 8-bit gray levels below that."
        )
    if form.palette:
        return picture, Fidelity(kept=("classes as indices into a palette",))
    return _fit_colors(replace(picture, palette=()), form)


def _fit_profile(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    if picture.profile is None:
        return picture, Fidelity()
    space, wanted = profile_space(picture.profile), "GRAY" if picture.is_gray else "RGB"
    if form.profile and space == wanted:
        return picture, Fidelity(kept=("the color profile",))
    if not form.profile:
        lost = f"the color profile, which {form.name} cannot store"
    else:
        lost = f"the color profile, which is for {space or 'an unknown color space'} and not for {wanted}"
    return replace(picture, profile=None), Fidelity(lost=(lost,))


def _fit_stamp(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    """Add the stamp to the EXIF, if the format has room for it."""
    if picture.stamp is None:
        return picture, Fidelity()
    exif = stamped_exif(picture.exif, picture.stamp)
    if len(exif) > form.exif:
        return replace(picture, stamp=None), Fidelity(lost=(f"the stamp, which {form.name} cannot store",))
    return replace(picture, exif=exif), Fidelity(kept=("the stamp",))


def _fit_metadata(picture: Picture, form: Format) -> tuple[Picture, Fidelity]:
    report = Fidelity()
    for field, name, room in (("exif", "EXIF", form.exif), ("xmp", "XMP", form.xmp)):
        block: bytes | None = getattr(picture, field)
        if block is not None and len(block) <= room:
            report += Fidelity(kept=(name,))
        elif block is not None:
            size = f" of {len(block):,} bytes" if room else ""
            report += Fidelity(lost=(f"{name}{size}, which {form.name} cannot store",))
            picture = replace(picture, xmp=None) if field == "xmp" else replace(picture, exif=None)
    if picture.resolution is not None and not form.resolution:
        dpi = picture.resolution[0] * 25.4
        report += Fidelity(lost=(f"the resolution of {dpi:.0f} dpi, which {form.name} cannot store",))
        picture = replace(picture, resolution=None)
    return picture, report
