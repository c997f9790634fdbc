"""Experiment: what it is given, what it finds, and its files: a page, and the figures as JSON."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.timing import RESULTS, save
from repix.pictures.atomic import atomic_file
from repix.report import Section, page, page_bytes

Row = dict[str, Any]
LIBRARIES = ("torch", "lightning", "openvino", "numpy")


@dataclass(frozen=True)
class Given:
    """What an experiment is run with."""

    output: Path
    """The folder of the runs, the page and the figures."""
    pets: Path | None = None
    """Photos of pets with trimaps; None: drawn ones."""
    photos: Path | None = None
    """Photos; None: those of scikit-image."""
    steps: int | None = None
    """Steps of each run; None: those of the experiment."""
    seeds: int | None = None
    pictures: int | None = None
    """The most pictures to train with, and half as many to measure on; None: those of the experiment."""


@dataclass(frozen=True)
class Found:
    """The rows for JSON and the sections of the page."""

    rows: Sequence[Row]
    sections: Sequence[Section]
    answer: Sequence[str] = field(default=())
    """The result in sentences."""


@dataclass(frozen=True)
class Experiment:
    """An experiment of the lectures."""

    name: str
    title: str
    lecture: str
    """What the lecture says."""
    run: Callable[[Given], Iterator[Found]]
    """Yields the findings of each part."""

    @property
    def file(self) -> str:
        """The name of its figures, without suffix."""
        return f"lectures-{self.name}"


def write(experiment: Experiment, given: Given, keep: bool = False) -> Path:
    """Run an experiment, write its page and figures after each part, and return the page.

    Args:
        experiment: the experiment.
        given: what it is run with.
        keep: also write the figures into benchmarks/results.
    """
    rows, sections, answer = list[Row](), list[Section](), list[str]()
    file = given.output / "index.html"
    drawn = "" if given.pets or given.photos else " Pictures: drawn by our code, or photos of scikit-image."
    for part in experiment.run(given):
        rows += part.rows
        sections += part.sections
        answer += part.answer
        for folder in (given.output, *([RESULTS] if keep else [])):
            save(experiment.file, rows, LIBRARIES, folder)
        html = page(experiment.title, f"The lecture: {experiment.lecture}{drawn}", sections, answer)
        with atomic_file(file, overwrite=True) as opened:
            opened.write(page_bytes(html))
    return file
