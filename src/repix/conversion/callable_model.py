"""Converter: a model for use inside other programs, called like a function on whatever they hold pictures in."""

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
from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.pictures import DEPTHS, Picture, read

if TYPE_CHECKING:
    from PIL.Image import Image

Given = TypeVar("Given")

MODES = ("L", "LA", "RGB", "RGBA", "I;16")
"""Pillow's kinds of pictures whose arrays mean what repix' arrays mean."""


class Converter:
    """A model that turns pictures; threads may share it."""

    def __init__(self, engine: Engine, budget: Budget, strength: float) -> None:
        self._engine, self._budget, self._strength = engine, budget, strength
        self._scores = engine.contract.make_task().scores

    @property
    def contract(self) -> Contract:
        """Return what the model promises."""
        return self._engine.contract

    def __call__(self, given: Any) -> Any:
        """Return the same kind as what is given, at the model's scale; for segmentation how likely each class is, H×W×K.

        A path, the bytes of a file, a binary file or a `Picture` gives a `Picture`, a Pillow picture a Pillow picture,
        and an array (H×W, H×W×C or N×H×W×C with 1 to 4 channels, the second and the fourth being opacity) an array of
        its type: uint8 and uint16 with white at 255 and 65535, float32 with white at 1, where numbers below 0 and above
        1 are kept.
        """
        if isinstance(given, Picture):
            return self._one(given)
        if isinstance(given, np.ndarray):
            return self._array(given)
        if isinstance(given, str | Path | bytes | bytearray | memoryview) or hasattr(given, "read"):
            return self._one(read(given))
        pillow = sys.modules.get("PIL.Image")  # whoever has a Pillow picture has imported it
        if pillow is not None and isinstance(given, pillow.Image):
            return self._pillow(given, pillow.fromarray)
        raise WrongUse(
            f"A {type(given).__name__} was given; a converter takes a path, bytes, a binary file, a repix or Pillow "
            "picture, or an array."
        )

    def _one(self, picture: Picture) -> Picture | NDArray[np.float32]:
        if not self._scores:
            return convert(picture, self._engine, self._budget, self._strength)
        likely: NDArray[np.float32] = predict(picture, self._engine, self._budget)[0].transpose(1, 2, 0)
        return likely

    def _array(self, given: NDArray[Any]) -> NDArray[Any]:
        if given.dtype not in DEPTHS.values():
            raise WrongDtype(
                f"The array is {given.dtype}; it must be uint8 (white is 255), uint16 (65535) or float32 (1.0)."
            )
        if given.ndim == 4:
            if not len(given):
                raise WrongShape(f"The array has shape {given.shape}, which holds no picture.")
            return np.stack([self._array(one) for one in given])
        result = self._one(Picture(given))
        pixels = result.pixels if isinstance(result, Picture) else result
        return pixels[:, :, 0] if given.ndim == 2 and pixels.shape[2] == 1 else pixels

    def _pillow(self, given: "Image", made: Callable[[NDArray[Any]], "Image"]) -> Any:
        if given.mode not in MODES:
            raise WrongUse(
                f"The Pillow picture has mode {given.mode}; a converter takes {', '.join(MODES)}: "
                "picture.convert('RGB') makes it one of them."
            )
        array = np.asarray(given)
        result = self._array(array.astype(np.uint16) if given.mode == "I;16" else array)
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
) -> Converter:
    """Return a function that converts whatever a program holds pictures in; the model is opened once.

    With `sharpen = converter("model.onnx")`, `sharpen(blurred)` is the model's result. It takes paths, the bytes of a
    file, binary files, arrays, `Picture`s and Pillow's images.

    Args:
        model: an open model, a model file, the folder of a run, or the name of a model that comes with repix.
        engine: the library that runs it: "auto", "openvino" or "onnxruntime".
        device: "auto", or a device that the engine's library finds.
        precision: "exact" (float32), "fast" (bf16), or "auto": fast where processor and model stay accurate.
        threads: threads that compute; by default one for each core.
        memory: the most bytes that one call takes besides the picture and the result.
        strength: below 1, the result is mixed with the picture.

    Returns:
        The converter; several threads may share it.

    Raises:
        Unreadable: the model cannot be opened.
        WrongUse: an engine, a device or a precision is unknown.

    >>> from repix.conversion import Contract, Echo
    >>> twice = converter(Echo(Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2)))
    >>> twice(np.zeros((5, 9), np.uint8)).shape, twice(np.zeros((4, 5, 9, 3), np.float32)).shape
    ((10, 18), (4, 10, 18, 3))
    """
    if not isinstance(model, str | Path):
        return Converter(model, Budget(memory), strength)
    opened = open_model(model, engine, device=device, precision=precision, threads=threads)
    return Converter(opened, Budget(memory), strength)
