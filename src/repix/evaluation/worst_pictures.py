"""The worst pictures of an evaluation, as crops or shrunk, for a page."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.evaluation.evaluator import metric_arrays, planned
from repix.evaluation.examples import Example
from repix.masks import IGNORED, Encoding, class_colors
from repix.pictures import Picture
from repix.report.crops import Crop, Pixels, largest_crop, resized, shrunk_size, visible
from repix.report.error_map import error_of, wrong_classes
from repix.tasks import MetricSpec, Task
from repix.volumes.stack import Stack, one_slice

MOST_SHOWN = 16
"""Pictures on a page."""
SIDE = 224
"""Largest height and width of a crop, in pixels."""
LONGEST = 320
"""Longest side of a class map, which is shrunk instead of cropped, in pixels."""


@dataclass(frozen=True)
class Shown:
    """A picture on a page: the source if there is one, the truth, and results with their errors."""

    name: str
    part: str
    """The part that is shown, as text."""
    crop: Crop | None
    """The part that is shown; None for class maps, which are shrunk."""
    truth: Pixels
    source: Pixels | None = None
    results: dict[str, Pixels] = field(default_factory=dict)
    """By the name of the model."""
    errors: dict[str, NDArray[Any]] = field(default_factory=dict)
    """Error maps by the name of the model: H×W of float32 for pictures, colors for class maps."""


class WorstPictures:
    """Collects the pictures with the worst results of the first model, and the results of the others for them.

    It holds at most 16 pictures, as crops, or as shrunk class maps.

    >>> from repix import registry
    >>> task = registry.get("tasks", "denoise")({"color": False})
    >>> worst = WorstPictures(task, task.metrics[0], "median")
    >>> truth = Picture(np.zeros((4, 4), np.uint8))
    >>> for level in (10, 30, 20):
    ...     worst.add("median", Example(str(level), truth, truth), Picture(np.full((4, 4), level, np.uint8)))
    >>> [shown.name for shown in worst.pictures]
    ['30', '20', '10']
    """

    def __init__(self, task: Task, metric: MetricSpec, first: str) -> None:
        self.task, self._metric, self._first = task, metric, first
        self._kept: list[tuple[float, int, Shown]] = []
        """A heap whose first item has the best result of those that are kept."""
        self._count = 0

    @property
    def pictures(self) -> list[Shown]:
        """The pictures, the worst one first."""
        return [shown for _, _, shown in sorted(self._kept, key=lambda one: (-one[0], one[1]))]

    def add(self, model: str, example: Example, result: Picture) -> None:
        """Add the result of a model; the first model's results decide which pictures are kept."""
        if result.size != example.target.size:
            return
        if model == self._first:
            self._keep(example, result)
        shown = next((one for _, _, one in self._kept if one.name == example.name), None)
        if shown is not None:
            self._add_result(shown, model, example, result)

    def _keep(self, example: Example, result: Picture) -> None:
        one = planned(self._metric)
        one.add(example.name, metric_arrays(example, result, self.task))
        if example.name not in one.scores:
            return
        self._count += 1
        badness = -one.metric.goodness(one.scores[example.name].value)
        if len(self._kept) < MOST_SHOWN:
            heapq.heappush(self._kept, (badness, self._count, self._shown(example, result)))
        elif badness > self._kept[0][0]:
            heapq.heapreplace(self._kept, (badness, self._count, self._shown(example, result)))

    def _shown(self, example: Example, result: Picture) -> Shown:
        if isinstance(example.target, Stack):
            shown = self._shown(_flat(example), one_slice(result))
            return replace(shown, part=f"slice {example.target.slices // 2} (from 0), {shown.part}")
        encoding = self.task.masks
        if encoding is not None:
            ids = encoding.ids_of(example.target)
            return shown_classes(example.name, ids, class_colors(encoding), visible(example.source, ids.shape))
        source = visible(example.source, example.target.size)
        return shown_picture(example.name, example.target.colors(), result.colors(), source)

    def _add_result(self, shown: Shown, model: str, example: Example, result: Picture) -> None:
        encoding = self.task.masks
        example, result = _flat(example), one_slice(result)
        if encoding is None:
            add_picture(shown, model, result.colors(), example.target.colors())
        else:
            add_classes(shown, model, encoding.ids_of(result), encoding.ids_of(example.target), class_colors(encoding))


def _flat(example: Example) -> Example:
    """Return an example whose volumes are shown by their slice in the middle."""
    return replace(example, source=one_slice(example.source), target=one_slice(example.target))


def shown_picture(name: str, truth: NDArray[Any], result: NDArray[Any], source: Pixels | None = None) -> Shown:
    """Return a picture for a page: the crop in which the error of a result is largest."""
    crop = largest_crop(error_of(result, truth), SIDE)
    whole = truth.shape[:2] == (crop.height, crop.width)
    part = "whole picture" if whole else f"crop of {crop}, where the error is largest"
    return Shown(name, part, crop, _pixels(crop.of(truth)), None if source is None else crop.of(source))


def add_picture(shown: Shown, model: str, result: NDArray[Any], truth: NDArray[Any]) -> None:
    """Add the result of a model, with its error map."""
    if shown.crop is not None:
        shown.results[model] = _pixels(shown.crop.of(result))
        shown.errors[model] = error_of(shown.crop.of(result), shown.crop.of(truth))


def shown_classes(name: str, truth: NDArray[Any], colors: NDArray[np.uint8], photo: Pixels | None = None) -> Shown:
    """Return a class map for a page: all of it, shrunk if it is large."""
    size = shrunk_size((truth.shape[0], truth.shape[1]), LONGEST)
    part = "whole picture" if size == truth.shape else f"whole picture, {truth.shape[1]}×{truth.shape[0]}, shrunk"
    source = None if photo is None else resized(photo, size)
    return Shown(name, part, None, _colored(resized(truth, size), colors), source)


def add_classes(
    shown: Shown,
    model: str,
    result: NDArray[Any],
    truth: NDArray[Any],
    colors: NDArray[np.uint8],
    ignored: int = IGNORED,
) -> None:
    """Add the class map of a model, with its error map."""
    size = (shown.truth.shape[0], shown.truth.shape[1])
    result, truth = resized(result, size), resized(truth, size)
    photo = shown.truth if shown.source is None else shown.source
    shown.results[model] = _colored(result, colors)
    shown.errors[model] = wrong_classes(result, truth, photo, ignored)


def class_names(encoding: Encoding) -> Sequence[str]:
    """Return the names of the classes; without names, their numbers and values.

    >>> class_names(Encoding("levels", (0, 255)))
    ['class 0 (0)', 'class 1 (255)']
    """
    numbered = [f"class {number} ({encoding.value_text(value)})" for number, value in enumerate(encoding.values)]
    return encoding.names or numbered


def hex_colors(colors: NDArray[np.uint8], count: int) -> list[str]:
    """Return the first colors of a table as text.

    >>> hex_colors(np.array([[255, 0, 16]], np.uint8), 1)
    ['#ff0010']
    """
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colors[:count].tolist()]


def _pixels(colors: NDArray[Any]) -> Pixels:
    return visible(Picture(np.ascontiguousarray(colors, np.float32)))


def _colored(ids: NDArray[Any], colors: NDArray[np.uint8]) -> Pixels:
    pixels: Pixels = colors[np.minimum(ids, len(colors) - 1)]
    return pixels
