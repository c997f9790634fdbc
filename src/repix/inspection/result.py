"""`Inspection`: what is wrong with a picture, as numbers, as a table, and as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from repix.inspection.blur import Blur
from repix.inspection.clipping import Clipping
from repix.inspection.color import Color
from repix.inspection.jpeg import Jpeg
from repix.inspection.noise import Noise

CHROMA_SHARE = 1.28
"""Share of the chroma's variance in that of red, green and blue, if their noise is independent."""
VISIBLE_CLIPPING = 0.01
"""The least share of clipped pixels that is worth a word."""


@dataclass(frozen=True)
class Inspection:
    """The findings about a picture."""

    width: int
    height: int
    depth: str
    """'8', '16' or 'float'."""
    has_alpha: bool
    color: Color
    luma_noise: Noise
    chroma_noise: Noise | None
    """The stronger one of Cb and Cr; None for gray."""
    salt_and_pepper: float
    """Share of pixels; 0 if there is none."""
    blur: Blur
    jpeg: Jpeg | None
    """None: no compression is seen."""
    clipping: Clipping

    @property
    def noise_sigma(self) -> float:
        """Standard deviation of the noise of red, green or blue, as degradations and models count it."""
        chroma = 0.0 if self.chroma_noise is None else self.chroma_noise.sigma
        return float((self.luma_noise.sigma**2 + CHROMA_SHARE * chroma**2) ** 0.5)

    @property
    def has_white_noise(self) -> bool:
        """True if the noise is white: that of the luma, or of the chroma if only that is visible."""
        if self.chroma_noise is not None and not self.luma_noise.is_visible:
            return self.chroma_noise.is_white
        return self.luma_noise.is_white

    @property
    def is_noisy(self) -> bool:
        """True if noise is visible, apart from salt and pepper."""
        return self.luma_noise.is_visible or (self.chroma_noise is not None and self.chroma_noise.is_visible)

    @property
    def is_blurred(self) -> bool:
        """True if blur is visible."""
        return self.blur.extent > 0

    @property
    def jpeg_quality(self) -> int:
        """The JPEG quality, or that of an earlier compression if it is lower; 100 if no compression is seen."""
        return 100 if self.jpeg is None else self.jpeg.lowest

    @property
    def has_jpeg_artifacts(self) -> bool:
        """True if the JPEG quality, or that of an earlier compression, is low."""
        return self.jpeg is not None and self.jpeg.is_disturbing

    def to_dict(self) -> dict[str, Any]:
        """Return all findings as a dictionary for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """Return a name and a text for each finding."""
        return [(name, said(self)) for name, said in _ROWS.items()]

    def _repr_html_(self) -> str:
        """Return an HTML table for notebooks."""
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in self.rows())
        return f"<table><tbody>{rows}</tbody></table>"


def _size(found: Inspection) -> str:
    depth = "32-bit float" if found.depth == "float" else f"{found.depth} bits"
    alpha = ", with transparency" if found.has_alpha else ""
    return f"{found.width}×{found.height}, {found.width * found.height / 1e6:.1f} MP, {depth}{alpha}"


def _noise(noise: Noise | None) -> str:
    if noise is None:
        return "–"
    if not noise.is_visible:
        return f"not seen (σ {noise.sigma:.1f})"
    return f"σ {noise.sigma:.1f}, {'white' if noise.is_white else f'correlated ({noise.correlation:.1f})'}"


def _blur(found: Inspection) -> str:
    blur = found.blur
    return {
        "none": "sharp",
        "unknown": "no edges to tell",
        "gaussian": f"σ {blur.extent:.1f} pixels",
        "motion": f"motion, {blur.extent:g} pixels, {blur.angle or 0:g}°",
        "defocus": f"defocus, radius {blur.extent:g} pixels",
    }[blur.kind]


def _jpeg(found: Inspection) -> str:
    jpeg = found.jpeg
    if jpeg is None:
        return "not seen"
    if jpeg.subsampling is None:
        return f"was a JPEG of quality {jpeg.quality}"
    earlier = f"; compressed before, quality {jpeg.earlier}" if jpeg.earlier else ""
    return f"quality {'' if jpeg.exact else 'about '}{jpeg.quality}, {jpeg.subsampling}{earlier}"


def _clipping(found: Inspection) -> str:
    parts = {"shadows": found.clipping.shadows, "highlights": found.clipping.highlights}
    return ", ".join(f"{name} {share:.1%}" for name, share in parts.items() if share >= VISIBLE_CLIPPING) or "no"


_ROWS: dict[str, Callable[[Inspection], str]] = {
    "size": _size,
    "color": lambda found: found.color,
    "noise, luma": lambda found: _noise(found.luma_noise),
    "noise, chroma": lambda found: _noise(found.chroma_noise),
    "salt and pepper": lambda found: f"{found.salt_and_pepper:.1%}" if found.salt_and_pepper else "no",
    "blur": _blur,
    "JPEG": _jpeg,
    "clipped": _clipping,
}
