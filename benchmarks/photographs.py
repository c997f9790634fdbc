"""Photos as cameras and the web leave them: rows of `benchmarks.models`.

- camera: each photo of a color set through the camera at one of three noise levels, in turn (daylight, bilinear
  demosaicing, no noise reduction), rounded to 8 bits and compressed as JPEG 4:2:0 of quality 95 or 80. Truth: the same
  without noise, quality 100 and 4:4:4.
- real pairs: DATA/real-noise, or any folder with `noisy` and `clean`, pictures of equal names.
- kept: the photos themselves, and as JPEG of quality 95; a denoiser should leave both alone.
- JPEG: gray photos compressed at four qualities; the gain over the JPEG.
- thumbnails: photos shrunk as MATLAB does it, and compressed as JPEG 4:2:0 of quality 75, then enlarged again.

BM3D is told the noise: for `camera` 1.5 times what the median of the finest wavelet details says, for real pairs the
best of σ 5, 10 and 20, chosen by the truth. NL-means is OpenCV's for color, with 6 and 10.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import sets
from benchmarks.rows import Make, Row, as_kind, eight_bits, have, row, through
from repix import filters, metrics
from repix.arithmetic.arrays import Array
from repix.degradations import camera, jpeg, shrink
from repix.degradations.gray import gray
from repix.pictures import read

LEVELS = ((0.002, 0.004), (0.006, 0.010), (0.015, 0.020))
"""Shot and read noise."""
QUALITIES = (95, 80)
JPEG_QUALITIES = (10, 20, 30, 40)
REAL_SIGMAS = (5, 10, 20)
THUMBNAIL_QUALITY = 75
USUAL = 1.5
"""The noise that a filter is told, in estimates."""
SETS = ("Held out", "CBSD68", "Kodak24", "McMaster")
DENOISERS = ("denoise-photo", "denoise-color")
REPAIRERS = ("dejpeg", "denoise-photo")

Pairs = list[tuple[Array, Array]]


def rows(found: dict[str, sets.Set], root: Path, with_bm3d: bool) -> Iterator[Row]:
    """Every row that the sets allow."""
    makers: dict[str, Make] = {"nothing": lambda x: x, "nl-means (OpenCV)": nl_means} | _models(DENOISERS)
    for one in (found[key] for key in SETS if key in found):
        photos = [as_kind(read(file).colors(), "rgb") for file in one.files]
        for quality in QUALITIES:
            pairs = [taken(photo, index, quality) for index, photo in enumerate(photos)]
            with_filter = makers | ({"bm3d, 1.5 × estimate": bm3d_told} if with_bm3d else {})
            yield from _compared(f"{one.name} camera, JPEG {quality}", with_filter, pairs)
        kept = [(photo, photo) for photo in photos]
        yield from _compared(f"{one.name} kept", _models(DENOISERS), kept)
        kept = [(jpeg(photo, 95), jpeg(photo, 95)) for photo in photos]
        yield from _compared(f"{one.name} JPEG 95 kept", _models(DENOISERS), kept)
        yield from _repaired(one.name, [gray(photo) for photo in photos])
        yield from _enlarged(one.name, photos)
    pairs = _real_pairs(root)
    if pairs:
        yield from _compared("real pairs", makers, pairs)
        if with_bm3d:
            best = [max(_scores(partial(filters.bm3d, sigma=s), [pair])[0] for s in REAL_SIGMAS) for pair in pairs]
            yield row("real pairs", "bm3d, best of three σ by the truth", "psnr-rgb", best)


def _compared(what: str, makers: dict[str, Make], pairs: Pairs) -> Iterator[Row]:
    for name, make in makers.items():
        yield row(what, name, "psnr-rgb", _scores(make, pairs))


def _scores(make: Make, pairs: Pairs) -> list[float]:
    return [metrics.psnr_rgb(eight_bits(make(noisy)), truth) for noisy, truth in pairs]


def _repaired(name: str, photos: list[Array]) -> Iterator[Row]:
    for quality in JPEG_QUALITIES:
        damaged = [jpeg(photo, quality) for photo in photos]
        before = [metrics.psnr_gray(one, photo) for one, photo in zip(damaged, photos, strict=True)]
        yield row(f"{name} JPEG {quality}", "nothing", "psnr-gray", before)
        for maker, make in _models(REPAIRERS).items():
            after = (metrics.psnr_gray(make(one), photo) for one, photo in zip(damaged, photos, strict=True))
            yield row(f"{name} JPEG {quality}", maker, "psnr-gray", after)


def _enlarged(name: str, photos: list[Array]) -> Iterator[Row]:
    for scale in (2, 3, 4):
        truths = [photo[: photo.shape[0] // scale * scale, : photo.shape[1] // scale * scale] for photo in photos]
        pairs = [(jpeg(shrink(truth, scale), THUMBNAIL_QUALITY), truth) for truth in truths]
        makers: dict[str, Make] = {"bicubic": partial(filters.bicubic, scale=scale)}
        makers |= _models((f"upscale-x{scale}", f"upscale-x{scale}-clean"))
        if have(f"upscale-x{scale}-clean"):
            makers["denoise-photo, then clean"] = _both(through("denoise-photo"), through(f"upscale-x{scale}-clean"))
        yield from _compared(f"{name} thumbnails ×{scale}, JPEG {THUMBNAIL_QUALITY}", makers, pairs)


def _both(first: Make, second: Make) -> Make:
    return lambda picture: second(first(picture))


def taken(photo: Array, index: int, quality: int) -> tuple[Array, Array]:
    """Return a photo as a camera takes it, with the noise of its place in the set, and its truth."""
    shot, read_noise = LEVELS[index % len(LEVELS)]
    noisy = camera(photo, np.random.default_rng(index), shot, read_noise)
    truth = camera(photo, np.random.default_rng(index), 0.0, 0.0)
    return jpeg(noisy, quality), jpeg(truth, 100, "4:4:4")


def _real_pairs(root: Path) -> Pairs:
    folder = next((path for path in [root, *sorted(root.glob("*"))] if (path / "noisy").is_dir()), None)
    if folder is None:
        return []
    clean = {file.stem: file for file in (folder / "clean").iterdir()}
    noisy = sorted(file for file in (folder / "noisy").iterdir() if file.stem in clean)
    return [(as_kind(read(file).colors(), "rgb"), as_kind(read(clean[file.stem]).colors(), "rgb")) for file in noisy]


def _models(names: Iterable[str]) -> dict[str, Make]:
    return {name: through(name) for name in names if have(name)}


def nl_means(noisy: Array, luma: float = 6, color: float = 10) -> Array:
    """OpenCV's non-local means for color."""
    import cv2

    pixels = np.rint(noisy[:, :, ::-1] * 255).astype(np.uint8)
    return cv2.fastNlMeansDenoisingColored(pixels, None, luma, color, 7, 21)[:, :, ::-1] / 255


def estimated_sigma(noisy: Array) -> float:
    """The noise that the median of the finest wavelet details says, for values from 0 to 1."""
    from skimage.restoration import estimate_sigma

    return float(estimate_sigma(noisy, average_sigmas=True, channel_axis=2))


def bm3d_told(noisy: Array) -> Array:
    """BM3D with 1.5 times the estimated noise."""
    return filters.bm3d(noisy, sigma=255 * USUAL * estimated_sigma(noisy))
