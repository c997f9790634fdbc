"""The page of `repix demo`: samples degraded, restored, segmented and explained by the commands that it shows."""

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repix import metrics
from repix._version import VERSION
from repix.models import catalog
from repix.pictures import read
from repix.pictures.atomic import atomic_file
from repix.registry import library
from repix.report.page import Comparison, Figure, Section, page
from repix.report.showcase import (
    BY_FILTERS,
    BY_MODELS,
    EXPLANATIONS,
    LEAST_GAINS,
    SEGMENTATION,
    SEGMENTED,
    Restoration,
)

LEAST = (
    "For each model, the photo of scikit-image where it gains least, or loses. Textures look like noise to a denoiser; "
    "an enlarger adds nothing where bicubic interpolation is exact; colors of a gray picture are guesses."
)


@dataclass(frozen=True)
class Demo:
    """A demo, its folder, and how commands are run."""

    folder: Path
    run: Callable[[str], object]
    """Runs a command of repix, given without the word `repix`; an error ends the demo."""
    message: Callable[[str], None]
    """Gets a line for each restoration."""

    def write(self, overwrite: bool) -> Path:
        """Run the commands, write index.html, and return its path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows: list[list[str]] = []
        by_models = self._restored([one for one in BY_MODELS if one.model in catalog()], rows)
        by_filters = self._restored(BY_FILTERS, rows)
        least = self._restored([one for one in LEAST_GAINS if one.model in catalog()], rows)
        header = ("task", "method", "pixels", "metric", "dB before", "dB after", "seconds")
        sections = [
            Section("Bundled models", "Drag across a picture: degraded left, restored right.", by_models),
            Section("Classical filters", "The filters know the degradation; the models do not.", by_filters),
            Section("Where the models gain least", LEAST, least),
            Section("Gain", "Measured against the original photo.", header=header, rows=rows),
            Section("Segmentation", items=[*self._by_networks(), self._segment()]),
            Section("Arithmetic, step by step", items=[self._explain(*explanation) for explanation in EXPLANATIONS]),
        ]
        sources = "photos of scikit-image, and a drawn street and drawn cells"
        text = f"Made by repix {VERSION} with the commands shown, on {sources}."
        index = self.folder / "index.html"
        with atomic_file(index, overwrite) as file:
            file.write(page("repix demo", text, sections).encode())
        return index

    def _restored(self, restorations: Sequence[Restoration], rows: list[list[str]]) -> list[Comparison]:
        """Return a slider for each restoration, and add the rows of the table."""
        sliders = []
        for restoration in restorations:
            row, slider = self._restore(f"{len(rows) + 1}-{restoration.photo}", restoration)
            rows.append(row)
            sliders.append(slider)
            self.message(f"{row[0]}: {row[1]}, {row[4]} dB → {row[5]} dB ({row[3]}), {row[6]} s")
        return sliders

    def _restore(self, name: str, restoration: Restoration) -> tuple[list[str], Comparison]:
        """Return the row of the table and the slider of a restoration."""
        clean = _photo(restoration.photo)
        degraded, restored, shown = (f"{name}-{kind}.png" for kind in ("degraded", "restored", "shown"))
        degrade = self._repix(f"degrade {restoration.degrade}", clean, degraded)
        if restoration.show is None:
            shown = degraded
        else:
            self._repix(f"filter {restoration.show}", self.folder / degraded, shown)
        start = time.perf_counter()
        restore = self._repix(restoration.restore, self.folder / degraded, restored)
        seconds = time.perf_counter() - start
        before, after = (_measure(self.folder / result, clean, restoration.metric) for result in (shown, restored))
        text = f"{before:.2f} dB → {after:.2f} dB ({restoration.metric})"
        labels = (restoration.losses, restoration.tool)
        slider = Comparison(restoration.title, shown, restored, labels, text, f"{degrade}\n{restore}")
        height, width = read(self.folder / restored).size
        numbers = [f"{width}×{height}", restoration.metric, f"{before:.2f}", f"{after:.2f}", f"{seconds:.2f}"]
        return [restoration.title, restoration.tool, *numbers], slider

    def _by_networks(self) -> list[Comparison]:
        """Return sliders with the segmentation models' classes drawn over their pictures."""
        sliders = []
        for model, (title, stem, put) in SEGMENTED.items():
            if model in catalog():
                picture, overlay = self.folder / f"{stem}.png", f"{stem}-mask-overlay.png"
                put(picture)
                start = time.perf_counter()
                line = self._repix(f"segment --model {model} --overlay", picture, f"{stem}-mask.png")
                text = f"{time.perf_counter() - start:.2f} s"
                sliders.append(Comparison(title, picture.name, overlay, ("picture", model), text, line))
        return sliders

    def _segment(self) -> Comparison:
        """Return a slider with a photo in a few of its colors, by k-means."""
        title, photo, words = SEGMENTATION
        clean, painted = f"segment-{photo}.png", f"segment-{photo}-colors.png"
        with atomic_file(self.folder / clean, overwrite=True) as file:
            file.write(_photo(photo).read_bytes())
        line = self._repix(f"filter {words}", self.folder / clean, painted)
        return Comparison(title, clean, painted, ("photo", "k-means"), command=line)

    def _explain(self, title: str, words: str) -> Figure:
        """Return a figure with the steps of an operation."""
        file = f"explain-{words.split()[0]}.svg"
        self.run(f"explain {words} --svg {shlex.quote(str(self.folder / file))} --overwrite")
        return Figure(title, file, command=f"repix explain {words} --svg {file}")

    def _repix(self, words: str, source: Path, target: str) -> str:
        """Run a command on a file, and return the line to show for it."""
        self.run(f"{words} {shlex.quote(str(source))} -o {shlex.quote(str(self.folder / target))} --overwrite")
        return f"repix {words} {source.name} -o {target}"


def _photo(name: str) -> Path:
    """Return the path of a photo of scikit-image."""
    folder = Path(library("skimage").__file__).parent / "data"
    return next(file for file in (folder / f"{name}.png", folder / f"{name}.jpg") if file.is_file())


def _measure(result: Path, truth: Path, metric: str) -> float:
    """Return the value of a metric on what both pictures have from the upper left corner.

    An enlarged picture can have more rows and columns than the photo. A gray result is repeated to three channels for a
    color photo.
    """
    pictures = [read(path).colors() for path in (result, truth)]
    rows, columns = (min(one.shape[axis] for one in pictures) for axis in (0, 1))
    made, clean = (one[:rows, :columns] for one in pictures)
    if made.shape[2] < clean.shape[2]:
        made = np.repeat(made, clean.shape[2], axis=2)
    return float(getattr(metrics, metric)(made, clean))
