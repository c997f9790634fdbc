"""Advice: what a picture needs, the command that helps, and whether a model is for it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from repix.inspection.inspector import Part
from repix.inspection.result import Inspection
from repix.models import Bundled, catalog
from repix.tasks import Defect, Domain

TOLERANCE = 1.25
"""Measurements may exceed a model's limits by this factor: they are estimates."""
WEAK_NOISE, FEW_IMPULSES = 3.0, 0.01
"""Noise (gray levels) and salt and pepper (share) that every model bears."""


@dataclass(frozen=True)
class Advice:
    """A problem of a picture, and the command that helps."""

    problem: str
    """Such as "salt and pepper, 12 %"."""
    command: str
    """Such as "repix denoise --model denoise-impulse"; empty if no bundled model is for it."""
    complete: bool = True
    """False if the command's model only partly helps."""

    def __str__(self) -> str:
        if not self.command:
            return f"looks like {self.problem}: no bundled model is for it"
        return f"looks like {self.problem}: {self.command}{'' if self.complete else ' (helps partly)'}"

    def to_dict(self) -> dict[str, str | bool]:
        """Return a dictionary for JSON."""
        return vars(self).copy()


def advice(found: Inspection, besides: Collection[Defect] = ()) -> list[Advice]:
    """Return what would help a picture, the worst problem first; `besides`: problems that are left out.

    >>> import numpy as np
    >>> from repix.inspection import inspect
    >>> from repix.pictures import Picture
    >>> noisy = [170, 128, 80] + 20 * np.random.default_rng(0).standard_normal((128, 128, 3))
    >>> print(*advice(inspect(Picture(noisy.astype(np.uint8)))))
    looks like noise, σ 20: repix denoise
    """
    return [_advised(found, defect, problem) for defect, problem in _problems(found) if defect not in besides]


def parts_for(domain: Domain) -> tuple[Part, ...]:
    """Return the parts of an inspection without which it cannot tell whether a picture is outside a domain.

    >>> parts_for(Domain(removes=("noise",), impulses=0.0)), parts_for(Domain(noise=5.0))
    ((), ('noise',))
    """
    blurs = any(limit is not None for limit in (domain.blur, domain.motion, domain.defocus))
    noise = blurs or domain.noise is not None or not domain.filtered
    needed: dict[Part, bool] = {
        "noise": noise,
        "blur": blurs,
        "jpeg": blurs or domain.jpeg is not None,
        "color": domain.color != "any",
    }
    return tuple(part for part, is_needed in needed.items() if is_needed)


def unsuitable(found: Inspection, domain: Domain) -> str:
    """Return why a picture is not one a model is for, with the command that helps; empty if it is.

    >>> import numpy as np
    >>> from repix.inspection import inspect
    >>> from repix.pictures import Picture
    >>> noisy = [170, 128, 80] + 20 * np.random.default_rng(0).standard_normal((128, 128, 3))
    >>> unsuitable(inspect(Picture(noisy.astype(np.uint8))), Domain(noise=5.0))
    'the picture has noise, σ 20, which this model is not for; repix denoise removes it'
    """
    for defect, problem in _outside(found, domain):
        helper = None if defect is None else _advised(found, defect, problem)
        if defect is None and found.is_noisy and "noise" in domain.removes:
            return f"the picture {problem}, which this model is not for; {_advised(found, 'noise', '').command} is"
        partly = defect in domain.removes
        what = f"the picture {problem}" if defect is None else f"the picture has {problem}"
        said = f"{what}, which this model {'only partly removes' if partly else 'is not for'}"
        if helper is None or not helper.command or (partly and not helper.complete):
            return said
        verb = "reduces" if defect == "compression" else "removes" if helper.complete else "partly removes"
        return f"{said}; {helper.command} {verb} it"
    return ""


def _problems(found: Inspection) -> Iterator[tuple[Defect, str]]:
    """Yield what is wrong with a picture, the worst first."""
    if found.salt_and_pepper:
        yield "impulses", f"salt and pepper, {found.salt_and_pepper:.0%}"
    if found.is_noisy:
        yield "noise", _noise(found)
    if found.is_blurred:
        yield "blur", _blur(found)
    if found.has_jpeg_artifacts:
        yield "compression", _compression(found)
    if found.color != "color":
        yield "gray", f"a {'' if found.color == 'gray' else 'nearly '}gray picture"


def _outside(found: Inspection, domain: Domain) -> Iterator[tuple[Defect | None, str]]:
    """Yield what a model is not for, the worst first."""
    if domain.impulses is not None and found.salt_and_pepper > TOLERANCE * domain.impulses + FEW_IMPULSES:
        yield "impulses", f"salt and pepper ({found.salt_and_pepper:.0%})"
    is_strong = domain.noise is not None and found.noise_sigma > max(TOLERANCE * domain.noise, WEAK_NOISE)
    if is_strong or (found.is_noisy and not found.has_white_noise and not domain.filtered):
        yield "noise", _noise(found)
    limits = {"gaussian": domain.blur, "motion": domain.motion, "defocus": domain.defocus}
    limit = limits.get(found.blur.kind)
    if limit is not None and not found.is_noisy and found.blur.extent > TOLERANCE * limit:  # noise may look like blur
        yield "blur", _blur(found)
    if domain.jpeg is not None and found.has_jpeg_artifacts:
        yield "compression", _compression(found)
    if domain.color == "gray" and found.color == "color":
        yield None, "is in color"
    if domain.color == "color" and found.color == "gray":
        yield None, "is gray"


def _noise(found: Inspection) -> str:
    return f"{'noise' if found.has_white_noise else 'correlated noise'}, σ {found.noise_sigma:.0f}"


def _blur(found: Inspection) -> str:
    blur = found.blur
    return {
        "gaussian": f"blur, σ {blur.extent:.1f} pixels",
        "motion": f"motion blur, {blur.extent:g} pixels at {blur.angle or 0:g}°",
        "defocus": f"defocus, radius {blur.extent:g} pixels",
    }[blur.kind]


def _compression(found: Inspection) -> str:
    return f"JPEG compression, quality {found.jpeg_quality}"


def _advised(found: Inspection, defect: Defect, problem: str) -> Advice:
    """Return the advice with the best bundled model: one that is for such pictures, or else helps partly."""
    ranked = []
    for one in catalog().values():
        domain = Domain(**_fields(one))
        if defect in domain.removes:
            hindered, of_gray = len(list(_outside(found, domain))), found.color == domain.color == "gray"
            ranked.append((hindered, len(domain.removes), not of_gray, not one.default, one.name, one))
    if not ranked:
        return Advice(problem, "")
    hindered, *_, best = min(ranked)
    model = "" if best.default else f" --model {best.name}"
    return Advice(problem, f"repix {best.task}{model}", complete=not hindered)


def _fields(bundled: Bundled) -> dict[str, Any]:
    """Return the fields of a model's domain; TOML has lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in bundled.domain.items()}
