"""Examples for the demo page: restorations, segmentations and explanations."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from repix.arithmetic.synthetic import cells, street
from repix.models import catalog
from repix.pictures import Picture, write
from repix.registry import library


@dataclass(frozen=True)
class Restoration:
    """A photo, how it is degraded and restored, and how the difference is measured."""

    title: str
    photo: str
    degrade: str
    restore: str
    metric: str
    show: str | None = None
    """Filter for the picture to show and measure instead of the degraded one, if that has another size."""
    model: str | None = None
    """Name of the bundled model, if one is used."""

    @property
    def losses(self) -> str:
        """The names of the degradations, such as "camera, jpeg"."""
        words = shlex.split(self.degrade)
        steps = [words[number + 1].split()[0] for number, word in enumerate(words) if word == "--step"]
        return ", ".join(steps) or words[0]

    @property
    def tool(self) -> str:
        """The name of the model or the filter."""
        return self.model or self.restore.split()[1]


def _by(model: str, title: str, photo: str, degrade: str, metric: str, **more: str) -> Restoration:
    """Return a restoration by a bundled model, with the command of its task."""
    verb = catalog()[model].task
    words = f"{verb} --scale {model[-1]}" if model[-1].isdigit() else f"{verb} --model {model}"
    return Restoration(title, photo, degrade, words, metric, model=model, **more)


WIENER = 'filter wiener-deblur --blur "motion 15 30"'
BELTRAMI, BICUBIC = "filter beltrami-patch --sigma 25", "filter bicubic --scale 2"
PHOTO = 'chain --step "camera shot={} read=0.01 noise-reduction={}" --step "jpeg quality=90" --seed {}'
SMALL = 'chain --step "shrink scale={}" --step "jpeg quality=75"'
BY_MODELS = (
    _by("denoise-photo", "A phone's photo", "astronaut", PHOTO.format(0.006, 0, 5), "psnr-rgb"),
    _by("denoise-photo", "After the phone's noise reduction", "coffee", PHOTO.format(0.02, 0.8, 6), "psnr-rgb"),
    _by("denoise-photo", "A dark photo, brightened", "chelsea", PHOTO.format(0.02, 0, 7), "psnr-rgb"),
    _by("dejpeg", "Strong compression", "coffee", "jpeg --quality 15", "psnr-rgb"),
    _by("denoise-color", "Noise in color", "astronaut", "gaussian --sigma 25 --seed 2", "psnr-rgb"),
    _by("denoise-gray", "Noise", "camera", "gaussian --sigma 25 --seed 1", "psnr-gray"),
    _by("denoise-impulse", "Salt and pepper", "chelsea", "salt-and-pepper --density 0.1 --seed 3", "psnr-rgb"),
    _by("upscale-x2", "A thumbnail", "coffee", SMALL.format(2), "psnr-rgb", show="nearest --scale 2"),
    _by("upscale-x3", "A smaller thumbnail", "coins", SMALL.format(3), "psnr-gray", show="nearest --scale 3"),
    _by("upscale-x4", "A tiny thumbnail", "astronaut", SMALL.format(4), "psnr-rgb", show="nearest --scale 4"),
    Restoration(
        "A tiny thumbnail, with guessed detail",
        "coins",
        SMALL.format(4),
        "upscale --scale 4 --perception 0.5",
        "psnr-gray",
        show="nearest --scale 4",
        model="upscale-x4-sharp",
    ),
    _by("upscale-x2-clean", "Few pixels", "astronaut", "shrink --scale 2", "psnr-rgb", show="nearest --scale 2"),
    _by("upscale-x3-clean", "Fewer pixels", "coins", "shrink --scale 3", "psnr-gray", show="nearest --scale 3"),
    _by("upscale-x4-clean", "Very few pixels", "astronaut", "shrink --scale 4", "psnr-rgb", show="nearest --scale 4"),
    _by("deblur", "Blur", "coffee", "gaussian-blur --sigma 2", "psnr-rgb"),
    _by("colorize", "No color", "chelsea", "gray", "psnr-rgb"),
    _by(
        "restore",
        "Noise and no color",
        "astronaut",
        'chain --step gray --step "gaussian sigma=25" --seed 4',
        "psnr-rgb",
    ),
)
"""The photos are from scikit-image; missing models are left out."""


def _least(model: str, photo: str, metric: str) -> Restoration:
    """Return the first restoration of a model, of another photo; enlargers are compared with bicubic interpolation."""
    first = next(one for one in BY_MODELS if one.model == model)
    show = first.show and first.show.replace("nearest", "bicubic")
    return replace(first, title=f"Least gain: {photo.replace('_', ' ')}", photo=photo, metric=metric, show=show)


LEAST_GAINS = (
    _least("denoise-photo", "grass", "psnr-gray"),
    _least("dejpeg", "grass", "psnr-gray"),
    _least("denoise-color", "hubble_deep_field", "psnr-rgb"),
    _least("denoise-gray", "grass", "psnr-gray"),
    _least("denoise-impulse", "grass", "psnr-gray"),
    _least("upscale-x2", "moon", "psnr-gray"),
    _least("upscale-x3", "chelsea", "psnr-rgb"),
    _least("upscale-x4", "color", "psnr-rgb"),
    _least("upscale-x4-sharp", "ihc", "psnr-rgb"),
    _least("upscale-x2-clean", "cell", "psnr-gray"),
    _least("upscale-x3-clean", "cell", "psnr-gray"),
    _least("upscale-x4-clean", "color", "psnr-rgb"),
    _least("deblur", "cell", "psnr-gray"),
    _least("colorize", "hubble_deep_field", "psnr-rgb"),
    _least("restore", "color", "psnr-rgb"),
)
"""For each model, the photo of scikit-image where it gains least: benchmarks/best_and_worst.py measures all of them."""

BY_FILTERS = (
    Restoration("Noise", "camera", "gaussian --sigma 25 --seed 1", "filter nl-means --sigma 25", "psnr-gray"),
    Restoration(
        "Noise in color", "astronaut", "gaussian --sigma 25 --seed 2", "filter beltrami-patch --sigma 25", "psnr-rgb"
    ),
    Restoration(
        "Salt and pepper", "chelsea", "salt-and-pepper --density 0.1 --seed 3", "filter median --size 3", "psnr-rgb"
    ),
    Restoration("Moved camera", "coffee", "motion-blur --length 15 --angle 30", WIENER, "psnr-rgb"),
    Restoration("Few pixels", "astronaut", "shrink --scale 2", BICUBIC, "psnr-rgb", show="nearest --scale 2"),
)
"""The photos are from scikit-image."""

SEGMENTATION = ("Six colors", "coffee", "k-means --k 6")

EXPLANATIONS = (
    ("Transposed convolution, kernel 3, stride 2: the overlaps make the checkerboard",
     'conv-transpose --data "1 2; 3 4" --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2'),
    ("Pixel shuffle", 'pixel-shuffle --data "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9" --upscale-factor 2'),
    ("Bilinear interpolation", 'bilinear --data "1 5; 4 8" --scale-factor 2'),
)  # fmt: skip


def _put_cells(path: Path) -> None:
    write(Picture.of(cells()[0], None, "8"), path, overwrite=True)


def _put_street(path: Path) -> None:
    write(Picture.of(street(), None, "8"), path, overwrite=True)


def _put_cat(path: Path) -> None:
    write(Picture(library("skimage.data").chelsea()), path, overwrite=True)


SEGMENTED = {
    "segment-pets": ("A cat: object, background, and the border between them", "segment-pets", _put_cat),
    "segment-street": ("A street, drawn", "segment-street", _put_street),
    "segment-cells": ("Cells and the membranes between them, drawn", "segment-cells", _put_cells),
}
"""For each segmentation model: title, name of the picture, and function that writes it."""
