"""Converter: a model as a function that takes paths, bytes, arrays, and repix or Pillow pictures."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from repix.conversion.budget import DEFAULT_MEMORY, Budget
from repix.conversion.contract import Contract
from repix.conversion.convert import convert, predict
from repix.conversion.engine import Engine
from repix.conversion.model_loader import open_model
from repix.conversion.tile_runner import require_keep_colors
from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.pictures import DEPTHS, Picture, read
from repix.side_inputs import NO_SIDE, Side

if TYPE_CHECKING:
    from PIL.Image import Image

Given = TypeVar("Given")

MODES = ("L", "LA", "RGB", "RGBA", "I;16")
"""Pillow's modes whose arrays have the same meaning as those of repix."""


class Converter:
    """An open model, called like a function; threads may share it."""

    def __init__(self, engine: Engine, budget: Budget, strength: float, keep_colors: bool = False) -> None:
        task = engine.contract.make_task()
        require_keep_colors(engine.contract, keep_colors)
        self._engine, self._budget, self._strength, self._keep_colors = engine, budget, strength, keep_colors
        self._scores = task.logits

    @property
    def contract(self) -> Contract:
        """The contract of the model."""
        return self._engine.contract

    def __call__(self, given: Any, side: Side = NO_SIDE) -> Any:
        """Return the result in the type of the input; for segmentation the class probabilities, H×W×K.

        A path, the bytes of a file, a binary file or a `Picture` gives a `Picture`; a Pillow picture gives a Pillow
        picture. An array gives an array of the same type: H×W, H×W×C or N×H×W×C with 1 to 4 channels, where the second
        or the fourth is alpha. White is 255 in uint8, 65535 in uint16 and 1 in float32; floats are not clipped.
        `side` has values of the model's side inputs by name, such as color hints.
        """
        if isinstance(given, Picture):
            return self._one(given, side)
        if isinstance(given, np.ndarray):
            return self._array(given, side)
        if isinstance(given, str | Path | bytes | bytearray | memoryview) or hasattr(given, "read"):
            return self._one(read(given), side)
        pillow = sys.modules.get("PIL.Image")  # a Pillow picture exists only where Pillow is imported
        if pillow is not None and isinstance(given, pillow.Image):
            return self._pillow(given, pillow.fromarray, side)
        raise WrongUse(
            f"The input is a {type(given).__name__}; it must be a path, bytes, a binary file, a repix or Pillow "
            "picture, or an array."
        )

    def _one(self, picture: Picture, side: Side) -> Picture | NDArray[np.float32]:
        if not self._scores:
            return convert(picture, self._engine, self._budget, self._strength, self._keep_colors, side)
        probabilities: NDArray[np.float32] = predict(picture, self._engine, self._budget, side=side)[0]
        return probabilities.transpose(1, 2, 0)

    def _array(self, given: NDArray[Any], side: Side) -> NDArray[Any]:
        if given.dtype not in DEPTHS.values():
            raise WrongDtype(
                f"The array is {given.dtype}; it must be uint8 (white is 255), uint16 (65535) or float32 (1.0)."
            )
        if given.ndim == 4:
            if not len(given):
                raise WrongShape(f"The array has shape {given.shape}, which holds no picture.")
            return np.stack([self._array(one, side) for one in given])
        result = self._one(Picture(given), side)
        pixels = result.pixels if isinstance(result, Picture) else result
        return pixels[:, :, 0] if given.ndim == 2 and pixels.shape[2] == 1 else pixels

    def _pillow(self, given: "Image", made: Callable[[NDArray[Any]], "Image"], side: Side) -> Any:
        if given.mode not in MODES:
            raise WrongUse(
                f"The Pillow picture has mode {given.mode}; it must be one of {', '.join(MODES)}. "
                "Convert it with picture.convert('RGB')."
            )
        array = np.asarray(given)
        result = self._array(array.astype(np.uint16) if given.mode == "I;16" else array, side)
        return result if self._scores else made(result)


def converter(
    model: str | Path | Engine,
    *,
    engine: str = "auto",
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    memory: int = DEFAULT_MEMORY,
    strength: float = 1.0,
    keep_colors: bool = False,
) -> Converter:
    """Return an open model as a function that takes paths, bytes, binary files, arrays, and repix or Pillow pictures.

    With `sharpen = converter("model.onnx")`, `sharpen(blurred)` is the model's result. The model is opened once.

    Args:
        model: an open model, a model file, the folder of a run, or the name of a bundled model.
        engine: the library that runs the model: "auto", "openvino" or "onnxruntime".
        device: "auto", or a device of the engine.
        precision: "exact" (float32), "fast" (bf16; on gpu and npu fp16), or "auto": fast where the device can be and
            the model stays accurate.
        threads: the number of threads; by default one for each core.
        memory: the memory limit of one call, in bytes, besides the picture and the result.
        strength: below 1, the result is blended with the picture.
        keep_colors: the low frequencies of the colors stay those of the picture; for models that keep the colors.

    Returns:
        The converter; threads may share it.

    Raises:
        Unreadable: the model cannot be opened.
        WrongUse: an engine, a device or a precision is unknown.

    >>> from repix.conversion import Contract, Echo
    >>> twice = converter(Echo(Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2)))
    >>> twice(np.zeros((5, 9), np.uint8)).shape, twice(np.zeros((4, 5, 9, 3), np.float32)).shape
    ((10, 18), (4, 10, 18, 3))
    """
    if not isinstance(model, str | Path):
        return Converter(model, Budget(memory), strength, keep_colors)
    opened = open_model(model, engine, device=device, precision=precision, threads=threads)
    return Converter(opened, Budget(memory), strength, keep_colors)
