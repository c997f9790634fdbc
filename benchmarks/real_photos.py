"""Photos of scikit-image as a noisy camera takes them, denoised: python -m benchmarks.real_photos.

Each photo goes through the camera (shot 0.006, read 0.01, daylight, bilinear demosaicing) and JPEG of quality 90,
4:2:0, with the generator of its place in the list. The truth is the same without noise at quality 100, 4:4:4. Results
are rounded to 8 bits; metric `psnr-rgb`. Times are medians of rounds in turns on a whole photo. A part of each result
is written to docs/pictures, without enlargement.

BM3D, total variation and scikit-image's non-local means are told 1.5 times the noise that scikit-image estimates from
the finest wavelet details; OpenCV's non-local means has the strengths 6 (luma) and 10 (color). A second row of BM3D has
the best of several σ, chosen by the truth, which is unknown in practice; its picture is the one that is shown.
"""

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import skimage
from skimage import restoration

from benchmarks.photographs import bm3d_told, nl_means
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
BEST_BM3D = "bm3d, best σ by the truth"
SHOWN = {
    "noisy": "noisy",
    "denoise-photo": "denoise-photo",
    BEST_BM3D: "bm3d",
    "nl-means (OpenCV)": "nl-means",
}
"""The methods whose pictures are written, and the name of the picture."""
SIGMAS = (10, 15, 20, 30)
SHOT, READ, QUALITY = 0.006, 0.01, 90


def methods() -> Mapping[str, Make]:
    """Each method by name, the models first."""
    return {
        "denoise-photo": through("denoise-photo"),
        "denoise-color": through("denoise-color"),
        "bm3d, 1.5 × estimate": bm3d_told,
        "nl-means (OpenCV)": nl_means,
        "nl-means (scikit-image)": _nl_means,
        "wavelets (scikit-image)": partial(restoration.denoise_wavelet, channel_axis=2, convert2ycbcr=True),
        "total variation (scikit-image)": lambda noisy: restoration.denoise_tv_chambolle(
            noisy, weight=1.5 * _estimate(noisy), channel_axis=2
        ),
    }


def taken(photo: Array, place: int) -> tuple[Array, Array]:
    """The noisy photo and its truth."""
    noisy = camera(photo, np.random.default_rng(place), SHOT, READ)
    clean = camera(photo, np.random.default_rng(place), 0.0, 0.0)
    return jpeg(noisy, QUALITY), jpeg(clean, 100, "4:4:4")


def measured(rounds: int) -> list[Row]:
    """PSNR and time of each method on each photo; the shown parts are written."""
    rows: list[Row] = []
    for place, (name, part) in enumerate(PARTS.items()):
        photo = as_kind(read(Path(skimage.__file__).parent / "data" / name).colors(), "rgb")
        noisy, truth = taken(photo, place)
        results = {"noisy": noisy} | {by: eight_bits(make(noisy)) for by, make in methods().items()}
        results[BEST_BM3D] = best_bm3d(noisy, truth)
        seconds = in_turns({by: partial(make, noisy) for by, make in methods().items()}, rounds)
        for by, result in results.items():
            time = 1000 * median(seconds[by]) if by in seconds else None
            value = round(metrics.psnr_rgb(result, truth), 3)
            rows.append({"photo": name.partition(".")[0], "by": by, "psnr": value, "ms": time and round(time, 1)})
            print(rows[-1], flush=True)
            if by in SHOWN:
                file = f"real-{name.partition('.')[0]}-{SHOWN[by]}.jpg"
                write(Picture.of(result[part], None, "8"), PICTURES / file, quality=92, overwrite=True)
    return rows


def best_bm3d(noisy: Array, truth: Array) -> Array:
    """BM3D's best result."""
    results = (eight_bits(filters.bm3d(noisy, sigma=sigma)) for sigma in SIGMAS)
    return max(results, key=lambda result: metrics.psnr_rgb(result, truth))


def _nl_means(noisy: Array) -> Array:
    sigma = 1.5 * _estimate(noisy)
    return restoration.denoise_nl_means(noisy, h=0.8 * sigma, sigma=sigma, fast_mode=True, channel_axis=2)


def _estimate(noisy: Array) -> float:
    return float(restoration.estimate_sigma(noisy, average_sigmas=True, channel_axis=2))


def main() -> None:
    """Measure, write the pictures, and keep the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    save("real_photos", measured(parser.parse_args().rounds), ("numpy", "openvino", "opencv-python-headless", "bm3d"))


if __name__ == "__main__":
    main()
