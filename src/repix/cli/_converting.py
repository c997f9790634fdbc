"""What `repix convert` and the verbs of the tasks share: their options."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from repix.cli._app import command

Inputs = Annotated[
    list[Path],
    typer.Argument(metavar="IN...", readable=False, help="Pictures, and folders of them; - is the standard input."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File or folder; - is the standard output; left out: beside the source."),
]
Recursive = Annotated[bool, typer.Option("--recursive", "-r", help="Folders in folders too; they are mirrored.")]
Suffix = Annotated[str, typer.Option(help="Put behind each name: -clean makes photo-clean.jpg.")]
Format = Annotated[str, typer.Option(help="Format of all results, such as png; left out: as the sources.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that repix did not write.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Workers = Annotated[int, typer.Option(min=1, help="Files at a time: one computes, others are read and written.")]
Memory = Annotated[str, typer.Option(metavar="SIZE", help="The most memory to take, such as 500MB or 4GB.")]
Tile = Annotated[int | None, typer.Option(min=1, help="Side of the tiles; left out: what the memory allows.")]
EngineName = Annotated[str, typer.Option("--engine", help="auto, openvino, onnxruntime, or echo, which only copies.")]
Device = Annotated[str, typer.Option(help="auto, or a device that the engine's library finds.")]
Precision = Annotated[
    str, typer.Option(help="exact (float32), fast (bf16), auto: fast where processor and model bear it.")
]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads that compute; left out: one for each core.")]
Strength = Annotated[float, typer.Option(min=0, max=1, help="Below 1, the result is mixed with its source.")]
Part = Annotated[str | None, typer.Option("--crop", metavar="X,Y,W,H", help="Convert only this part, to try it.")]
Compare = Annotated[bool, typer.Option("--compare", help="Write before and after too: NAME-compare.png.")]
Overlay = Annotated[bool, typer.Option("--overlay", help="Segmentation: write NAME-overlay.png too.")]
Probabilities = Annotated[
    bool, typer.Option("--probabilities", help="Segmentation: write NAME-probabilities.npy (H×W×K) too.")
]
Quality = Annotated[int, typer.Option(min=1, max=100, help="Quality of JPEG, WebP and AVIF.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail where a file would lose anything.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a report as JSON instead of names.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what was kept, converted, lost.")]


@dataclass(frozen=True)
class Asked:
    """The options of every verb that converts files with a model."""

    output: Output = None
    recursive: Recursive = False
    suffix: Suffix = ""
    format: Format = ""
    overwrite: Overwrite = False
    dry_run: DryRun = False
    crop: Part = None
    strength: Strength = 1.0
    compare: Compare = False
    overlay: Overlay = False
    probabilities: Probabilities = False
    quality: Quality = 90
    strict: Strict = False
    memory: Memory = "2GB"
    tile: Tile = None
    engine: EngineName = "auto"
    device: Device = "auto"
    precision: Precision = "auto"
    threads: Threads = None
    workers: Workers = 3
    as_json: AsJson = False
    verbose: Verbose = False


def converting_command(
    name: str, help_text: str, choice: Sequence[inspect.Parameter], path_of: Callable[..., Path]
) -> Any:
    """A command that converts picture files with a model; its options of `choice` go to `path_of`, which chooses it."""

    def run(**values: Any) -> None:
        said, inputs = {one.name: values.pop(one.name) for one in choice}, values.pop("inputs")
        from repix.cli._ending import ending_soon
        from repix.cli._running import convert_files

        with ending_soon():
            code = convert_files(path_of(**said), inputs, Asked(**values), name)
        if code:
            raise typer.Exit(code)

    keyword = inspect.Parameter.KEYWORD_ONLY
    inputs = inspect.Parameter("inputs", keyword, annotation=Inputs)
    options = [inspect.Parameter(one.name, keyword, annotation=one.type, default=one.default) for one in fields(Asked)]
    listed = [choice[0], inputs, *choice[1:], *options]
    run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
    run.__doc__ = help_text
    return command(run, name)
