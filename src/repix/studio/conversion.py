"""Conversion of an uploaded picture with a bundled model."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repix.batch import Naming
from repix.batch.sizes import pixels_of
from repix.conversion import Contract
from repix.conversion.file import FileOptions, convert_file
from repix.studio.uploads import Upload
from repix.studio.work import Workplace


@dataclass(frozen=True)
class Conversion:
    """A source, a model and the options; see `Work`."""

    source: Upload
    model: str
    contract: Contract
    """That of the model."""
    options: FileOptions
    further: tuple[Upload, ...] = ()
    """Pictures besides the source, such as a perception map."""
    report: dict[str, list[str]] = field(default_factory=dict)
    """Fidelity report of the result, once it is written."""

    def __post_init__(self) -> None:
        self.options.require(self.contract)

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.source.path.parent

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The source first."""
        return (self.source, *self.further)

    @property
    def result(self) -> Path:
        """The converted picture."""
        return self.source.path.with_name(self._naming.name(self.source.path.name, "-result"))

    @property
    def name(self) -> str:
        """The name that the command would give it."""
        return self._naming.name(self.source.name, f"-{self.contract.task}")

    @property
    def pixels(self) -> int:
        """The number of pixels that are converted."""
        crop = self.options.crop
        return crop.width * crop.height if crop else pixels_of(self.source.path)

    @property
    def _naming(self) -> Naming:
        return Naming(mask=self.contract.make_task().logits)

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work, the model, and the fidelity report."""
        return {"kind": "convert", "model": self.model, "report": dict(self.report)}

    def run(self, place: Workplace) -> list[str]:
        """Convert the picture."""
        engine = place.models.open(self.model)
        place.progress.start(self.pixels)
        options = replace(self.options, budget=place.budget)
        report = convert_file(self.source.path, self.result, engine, options, progress=place.progress.advance)
        self.report.update(kept=list(report.kept), converted=list(report.converted), lost=list(report.lost))
        return [str(line) for line in report.advice]
