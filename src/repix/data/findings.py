"""What `check` hands back: the findings, each with what to do, and the facts around them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from repix.data.splits import Split
from repix.masks import Encoding


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    kind: str
    """A word that stays the same from release to release."""
    must_mend: bool
    """Whether training would fail or deceive; else it is good to know."""
    says: str
    """What was found, a sentence."""
    do: str
    """What to do about it, a sentence."""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassShare:
    """One class of the masks."""

    id: int
    """-1 for what is ignored."""
    value: str
    """How it is written in the files."""
    name: str
    train: float
    """Its share of the pixels, from 0 to 1."""
    validation: float
    pictures: int
    """How many masks show it."""


@dataclass(frozen=True)
class Values:
    """The pictures of one depth and one number of channels."""

    depth: str
    grey: bool
    pictures: int
    low: float
    """The least value, where 0 is black."""
    high: float
    """The largest value, where 1 is white."""


@dataclass(frozen=True)
class Findings:
    """Everything that `check` saw."""

    task: str
    layout: str
    split: Split
    findings: tuple[Finding, ...]
    values: tuple[Values, ...] = ()
    smallest: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)
    encoding: Encoding | None = None
    classes: tuple[ClassShare, ...] = ()
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Height and width of each picture."""

    @property
    def must_mend(self) -> bool:
        """Whether anything must be mended before training."""
        return any(finding.must_mend for finding in self.findings)

    def kinds(self) -> set[str]:
        """The kinds of what was found."""
        return {finding.kind for finding in self.findings}

    def to_json(self) -> dict[str, Any]:
        """Everything as numbers, texts and lists."""
        record = asdict(self) | {"must_mend": self.must_mend, "split": self.split.to_json()}
        del record["sizes"]  # one for each picture is too much to print
        return record | {"encoding": None if self.encoding is None else self.encoding.to_dict()}
