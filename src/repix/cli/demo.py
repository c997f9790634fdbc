"""Spoil and mend sample pictures, and write a page to look at."""

import io
import os
import shlex
import sys
import time
import webbrowser
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from repix import metrics
from repix._version import VERSION
from repix.cli._app import command, run
from repix.errors import RepixError, Unwritable
from repix.members import library
from repix.models import catalogue
from repix.pictures import Picture, read, write
from repix.pictures.atomic import atomic_file
from repix.printable import printable
from repix.report import Comparison, Figure, Section, page
from repix.report.synthetic import cells, street


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
    model: str | None = None
    """The model that mends, which must come with repix."""

    @property
    def tool(self) -> str:
        """What mends, in a word."""
        return self.model or self.mend.split()[1]


def _by(model: str, title: str, photo: str, spoil: str, protocol: str, **more: str) -> Mending:
    """What a model that comes with repix mends, called by the verb of its task."""
    verb = model.partition("-")[0]
    words = f"{verb} --scale {model[-1]}" if verb == "upscale" else f"{verb} --model {model}"
    return Mending(title, photo, spoil, words, protocol, model=model, **more)


WIENER = 'filter wiener-deblur --blur "motion 15 30"'
BY_MODELS = (
    _by("denoise-colour", "Noise in colour", "astronaut", "gaussian --sigma 25 --seed 2", "rgb"),
    _by("denoise-grey", "Noise", "camera", "gaussian --sigma 25 --seed 1", "grey"),
    _by("denoise-impulse", "Salt and pepper", "chelsea", "salt-and-pepper --density 0.1 --seed 3", "rgb"),
    _by("upscale-x2", "Few pixels", "astronaut", "shrink --scale 2", "rgb", show="nearest --scale 2"),
    _by("upscale-x3", "Fewer pixels", "coins", "shrink --scale 3", "grey", show="nearest --scale 3"),
    _by("upscale-x4", "Very few pixels", "astronaut", "shrink --scale 4", "rgb", show="nearest --scale 4"),
    _by("deblur", "Not sharp", "coffee", "gaussian-blur --sigma 2", "rgb"),
    _by("colorize", "No colour", "chelsea", "grey", "rgb"),
    _by("restore", "Noise and no colour", "astronaut", 'chain --step grey --step "gaussian sigma=25" --seed 4', "rgb"),
    _by("scene", "Lines only", "chelsea", "edges", "rgb"),
)
"""The photos are carried by scikit-image; of these models, those that there are do their part."""

MENDINGS = (
    Mending("Noise", "camera", "gaussian --sigma 25 --seed 1", "filter nl-means --sigma 25", "grey"),
    Mending("Noise in colour", "astronaut", "gaussian --sigma 25 --seed 2", "filter beltrami-patch --sigma 25", "rgb"),
    Mending("Salt and pepper", "chelsea", "salt-and-pepper --density 0.1 --seed 3", "filter median --size 3", "rgb"),
    Mending("Moved camera", "coffee", "motion-blur --length 15 --angle 30", WIENER, "rgb"),
    Mending("Few pixels", "astronaut", "shrink --scale 2", "filter bicubic --scale 2", "rgb", show="nearest --scale 2"),
)
"""The photos are carried by scikit-image."""

SEGMENTATION = ("Six colours", "coffee", "k-means --k 6")

EXPLANATIONS = (
    ("Transposed convolution, kernel 3, stride 2: the overlaps make the checkerboard",
     'conv-transpose --data "1 2; 3 4" --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2'),
    ("Pixel shuffle", 'pixel-shuffle --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9" --upscale-factor 2'),
    ("Bilinear interpolation", 'bilinear --data "1 5; 4 8" --scale-factor 2'),
)  # fmt: skip


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")] = Path("demo"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of an earlier demo.")] = False,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page, where there is a desktop and a terminal.")
    ] = True,
) -> None:
    """Spoil and mend photos that scikit-image carries, explain some arithmetic, and write OUTPUT/index.html.

    Every result on the page was made by the command that stands below it.
    """
    index = output / "index.html"
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise Unwritable(
            f"{output} is not empty; use --overwrite to replace an earlier demo, or -o for another folder."
        )
    library("skimage")  # before anything is made
    output.mkdir(parents=True, exist_ok=True)
    rows: list[list[str]] = []
    by_models = _mended(output, [one for one in BY_MODELS if one.model in catalogue()], rows)
    by_filters = _mended(output, MENDINGS, rows)
    header = ("what", "mended by", "pixels", "protocol", "dB before", "dB after", "seconds")
    sections = [
        Section("With the models of repix", "Drag across a picture: spoiled left, mended right.", by_models),
        Section("With the classical filters", "They are told what was done to the photo; a model is not.", by_filters),
        Section("How much it helped", "Measured against the untouched photo.", header=header, rows=rows),
        Section("Say what each pixel shows", items=[*_by_networks(output), _segment(output)]),
        Section("See the arithmetic", items=[_explain(output, *explanation) for explanation in EXPLANATIONS]),
    ]
    sources = "photos that come with scikit-image, and on a street and cells that were drawn"
    text = f"Made by repix {VERSION} with the commands shown, on {sources}."
    with atomic_file(index, overwrite) as file:
        file.write(page("repix: what it does", text, sections).encode())
    print(printable(index))
    if show and sys.stdout.isatty() and _has_desktop():
        webbrowser.open(index.resolve().as_uri())


