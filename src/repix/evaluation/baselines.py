"""Baselines: the source without conversion, the best classical filter for a task, and any filter by name."""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec

import numpy as np

from repix import registry
from repix.errors import WrongUse
from repix.parameters import read_settings
from repix.pictures import Picture
from repix.pictures.array_function import apply
from repix.tasks import Baseline, Task

NEEDS = {
    "beltrami-patch": ("cv2", "pywt"),
    "bm3d": ("bm3d", "pywt"),
    "lanczos": (),
    "median": ("cv2", "scipy"),
    "total-variation": ("pywt", "skimage"),
    "unsharp": ("cv2",),
    "wavelet": ("pywt",),
}
"""Libraries of the best filters."""


def nothing(task: Task, class_pixels: Sequence[int] = ()) -> Baseline:
    """Return the trivial baseline: the source as it is, repeated to three channels or enlarged by bicubic if needed.

    For segmentation it is the most frequent class everywhere; `class_pixels` is the number of pixels of each class in
    the training masks.

    >>> nothing(registry.get("tasks", "upscale")({"scale": 3})).name
    'bicubic scale=3'
    """
    if task.baseline is not None:
        return task.baseline
    if task.logits:
        if len(class_pixels) != task.channels[1]:
            raise WrongUse(f"class_pixels has {len(class_pixels)} values; {task.name} has {task.channels[1]} classes.")
        return Baseline("the commonest class", partial(_one_class, task, int(np.argmax(class_pixels))))
    if task.scale > 1:
        return filtered(f"bicubic scale={task.scale}", task)
    return Baseline("gray" if _colors(task) else "nothing", partial(_as_result, task))


def classical(task: Task) -> Baseline | None:
    """Return the best classical filter for a task that is installed; None if there is none.

    >>> classical(registry.get("tasks", "upscale")({"scale": 3})).name
    'lanczos scale=3'
    >>> classical(registry.get("tasks", "colorize")())
    """
    best = task.filters
    found = next((text for text in best if not _missing(text)), None)
    if found is None:
        return None
    baseline, better = filtered(found, task), [text.split()[0] for text in best[: best.index(found)]]
    if not better:
        return baseline
    return Baseline(f"{baseline.name} ({' and '.join(better)} not installed)", baseline.convert)


def filtered(text: str, task: Task | None = None) -> Baseline:
    """Return a filter from a text with its settings; gray is repeated to three channels if the task adds color.

    >>> filtered("median size=5").name
    'median size=5'
    >>> filtered("median size=4")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the filter 'median size=4': size is 4; it must be odd, from 1 to 999.
    """
    name, *words = text.split() or [""]
    if not name:
        raise WrongUse("A filter is empty; write a name and its settings, such as 'bm3d sigma=25'.")
    offered = registry.get("filters", name)
    try:
        settings = read_settings(name, offered.function, words)
    except WrongUse as error:
        raise type(error)(f"In the filter '{text}': {error}") from None
    function = partial(offered.function, **settings)

    def convert(picture: Picture) -> Picture:
        result = apply(function, picture, offered.scales)
        return result if task is None else _as_result(task, result)

    return Baseline(" ".join([name, *words]), convert)


def _missing(text: str) -> list[str]:
    """Return the libraries of a filter that are not installed."""
    return [library for library in NEEDS.get(text.split()[0], ()) if find_spec(library) is None]


def _colors(task: Task) -> bool:
    """Return True if the task adds color to gray pictures."""
    return task.corrupted is None and task.picture_channels == 1 < task.channels[1]


def _as_result(task: Task, picture: Picture) -> Picture:
    """Return the picture, or its encoded gray repeated to three channels if the task adds color."""
    if not _colors(task):
        return picture
    gray = task.encode(picture)[0, :1].transpose(1, 2, 0)
    return picture.with_colors(np.repeat(gray, 3, axis=2))


def _one_class(task: Task, number: int, source: Picture) -> Picture:
    scores = np.zeros((1, task.channels[1], *source.size), np.float32)
    scores[:, number] = 1
    return task.decode(scores, source)
