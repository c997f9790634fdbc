"""The root command: its verbs are the files of this folder, and its errors are one sentence."""

import sys
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from repix._version import VERSION
from repix.errors import RepixError

HELP = """Turns pictures of one kind into pictures of another, and explains the arithmetic that does it.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. `repix VERB --help` explains one verb."""


class Lazy(MutableMapping[str, Any]):
    """Commands by name, each made when it is first asked for."""

    def __init__(self, names: Sequence[str], make: Any) -> None:
        self._names = list(names)
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        self._names.remove(name)


def verbs() -> list[str]:
    """The verbs' names: the public files of this folder."""
    files = Path(__file__).parent.glob("*.py")
    return sorted(file.stem.replace("_", "-") for file in files if not file.stem.startswith("_"))


def command(function: Any, name: str | None = None) -> Any:
    """A command made of a function: its parameters become options, its docstring the help."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    single.command(name)(function)
    return typer.main.get_command(single)


def group(name: str, help_text: str, names: Sequence[str], make: Any) -> Any:
    """A command that has commands, each made when it is first asked for."""
    made = TyperGroup(name=name, help=help_text, no_args_is_help=True, rich_markup_mode=None)
    made.commands = Lazy(names, make)
    return made


def _verb(name: str) -> Any:
    return import_module(f"repix.cli.{name.replace('-', '_')}").VERB


class _Root(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Lazy(verbs(), _verb)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"repix {VERSION}")
        raise typer.Exit


app = typer.Typer(
    name="repix", cls=_Root, help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; stands anywhere.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Declares what `--help` shows; `run` has taken `--debug` out before, because it may stand behind the verb."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments and return its exit code."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:end]
    kept = [word for word in arguments[:end] if word != "--debug"] + list(arguments[end:])
    try:
        app(args=kept, prog_name="repix")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except RepixError as error:
        if debug:
            raise
        print(f"repix: {error}", file=sys.stderr)
        return error.exit_code
    return 0
