"""Find checkerboard artifacts of a model: predicted from its weights, and measured."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repix.cli._commands import command_of, parameters_of, print_table, require_html
from repix.errors import WrongUse
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.audit import Audit, Correction

HELP = """Find checkerboard artifacts of a model: `repix audit model.onnx`, or `... upscale-x2 --pictures photos`.

The score is the power of the pattern over its spectral neighborhood, in dB; above 10, it is a checkerboard. It is
predicted from the weights, for constant inputs, and measured for constants, ramps, steps and texture. A layer is even
(spread 0) if constants stay constant.

--fix writes a model with even kernels, as close as possible to the old ones. The other layers were trained with the
pattern, so results may be worse: --pictures measures that. --page, --json and --fail-above then describe the new model.

With --fail-above, the exit code is 1 if the score is higher or unknown.
"""


@dataclass(frozen=True)
class AuditArguments:
    """The arguments and options."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="ONNX file, folder of a run, or bundled model.")]
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", readable=False, help="Measure also with these pictures (up to 24)."),
    ] = None
    span: Annotated[
        Literal["0-1", "0-255", "-1-1"] | None,
        typer.Option("--range", help="Black and white in the input of a foreign model; default: 0-1."),
    ] = None
    engine: Annotated[str, typer.Option(help="auto, openvino or onnxruntime.")] = "auto"
    fail_above: Annotated[float | None, typer.Option(metavar="DB", help="Fail if the score is higher: for CI.")] = None
    page: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Write an HTML page with spectra and pictures."),
    ] = None
    fix: Annotated[
        Path | None,
        typer.Option(metavar="OUT", readable=False, help="Write the model with even layers, without training."),
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of --page and --fix.")] = False


def _audit(values: dict[str, Any]) -> int:
    from repix.audit.page import audit_page, require_page
    from repix.report import write_page

    given = AuditArguments(**values)
    if given.page is not None:
        require_html(given.page)
        require_page(given.page, given.overwrite)
    elif given.overwrite and given.fix is None:
        raise WrongUse("--overwrite is for the files of --page and --fix; leave it out without --page and --fix.")
    found, fixed = _audited(given)
    if given.page is not None:
        write_page(audit_page(found), given.page, overwrite=given.overwrite)
    if given.as_json:
        print(json_text((fixed or found).to_dict()))
    elif fixed is not None:
        _show_correction(fixed, str(given.fix))
    else:
        _show(found)
    return _exit_code(found, given.fail_above)


def _audited(given: AuditArguments) -> "tuple[Audit, Correction | None]":
    """Return the audit of the model, or of the new one with its correction."""
    from repix.audit import audit_model, fix_model
    from repix.conversion.onnx_import.preprocessing import RANGE_LIMITS

    levels = RANGE_LIMITS[given.span or "0-1"]
    if given.fix is None:
        return audit_model(given.model, pictures=given.pictures, engine=given.engine, levels=levels), None
    fixed = fix_model(
        given.model,
        given.fix,
        overwrite=given.overwrite,
        pictures=given.pictures,
        engine=given.engine,
        levels=levels,
    )
    return fixed.after, fixed


def _exit_code(found: "Audit", limit: float | None) -> int:
    """Return 1 if the score is above the limit, or unknown."""
    if limit is None or (found.score is not None and found.score <= limit):
        return 0
    score = "unknown" if found.score is None else f"{found.score:.1f} dB"
    print(printable(f"repix: The score of {found.model.name} is {score}; the limit is {limit:g} dB."), file=sys.stderr)
    return 1


def _show_correction(fixed: "Correction", target: str) -> None:
    """Print the verdicts, the changes, and the cost."""
    from repix.audit.correction import CHANGE_HEADER

    for line in fixed.verdicts:
        print(printable(line))
    print_table(CHANGE_HEADER, fixed.rows())
    for sentence in fixed.skipped:
        print(printable(f"note: {sentence}"))
    if fixed.cost is not None:
        print(printable(str(fixed.cost)))
    print(f"note: {fixed.caution}")
    print(printable(f"written: {target}"))


def _show(found: "Audit") -> None:
    """Print the verdict and the tables."""
    from repix.audit.report import GRADIENT_HEADER, HEADER, KIND_HEADER

    print(printable(found.verdict))
    for sentence in found.notes:
        print(printable(f"note: {sentence}"))
    tables = ((HEADER, found.rows()), (KIND_HEADER, found.kind_rows()), (GRADIENT_HEADER, found.gradient_rows()))
    for header, rows in tables:
        if rows:
            print_table(header, rows)


VERB = command_of("audit", HELP, parameters_of(AuditArguments), _audit)
