"""Precision of an imported model: measured in bf16 on given or drawn pictures, and kept in its contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from repix.arithmetic.synthetic import street
from repix.conversion import MeasuredPrecision, read_model, write_model
from repix.conversion.precision import refusal_reason
from repix.errors import RepixError
from repix.evaluation.precision import measured_precisions, opened_twice
from repix.evaluation.selection import EvaluationOptions, prepare
from repix.pictures import Picture, write

DRAWN = 3
"""Drawn pictures."""


def measure_imported(model: Path, pictures: Path | None = None) -> str:
    """Measure a model in bf16, write the measurement into its contract, and return a line about it.

    Args:
        model: the model file.
        pictures: folder of pictures, as `repix evaluate` takes it; by default, street scenes are drawn.
    """
    if opened_twice(model) is None:
        return "bf16: not measured, because this processor has no bf16; import the model on one that has"
    if pictures is None and read_model(model).contract.make_task().logits:
        return "bf16: not measured, because a segmentation model needs pictures with masks; give a folder (--pictures)"
    try:
        with _folder(pictures) as folder:
            examples = prepare(EvaluationOptions((str(model),), folder)).examples
            found = measured_precisions(model, examples)
    except RepixError as problem:
        return f"bf16: not measured: {problem}"
    if not found:
        return "bf16: not measured, because no picture could be converted and compared"
    file = read_model(model)
    write_model(model, file.content, replace(file.contract, precisions=found))
    return _said(found[0], "drawn pictures; --pictures measures on yours" if pictures is None else "pictures")


@contextmanager
def _folder(pictures: Path | None) -> Iterator[Path]:
    """Yield the folder of pictures, or a temporary one with drawn pictures."""
    if pictures is not None:
        yield pictures
        return
    with TemporaryDirectory(prefix="repix-") as name:
        for number in range(DRAWN):
            write(Picture.of(street(number)), Path(name, f"{number}.png"))
        yield Path(name)


def _said(found: MeasuredPrecision, kind: str) -> str:
    reason = refusal_reason(found)
    verdict = "stays accurate, so --precision auto uses it" if reason is None else f"is not used: {reason}"
    return f"bf16: {verdict}; measured on {found.examples} {kind}"
