"""Make the pictures at the top of README.md again, and print the table that stands there.

Run it with `python docs/make_readme_pictures.py`. The photo is the astronaut that scikit-image carries; PSNR is measured on
the whole photo, and a part of it is shown.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage

import repix

FOLDER = Path(__file__).parent / "pictures"
SHOWN = (slice(20, 220), slice(130, 330))
SIGMA = 25.0
WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "noisy": lambda noisy: noisy,
    "median": lambda noisy: repix.filters.median(noisy, size=3),
    "wavelet": lambda noisy: repix.filters.wavelet(noisy, sigma=SIGMA),
    "nl-means": lambda noisy: repix.filters.nl_means(noisy, sigma=SIGMA),
    "beltrami-patch": lambda noisy: repix.filters.beltrami_patch(noisy, sigma=SIGMA),
    "bm3d": lambda noisy: repix.filters.bm3d(noisy, sigma=SIGMA),
}


def main() -> None:
    """Spoil the photo, mend it in every way, keep the pictures."""
    photo = repix.read(Path(skimage.__file__).parent / "data" / "astronaut.png").colours()
    noisy = repix.degradations.gaussian(photo, np.random.default_rng(0), sigma=SIGMA)
    heads, cells = [], []
    for name, mend in WAYS.items():
        result = mend(noisy)
        file = FOLDER / f"readme-{name}.jpg"
        repix.write(repix.Picture.of(result[SHOWN], None, "8"), file, overwrite=True)
        heads.append(f"{name} {repix.metrics.rgb(result, photo):.2f} dB")
        cells.append(f"![{name}](docs/pictures/{file.name})")
    for row in (heads, ["---"] * len(heads), cells):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
