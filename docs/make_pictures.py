"""Draw the pictures of two pages again: run every command on them that has `--svg docs/pictures/...`.

Run it with `python docs/make_pictures.py`, anywhere; a test finds pictures that are out of date.
"""

import shlex
from pathlib import Path

from repix.cli._app import run

DOCS = Path(__file__).parent
PAGES = (DOCS / "arithmetic.md", DOCS / "checkerboards.md")


def commands(page: Path) -> list[list[str]]:
    """The words of every command on a page that draws a picture.

    >>> commands(DOCS / "arithmetic.md")[0][:3]
    ['repix', 'explain', 'conv']
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("repix ") and " --svg docs/pictures/" in line]


def draw(words: list[str], folder: Path) -> Path:
    """Run one command, with its picture going to a folder of our choice."""
    where = words.index("--svg") + 1
    target = folder / Path(words[where]).name
    if run([*words[1:where], str(target), *words[where + 1 :], "--overwrite"]):
        raise SystemExit(f"This command failed: {shlex.join(words)}")
    return target


if __name__ == "__main__":
    folder = DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    drawn = {draw(words, folder) for one in PAGES for words in commands(one)}
    for left_over in set(folder.glob("*.svg")) - drawn:
        left_over.unlink()
