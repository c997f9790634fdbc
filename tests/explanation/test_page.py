"""The pages with drawn pictures: their commands run, their pictures are the ones they draw; the Python of one works."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "arithmetic.md"
SCRIPT = runpy.run_path(str(DOCS / "make_pictures.py"))
COMMANDS = [words for page in SCRIPT["PAGES"] for words in SCRIPT["commands"](page)]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: Path(words[words.index("--svg") + 1]).stem)
def test_a_picture_is_what_its_command_draws(words, tmp_path, capsys):
    drawn = SCRIPT["draw"](words, tmp_path)
    assert drawn.read_text(encoding="utf-8") == (DOCS / "pictures" / drawn.name).read_text(encoding="utf-8")


def test_every_picture_is_shown_and_every_shown_picture_is_drawn():
    drawn = {Path(words[words.index("--svg") + 1]).name for words in COMMANDS}
    assert drawn == {path.name for path in (DOCS / "pictures").glob("*.svg")}
    pages = "".join(page.read_text(encoding="utf-8") for page in SCRIPT["PAGES"])
    assert drawn == set(re.findall(r"\]\(pictures/([^)]+)\)", pages))


def test_the_page_shows_every_operation():
    from repix.explanation.operations import OPERATIONS

    shown = {words[2] for words in COMMANDS}
    assert set(OPERATIONS) - shown == {"lanczos"}  # looks like bicubic


def test_the_python_of_the_page_runs(capsys):
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), {})  # noqa: S102
    assert "Result" in capsys.readouterr().out
