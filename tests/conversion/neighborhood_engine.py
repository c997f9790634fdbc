"""Engines with a receptive field, in integer arithmetic, so that tiles must equal the whole picture exactly."""

import numpy as np

from repix.conversion import Contract
from repix.pictures import Picture


class Looking:
    """Each pixel: the sum of the blocks of step × step that lie up to `reach` pixels from it, edges as zeros."""

    def __init__(self, step: int, reach: int, scale: int = 1, task: str = "denoise") -> None:
        settings = {"color": False} | ({"scale": scale} if task == "upscale" else {})
        self.reach, self.shapes = reach, []
        self.contract = Contract(task, settings, scale=scale, step=step, halo=reach + step - 1, bytes_per_pixel=8)

    def run(self, x: np.ndarray) -> np.ndarray:
        self.contract.require(x)
        self.shapes.append(x.shape[2:])
        step, scale = self.contract.step, self.contract.scale
        blocks = sum(x[:, :, i::step, j::step] for i in range(step) for j in range(step))
        spread = blocks.repeat(step, axis=2).repeat(step, axis=3)
        padded = np.pad(spread, ((0, 0), (0, 0), (self.reach,) * 2, (self.reach,) * 2))
        height, width = x.shape[2:]
        offsets = (0, self.reach, 2 * self.reach)
        y = sum(padded[:, :, i : i + height, j : j + width] for i in offsets for j in offsets) + 100 * x
        y = y.repeat(scale, axis=2).repeat(scale, axis=3)
        return y + np.arange(scale * width, dtype=np.float32) % scale


class Short(Looking):
    """An engine with memory for a limited number of pixels at a time."""

    def __init__(self, most: int, **more) -> None:
        super().__init__(**more)
        self.most = most

    def run(self, x: np.ndarray) -> np.ndarray:
        if x.shape[2] * x.shape[3] > self.most:
            raise MemoryError
        return super().run(x)


def numbers(height: int, width: int, channels: int = 1, seed: int = 0) -> Picture:
    """A picture of small whole numbers, as floats."""
    found = np.random.default_rng(seed).integers(0, 64, (height, width, channels))
    return Picture(found.astype(np.float32))
