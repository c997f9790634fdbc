"""Measurement of an uploaded result against its truth."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repix import registry
from repix.errors import FileProblem
from repix.evaluation.page import pairs_page
from repix.evaluation.pair_batch import PairOutcome, PairPlan
from repix.evaluation.pairs import Pair
from repix.evaluation.single_pair import ErrorMap, error_map, measure_pair
from repix.pictures import Picture, write
from repix.printable import json_text
from repix.studio.memory import require_memory
from repix.studio.preview import preview_of
from repix.studio.uploads import Upload
from repix.studio.work import Workplace

BYTES_PER_PIXEL = 300
"""Measured with all metrics on color pictures of 1 and 4 megapixels."""


@dataclass(frozen=True)
class PairMeasurement:
    """A result, its truth and the metrics; see `Work`."""

    source: Upload
    truth: Upload
    plan: PairPlan
    settings: dict[str, Any]
    _found: dict[str, Any] = field(default_factory=dict)
    """The values, for JSON; filled when they are measured."""

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.source.path.parent

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The result and the truth."""
        return (self.source, self.truth)

    @property
    def result(self) -> Path:
        """The values as JSON, as `repix measure --json` prints them."""
        return self.folder / "values.json"

    @property
    def name(self) -> str:
        """The name of the values' file."""
        return f"{Path(self.source.name).stem}-measured.json"

    @property
    def parts(self) -> dict[str, Path]:
        """The files that it makes besides."""
        names = ("errors.png", "result.png", "truth.png", "page.html")
        return {name: self.folder / f"made-{name}" for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work, and what was measured."""
        return {"kind": "measure", **self._found}

    def run(self, place: Workplace) -> list[str]:
        """Measure, and write the values, the error map and the page."""
        require_memory(self.uploads, BYTES_PER_PIXEL, place.budget)
        place.progress.start(len(self.plan.measurements) + 1)
        pair = Pair(self.source.path, self.truth.path, Path(self.truth.name).stem)
        outcome, found = measure_pair(pair, self.plan, lambda: place.progress.advance(1))
        if not outcome.measured:
            raise FileProblem(next(iter([*outcome.failures, *outcome.unmeasured.values()])))
        self.result.write_text(json_text(self._named(outcome.as_json())) + "\n", encoding="utf-8")
        if self.plan.has_truth:
            self._write_pictures(error_map(found.arrays, labels=self.plan.labels, ignored=self._ignored), outcome)
        self._found.update(_shown(outcome))
        return [self._without_paths(f"note: {note}") for note in outcome.notes]

    @property
    def _ignored(self) -> int | None:
        return self.settings.get("ignore_index")

    def _write_pictures(self, errors: ErrorMap, outcome: PairOutcome) -> None:
        write(Picture(errors.pixels), self.parts["errors.png"])
        for upload, name in zip(self.uploads, ("result.png", "truth.png"), strict=True):
            self.parts[name].write_bytes(preview_of(upload.path))
        page = pairs_page(outcome, self.settings.get("classes"), self._ignored)
        self.parts["page.html"].write_text(page, encoding="utf-8")
        self._found["error_end"] = errors.end

    def _named(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what the command prints, with the names of the uploads instead of their paths."""
        names = {str(one.path): one.name for one in self.uploads}
        for measured in said["measured"]:
            for pair in measured["pairs"]:
                pair.update({key: names[pair[key]] for key in ("result", "truth") if pair[key] is not None})
        said["failures"] = [self._without_paths(one) for one in said["failures"]]
        said["not_measured"] = {key: self._without_paths(one) for key, one in said["not_measured"].items()}
        return said

    def _without_paths(self, sentence: str) -> str:
        for upload in self.uploads:
            sentence = sentence.replace(str(upload.path), upload.name)
        return sentence


def _shown(outcome: PairOutcome) -> dict[str, Any]:
    """Return the values for a table, with a line about each metric."""
    measured = [
        {
            "metric": one.name,
            "label": one.label,
            "text": one.worded(one.total.value),
            "better": one.metric.better,
            "summary": registry.summary("metrics", one.name),
        }
        for one in outcome.measured
    ]
    left = [{"metric": name, "reason": reason} for name, reason in outcome.unmeasured.items()]
    return {"measured": measured, "not_measured": left}
