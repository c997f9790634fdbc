"""Contract: the description that a model file carries, with padding and cropping of its input and output tensors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray

from repix import registry
from repix.arithmetic.arrays import Array, require_floats
from repix.conversion.contract_parts import MeasuredPrecision, Slices, Windows
from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.parameters import Bounds, Json
from repix.printable import shown
from repix.settings import Settings
from repix.side_inputs import SideInput

if TYPE_CHECKING:
    from repix.tasks import Task

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Provenance:
    """Origin and quality of a model; these entries are copied into the contract."""

    data: str = ""
    """The hash of the training data."""
    trained: Json = field(default_factory=dict)
    """Details of the training: steps, seconds, seed, device, precision and so on."""
    metrics: tuple[Json, ...] = ()
    """Its metrics: name, value, data set, number of pictures, and values of baselines."""


@dataclass(frozen=True)
class Contract(Settings):
    """The description in a model file. Input and output are N×C×H×W of float32 in [0, 1]; of volumes, N×C×D×H×W.

    >>> contract = Contract("upscale", channels=(3, 3), scale=2, step=8)
    >>> x = contract.pad(np.zeros((1, 3, 5, 9), np.float32))
    >>> x.shape, contract.crop(contract.blank(x), (5, 9)).shape
    ((1, 3, 8, 16), (1, 3, 10, 18))
    """

    task: Annotated[str, "the task that gives the tensors their meaning"]
    settings: Annotated[Json, "the task's settings"] = field(default_factory=dict)
    network: Annotated[str, "the network"] = ""
    network_settings: Annotated[Json, "the network's settings"] = field(default_factory=dict)
    parameters: Annotated[int, "number of learned parameters", Bounds(0)] = 0
    channels: Annotated[tuple[int, int], "channels in and out", Bounds(1, 4096)] = (1, 1)
    dimensions: Annotated[int, "2 for pictures, 3 for volumes", Bounds(2, 3)] = 2
    scale: Annotated[int, "scale factor of height and width", Bounds(1, 64)] = 1
    step: Annotated[int, "height and width are padded to a multiple of it", Bounds(1, 4096)] = 1
    halo: Annotated[int | None, "margin of the receptive field, in pixels; none: the whole picture", Bounds(0)] = None
    size: Annotated[int | None, "the only height and width it takes, if it is fixed", Bounds(1, 65536)] = None
    windows: Annotated[Windows | None, "windows that define a model with a global receptive field"] = None
    slices: Annotated[Slices | None, "step and halo along the slices, of a model for volumes"] = None
    side_inputs: Annotated[tuple[SideInput, ...], "its inputs besides the picture, the last channels in"] = ()
    bytes_per_pixel: Annotated[int | None, "memory for each input pixel, if measured", Bounds(1)] = None
    export_error: Annotated[float, "largest difference between torch and an engine", Bounds(0)] = 0.0
    halo_measured: Annotated[int | None, "measured margin of the receptive field", Bounds(0)] = None
    data: Annotated[str, "hash of the training data"] = ""
    trained: Annotated[Json, "how it was trained, see `Provenance`"] = field(default_factory=dict)
    metrics: Annotated[tuple[Json, ...], "its metrics, see `Provenance`"] = ()
    precisions: Annotated[tuple[MeasuredPrecision, ...], "the precisions it was measured in, besides float32"] = ()

    def __post_init__(self) -> None:
        """Check that the parts go together."""
        super().__post_init__()
        if self.size is not None and self.size % self.step:
            raise WrongUse(f"size is {self.size}; it must be a multiple of the step, which is {self.step}.")
        if self.windows is not None:
            self._require_fitting(self.windows)
        if (self.dimensions == 3) != (self.slices is not None):
            raise WrongUse(f"dimensions is {self.dimensions}; a model for volumes has 3 and slices, others 2 and none.")
        for what, parts in (("side inputs", self.side_inputs), ("precisions", self.precisions)):
            named = [part.name for part in parts]
            if len(set(named)) < len(named):
                raise WrongUse(f"The {what} are {', '.join(map(shown, named))}; each name must be given once.")

    def _require_fitting(self, windows: Windows) -> None:
        """Refuse windows that do not fit the step, the size or the halo."""
        if windows.size % self.step or windows.stride % self.step:
            raise WrongUse(
                f"The windows have size {windows.size} and stride {windows.stride}; both must be multiples of the "
                f"step, which is {self.step}."
            )
        if self.size not in (None, windows.size):
            raise WrongUse(f"The windows have size {windows.size}, but the model takes {self.size}×{self.size} only.")
        if self.halo is not None:
            raise WrongUse(f"The model has windows and a halo of {self.halo}; give only one of them.")

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Self:
        """Return the contract of what `to_dict` returned; all entries must be there, and no others.

        The entry `slices` is there for volumes only, so that contracts of models for pictures stay as they were.

        >>> Contract.from_dict(Contract("denoise").to_dict() | {"magic": 1})
        Traceback (most recent call last):
        repix.errors.WrongUse: The contract holds 'magic', which is unknown; a newer repix may know it.
        """
        if not isinstance(given, Mapping):
            raise WrongUse("The contract is not a JSON object.")
        known = [f.name for f in fields(cls)]
        for name in given:
            if name not in known:
                raise WrongUse(f"The contract holds {shown(name)}, which is unknown; a newer repix may know it.")
        for name in known:
            if name not in given and (name != "slices" or given.get("dimensions") == 3):
                raise WrongUse(f"The contract lacks '{name}'; export the model again.")
        return super().from_dict(given)

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `from_dict`."""
        found = super().to_dict()
        if self.slices is None:
            del found["slices"]
        return found

    def precision(self, name: str) -> MeasuredPrecision | None:
        """Return the measurement in a precision; None if there is none.

        >>> Contract("denoise").precision("bf16")
        """
        return next((one for one in self.precisions if one.name == name), None)

    def make_task(self) -> "Task":
        """Return the task with its settings.

        >>> Contract("upscale", {"scale": 3}).make_task().scale
        3
        """
        task: Task = registry.get("tasks", self.task)(self.settings)
        return task

    @property
    def margin(self) -> int:
        """The halo, rounded up to a multiple of the step; 0 where there is no halo.

        >>> Contract("denoise", step=8, halo=9).margin
        16
        """
        return -(-(self.halo or 0) // self.step) * self.step

    def pad(self, x: Array) -> Array:
        """Return a tensor padded at the bottom, right and last slice to multiples of the steps, or to whole windows.

        The padding is mirrored and includes the edge pixels (c b a | a b c), as in the filters. It is repeated as often
        as needed, so that even a single pixel can be padded to a whole step.
        """
        self._require_input(x)
        for axis, (side, end) in enumerate(zip(x.shape[2:], self.padded_sides(x.shape[2:]), strict=True), 2):
            if end > side:
                x = x[(*(slice(None),) * axis, mirrored_indices(0, end, side))]
        return x

    def padded_sides(self, sides: tuple[int, ...]) -> tuple[int, ...]:
        """Return the padded sides of a picture, height and width, or of a volume, whose slices come first.

        >>> Contract("denoise", dimensions=3, slices=Slices(4), step=8).padded_sides((5, 16, 9))
        (8, 16, 16)
        """
        plane = self.padded((sides[-2], sides[-1]))
        return plane if self.slices is None else (self.slices.padded(sides[0]), *plane)

    def padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the padded height and width of a picture; refuse other sizes than a fixed one.

        A model with windows gets whole windows, others a multiple of their step.

        >>> Contract("denoise", step=8).padded((5, 16))
        (8, 16)
        """
        height, width = size
        if self.size is not None and (height, width) != (self.size, self.size):
            raise WrongShape(
                f"This model ({self.network or self.task}) takes pictures of {self.size}×{self.size} only, not "
                f"{height}×{width}; crop or resize the picture first."
            )
        if self.windows is not None:
            return self.windows.padded(height), self.windows.padded(width)
        return -(-height // self.step) * self.step, -(-width // self.step) * self.step

    def crop(self, y: Array, size: tuple[int, ...]) -> Array:
        """Return the result without the padding, for a picture or volume of this size."""
        wanted = tuple(self.scale * side for side in size)
        fits = y.ndim == 2 + self.dimensions and y.shape[1] == self.channels[1]
        if not fits or any(side < least for side, least in zip(y.shape[2:], wanted, strict=True)):
            raise WrongShape(
                f"The model's result has shape {y.shape}; for {_sides(size)} it must have {self.channels[1]} channels "
                f"and at least {_sides(wanted)}."
            )
        cropped: Array = y[(slice(None), slice(None), *(slice(side) for side in wanted))]
        return cropped

    def blank(self, x: Array) -> Array:
        """Return zeros in the shape of the result for a padded picture."""
        return np.zeros((len(x), self.channels[1], *(self.scale * side for side in x.shape[2:])), np.float32)

    def require(self, x: Array) -> None:
        """Refuse an input that the graph does not take; every engine calls this before it runs.

        >>> Contract("denoise", step=8).require(np.zeros((1, 1, 8, 9), np.float32))
        Traceback (most recent call last):
        repix.errors.WrongShape: The model takes multiples of 8 as height and width, but was given 8×9; pad them.
        """
        self._require_input(x)
        height, width = x.shape[-2:]
        if self.slices is not None and x.shape[2] % self.slices.step:
            raise WrongShape(
                f"The model takes multiples of {self.slices.step} slices, but was given {x.shape[2]}; pad them."
            )
        if self.size is not None and (height, width) != (self.size, self.size):
            raise WrongShape(f"The model takes {self.size}×{self.size} only, but was given {height}×{width}.")
        if height % self.step or width % self.step:
            raise WrongShape(
                f"The model takes multiples of {self.step} as height and width, but was given {height}×{width}; "
                "pad them."
            )

    def _require_input(self, x: Array) -> None:
        require_floats(x, "The input")
        if x.dtype != np.float32:
            raise WrongDtype(f"The model takes float32, but was given {x.dtype}.")
        if x.ndim != 2 + self.dimensions or x.shape[1] != self.channels[0] or 0 in x.shape:
            sides = "N×C×H×W" if self.slices is None else "N×C×D×H×W"
            raise WrongShape(
                f"The model takes {sides} with {self.channels[0]} channels, but was given the shape {x.shape}."
            )


def _sides(sides: tuple[int, ...]) -> str:
    return "×".join(map(str, sides))


def mirrored_indices(start: int, end: int, side: int) -> slice | Indices:
    """Return the rows (or columns) of a picture at positions start to end of its mirrored padding.

    >>> mirrored_indices(2, 5, 9), mirrored_indices(2, 8, 4).tolist(), mirrored_indices(-2, 2, 4).tolist()
    (slice(2, 5, None), [2, 3, 3, 2, 1, 0], [1, 0, 0, 1])
    """
    if start >= 0 and end <= side:
        return slice(start, end)
    found = np.arange(start, end) % (2 * side)
    return np.where(found < side, found, 2 * side - 1 - found)
