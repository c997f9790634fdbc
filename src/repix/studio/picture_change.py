"""A filter or degradation of an uploaded picture."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repix import registry
from repix.batch import Naming
from repix.batch.sizes import pixels_of
from repix.errors import WrongUse
from repix.pictures.picture import DEPTHS
from repix.settings import Schema, parameters_schema
from repix.studio.change_function import CHAIN, change_function
from repix.studio.memory import require_memory
from repix.studio.uploads import OfOneUpload
from repix.studio.work import Workplace

BYTES_PER_PIXEL = 250
"""The most that was measured with a picture of 1 megapixel, except for those of `HEAVY`."""
HEAVY = {"bm3d": 500, "wiener-deblur": 450}
ENLARGED = 2
"""The scale with which filters that enlarge were measured."""
CHAIN_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "step": {
            "description": "a degradation with its settings, 'gaussian sigma=25'",
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
        }
    },
    "required": ["step"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class ChangeOptions:
    """Options of all filters and degradations."""

    seed: int = 0
    depth: str | None = None
    quality: int | None = None

    def __post_init__(self) -> None:
        if self.depth is not None and self.depth not in DEPTHS:
            raise WrongUse(f"depth is {self.depth[:20]!r}; choose from {', '.join(DEPTHS)}.")


@dataclass(frozen=True)
class PictureChange(OfOneUpload):
    """A picture, a member of a family and its options; see `Work`."""

    family: str
    member: str
    settings: Mapping[str, Any]
    options: ChangeOptions

    def __post_init__(self) -> None:
        change_function(self.family, self.member, self.settings, self.options.depth)  # refuses wrong settings

    @property
    def result(self) -> Path:
        """The changed picture."""
        return self.source.path.with_name(Naming().name(self.source.path.name, "-result"))

    @property
    def name(self) -> str:
        """The name that the command would give it."""
        return Naming().name(self.source.name, f"-{self.member}")

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work, and the member of the family."""
        return {"kind": "filter" if self.family == "filters" else "degrade", "member": self.member}

    def run(self, place: Workplace) -> list[str]:
        """Change the picture."""
        require_memory(self.uploads, self._bytes_per_pixel, place.budget)
        pixels = pixels_of(self.source.path)
        place.progress.start(pixels)
        notes = place.helper.run(self._task, place.progress)
        place.progress.advance(pixels)
        return notes

    @property
    def _task(self) -> dict[str, Any]:
        """The task for the helper process."""
        return {
            "task": "change",
            "source": str(self.source.path),
            "target": str(self.result),
            "family": self.family,
            "member": self.member,
            "settings": self.settings,
            **asdict(self.options),
        }

    @property
    def _bytes_per_pixel(self) -> int:
        scale = self.settings.get("scale", ENLARGED) if self.family == "filters" else ENLARGED
        return int(HEAVY.get(self.member, BYTES_PER_PIXEL) * max(1, scale / ENLARGED) ** 2)


def require_member(family: str, member: str) -> None:
    """Refuse an unknown name.

    >>> require_member("filters", "medain")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'medain' among the filters; did you mean 'median'?
    """
    if member not in registry.available(family) and (family, member) != ("degradations", CHAIN):
        raise registry.unknown(family, member)


def members(family: str) -> list[dict[str, Any]]:
    """Return the members of a family, with their options as JSON Schema.

    >>> [one["name"] for one in members("filters")][:2]
    ['adaptive-median', 'beltrami']
    """
    found = [
        {
            "name": name,
            "summary": registry.summary(family, name),
            "options": parameters_schema(registry.get(family, name).function),
        }
        for name in registry.available(family)
    ]
    if family == "degradations":
        found.append({"name": CHAIN, "summary": "Several degradations in sequence.", "options": CHAIN_SCHEMA})
    return found