def _has_desktop() -> bool:
    """Whether somebody sits before a screen that can show windows."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _mended(folder: Path, mendings: Sequence[Mending], rows: list[list[str]]) -> list[Comparison]:
    """The sliders of all these; their rows are added to the table."""
    sliders = []
    for mending in mendings:
        row, slider = _mend(folder, f"{len(rows) + 1}-{mending.photo}", mending)
        rows.append(row)
        sliders.append(slider)
        print(f"{row[0]}: {row[1]}, {row[4]} dB → {row[5]} dB ({row[3]}), {row[6]} s", file=sys.stderr)
    return sliders


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
    mend = _repix(folder, mending.mend, folder / spoiled, mended)
    seconds = time.perf_counter() - start
    before, after = (_measure(folder / result, clean, mending.protocol) for result in (shown, mended))
    text = f"{before:.2f} dB → {after:.2f} dB ({mending.protocol})"
    labels = (mending.spoil.split()[0], mending.tool)
    slider = Comparison(mending.title, shown, mended, labels, text, f"{spoil}\n{mend}")
    height, width = read(folder / mended).size
    numbers = [f"{width}×{height}", mending.protocol, f"{before:.2f}", f"{after:.2f}", f"{seconds:.2f}"]
    return [mending.title, mending.tool, *numbers], slider


def _by_networks(folder: Path) -> list[Comparison]:
    """What the models for classes say, drawn over the picture."""
    sliders = []
    for model, (title, stem, put) in SEGMENTED.items():
        if model in catalogue():
            picture, overlay = folder / f"{stem}.png", f"{stem}-mask-overlay.png"
            put(picture)
            start = time.perf_counter()
            line = _repix(folder, f"segment --model {model} --overlay", picture, f"{stem}-mask.png")
            text = f"{time.perf_counter() - start:.2f} s"
            sliders.append(Comparison(title, picture.name, overlay, ("picture", model), text, line))
    return sliders


def _put_cells(path: Path) -> None:
    write(Picture.of(cells()[0], None, "8"), path, overwrite=True)


def _put_street(path: Path) -> None:
    write(Picture.of(street(), None, "8"), path, overwrite=True)


SEGMENTED = {
    "segment-street": ("A street, drawn", "segment-street", _put_street),
    "segment-cells": ("Cells and the membranes between them, drawn", "segment-cells", _put_cells),
}
"""For each model for classes a title, the picture's name, and what puts it there."""


def _segment(folder: Path) -> Comparison:
    """A photo painted with a few of its colours."""
    title, photo, words = SEGMENTATION
    clean, painted = f"segment-{photo}.png", f"segment-{photo}-colours.png"
    with atomic_file(folder / clean, overwrite=True) as file:
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
    """The number that `repix measure` gives; grey counts as colour without any where the photo is in colour."""
    made, clean = (read(path).colours() for path in (result, truth))
    if made.shape[2] < clean.shape[2]:
        made = np.repeat(made, clean.shape[2], axis=2)
    return float(getattr(metrics, protocol)(made, clean))


def _run(words: str) -> str:
    """Run repix within this process and return what it printed."""
    printed, told = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(told):
        code = run(shlex.split(words))
    if code:
        raise RepixError(f"`repix {words}` failed: {told.getvalue().strip()}")
    return printed.getvalue()


VERB = command(demo)
