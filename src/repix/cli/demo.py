"""Degrade and restore sample photos, and write an HTML page with the results."""

import io
import os
import shlex
import sys
import time
import webbrowser
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from repix import metrics
from repix._version import VERSION
from repix.cli._app import run
from repix.cli._commands import command
from repix.errors import RepixError, Unwritable
from repix.models import catalog
from repix.pictures import read
from repix.pictures.atomic import atomic_file
from repix.printable import printable
from repix.registry import library
from repix.report import Comparison, Figure, Section, page
from repix.report.showcase import BY_FILTERS, BY_MODELS, EXPLANATIONS, SEGMENTATION, SEGMENTED, Restoration


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")] = Path("demo"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files of an earlier demo.")] = False,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, if there is a desktop.")
    ] = True,
) -> None:
    """Degrade and restore photos of scikit-image, explain some arithmetic, and write OUTPUT/index.html.

    The page shows the command for each result.
    """
    index = output / "index.html"
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise Unwritable(
            f"{output} is not empty; use --overwrite to replace an earlier demo, or name another folder with -o."
        )
    library("skimage")  # before anything is made
    output.mkdir(parents=True, exist_ok=True)
    rows: list[list[str]] = []
    by_models = _restored(output, [one for one in BY_MODELS if one.model in catalog()], rows)
    by_filters = _restored(output, BY_FILTERS, rows)
    header = ("task", "method", "pixels", "metric", "dB before", "dB after", "seconds")
    sections = [
        Section("Bundled models", "Drag across a picture: degraded left, restored right.", by_models),
        Section("Classical filters", "The filters know the degradation; the models do not.", by_filters),
        Section("Gain", "Measured against the original photo.", header=header, rows=rows),
        Section("Segmentation", items=[*_by_networks(output), _segment(output)]),
        Section("Arithmetic, step by step", items=[_explain(output, *explanation) for explanation in EXPLANATIONS]),
    ]
    sources = "photos of scikit-image, and a drawn street and drawn cells"
    text = f"Made by repix {VERSION} with the commands shown, on {sources}."
    with atomic_file(index, overwrite) as file:
        file.write(page("repix demo", text, sections).encode())
    print(printable(index))
    if show and sys.stdout.isatty() and _has_desktop():
        webbrowser.open(index.resolve().as_uri())


def _has_desktop() -> bool:
    """Return True if there is a desktop."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _restored(folder: Path, restorations: Sequence[Restoration], rows: list[list[str]]) -> list[Comparison]:
    """Return a slider for each restoration, and add the rows of the table."""
    sliders = []
    for restoration in restorations:
        row, slider = _restore(folder, f"{len(rows) + 1}-{restoration.photo}", restoration)
        rows.append(row)
        sliders.append(slider)
        print(f"{row[0]}: {row[1]}, {row[4]} dB → {row[5]} dB ({row[3]}), {row[6]} s", file=sys.stderr)
    return sliders


def _restore(folder: Path, name: str, restoration: Restoration) -> tuple[list[str], Comparison]:
    """Return the row of the table and the slider of a restoration."""
    clean = _photo(restoration.photo)
    degraded, restored, shown = (f"{name}-{kind}.png" for kind in ("degraded", "restored", "shown"))
    degrade = _repix(folder, f"degrade {restoration.degrade}", clean, degraded)
    if restoration.show is None:
        shown = degraded
    else:
        _repix(folder, f"filter {restoration.show}", folder / degraded, shown)
    start = time.perf_counter()
    restore = _repix(folder, restoration.restore, folder / degraded, restored)
    seconds = time.perf_counter() - start
    before, after = (_measure(folder / result, clean, restoration.metric) for result in (shown, restored))
    text = f"{before:.2f} dB → {after:.2f} dB ({restoration.metric})"
    labels = (restoration.losses, restoration.tool)
    slider = Comparison(restoration.title, shown, restored, labels, text, f"{degrade}\n{restore}")
    height, width = read(folder / restored).size
    numbers = [f"{width}×{height}", restoration.metric, f"{before:.2f}", f"{after:.2f}", f"{seconds:.2f}"]
    return [restoration.title, restoration.tool, *numbers], slider


def _by_networks(folder: Path) -> list[Comparison]:
    """Return sliders with the segmentation models' classes drawn over their pictures."""
    sliders = []
    for model, (title, stem, put) in SEGMENTED.items():
        if model in catalog():
            picture, overlay = folder / f"{stem}.png", f"{stem}-mask-overlay.png"
            put(picture)
            start = time.perf_counter()
            line = _repix(folder, f"segment --model {model} --overlay", picture, f"{stem}-mask.png")
            text = f"{time.perf_counter() - start:.2f} s"
            sliders.append(Comparison(title, picture.name, overlay, ("picture", model), text, line))
    return sliders


def _segment(folder: Path) -> Comparison:
    """Return a slider with a photo in a few of its colors, by k-means."""
    title, photo, words = SEGMENTATION
    clean, painted = f"segment-{photo}.png", f"segment-{photo}-colors.png"
    with atomic_file(folder / clean, overwrite=True) as file:
        file.write(_photo(photo).read_bytes())
    line = _repix(folder, f"filter {words}", folder / clean, painted)
    return Comparison(title, clean, painted, ("photo", "k-means"), command=line)


def _explain(folder: Path, title: str, words: str) -> Figure:
    """Return a figure with the steps of an operation."""
    file = f"explain-{words.split()[0]}.svg"
    _run(f"explain {words} --svg {shlex.quote(str(folder / file))} --overwrite")
    return Figure(title, file, command=f"repix explain {words} --svg {file}")


def _photo(name: str) -> Path:
    """Return the path of a photo of scikit-image."""
    folder = Path(library("skimage").__file__).parent / "data"
    return folder / f"{name}.png"


def _repix(folder: Path, words: str, source: Path, target: str) -> str:
    """Run a command on a file, and return the line to show for it."""
    _run(f"{words} {shlex.quote(str(source))} -o {shlex.quote(str(folder / target))} --overwrite")
    return f"repix {words} {source.name} -o {target}"


def _measure(result: Path, truth: Path, metric: str) -> float:
    """Return the value of a metric; a gray result is repeated to three channels for a color photo."""
    made, clean = (read(path).colors() for path in (result, truth))
    if made.shape[2] < clean.shape[2]:
        made = np.repeat(made, clean.shape[2], axis=2)
    return float(getattr(metrics, metric)(made, clean))


def _run(words: str) -> str:
    """Run repix within this process, and return its output."""
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        code = run(shlex.split(words))
    if code:
        raise RepixError(f"`repix {words}` failed: {errors.getvalue().strip()}")
    return output.getvalue()


VERB = command(demo)
