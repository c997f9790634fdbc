"""Make the photos in README.md and degradations-and-filters.md again, and print the tables that stand in them.

Run it with `python docs/make_photos.py`. The photo is the astronaut that scikit-image carries; PSNR is measured on the
whole photo, and a part of it is shown.
"""

from pathlib import Path

import numpy as np
import skimage

import repix
from repix import registry
from repix.arithmetic.arrays import Array

FOLDER = Path(__file__).parent / "pictures"
SHOWN = (slice(20, 180), slice(140, 300))
SIGMA = 25.0
SETTINGS = {
    "gaussian": {"sigma": 25.0},
    "salt-and-pepper": {"density": 0.05},
    "speckle": {"sigma": 0.3},
    "poisson": {"photons": 20.0},
    "mean-blur": {"size": 9},
    "gaussian-blur": {"sigma": 3.0},
    "motion-blur": {"length": 15.0, "angle": 30.0},
    "defocus": {"radius": 5.0},
    "shrink": {"scale": 4},
    "jpeg": {"quality": 8},
    "gray": {},
    "edges": {"style": "pencil"},
}
"""How strongly each degradation is shown; the page names the same numbers."""

DENOISERS = ("median", "wavelet", "nl-means", "beltrami-patch", "bm3d")


def keep(name: str, picture: Array) -> None:
    """Write a part of a picture, at 4:4:4 and quality 90."""
    repix.write(repix.Picture.of(picture, None, "8"), FOLDER / f"{name}.jpg", overwrite=True)


def main() -> None:
    """Spoil the photo in every way, mend one of them in every way, keep the pictures."""
    photo = repix.read(Path(skimage.__file__).parent / "data" / "astronaut.png").colors()
    for name, settings in SETTINGS.items():
        offered = registry.get("degradations", name)
        rng = {"rng": np.random.default_rng(0)} if offered.random else {}
        part = photo[SHOWN] if not offered.random else photo
        spoiled = offered.function(part, **rng, **settings)
        spoiled = spoiled[SHOWN] if offered.random else spoiled
        keep(f"degrade-{name}", spoiled if name != "shrink" else repix.filters.nearest(spoiled, scale=4))
    noisy = repix.degradations.gaussian(photo, np.random.default_rng(0), sigma=SIGMA)
    mended = {"noisy": noisy}
    for name in DENOISERS:
        told = {} if name == "median" else {"sigma": SIGMA}
        mended[name] = registry.get("filters", name).function(noisy, **told)
    show("docs/degradations-and-filters.md", mended, photo, "pictures")
    mended = {name: mended[name] for name in ("noisy", "bm3d")} | {"denoise-color": converted(noisy, "denoise-color")}
    small = repix.degradations.shrink(photo, scale=2, eight_bit=True)
    enlarged = {
        "few-pixels": repix.filters.nearest(small, scale=2),
        "bicubic": repix.filters.bicubic(small, scale=2),
        "upscale-x2": converted(small, "upscale-x2"),
    }
    show("README.md", mended | enlarged, photo, "docs/pictures")


def converted(picture: Array, model: str) -> Array:
    """What a model that comes with repix makes of a picture."""
    return repix.convert(repix.Picture(picture.astype(np.float32)), model).colors()


def show(page: str, results: dict[str, Array], photo: Array, folder: str) -> None:
    """Keep a part of each, and print the page's table."""
    for name, result in results.items():
        keep(f"readme-{name}", result[SHOWN])
    heads = [f"{name} {repix.metrics.psnr_rgb(result, photo):.2f} dB" for name, result in results.items()]
    cells = [f"![{name}]({folder}/readme-{name}.jpg)" for name in results]
    print(page)
    for row in (heads, ["---"] * len(heads), cells):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
