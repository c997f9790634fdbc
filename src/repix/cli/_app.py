"""Root command: its subcommands are the files of this folder and the tasks; an error is one sentence."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from repix._version import VERSION
from repix.cli._commands import Group, Listed, description
from repix.cli._output import sentence
from repix.errors import RepixError
from repix.printable import printable
from repix.registry import american, available, first_line, own_names, summary

HELP = """Convert pictures with neural networks: denoise, deblur, upscale, colorize, segment. Train new models, measure
results, and explain the arithmetic.

Options and names accept American and British spelling: --gray or --grey, denoise-color or denoise-colour.
Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted. `repix COMMAND --help` explains a command."""


def verbs() -> list[str]:
    """Return the names of all commands: the files of this folder, and the tasks, including those of plugins."""
    return sorted({*_verb_files(), *available("tasks")})


def verb(name: str) -> Any:
    """Return a command; only its own module is imported."""
    if name in _verb_files():
        return import_module(module(name)).VERB
    from repix.cli._conversion import task_command

    return task_command(name)


def _verb_files() -> list[str]:
    """Return the commands of this folder's public files; `import_.py` is `import`, a reserved word of Python."""
    files = Path(__file__).parent.glob("*.py")
    return [file.stem.rstrip("_").replace("_", "-") for file in files if not file.stem.startswith("_")]


def module(verb: str) -> str:
    """Return the full dotted name of a command's module.

    >>> module("train"), module("import")
    ('repix.cli.train', 'repix.cli.import_')
    """
    return f"repix.cli.{verb.replace('-', '_')}{'_' if iskeyword(verb) else ''}"


def _summary(name: str) -> str:
    """Return the line of a command in `repix --help`: the docstring's first line, or the task's own summary."""
    if name in _verb_files():
        return first_line(module(name))
    return description(name).get("summary") or summary("tasks", name)


def _listed(name: str) -> Listed:
    return Listed(partial(_summary, name), partial(verb, name))


class _Root(Group):
    """Group of all commands. Plugins are searched only if all commands are listed, or one is unknown."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: dict[str, Any] = {name: _listed(name) for name in (*own_names("tasks"), *_verb_files())}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the library passes it)
        self._complete()
        return sorted(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            self._complete()
            found = super().get_command(ctx, cmd_name)
        return found

    def _complete(self) -> None:
        self.commands.update((name, _listed(name)) for name in available("tasks") if name not in self.commands)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"repix {VERSION}")
        raise typer.Exit


app = typer.Typer(
    name="repix", cls=_Root, help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; may be placed anywhere.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Declare the options for `--help`; `run` handles `--debug`, which may follow the command."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments, and return the exit code."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:end]
    kept = [word for word in arguments[:end] if word != "--debug"] + list(arguments[end:])
    try:
        left = app(args=kept, prog_name="repix", standalone_mode=False, token_normalize_func=american)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except TyperException as wrong:
        print(_usage_sentence(wrong), file=sys.stderr)
        return wrong.exit_code
    except (RepixError, MemoryError, OSError) as error:
        if debug or (isinstance(error, OSError) and error.errno is None):
            raise
        print(f"repix: {sentence(error)}", file=sys.stderr)
        return error.exit_code if isinstance(error, RepixError) else 1
    return left if isinstance(left, int) else 0


def _usage_sentence(wrong: TyperException) -> str:
    """Return what is wrong on the command line, and where its help is; a group alone prints its help."""
    message = wrong.format_message()
    if message.startswith("Usage:"):
        return message
    context = getattr(wrong, "ctx", None)
    where = context.command_path if context else "repix"
    return printable(f"repix: {message.rstrip('.')}{'' if message.endswith('?') else '.'} See `{where} --help`.")
