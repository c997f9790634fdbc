"""Denoisers of mixed noise by pixels and by spectra: python -m benchmarks.adversarial FOLDER MODEL ...

Method: the center of each photo, 256×256, gets the noise of recipes/denoise-degan.toml with the generator of its
place in the folder, and is rounded to 8 bits. Columns: mean `psnr-rgb`; mean perceptual loss, by the default feature
network; the power of the result's luma, with a Hann window, as a share of the photo's, in four bands of spatial
frequency (as shares of the Nyquist frequency). 100 % is the photo's own spectrum; a blurred result has less in the
upper bands.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.impulses import photos
from benchmarks.perceptual import tensor
from benchmarks.timing import RESULTS, save
from repix.arithmetic.color import luma
from repix.conversion import WHOLE, convert, open_model
from repix.degradations import degrade_pair, read_steps
from repix.losses import perceptual
from repix.metrics import psnr_rgb
from repix.pictures import Picture
from repix.pictures.picture import from_unit
from repix.training.feature_network import DEFAULT, feature_network
from repix.training.recipe import read_recipe

RECIPE = Path(__file__).parents[1] / "recipes" / "denoise-degan.toml"
BANDS = ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0))

Denoise = Callable[[Picture], Picture]


def noisy(clean: Sequence[Picture]) -> list[Picture]:
    """Return the photos with the recipe's noise, in 8 bits."""
    steps = read_steps(read_recipe(RECIPE).settings["degradations"])
    made = [degrade_pair(one.colors(), np.random.default_rng(i), steps)[0] for i, one in enumerate(clean)]
    return [Picture(from_unit(one, "8")) for one in made]


def band_powers(picture: Picture) -> NDArray[np.float64]:
    """Return the power of a picture's luma in each band.

    >>> stripes = np.tile(np.array([0, 255], np.uint8), (8, 4))[:, :, np.newaxis].repeat(3, 2)
    >>> int(band_powers(Picture(stripes)).argmax())
    3
    """
    plane = luma(picture.colors())[:, :, 0]
    plane = (plane - plane.mean()) * np.hanning(plane.shape[0])[:, None] * np.hanning(plane.shape[1])
    power = np.abs(np.fft.fft2(plane)) ** 2
    frequency = 2 * np.maximum(*(np.abs(one) for one in np.meshgrid(*map(np.fft.fftfreq, power.shape), indexing="ij")))
    return np.array([power[(frequency > low) & (frequency <= high)].sum() for low, high in BANDS])


def rows(denoisers: Mapping[str, Denoise], clean: Sequence[Picture]) -> Iterator[dict[str, Any]]:
    """Yield a row for each denoiser."""
    features, given = feature_network(DEFAULT), noisy(clean)
    true = sum(band_powers(one) for one in clean)
    for name, denoise in denoisers.items():
        results = [denoise(one) for one in given]
        pairs = list(zip(results, clean, strict=True))
        with torch.no_grad():
            distances = [perceptual(*(tensor(one.colors()) for one in pair), features).item() for pair in pairs]
        yield {
            "denoiser": name,
            "psnr": round(fmean(psnr_rgb(one.colors(), other.colors()) for one, other in pairs), 2),
            "perceptual": round(fmean(distances), 4),
            "bands": [round(float(share), 3) for share in sum(band_powers(one) for one in results) / true],
        }


def table(made: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown."""
    heads = [f"{low:g} to {high:g}" for low, high in BANDS]
    lines = [f"| denoiser | PSNR, dB | perceptual loss | {' | '.join(heads)} |", "|---" * (3 + len(BANDS)) + "|"]
    for row in made:
        shares = " | ".join(f"{share:.0%}" for share in row["bands"])
        lines.append(f"| {row['denoiser']} | {row['psnr']:.2f} | {row['perceptual']:.3f} | {shares} |")
    return "\n".join(lines)


def through(model: str) -> Denoise:
    """Return a model as a denoiser."""
    engine = open_model(model)
    return lambda picture: convert(picture, engine, WHOLE)


def main() -> None:
    """Measure, print the table, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="color photos that the models were not trained on")
    parser.add_argument("models", nargs="*", help="runs, model files, or names of bundled models")
    parser.add_argument("--most", type=int, default=12, help="the first photos of the folder; default: 12")
    given = parser.parse_args()
    if given.folder is None:
        print("needs a folder of photos: python -m benchmarks.adversarial FOLDER MODEL ...")
        return
    clean = photos(given.folder, given.most)
    denoisers: dict[str, Denoise] = {"nothing": lambda picture: picture}
    denoisers |= {Path(model).name.removesuffix(".onnx"): through(model) for model in given.models}
    made = list(rows(denoisers, clean))
    text = f"{len(clean)} photos.\n\n{table(made)}"
    print(text)
    (RESULTS / "adversarial.md").write_text(f"{text}\n", encoding="utf-8")
    save("adversarial", made, ("numpy", "torch", "openvino"))


if __name__ == "__main__":
    main()
