"""Commands made from functions and options, and options that several commands share."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from repix.errors import WrongUse
from repix.registry import spelled

if TYPE_CHECKING:
    from repix.batch import BatchOptions, Naming, WriteOptions

Arguments = TypeVar("Arguments")

LONGEST = 9
"""Most digits of a count."""
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

    def naming(self, beside: str, mask: bool = False, side_outputs: tuple[str, ...] = ()) -> "Naming":
        """Return the rules for names; `beside` is appended to the stem of results in their source's folder."""
        from repix.batch import Naming

        return Naming(self.suffix, beside, self.format, mask, side_outputs)


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
        return super().get_command(ctx, spelled(cmd_name, self.commands))


def group(name: str, help_text: str, commands: dict[str, Any]) -> Any:
    """Return a group of commands."""
    return Group(name=name, help=help_text, commands=commands, no_args_is_help=True, rich_markup_mode=None)


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """Return a parameter for an option or argument, according to its annotation."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def parameters_of(arguments: type, **defaults: Any) -> list[inspect.Parameter]:
    """Return the parameters for a dataclass of options; `defaults` replaces some of its defaults."""
    return [parameter(one.name, one.type, defaults.get(one.name, one.default)) for one in fields(arguments)]


def taken(arguments: type[Arguments], values: dict[str, Any]) -> Arguments:
    """Return an instance of a dataclass of options, and remove its values from those of the command."""
    names = [one.name for one in fields(arguments)]  # type: ignore[arg-type]
    return arguments(**{name: values.pop(name) for name in names if name in values})


def command_of(
    name: str, help_text: str, parameters: Sequence[inspect.Parameter], run: Callable[[dict[str, Any]], int]
) -> Any:
    """Return a command with these options; `run` gets their values by name and returns the exit code."""

    def called(**values: Any) -> None:
        from repix.cli._ending import ending_soon

        with ending_soon():
            code = run(values)
        if code:
            raise typer.Exit(code)

    called.__signature__ = inspect.Signature(list(parameters))  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    called.__doc__ = help_text
    return command(called, name)


def count_or_folder(text: str | None) -> int | str | None:
    """Return the value of `--holdout`: a number of examples, or a folder (also for more than nine digits).

    >>> count_or_folder("12"), count_or_folder("others"), count_or_folder(None)
    (12, 'others', None)
    """
    return int(text) if text is not None and text.isdecimal() and len(text) <= LONGEST else text


def name_and_value(word: str) -> tuple[str, str]:
    """Return the name and the value of `--set NAME=VALUE`.

    >>> name_and_value("patch-size=8")
    ('patch_size', '8')
    """
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise WrongUse(f"--set {word} has no {'value' if name else 'name'}; write it as --set NAME=VALUE.")
    return name.replace("-", "_"), value


def write_page(path: Path, html: str, overwrite: bool) -> None:
    """Write an HTML page; the file appears complete or not at all."""
    from repix.pictures.atomic import atomic_file

    with atomic_file(path, overwrite) as file:
        file.write(html.encode())


def require_depth(depth: str | None) -> None:
    """Refuse an unknown bit depth."""
    from repix.pictures import DEPTHS

    if depth is not None and depth not in DEPTHS:
        raise WrongUse(f"--depth is {depth}; choose from {', '.join(DEPTHS)}.")
