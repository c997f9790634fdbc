"""Show a picture, a pair of pictures, a trace or a training run in a notebook."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from repix.arithmetic.trace import Trace
from repix.errors import WrongUse
from repix.pictures import Picture, read, write
from repix.registry import require_libraries
from repix.report.step_data import recorded
from repix.studio.preview import LONGEST, shrunk

if TYPE_CHECKING:
    from repix.studio.notebook.widget import Widget

Shown = Picture | np.ndarray[Any, Any] | Trace | str | Path
CURVE, SAMPLES = "curve.svg", "samples"
"""Files of a run, see `training.run_folder`, which needs torch."""
MOST_STEPS = 500
MOST_SAMPLES = 40
"""The most sample grids of a run in a widget; of more, some are left out, never the last."""


def show(what: Shown, after: Picture | np.ndarray[Any, Any] | str | Path | None = None, name: str = "") -> "Widget":
    """Return a widget for a notebook's cell.

    - A picture (also as an array or a file) is shown; with `after`, before and after, with a border that moves.
    - A trace of an operation is shown step by step.
    - The folder of a training run is shown by its curve and its samples.

    Args:
        what: a Picture, an array, a file, a trace, or the folder of a run.
        after: a second picture.
        name: a title, for readers of the screen too.

    Raises:
        WrongUse: there is nothing to show.
        MissingLibrary: the extra `notebook` is not installed.
    """
    require_libraries("anywidget")
    from repix.studio.notebook.widget import widget_of

    if isinstance(what, Trace):
        return widget_of("trace", _steps(what, after), {})
    if isinstance(what, str | Path) and Path(what).is_dir():
        return widget_of("run", {"name": name or Path(what).name}, _files_of(Path(what)))
    pictures = {"before.png": what} if after is None else {"before.png": what, "after.png": after}
    named = {file: ("image/png", _png(_picture(one))) for file, one in pictures.items()}
    return widget_of("pictures", {"name": name or "picture"}, named)


def _steps(trace: Trace, after: object) -> dict[str, Any]:
    if after is not None:
        raise WrongUse("A trace is shown alone; leave out `after`.")
    if len(trace.steps) > MOST_STEPS:
        raise WrongUse(f"These are {len(trace.steps)} steps; a widget has at most {MOST_STEPS}. Give less data.")
    return recorded(trace)


def _picture(given: object) -> Picture:
    if isinstance(given, Picture):
        return given
    if isinstance(given, np.ndarray):
        return Picture(given)
    if isinstance(given, str | Path):
        return read(given)
    raise WrongUse(f"{type(given).__name__} is neither a picture, an array, a file, a trace nor a run's folder.")


def _png(picture: Picture) -> bytes:
    """Return a picture as every browser can show it, of at most 4096 pixels a side."""
    file = BytesIO()
    pixels = shrunk(picture, -(-max(picture.size) // LONGEST))
    write(Picture(pixels, picture.profile), file, format="png")
    return file.getvalue()


def _files_of(run: Path) -> dict[str, tuple[str, bytes]]:
    """Return the curve and the samples of a training run."""
    curve, found = run / CURVE, sorted((run / SAMPLES).glob("*.png"))
    if not curve.is_file() and not found:
        raise WrongUse(f"{run} is no folder of a training run: it has neither {CURVE} nor {SAMPLES}.")
    chosen = np.unique(np.linspace(0, len(found) - 1, min(len(found), MOST_SAMPLES)).round().astype(int))
    named = {CURVE: ("image/svg+xml", curve.read_bytes())} if curve.is_file() else {}
    return named | {one.stem: ("image/png", one.read_bytes()) for one in (found[place] for place in chosen)}
