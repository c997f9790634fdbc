"""Spoil and mend sample pictures, and write a page to look at."""

import io
import json
import shlex
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from repix._version import VERSION
from repix.cli._app import command, run
from repix.errors import RepixError, Unwritable
from repix.members import library
from repix.pictures.atomic import whole_file
from repix.report import Comparison, Figure, Section, page


@dataclass(frozen=True)
class Mending:
    """A photo, how it is spoiled, how it is mended, and how the difference is measured."""

    title: str
    photo: str
    spoil: str
    mend: str
    protocol: str
    show: str | None = None
    """What is shown and measured in the spoiled picture's place, where that has another size."""


MENDINGS = (
    Mending("Noise", "camera", "gaussian --sigma 25 --seed 1", "nl-means --sigma 25", "grey"),
    Mending("Noise in colour", "astronaut", "gaussian --sigma 25 --seed 2", "beltrami-patch --sigma 25", "rgb"),
    Mending("Salt and pepper", "chelsea", "salt-and-pepper --rate 0.1 --seed 3", "median --size 3", "rgb"),
    Mending(
        "Moved camera", "coffee", "motion-blur --length 15 --angle 30", 'wiener-deblur --blur "motion 15 30"', "rgb"
    ),
    Mending("Few pixels", "astronaut", "shrink --scale 2", "bicubic --scale 2", "rgb", show="nearest --scale 2"),
)
"""The photos are carried by scikit-image."""

SEGMENTATION = ("Six colours", "coffee", "k-means --k 6")

EXPLANATIONS = (
    ("Transposed convolution, kernel 3, stride 2: the overlaps make the checkerboard",
     'conv-transpose --data "1 2; 3 4" --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2'),
    ("Pixel shuffle", 'pixel-shuffle --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9" --scale 2'),
    ("Bilinear interpolation", 'bilinear --data "1 5; 4 8" --scale 2'),
)  # fmt: skip


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")] = Path("demo"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of an earlier demo.")] = False,
) -> None:
    """Spoil and mend photos that scikit-image carries, explain some arithmetic, and write OUTPUT/index.html.

    Every picture on the page was made by the command that stands below it.
    """
    index = output / "index.html"
    if index.exists() and not overwrite:
        raise Unwritable(f"{index} exists already; use --overwrite to replace it, or -o to name another folder.")
    library("skimage")  # before anything is made
    output.mkdir(parents=True, exist_ok=True)
    rows, sliders = [], []
    for number, mending in enumerate(MENDINGS, 1):
        row, slider = _mend(output, f"{number}-{mending.photo}", mending)
        rows.append(row)
        sliders.append(slider)
        print(f"{row[0]}: {row[1]}, {row[3]} dB → {row[4]} dB ({row[2]}), {row[5]} s", file=sys.stderr)
    header = ("what", "mended by", "protocol", "dB before", "dB after", "seconds")
    sections = [
        Section("Spoil and mend", "Drag across a picture: spoiled on the left, mended on the right.", sliders),
        Section("How much it helped", "Measured against the untouched photo.", header=header, rows=rows),
        Section("Segment without a network", items=[_segment(output)]),
        Section("See the arithmetic", items=[_explain(output, *explanation) for explanation in EXPLANATIONS]),
    ]
    text = f"Made by repix {VERSION} with the commands shown, on photos that come with scikit-image."
    with whole_file(index, overwrite) as file:
        file.write(page("repix: what it does", text, sections).encode())
    print(index)


def _mend(folder: Path, name: str, mending: Mending) -> tuple[list[str], Comparison]:
    """Make one row of the table and one slider."""
    clean = _photo(mending.photo)
    spoiled, mended, shown = (f"{name}-{kind}.png" for kind in ("spoiled", "mended", "shown"))
    spoil = _repix(folder, f"degrade {mending.spoil}", clean, spoiled)
    if mending.show is None:
        shown = spoiled
    else:
        _repix(folder, f"filter {mending.show}", folder / spoiled, shown)
    start = time.perf_counter()
    mend = _repix(folder, f"filter {mending.mend}", folder / spoiled, mended)
    seconds = time.perf_counter() - start
    before, after = (_measure(folder / result, clean, mending.protocol) for result in (shown, mended))
    text = f"{before:.2f} dB → {after:.2f} dB ({mending.protocol})"
    tool = mending.mend.split()[0]
    slider = Comparison(mending.title, shown, mended, (mending.spoil.split()[0], tool), text, f"{spoil}\n{mend}")
    return [mending.title, tool, mending.protocol, f"{before:.2f}", f"{after:.2f}", f"{seconds:.2f}"], slider


def _segment(folder: Path) -> Comparison:
    """A photo painted with a few of its colours."""
    title, photo, words = SEGMENTATION
    clean, painted = f"segment-{photo}.png", f"segment-{photo}-colours.png"
    with whole_file(folder / clean, overwrite=True) as file:
        file.write(_photo(photo).read_bytes())
    line = _repix(folder, f"filter {words}", folder / clean, painted)
    return Comparison(title, clean, painted, ("photo", "k-means"), command=line)


def _explain(folder: Path, title: str, words: str) -> Figure:
    """A picture of an operation's working."""
    file = f"explain-{words.split()[0]}.svg"
    _run(f"explain {words} --svg {shlex.quote(str(folder / file))} --overwrite")
    return Figure(title, file, command=f"repix explain {words} --svg {file}")


def _photo(name: str) -> Path:
    """A photo that comes with scikit-image, as a file."""
    folder = Path(library("skimage").__file__).parent / "data"
    return folder / f"{name}.png"


def _repix(folder: Path, words: str, source: Path, target: str) -> str:
    """Run a command on a file, and return the line to show for it."""
    _run(f"{words} {shlex.quote(str(source))} -o {shlex.quote(str(folder / target))} --overwrite")
    return f"repix {words} {source.name} -o {target}"


def _measure(result: Path, truth: Path, protocol: str) -> float:
    """The number that `repix measure` gives."""
    words = f"measure {shlex.quote(str(result))} {shlex.quote(str(truth))} --protocol {protocol} --json"
    return float(json.loads(_run(words))["measured"][0]["value"])


def _run(words: str) -> str:
    """Run repix within this process and return what it printed."""
    printed, told = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(told):
        code = run(shlex.split(words))
    if code:
        raise RepixError(f"`repix {words}` failed: {told.getvalue().strip()}")
    return printed.getvalue()


VERB = command(demo)
