"""The root command: lists, versions, errors and exit codes."""

import os
import subprocess
import sys

import pytest

from repix import __version__, members
from repix.cli._app import command, run, verbs
from repix.errors import RepixError, WrongUse


def errors() -> list[type[RepixError]]:
    """Every class of the error tree."""
    found, waiting = [], [RepixError]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(found[-1].__subclasses__())
    return found


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"repix {__version__}\n"


def test_help_lists_every_verb_with_its_line(capsys):
    assert run(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for verb in verbs():
        line = next(text for text in lines if text.startswith(f"  {verb} "))
        assert len(line.split()) > 2


def test_help_imports_no_verb_and_no_numpy():
    code = "from repix.cli._app import run\nrun(['--help'])\nimport sys\nprint('>', *sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = out.rpartition(">")[2].split()
    assert not {"numpy", "pyvips", "rich", "repix.cli.filter"} & set(loaded)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_help(verb, capsys):
    assert run([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: repix {verb}")


@pytest.mark.parametrize(("verb", "family"), [("filter", "filters"), ("degrade", "degradations")])
def test_every_member_is_a_command_of_at_most_twelve_options(verb, family, capsys):
    for name in members.names(family):
        assert run([verb, name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"Usage: repix {verb} {name}")
        options = [line for line in shown.splitlines() if line.startswith("  -") and "--help" not in line]
        assert 0 < len(options) <= 12, f"{verb} {name}"


def test_a_typo_in_a_verb_is_wrong_usage_with_a_suggestion(capsys):
    assert run(["flter"]) == 2
    assert "Did you mean 'filter'" in capsys.readouterr().err


def test_a_typo_in_a_member_is_wrong_usage_with_a_suggestion(capsys):
    assert run(["filter", "medan", "x.png"]) == 2
    assert "Did you mean 'median'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["filter", "median"], "repix: Missing argument 'IN...'. See `repix filter median --help`.\n"),
        (["filter", "medan"], "repix: No such command 'medan'. Did you mean 'median'"),
        (["filter", "median", "--sise", "3"], "No such option: --sise"),
        (["filter", "median", "x", "--size", "a"], "repix: Invalid value for '--size': "),
    ],
)
def test_wrong_usage_is_one_sentence(arguments, sentence, capsys):
    assert run(arguments) == 2
    shown = capsys.readouterr().err
    assert sentence in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["filter"]])
def test_a_group_alone_shows_its_help(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().err.startswith("Usage: repix")


@pytest.fixture
def failing(monkeypatch):
    """Make `repix filter` raise what the test wants."""
    from repix.cli import filter as verb

    def install(error: BaseException) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setattr(verb, "VERB", command(fail, "filter"))

    return install


@pytest.mark.parametrize("kind", errors())
def test_every_error_is_one_sentence_and_its_exit_code(kind, failing, capsys):
    failing(kind("photo.png: this is wrong; do that."))
    assert run(["filter"]) == kind.exit_code
    assert capsys.readouterr().err == "repix: photo.png: this is wrong; do that.\n"
    assert kind.exit_code == (2 if issubclass(kind, WrongUse) else 1)


def test_debug_shows_the_traceback_wherever_it_stands(failing):
    for arguments in (["--debug", "filter"], ["filter", "--debug"]):
        failing(WrongUse("no."))
        with pytest.raises(WrongUse):
            run(arguments)


def test_interruption_is_130(failing):
    failing(KeyboardInterrupt())
    assert run(["filter"]) == 130


def test_an_unforeseen_error_is_not_hidden(failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run(["filter"])


@pytest.mark.parametrize(("words", "expected"), [("repix fil", "filter"), ("repix filter med", "median")])
def test_the_completion_of_the_shell_knows_verbs_and_members(words, expected):
    environment = os.environ | {
        "_REPIX_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run([sys.executable, "-m", "repix"], capture_output=True, text=True, env=environment, check=False)
    assert expected in done.stdout.split()
