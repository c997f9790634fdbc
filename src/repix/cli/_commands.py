"""Commands made from functions, options and plugins, and options that several commands share."""

import inspect
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import MISSING, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

import typer
from typer.core import TyperGroup

from repix import registry
from repix.cli._cluster import ClusterArguments
from repix.errors import WrongUse
from repix.printable import printable

if TYPE_CHECKING:
    import numpy as np

    from repix.batch import BatchOptions, Naming, Work, WriteOptions
    from repix.cluster.shipment import Shipment
    from repix.pictures import Picture
    from repix.tasks import TaskCommand

Arguments = TypeVar("Arguments")

Inputs = Annotated[list[Path], typer.Argument(metavar="IN", readable=False, help="Pictures, and folders of them.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", readable=False, help="File or folder to write; default: in the source's folder."),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Include subfolders, with the same structure in the output.")
]
Suffix = Annotated[str, typer.Option(help="Append to each name: -clean makes photo-clean.jpg.")]
Format = Annotated[str, typer.Option(help="Format of all results, such as png; default: that of each source.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that repix did not write.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done, without doing it.")]
Watch = Annotated[bool, typer.Option("--watch", help="Keep scanning the folders for new files until Ctrl-C.")]
Workers = Annotated[
    int, typer.Option(min=1, help="Files at the same time: one is computed, others are read and written.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a report as JSON instead of paths.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print what was kept, converted and lost.")]
