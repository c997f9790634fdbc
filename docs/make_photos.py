"""Make the photos in README.md and degradations-and-filters.md again, and print the table in the latter.

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
LARGE = (slice(20, 220), slice(100, 350))
"""The part that README shows."""
SIGMA = 25.0
CAMERA = ("camera shot=0.006 read=0.01", "jpeg quality=90")
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
    "camera": {"shot": 0.015, "read": 0.02, "noise_reduction": 1.5},
    "develop": {"contrast": 0.6, "sharpening": 1.5},
    "motion-path": {"length": 25.0, "bend": 200.0},
    "resize-chain": {"factor": 0.25},
}
"""Settings of the degradations that are shown; the page names the same numbers."""

DENOISERS = ("median", "wavelet", "nl-means", "beltrami-patch", "bm3d")


def keep(name: str, picture: Array) -> None:
    """Write a part of a picture, at 4:4:4 and quality 90."""
    repix.write(repix.Picture.of(picture, None, "8"), FOLDER / f"{name}.jpg", overwrite=True)


def main() -> None:
    """Degrade the photo in every way, denoise it in several ways, and write the pictures."""
    photo = repix.read(Path(skimage.__file__).parent / "data" / "astronaut.png").colors()
    for name, settings in SETTINGS.items():
        offered = registry.get("degradations", name)
        rng = {"rng": np.random.default_rng(0)} if offered.random else {}
        part = photo[SHOWN] if not offered.random else photo
        degraded = offered.function(part, **rng, **settings)
        degraded = degraded[SHOWN] if offered.random else degraded
        keep(f"degrade-{name}", degraded if name != "shrink" else repix.filters.nearest(degraded, scale=4))
    noisy = repix.degradations.gaussian(photo, np.random.default_rng(0), sigma=SIGMA)
    denoised = {"noisy": noisy}
    for name in DENOISERS:
        told = {} if name == "median" else {"sigma": SIGMA}
        denoised[name] = registry.get("filters", name).function(noisy, **told)
    show("docs/degradations-and-filters.md", denoised, photo, "pictures")
    before_and_after(photo)


def before_and_after(photo: Array) -> None:
    """Write README's picture, enlarged: a noisy photo and a thumbnail, and what the models make of them."""
    noisy = repix.degradations.chain(photo, np.random.default_rng(5), CAMERA)
    small = repix.degradations.jpeg(repix.degradations.shrink(photo, scale=2, eight_bit=True), 75)
    rows = (
        (noisy, converted(noisy, "denoise-photo")),
        (repix.filters.nearest(small, scale=2), converted(small, "upscale-x2")),
    )
    parts = [np.concatenate([one[LARGE] for one in row], axis=1) for row in rows]
    keep("before-after", repix.filters.nearest(np.concatenate(parts), scale=2))


def converted(picture: Array, model: str) -> Array:
    """Return what a bundled model makes of a picture."""
    return repix.convert(repix.Picture(picture.astype(np.float32)), model).colors()


def show(page: str, results: dict[str, Array], photo: Array, folder: str) -> None:
    """Keep a part of each, and print the page's table."""
    for name, result in results.items():
        keep(f"filter-{name}", result[SHOWN])
    heads = [f"{name} {repix.metrics.psnr_rgb(result, photo):.2f} dB" for name, result in results.items()]
    cells = [f"![{name}]({folder}/filter-{name}.jpg)" for name in results]
    print(page)
    for row in (heads, ["---"] * len(heads), cells):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
