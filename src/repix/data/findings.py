"""Results of `check`: findings with advice, and a summary of the files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from repix.data.splits import Split
from repix.masks import Encoding


@dataclass(frozen=True)
class Finding:
    """An error or warning about a folder."""

    kind: str
    """Identifier, stable across releases."""
    severity: Literal["error", "warning"]
    """An error would make training fail or its measurements wrong."""
    message: str
    """The problem, as a sentence."""
    advice: str
    """Recommended action, as a sentence."""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassShare:
    """Statistics of one class of the masks."""

    id: int
    """Class id; -1 for ignored pixels."""
    value: str
    """Value in the mask files."""
    name: str
    train: float
    """Fraction of the training pixels."""
    validation: float
    """Fraction of the validation pixels."""
    pictures: int
    """Number of masks that contain it."""


@dataclass(frozen=True)
class Values:
    """Range of values of the pictures of one depth and number of channels."""

    depth: str
    gray: bool
    pictures: int
    low: float
    """Smallest value (black = 0)."""
    high: float
    """Largest value (white = 1)."""


@dataclass(frozen=True)
class Findings:
    """The result of `check`."""

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
    """Height and width of each picture, and of the slices of each volume."""

    @property
    def has_errors(self) -> bool:
        """True if a finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    def kinds(self) -> set[str]:
        """Return the kinds of all findings."""
        return {finding.kind for finding in self.findings}

    @property
    def examples(self) -> str:
        """The number of examples, or of slices of volumes, of each split, as text."""
        unit = " slices" if self.split.of_volumes else ""
        return ", ".join(f"{count} {name}{unit}" for name, count in self.split.slices.items() if count)

    def facts(self) -> list[tuple[str, str]]:
        """Return the summary of the folder as rows: layout, examples, sizes, values, masks."""
        parts = self.examples
        (low, narrow), (high, wide) = self.smallest, self.largest
        values = [
            f"{one.pictures} {'gray' if one.gray else 'color'}, depth {one.depth}: {one.low:.3g} to {one.high:.3g}"
            for one in self.values
        ]
        return [
            ("Layout", self.layout),
            ("Examples", f"{parts or 'none'} ({self.split.rule})"),
            ("Sizes", f"{narrow}×{low} to {wide}×{high}"),
            *(("Values", text) for text in values),
            *([] if self.encoding is None else [("Masks", str(self.encoding))]),
        ]

    def class_rows(self) -> list[tuple[str, ...]]:
        """Return a row for each class: id, value, name, shares of training and validation pixels, masks."""
        return [
            (
                str(one.id) if one.id >= 0 else "–",
                one.value,
                one.name,
                f"{one.train:.2%}",
                f"{one.validation:.2%}",
                str(one.pictures),
            )
            for one in self.classes
        ]

    def finding_rows(self, most: int) -> list[tuple[str, str, str, str]]:
        """Return severity, message, files that it does not name, and advice; at most `most` findings of one kind."""
        rows: list[tuple[str, str, str, str]] = []
        kinds = [one.kind for one in self.findings]
        for place, one in enumerate(self.findings):
            before = kinds[:place].count(one.kind)
            if before < most:
                names = ", ".join(one.files[:most]) + (" …" if len(one.files) > most else "")
                said = all(name in one.message for name in one.files)
                rows.append((one.severity, one.message, "" if said else names, one.advice))
            elif before == most:
                rest = f"and {kinds.count(one.kind) - most} more like these"
                rows.append(("", rest, "", "--json lists them all"))
        return rows

    @property
    def verdict(self) -> str:
        """The result as a sentence."""
        if self.has_errors:
            return "Fix the errors before training."
        return "No errors found." if self.findings else "No problems found."

    def to_json(self) -> dict[str, Any]:
        """Return the result as a dictionary for JSON."""
        record = asdict(self) | {"has_errors": self.has_errors, "split": self.split.to_json()}
        del record["sizes"]  # one per picture is too much to print
        return record | {"encoding": None if self.encoding is None else self.encoding.to_dict()}
