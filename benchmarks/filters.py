"""Which library does each filter fastest and right, and what our call adds: python -m benchmarks.filters.

All work on float32, in turns, with two threads where they use threads; the windows and solvers on gray, the segmenters
on RGB. The library in bold is the one that we call; the bar is 1.15 times its own time, on a small and on a large
picture. The alternatives are timed on the small one, with a word where a fast one is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bm3d
import cv2
import numpy as np
import pywt
from scipy import ndimage, signal
from scipy.cluster import vq
from skimage import filters as skimage_filters
from skimage import restoration, segmentation

from benchmarks.timing import RESULTS, in_turns, ratio, save, summary
from repix import filters
from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import gaussian_kernel

BAR = 1.15
NOISE = 25 / 255
SAMPLED = "ours fits 50,000 of the pixels"
LIBRARIES = ("numpy", "scipy", "scikit-image", "opencv-python-headless", "PyWavelets", "bm3d")


@dataclass(frozen=True)
class Rival:
    """Another way to the same filter."""

    name: str
    call: Callable[[], object]
    why_not: str = ""


@dataclass(frozen=True)
class Case:
    """One filter: our call, the library call inside it, and the alternatives."""

    name: str
    ours: Callable[[], object]
    chosen: Rival
    others: tuple[Rival, ...] = ()


def photograph(height: int, width: int) -> Array:  # H×W×3
    """Soft blobs and hard edges under noise, three channels of float32."""
    rng = np.random.default_rng(0)
    blobs = cv2.resize(rng.random((9, 12, 3), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    edges = np.kron(rng.integers(0, 2, (8, 8, 1)), np.ones((height // 8, width // 8, 1)))
    return (0.7 * blobs + 0.3 * edges + NOISE * rng.standard_normal((height, width, 3))).astype(np.float32)


def windows(picture: Array) -> list[Case]:
    """Mean, median, Gaussian, bilateral."""
    mirrored = cv2.BORDER_REFLECT

    def mean(size: int) -> Case:
        return Case(
            f"mean {size}×{size}",
            lambda: filters.mean(picture, size),
            Rival("cv2.blur", lambda: cv2.blur(picture, (size, size), borderType=mirrored)),
            (Rival("ndimage.uniform_filter", lambda: ndimage.uniform_filter(picture, size)),),
        )

    def gaussian(sigma: float, side: int) -> Case:
        return Case(
            f"gaussian {sigma:g}",
            lambda: filters.gaussian(picture, sigma),
            Rival("cv2.GaussianBlur", lambda: cv2.GaussianBlur(picture, (side, side), sigma, borderType=mirrored)),
            (
                Rival("ndimage.gaussian_filter", lambda: ndimage.gaussian_filter(picture, sigma)),
                Rival("skimage gaussian", lambda: skimage_filters.gaussian(picture, sigma)),
            ),
        )

    def median(size: int) -> Case:
        scipy = Rival("ndimage.median_filter", lambda: ndimage.median_filter(picture, size))
        zeros = Rival("signal.medfilt2d", lambda: signal.medfilt2d(picture, size), "zeros beyond the border")
        opencv = Rival("cv2.medianBlur", lambda: cv2.medianBlur(picture, size))
        chosen, others = (opencv, (scipy, zeros)) if size <= 5 else (scipy, (zeros,))
        return Case(f"median {size}×{size}", lambda: filters.median(picture, size), chosen, others)

    bilateral = Case(
        "bilateral",
        lambda: filters.bilateral(picture, 25),
        Rival("cv2.bilateralFilter", lambda: cv2.bilateralFilter(picture, 7, 2.5 * NOISE, 1.5, borderType=mirrored)),
        (
            Rival(
                "skimage denoise_bilateral",
                lambda: restoration.denoise_bilateral(picture.clip(0, 1), 7, 2.5 * NOISE, 1.5),
            ),
        ),
    )
    return [mean(3), mean(9), median(3), median(5), median(7), gaussian(1, 9), gaussian(4, 33), bilateral]


def solvers(picture: Array) -> list[Case]:
    """Total variation, non-local means, wavelets."""
    eight_bit = (255 * picture.clip(0, 1)).astype(np.uint8)
    settings = {"h": 0.6 * NOISE, "sigma": NOISE}

    def transforms() -> None:
        """Do the part of wavelet(shifts=1) that runs in the library: analysis and synthesis of five levels."""
        apart = pywt.wavedec2(picture, "sym4", level=5, axes=(0, 1))
        pywt.waverec2(apart, "sym4", axes=(0, 1))

    return [
        Case(
            "nl-means",
            lambda: filters.nl_means(picture, 25),
            Rival("skimage fast", lambda: restoration.denoise_nl_means(picture, 5, 8, **settings)),
            (
                Rival(
                    "cv2.fastNlMeansDenoising",
                    lambda: cv2.fastNlMeansDenoising(eight_bit, None, 15, 5, 17),
                    "8 bits only: float precision lost",
                ),
            ),
        ),
        Case(
            "total-variation",
            lambda: filters.total_variation(picture, 25),
            Rival(
                "skimage chambolle",
                lambda: restoration.denoise_tv_chambolle(picture, 0.7 * NOISE, 2e-5, 500),
            ),
            (
                Rival(
                    "skimage chambolle, its own stop",
                    lambda: restoration.denoise_tv_chambolle(picture, 0.7 * NOISE),
                    "stops 0.0025 from the minimum in the mean; ours at 0.0009",
                ),
                Rival(
                    "skimage bregman",
                    lambda: restoration.denoise_tv_bregman(picture, 1 / (1.4 * NOISE)),
                    "0.007 from the minimum in the mean",
                ),
            ),
        ),
        Case(
            "wavelet, one shift",
            lambda: filters.wavelet(picture, 25, shifts=1),
            Rival("PyWavelets, transforms alone", transforms),
            (
                Rival(
                    "skimage denoise_wavelet",
                    lambda: restoration.denoise_wavelet(picture, NOISE, wavelet="sym4"),
                    "clips to [-1, 1]",
                ),
            ),
        ),
    ]


def own(picture: Array) -> list[Case]:
    """Compare our own implementations with those of a library."""
    kernel = gaussian_kernel(1.6)
    reach = kernel.shape[0] // 2
    padded = np.pad(picture.clip(0, 1), reach, mode="symmetric")
    return [
        Case(
            "wiener",
            lambda: filters.wiener(picture, 25),
            Rival("signal.wiener", lambda: signal.wiener(picture, 5, NOISE**2), "zeros beyond the border"),
        ),
        Case(
            "unsharp",
            lambda: filters.unsharp(picture),
            Rival("skimage unsharp_mask", lambda: skimage_filters.unsharp_mask(picture, 1.5, 1, preserve_range=True)),
        ),
        Case(
            "richardson-lucy",
            lambda: filters.richardson_lucy(picture, "gaussian 1.6", 10),
            Rival(
                "skimage richardson_lucy, mirrored by hand",
                lambda: restoration.richardson_lucy(padded, kernel, 10, clip=False),
            ),
        ),
    ]


def patches(picture: Array) -> list[Case]:
    """BM3D, on a quarter of the picture."""
    part = np.ascontiguousarray(picture[: picture.shape[0] // 2, : picture.shape[1] // 2])
    return [
        Case("bm3d, a quarter", lambda: filters.bm3d(part, 25), Rival("bm3d.bm3d", lambda: bm3d.bm3d(part, NOISE))),
    ]


def segmenters(picture: Array) -> list[Case]:
    """SLIC and K-means."""
    points = picture.reshape(-1, 3)
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 50, 1e-4)
    return [
        Case(
            "slic",
            lambda: filters.slic(picture),
            Rival("skimage slic", lambda: segmentation.slic(picture, 400, 10, start_label=0)),
        ),
        Case(
            "k-means, k = 8",
            lambda: filters.k_means(picture, k=8),
            Rival(
                "cv2.kmeans, 3 starts, all pixels",
                lambda: cv2.kmeans(points, 8, None, stop, 3, cv2.KMEANS_PP_CENTERS),
                SAMPLED,
            ),
            (Rival("vq.kmeans2, 3 starts", lambda: [vq.kmeans2(points, 8, 50, minit="++", rng=0) for _ in range(3)]),),
        ),
    ]


def rows(case: Case, size: str, alternatives: bool) -> list[dict[str, Any]]:
    """Ours and the chosen library alone in turns, so that neither finds a cold cache; then ours and the others."""
    measured = []
    for rivals in [(case.chosen,), case.others][: 2 if alternatives and case.others else 1]:
        calls = {"repix": case.ours, **{rival.name: rival.call for rival in rivals}}
        once = sum(seconds[0] for seconds in in_turns(calls, 1).values())
        seconds = in_turns(calls, max(5, min(101, int(3 / once))))
        measured += [
            {
                "filter": case.name,
                "size": size,
                "library": rival.name,
                "chosen": rival is case.chosen,
                **summary(seconds[rival.name]),
                "ours": summary(seconds["repix"]),
                "ours_takes_times_as_long": ratio(seconds["repix"], seconds[rival.name]),
                "why_not": rival.why_not,
            }
            for rival in rivals
        ]
    return measured


def table(measured: list[dict[str, Any]]) -> str:
    """Markdown: a row for every library, the chosen one in bold, and what is over the bar marked."""
    lines = ["| filter | size | library | its ms | our ms | ratio | |", "|---|---|---|---|---|---|---|"]
    for row in measured:
        name = f"**{row['library']}**" if row["chosen"] else row["library"]
        late = row["chosen"] and row["ours_takes_times_as_long"] > BAR
        note = f"over {BAR}" if late else row["why_not"]
        lines.append(
            f"| {row['filter']} | {row['size']} | {name} | {row['median_ms']:.2f} | {row['ours']['median_ms']:.2f} "
            f"| {row['ours_takes_times_as_long']:.2f} | {note} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Time every filter on a small and a large picture."""
    cv2.setNumThreads(2)
    measured = []
    for height, width, alternatives in ((512, 512, True), (1200, 1600, False)):
        colors = photograph(height, width)
        gray = np.ascontiguousarray(colors[:, :, 1])
        cases = (*windows(gray), *solvers(gray), *own(gray), *segmenters(colors))
        for case in (*cases, *patches(gray)) if alternatives else cases:
            measured += rows(case, f"{width}×{height}", alternatives)
            print(f"{case.name}, {width}×{height}", flush=True)
    text = table(measured)
    print(text)
    (RESULTS / "filters.md").write_text(f"{text}\n", encoding="utf-8")
    save("filters", measured, LIBRARIES)


if __name__ == "__main__":
    main()
