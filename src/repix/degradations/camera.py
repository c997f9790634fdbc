"""Noise of a real camera: photons, read noise, color filter array, noise reduction.

The picture is taken apart into what the sensor saw (linear light, divided by the white balance's gains), gets noise
there with variance shot · x + read², one color per pixel, and is developed again: demosaicing, white balance, sRGB,
noise reduction. The noise of the result depends on brightness and color, and is correlated between neighbors and
channels. In a chain, `jpeg` follows, once or twice.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import blur, gaussian_kernel
from repix.arithmetic.color import BLUE, GREEN, RED
from repix.arithmetic.resampling import resize
from repix.arithmetic.srgb import to_linear, to_srgb
from repix.degradations import Degradation
from repix.degradations._mosaic import MARGIN, Demosaicing, demosaic, mosaic
from repix.parameters import Bounds, checked

LUMA = np.array([RED, GREEN, BLUE], np.float32)
REDUCED = 0.8
"""The share of the fine noise that noise reduction removes."""

Light = Literal["daylight", "tungsten", "equal"]
GAINS: dict[Light, tuple[float, float, float]] = {
    "daylight": (2.0, 1, 1.6),
    "tungsten": (1.3, 1, 2.6),
    "equal": (1, 1, 1),
}
"""Typical white balance gains of red, green and blue; `equal`: the sensor is as sensitive to all three."""


@checked
def camera(
    picture: Array,
    rng: np.random.Generator,
    shot: Annotated[float, "photon noise: variance of white in linear light; grows with ISO", Bounds(0, 1)] = 0.006,
    read: Annotated[float, "read noise: standard deviation in linear light", Bounds(0, 1)] = 0.01,
    light: Annotated[Light, "the light, which sets the gains of red and blue"] = "daylight",
    demosaicing: Annotated[
        Demosaicing, "interpolation of missing colors; none: the sensor measures all colors"
    ] = "bilinear",
    noise_reduction: Annotated[
        float, "scale of the camera's noise reduction in pixels, 4 times that for color; 0: none", Bounds(0, 5)
    ] = 0.0,
) -> Array:
    """Simulate a noisy camera: noise in linear light, one color per pixel, demosaicing, noise reduction.

    The noise reduction smooths the noise only; the picture stays sharp.

    Args:
        picture: floats in [0, 1], H×W or H×W×C, sRGB.
        rng: random generator.
        shot: variance of the noise per unit of linear light.
        read: standard deviation of the noise in the dark.
        light: "daylight", "tungsten" or "equal".
        demosaicing: "bilinear", "malvar", or "none" for a sensor with all colors at every pixel.
        noise_reduction: standard deviation of the Gaussian that smooths the noise; 0: none.

    Returns:
        The photo.

    >>> photo = camera(np.full((64, 64, 3), 0.5), np.random.default_rng(0))
    >>> photo.std(axis=(0, 1)).round(2).tolist()
    [0.05, 0.03, 0.04]
    """
    sensor = _Sensor(np.array(GAINS[light], np.float32), demosaicing)
    raw = sensor.expose(_with_margin(_rgb(picture)))
    noise = np.zeros_like(raw)
    if shot or read:
        spread = np.sqrt(np.float32(shot) * raw + np.float32(read) ** 2)
        noise = spread * rng.standard_normal(raw.shape).astype(np.float32)
    photo = sensor.develop(raw + noise)
    if noise_reduction:
        clean = sensor.develop(raw)
        photo = clean + _reduced(photo - clean, noise_reduction)
    return _like(np.clip(photo[: picture.shape[0], : picture.shape[1]], 0, 1), picture)


@dataclass(frozen=True)
class _Sensor:
    """The properties of a camera, without its noise."""

    gains: Array
    demosaicing: Demosaicing

    def expose(self, values: Array) -> Array:
        """Return the linear light per pixel of the sensor: H×W, or H×W×3 without mosaic."""
        gains = np.broadcast_to(self.gains, values.shape)
        if self.demosaicing != "none":
            values, gains = mosaic(values), mosaic(gains)
        return to_linear(values) / gains

    def develop(self, raw: Array) -> Array:
        """Return values of a file, without the margin."""
        method = self.demosaicing
        light = raw[MARGIN:-MARGIN, MARGIN:-MARGIN] if method == "none" else demosaic(raw, method)
        balanced = light * self.gains
        return to_srgb(np.clip(balanced, 0, 1, out=balanced))


def _rgb(picture: Array) -> Array:
    """H×W×3 of float32 in [0, 1]."""
    values = np.clip(picture, 0, 1).astype(np.float32, copy=False)
    values = values if values.ndim == 3 else values[:, :, np.newaxis]
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values


def _like(photo: Array, picture: Array) -> Array:
    """The photo with the channels and dtype of the picture."""
    if picture.ndim == 3 and picture.shape[2] == 3:
        return photo.astype(picture.dtype, order="C")
    return (photo @ LUMA).reshape(picture.shape).astype(picture.dtype)


def _with_margin(values: Array) -> Array:
    """The scene continues beyond the picture: two pixels on each side, and one more to an even size."""
    height, width = values.shape[:2]
    return np.pad(values, ((MARGIN, MARGIN + height % 2), (MARGIN, MARGIN + width % 2), (0, 0)), mode="edge")


def _reduced(noise: Array, sigma: float) -> Array:
    """Smooth the fine noise: brightness with sigma, color at a quarter of the resolution, so 4 times as far.

    In 28 pairs of PolyU, the noise of brightness is correlated like white noise after a Gaussian of 0.8 pixels, that of
    color like after one of 2.6 (medians). A sigma of 0.8 followed by JPEG 98 gives 0.8 and 2.1.
    """
    kernel = gaussian_kernel(sigma)
    luma = (noise @ LUMA)[:, :, np.newaxis]
    height, width = noise.shape[:2]
    down, across = -height % 4, -width % 4
    chroma = noise - luma
    if down or across:
        chroma = np.pad(chroma, ((0, down), (0, across), (0, 0)), mode="edge")
    small = blur(_halved(_halved(chroma)), kernel, "replicate")
    smooth = resize(np.moveaxis(small, 2, 0), chroma.shape[:2], mode="bilinear")
    smooth = np.moveaxis(smooth, 0, 2)[:height, :width]
    smooth += blur(luma, kernel, "replicate")
    smooth -= noise
    smooth *= np.float32(REDUCED)
    smooth += noise
    return smooth


def _halved(values: Array) -> Array:
    """The mean of each 2×2 pixels."""
    return (values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4


DEGRADATION = Degradation(camera, random=True, truth={"shot": 0.0, "read": 0.0})
