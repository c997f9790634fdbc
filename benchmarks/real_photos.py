"""Photos of scikit-image as a noisy camera takes them, denoised: python -m benchmarks.real_photos.

Each photo goes through the camera (shot 0.006, read 0.01, daylight, bilinear demosaicing) and JPEG of quality 90,
4:2:0, with the generator of its place in the list. The truth is the same without noise at quality 100, 4:4:4. Results
are rounded to 8 bits; metric `psnr-rgb`. Times are medians of rounds in turns on a whole photo. A part of each result
is written to docs/pictures, without enlargement.

BM3D, wavelets, total variation and scikit-image's non-local means are told 1.5 times the noise that scikit-image
estimates from the finest wavelet details; OpenCV's non-local means has the strengths 6 (luma) and 10 (color). A second
row of each has the best of several strengths, chosen by the truth, which is unknown in practice.
"""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import skimage
from skimage import restoration

from benchmarks.photographs import USUAL, bm3d_told, estimated_sigma, nl_means
from benchmarks.rows import Make, Row, as_kind, eight_bits, through
from benchmarks.timing import in_turns, save
from repix import filters, metrics
from repix.arithmetic.arrays import Array
from repix.degradations import camera, jpeg
from repix.pictures import Picture, read, write

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PARTS = {
    "astronaut.png": (slice(20, 260), slice(130, 370)),
    "chelsea.png": (slice(40, 280), slice(90, 330)),
    "coffee.png": (slice(120, 360), slice(250, 490)),
    "rocket.jpg": (slice(180, 420), slice(220, 460)),
}
"""The photos, and the part of each that is shown."""
BEST = ", best"
SHOWN = {
    "noisy": "noisy",
    "truth": "truth",
    "denoise-photo": "denoise-photo",
    "bm3d": "bm3d-usual",
    f"bm3d{BEST}": "bm3d",
    f"nl-means (OpenCV){BEST}": "nl-means-opencv",
    f"nl-means (scikit-image){BEST}": "nl-means-scikit-image",
    f"wavelets (scikit-image){BEST}": "wavelets",
    f"total variation (scikit-image){BEST}": "total-variation",
}
"""The results whose pictures are written, and the name of the picture."""
FACTORS = (1.5, 2.5, 4.0, 6.0, 8.0)
OPENCV_STRENGTHS = (3, 6, 10, 15, 20)
BM3D_SIGMAS = (10, 15, 20, 30)
SHOT, READ, QUALITY = 0.006, 0.01, 90


def usual() -> Mapping[str, Make]:
    """Each method by name, the models first; the filters with the strength that they usually have."""
    return {
        "denoise-photo": through("denoise-photo"),
        "denoise-color": through("denoise-color"),
        "nl-means (OpenCV)": nl_means,
        "bm3d": bm3d_told,
    } | {name: partial(_scaled, name, USUAL) for name in TOLD}


def stronger(name: str) -> Sequence[Make]:
    """A filter with each of its strengths."""
    if name == "bm3d":
        return [partial(filters.bm3d, sigma=sigma) for sigma in BM3D_SIGMAS]
    if name == "nl-means (OpenCV)":
        return [partial(nl_means, luma=strength, color=max(strength, 10)) for strength in OPENCV_STRENGTHS]
    return [partial(_scaled, name, factor) for factor in FACTORS]


def taken(photo: Array, place: int) -> tuple[Array, Array]:
    """The noisy photo and its truth."""
    noisy = camera(photo, np.random.default_rng(place), SHOT, READ)
    clean = camera(photo, np.random.default_rng(place), 0.0, 0.0)
    return jpeg(noisy, QUALITY), jpeg(clean, 100, "4:4:4")


def measured(rounds: int) -> list[Row]:
    """PSNR and time of each method on each photo; the shown parts are written."""
    rows: list[Row] = []
    methods = usual()
    for place, (name, part) in enumerate(PARTS.items()):
        photo = as_kind(read(Path(skimage.__file__).parent / "data" / name).colors(), "rgb")
        noisy, truth = taken(photo, place)
        results = {"noisy": noisy}
        seconds = in_turns({by: partial(_keep, results, by, make, noisy) for by, make in methods.items()}, rounds)
        results |= {f"{by}{BEST}": best(by, noisy, truth) for by in methods if not by.startswith("denoise")}
        stem = name.partition(".")[0]
        for by, result in results.items():
            time = round(1000 * median(seconds[by]), 1) if by in seconds else None
            value = round(metrics.psnr_rgb(eight_bits(result), truth), 3)
            size = truth.shape[0] * truth.shape[1]
            rows.append({"photo": stem, "by": by, "psnr": value, "ms": time, "pixels": size})
            print(rows[-1], flush=True)
        for by, picture in SHOWN.items():
            shown = Picture.of((results | {"truth": truth})[by][part], None, "8")
            write(shown, PICTURES / f"real-{stem}-{picture}.jpg", quality=90, overwrite=True)
    return rows


def _keep(results: dict[str, Array], by: str, make: Make, noisy: Array) -> None:
    """Keep a method's result, so that nothing slow runs for it again."""
    results[by] = make(noisy)


def best(name: str, noisy: Array, truth: Array) -> Array:
    """A filter's best result."""
    results = (eight_bits(make(noisy)) for make in stronger(name))
    return max(results, key=lambda result: metrics.psnr_rgb(result, truth))


def _scaled(name: str, factor: float, noisy: Array) -> Array:
    return TOLD[name](noisy, factor * estimated_sigma(noisy))


def _nl_means(noisy: Array, sigma: float) -> Array:
    return restoration.denoise_nl_means(noisy, h=0.8 * sigma, sigma=sigma, fast_mode=True, channel_axis=2)


def _wavelets(noisy: Array, sigma: float) -> Array:
    return restoration.denoise_wavelet(noisy, sigma=sigma, channel_axis=2, convert2ycbcr=True)


def _total_variation(noisy: Array, sigma: float) -> Array:
    return restoration.denoise_tv_chambolle(noisy, weight=sigma, channel_axis=2)


TOLD = {
    "nl-means (scikit-image)": _nl_means,
    "wavelets (scikit-image)": _wavelets,
    "total variation (scikit-image)": _total_variation,
}
"""The filters that are told the noise, for values from 0 to 1."""


def main() -> None:
    """Measure, write the pictures, and keep the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    libraries = ("numpy", "openvino", "opencv-python-headless", "scikit-image", "bm3d")
    save("real_photos", measured(parser.parse_args().rounds), libraries)


if __name__ == "__main__":
    main()
