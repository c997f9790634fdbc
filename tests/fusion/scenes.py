"""Scenes and shots for the tests, made without the camera under test: shifts in the Fourier domain, then a blur."""

import numpy as np

MARGIN = 16


def drawn(height=200, width=220):
    """A scene with edges, stripes of all directions and shading, drawn by formulas."""
    y, x = np.mgrid[0:height, 0:width] / 100
    rings = 0.5 + 0.5 * np.sign(np.sin(40 * np.hypot(y - 0.3, x - 0.4) ** 1.3))
    discs = ((y - 1.3) ** 2 + (x - 1.5) ** 2 < 0.2) * np.sign(np.sin(17 * x + 29 * y))
    scene = 0.35 + 0.3 * rings * (x < 1.1) + 0.25 * discs + 0.1 * np.sin(3 * x) * np.cos(2 * y)
    return np.clip(scene, 0, 1)


def kernels(scale):
    """Three cameras' blurs along one axis, on an even number of fine pixels around the coarse pixel's middle."""
    u = (np.arange(-4 * scale, 4 * scale) + 0.5) / scale
    d = np.abs(u)
    cubic = np.where(d < 1, 1.5 * d**3 - 2.5 * d**2 + 1, np.where(d < 2, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2, 0))
    made = {"box": (d < 0.5) * 1.0, "cubic": cubic, "gaussian": np.exp(-(u**2) / (2 * 0.5**2))}
    return {name: kernel / kernel.sum() for name, kernel in made.items()}


def shots_of(scene, *, count=8, camera="box", noise=5.0, seed=0, scale=2):
    """`count` shots of 8 bits with noise of `noise`/255, and their true shifts, of at most two coarse pixels."""
    rng = np.random.default_rng(seed)
    height, width = (n // scale * scale for n in scene.shape)
    shifts = np.vstack([np.zeros((1, 2)), rng.uniform(-2, 2, (count - 1, 2))])
    padded = np.pad(scene[:height, :width], MARGIN, mode="symmetric")
    frequencies = np.fft.fftfreq(padded.shape[0])[:, np.newaxis], np.fft.fftfreq(padded.shape[1])
    spectrum = np.fft.fft2(padded)
    kernel = kernels(scale)[camera]
    shots = []
    for down, right in scale * shifts:
        moved = np.fft.ifft2(spectrum * np.exp(2j * np.pi * (frequencies[0] * down + frequencies[1] * right))).real
        shot = _shrink(_shrink(moved, kernel, scale, height).T, kernel, scale, width).T
        shot = shot + rng.standard_normal(shot.shape) * noise / 255
        shots.append(np.rint(np.clip(shot, 0, 1) * 255) / 255)
    return shots, shifts


def _shrink(padded, kernel, scale, rows):
    first = MARGIN + (scale - len(kernel)) // 2
    return sum(w * padded[first + i : first + i + rows : scale] for i, w in enumerate(kernel))


def psnr(picture, truth, border=4):
    """Of pictures in [0, 1], a border left out."""
    inner = (slice(border, -border),) * 2
    height, width = picture.shape
    return -10 * np.log10(np.mean((np.clip(picture, 0, 1) - truth[:height, :width])[inner] ** 2))
