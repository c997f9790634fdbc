"""The root command: lists, versions, errors and exit codes."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from repix import __version__, registry
from repix.cli._app import module, run, verbs
from repix.cli._commands import command
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


HELPED = [[], *([verb] for verb in verbs() if verb not in ("demo", "fuse"))]
LOADED = """
import json, os, sys
from repix.cli._app import run

for words in json.loads(sys.argv[1]):
    sys.stdout.flush()
    child = os.fork()  # each starts with the modules of the command line, and no other
    if child:
        assert os.waitpid(child, 0)[1] == 0, words
        continue
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run([*words, "--help"])
    sys.stdout.flush()
    os.dup2(out, 1)
    print(json.dumps([words, sorted(sys.modules)]), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def loaded():
    """The modules that are loaded after the help of each command; one process imports the command line for all."""
    command = [sys.executable, "-c", LOADED, json.dumps(HELPED)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {tuple(words): set(names) for words, names in map(json.loads, out.splitlines())}


@pytest.mark.parametrize("words", HELPED)
def test_help_imports_no_numpy(words, loaded):
    found = loaded[tuple(words)]
    assert not {"numpy", "pyvips", "rich"} & found
    assert {name for name in found if name.startswith("repix.cli.") and "._" not in name} == {
        module(word) for word in words if word not in registry.available("tasks")
    }


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_help(verb, capsys):
    assert run([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: repix {verb}")


@pytest.mark.parametrize(("verb", "family"), [("filter", "filters"), ("degrade", "degradations")])
def test_every_member_is_a_command_of_few_options_besides_those_that_all_have(verb, family, capsys):
    options = {}
    for name in registry.available(family):
        assert run([verb, name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"Usage: repix {verb} {name}")
        options[name] = {line.split()[0].rstrip(",") for line in shown.splitlines() if line.startswith("  -")}
    common = set.intersection(*options.values())
    assert common >= {"-o", "-r", "-v", "--workers", "--dry-run", "--watch", "--json", "--overwrite", "--depth"}
    assert {name for name in options if len(options[name] - common - {"--seed"}) > 5} == set()


def test_a_typo_in_a_verb_is_wrong_usage_with_a_suggestion(capsys):
    assert run(["flter"]) == 2
    assert "Did you mean 'filter'" in capsys.readouterr().err


def test_a_typo_in_a_member_is_wrong_usage_with_a_suggestion(capsys):
    assert run(["filter", "medan", "x.png"]) == 2
    assert "Did you mean 'median'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["filter", "median"], "repix: Missing argument 'IN'. See `repix filter median --help`.\n"),
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


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "Not enough memory; try a smaller picture or smaller settings."),
        (PermissionError(errno.EACCES, "Permission denied", "a/b.png"), "a/b.png: permission denied."),
        (OSError(errno.ENOSPC, "No space left"), "The output cannot be written: the disk is full."),
    ],
)
def test_what_the_system_refuses_is_one_sentence(error, sentence, failing, capsys):
    failing(error)
    assert run(["filter"]) == 1
    assert capsys.readouterr().err == f"repix: {sentence}\n"


def test_interruption_is_130(failing):
    failing(KeyboardInterrupt())
    assert run(["filter"]) == 130


def test_an_unforeseen_error_is_not_hidden(failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run(["filter"])


def outside(words, stdout, **environment):
    """Run `repix` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "repix", *words], stdout=stdout, stderr=subprocess.PIPE, env=os.environ | environment,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_encoding_of_the_terminal_stops_the_words(encoding, tmp_path):
    source = os.fsencode(tmp_path / "日") + b"\xff.png"
    Image.new("L", (3, 3)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(os.fsdecode(source))
    for words in (["explain", "conv"], ["doctor"], ["degrade", "gaussian", source]):
        done = outside(words, subprocess.PIPE, PYTHONIOENCODING=f"{encoding}:strict")
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["explain", "conv"]])
def test_words_that_cannot_be_printed(words):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    with Path("/dev/full").open("wb") as full:
        done = outside(words, full)
    assert (done.returncode, done.stderr) == (1, b"repix: The output cannot be written: the disk is full.\n")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["explain", "conv", "--steps", "all"]])
def test_nobody_reads_on(words):
    reading, writing = os.pipe()
    os.close(reading)
    done = outside(words, writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(("words", "expected"), [("repix fil", "filter"), ("repix filter med", "median")])
def test_the_completion_of_the_shell_knows_verbs_and_members(words, expected):
    environment = os.environ | {
        "_REPIX_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run([sys.executable, "-m", "repix"], capture_output=True, text=True, env=environment, check=False)
    assert expected in done.stdout.split()