Quality = Annotated[
    int | None,
    typer.Option(min=1, max=100, help="Quality of JPEG, WebP and AVIF; default: 90, and 95 for HEIC sources."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Fail if a result would lose something, such as alpha or 16 bits.")
]
Depth = Annotated[str | None, typer.Option(help="Bit depth of results: 8, 16 or float; default: that of the source.")]
TableFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", readable=False, help="Also write a CSV table.")
]
PageFile = Annotated[
    Path | None,
    typer.Option(
        "--page", metavar="FILE", readable=False, help="Also write an HTML page with the pictures and their errors."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed, the same for each file.")]
PatchSize = Annotated[int | None, typer.Option(help="Height and width of patches, in pixels.")]
BatchSize = Annotated[int | None, typer.Option(help="Patches per step.")]
LearningRate = Annotated[float | None, typer.Option(help="The highest learning rate.")]
Optimizer = Annotated[
    Literal["muon", "adamw"] | None, typer.Option(help="The optimizer; default: the one that suits the task.")
]
Holdout = Annotated[
    str | None, typer.Option(metavar="N|FOLDER", help="Examples to hold out: their number, or a folder.")
]
IgnoreIndex = Annotated[int | None, typer.Option(min=0, help="Value of ignored pixels in the masks.")]
Convert = Callable[["Picture", "np.random.Generator"], "Picture"]
"""Conversion of a picture; each file gets a new generator with the same seed."""
Prepare = Callable[[dict[str, Any], str | None], Convert]
"""Makes the conversion from the command's settings and the depth to write, after checking them."""


@dataclass(frozen=True)
class BatchArguments:
    """Options of all commands that convert files."""

    output: Output = None
    recursive: Recursive = False
    suffix: Suffix = ""
    format: Format = ""
    overwrite: Overwrite = False
    dry_run: DryRun = False
    watch: Watch = False
    workers: Workers = 1
    as_json: AsJson = False
    verbose: Verbose = False

    def options(self) -> "BatchOptions":
        """Return the options for the batch."""
        from repix.batch import BatchOptions

        return BatchOptions(self.overwrite, self.workers)

    def naming(
        self, beside: str, mask: bool = False, side_outputs: tuple[str, ...] = (), volumes: bool = False
    ) -> "Naming":
        """Return the rules for names; `beside` is appended to the stem of results in their source's folder."""
        from repix.batch import Naming

        return Naming(self.suffix, beside, self.format, mask, side_outputs, volumes)


@dataclass(frozen=True)
class WriteArguments:
    """Options of all commands that write pictures."""

    quality: Quality = None
    strict: Strict = False

    def options(self) -> "WriteOptions":
        """Return the options for writing."""
        from repix.batch import WriteOptions

        return WriteOptions(self.quality, self.strict)


class Listed:
    """Lazy command: it has a short help, and imports the command when another attribute is used."""

    hidden = False

    def __init__(self, summary: Callable[[], str], make: Callable[[], Any]) -> None:
        self._summary, self._make = summary, make

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 (the list wraps long lines: none is cut)
        """Return the line for the list of commands."""
        return self._summary().rstrip(".")

    def __getattr__(self, attribute: str) -> Any:
        made = self._make()
        self.__dict__.update(made.__dict__)
        return getattr(made, attribute)


def command(function: Callable[..., None], name: str | None = None) -> Any:
    """Return a command made from a function: its parameters become options, its docstring the help."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    single.command(name)(function)
    return typer.main.get_command(single)


class Group(TyperGroup):
    """Group of commands, which may be named in American or British spelling."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, registry.spelled(cmd_name, self.commands))


def group(name: str, help_text: str, commands: dict[str, Any], whole: Callable[..., None] | None = None) -> Any:
    """Return a group of commands; `whole` is what the group itself does with its own options."""
    own: dict[str, Any] = {}
    if whole is not None:
        made = command(whole, name)
        own = {"params": made.params, "callback": made.callback, "invoke_without_command": True}
    return Group(name=name, help=help_text, commands=commands, no_args_is_help=True, rich_markup_mode=None, **own)


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """Return a parameter for an option or argument, according to its annotation."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def parameters_of(arguments: type, **defaults: Any) -> list[inspect.Parameter]:
    """Return the parameters for a dataclass of options; `defaults` replaces some of its defaults."""
    given = {one.name: one.default for one in fields(arguments) if one.default is not MISSING} | defaults
    return [parameter(one.name, one.type, given.get(one.name, inspect.Parameter.empty)) for one in fields(arguments)]


def taken(arguments: type[Arguments], values: dict[str, Any]) -> Arguments:
    """Return an instance of a dataclass of options, and remove its values from those of the command."""
    names = [one.name for one in fields(arguments)]  # type: ignore[arg-type]
    return arguments(**{name: values.pop(name) for name in names if name in values})


def command_of(
    name: str,
    help_text: str,
    parameters: Sequence[inspect.Parameter],
    run: Callable[[dict[str, Any]], int],
    ends_soon: bool = True,
) -> Any:
    """Return a command with these options; `run` gets their values by name and returns the exit code.

    Ctrl-C ends the command within two seconds, unless it does more than end then (`ends_soon` is False).
    """

    def called(**values: Any) -> None:
        from repix.cli._ending import ending_soon

        with ending_soon() if ends_soon else nullcontext():
            code = run(values)
        if code:
            raise typer.Exit(code)

    called.__signature__ = inspect.Signature(list(parameters))  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    called.__doc__ = help_text
    return command(called, name)


def description(task: str) -> "TaskCommand":
    """Return the description of a task's command, the constant `COMMAND` of its file; the file is not imported."""
    return cast("TaskCommand", registry.literal("tasks", task, "COMMAND") or {})


def require_html(page: Path) -> None:
    """Refuse a file name of a page that does not end in .html."""
    if page.suffix.lower() not in (".html", ".htm"):
        raise WrongUse(f"--page {page}: the file name must end in .html.")


def require_free(overwrite: bool, files: Sequence[Path | None], named: str, needed: bool = False) -> None:
    """Refuse files that may not be written, and --overwrite without any file; `needed`: there are other files."""
    from repix.pictures.atomic import check_free

    given = [file for file in files if file is not None]
    if overwrite and not given and not needed:
        raise WrongUse(f"--overwrite is for the files of {named}; without them, leave it out.")
    for file in given:
        check_free(file, overwrite)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column is text, the others are numbers, which are never broken."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(highlight=False, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for number, title in enumerate(header):
        widest = max((len(row[number]) for row in rows), default=0) if number else None
        table.add_column(title, overflow="fold", min_width=widest, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    Console(markup=False, emoji=False).print(table)  # names in files are not markup


def require_depth(depth: str | None) -> None:
    """Refuse an unknown bit depth."""
    from repix.pictures import DEPTHS

    if depth is not None and depth not in DEPTHS:
        raise WrongUse(f"--depth is {depth}; choose from {', '.join(DEPTHS)}.")


def family_group(family: str, verb: str, help_text: str, others: dict[str, Any] | None = None) -> Any:
    """Return a group with a command for each plugin of a family, made on use, and other commands."""
    listed = {
        name: Listed(partial(registry.summary, family, name), partial(_member_command, family, name))
        for name in registry.available(family)
    }
    return group(verb, help_text, dict(sorted((listed | (others or {})).items())))


def _member_command(family: str, name: str) -> Any:
    """Return the command of a plugin: the parameters of its function become options."""
    from repix.parameters import parameters
    from repix.pictures.array_function import picture_function

    offered = registry.get(family, name)
    described = parameters(offered.function)
    random = "rng" in inspect.signature(offered.function).parameters

    def prepare(settings: dict[str, Any], depth: str | None) -> Convert:
        for key, one in described.items():
            one.check(settings[key])
        return picture_function(partial(offered.function, **settings), offered.scales, depth)

    own = [
        parameter(key, Annotated[one.kind, typer.Option(help=one.help)], one.default) for key, one in described.items()
    ]
    return picture_command((family, name), _help(offered.function), own, prepare, random)


def picture_command(
    name: tuple[str, str], help_text: str, own: Sequence[inspect.Parameter], prepare: Prepare, random: bool
) -> Any:
    """Return a command that converts pictures: its own options, then the shared ones that it does not redefine.

    `name` is the family and the name of the command.
    """

    def run(values: dict[str, Any]) -> int:
        import numpy as np

        from repix.batch import picture_work
        from repix.cli._batches import convert_files

        settings = {one.name: values.pop(one.name) for one in own}
        inputs: list[Path] = values.pop("inputs")
        depth, seed = values.pop("depth"), values.pop("seed", 0)
        cluster = taken(ClusterArguments, values)
        require_depth(depth)
        convert = prepare(settings, depth)
        arguments, writing = taken(BatchArguments, values), taken(WriteArguments, values)
        fingerprint = {"family": name[0], "name": name[1], "settings": settings, "depth": depth, "seed": seed}
        work = picture_work(
            lambda picture: convert(picture, np.random.default_rng(seed)), fingerprint, writing.options()
        )
        cluster.require_shared([*inputs, arguments.output], {"--watch": arguments.watch})
        cluster.require_folder(arguments.output)
        place = partial(cluster.crew, partial(_shipment, work), arguments.workers)
        return convert_files(inputs, arguments.naming(f"-{name[1]}"), work, arguments, place)

    shared = [*parameters_of(BatchArguments), parameter("depth", Depth, None), *parameters_of(WriteArguments)]
    shared += parameters_of(ClusterArguments)
    if random:
        shared.insert(0, parameter("seed", Seed, 0))
    taken_names = {one.name for one in own}
    options = [one for one in shared if one.name not in taken_names]
    return command_of(name[1], help_text, [parameter("inputs", Inputs), *own, *options], run)


def _shipment(work: "Work") -> "Shipment":
    from repix.cluster.shipment import files_of

    return files_of(work)


def _help(function: Callable[..., Any]) -> str:
    """Return a function's docstring up to its sections and its example; the options have their own help."""
    return re.split(r"^(?:Args|Returns|Raises):$|^>>>", inspect.getdoc(function) or "", flags=re.MULTILINE)[0].rstrip()
