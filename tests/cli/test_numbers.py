"""Numbers that nobody means, for every option of every verb that takes a value: a sentence, never a traceback."""

import random

import pytest

from repix import registry
from repix.cli._app import run, verb, verbs
from tests.data.drawing import photo, put
from tests.given import seeds

VALUES = (
    "9" * 5000,
    "-" + "9" * 5000,
    "9" * 400,
    "1e999",
    "-1e999",
    "nan",
    "²",
    "٣" * 5000,
    "0x" + "f" * 5000,
    "",
    "\0",
    "[" * 5000,
)
GROUPS = {"filter": "filters", "degrade": "degradations"}
GIVEN = {
    "check": ["."], "evaluate": ["nothing", "."], "explain": ["conv"], "measure": ["a.png", "a.png"],
    "train": ["denoise", "empty", "-o", "run"],
}  # fmt: skip
LEFT_OUT = {"colorize", "convert", "deblur", "restore", "scene", "segment", "upscale"}
"""Their options are those of denoise."""


def commands() -> list[tuple[str, ...]]:
    """Every verb, and every member of the verbs that have members."""
    within = [(group, name) for group, family in GROUPS.items() for name in registry.available(family)]
    return within + [(one,) for one in verbs() if one not in LEFT_OUT | GROUPS.keys()]


def options(words: tuple[str, ...]) -> dict[str, int]:
    """The options of a command that take values, and how many of them; not those that name what is written."""
    command = verb(words[0])
    for word in [*words[1:], *GIVEN.get(words[0], [])[:1]]:
        command = getattr(command, "commands", {}).get(word, command)
    taking = [one for one in command.params if one.opts[0].startswith("-") and not getattr(one, "is_flag", False)]
    return {one.opts[0]: one.nargs for one in taking if one.opts[0] not in ("-o", "--output")}


@seeds(1, 40)
@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_numbers_that_nobody_means(words, seed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "a.png", photo(1, (12, 12)))
    (tmp_path / "empty").mkdir()  # training is refused after all options are read
    rng = random.Random(seed)  # noqa: S311
    for option, count in options(words).items():
        value = rng.choice(VALUES)
        code = run([*words, *GIVEN.get(words[0], ["a.png"]), option, *[value] * count])
        said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("repix: ")]
        assert code == 0 or len(said) >= 1, (option, value[:20], said)


def test_every_option_is_found():
    assert options(("train",))["--sigma"] == 2
    assert {"--steps", "--data", "--svg"} <= options(("explain",)).keys()
    assert "--sigma" in options(("filter", "gaussian"))
    assert {"--memory", "--tile", "--workers"} <= options(("denoise",)).keys()
