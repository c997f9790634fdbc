"""Tasks: conversions between kinds of pictures, such as noisy to clean. One file each, which defines `make(settings)`.

    task = registry.get("tasks", "denoise")({"sigma": [25, 25]})
    source, target = task.make_pair(clean, rng)                       # two pictures, like a pair of files
    task.loss(network(task.encode(source)), task.encode_target(target))     # tensors; only this imports torch
    task.decode(engine.run(task.encode(picture)), picture)            # a picture

Models take arrays N×C×H×W of float32, where 0 is black and 1 is white. C is the model's number of channels; N is 1,
unless a one-channel model is applied to each channel of a picture. `encode` and `decode` are pointwise, so a band of
rows can be converted on its own; only `make_pair` needs whole pictures or crops.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NotRequired, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.masks import IGNORED, Encoding
from repix.parameters import Bounds, Range
from repix.pictures.picture import Picture
from repix.settings import Settings
from repix.side_inputs import SideInput, side_channels

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "CLEAN_JPEG",
    "IGNORED",
    "Augment",
    "Baseline",
    "Defect",
    "Domain",
    "DrawSide",
    "MakePair",
    "MetricSpec",
    "ModelOption",
    "Range",
    "Saturation",
    "Settings",
    "SideInput",
    "SideInputs",
    "Task",
    "TaskCommand",
    "TaskMaker",
    "TrainingDefaults",
    "Zoom",
]

S = TypeVar("S", bound=Settings)

Augment = Callable[[Picture, np.random.Generator], Picture]
"""Returns a randomly changed picture; every pixel still shows the same thing, so that masks stay valid."""

MakePair = Callable[[Picture, np.random.Generator], tuple[Picture, Picture]]
"""Returns a source and its target, made from one clean picture."""


DrawSide = Callable[[Picture, Picture, np.random.Generator], Array]
"""Returns values of the side inputs for a source and its target, as drawn for training: H×W×channels."""

Zoom = Annotated[
    Range,
    "scale augmentation: range of the factor by which training resizes each photo, if patches fit",
    Bounds(0.1, 10),
]
"""Type of the setting `zoom`."""
Saturation = Annotated[
    float, "saturation of results relative to the model's, which is pale where the color is uncertain", Bounds(0, 4)
]
"""Type of the setting `saturation`."""


class ModelOption(TypedDict):
    """Option of a task's command that selects a bundled model."""

    name: str
    """`scale` becomes `--scale`."""
    model: str
    """Name of the bundled model; `{}` is replaced by the value."""
    steered: NotRequired[str]
    """Its name if a perception is given (`--perception`); default: the same model."""
    values: tuple[int, int]
    """Smallest and largest value."""
    help: str


class TaskCommand(TypedDict, total=False):
    """Description of a task's command, the constant `COMMAND` of its file; all keys are optional.

    It is read from the source without importing it, so that `repix --help` is fast; it must be a literal.
    """

    summary: str
    """Line in `repix --help`; default: the first line of the file's docstring."""
    help: str
    """Text of `repix TASK --help`; default: the file's docstring."""
    model_option: ModelOption
    options: tuple[str, ...]
    """Options that only some tasks accept: "strength", "keep-colors", "overlay", "probabilities", "mask", "hint",
    "hints", "sigma", "perception"; default: none."""
    level_models: dict[str, str]
    """Names of the bundled models for a known noise level (`--sigma`), for "gray" and "color" pictures."""
    refused: dict[str, str]
    """Options that users may expect but the task lacks, with the error message; `{0}` is replaced by the value."""


@dataclass(frozen=True)
class MetricSpec:
    """A metric by name, with its settings."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


CLEAN_JPEG = 80
"""Least JPEG quality for models that were trained on clean photos: below, artifacts are visible."""
Defect = Literal["noise", "impulses", "blur", "compression", "gray"]
"""Defects that a restorer removes: noise, salt and pepper, blur, artifacts of JPEG compression, lack of color."""


@dataclass(frozen=True)
class Domain:
    """The pictures a model is for, as far as its settings tell; `repix inspect` measures them. None: no limit.

    >>> Domain(removes=("noise",), noise=55.0, filtered=False).blur is None
    True
    """

    removes: tuple[Defect, ...] = ()
    noise: float | None = None
    """Largest standard deviation of the noise, in gray levels (8-bit)."""
    filtered: bool = True
    """The noise may be correlated, as that of cameras; otherwise it must be white."""
    impulses: float | None = None
    """Largest share of salt and pepper."""
    blur: float | None = None
    """Largest standard deviation of a Gaussian blur, in pixels."""
    motion: float | None = None
    """Largest length of motion blur, in pixels."""
    defocus: float | None = None
    """Largest radius of defocus, in pixels."""
    jpeg: int | None = None
    """Least JPEG quality."""
    color: Literal["any", "color", "gray"] = "any"


@dataclass(frozen=True, eq=False)
class Baseline:
    """A conversion without training, for comparison."""

    name: str
    convert: Callable[[Picture], Picture]


def _prediction(prediction: "Tensor", _: "Tensor") -> "Tensor":
    return prediction


def _draw_none(source: Picture, _: Picture, __: np.random.Generator) -> Array:
    return np.empty((*source.size, 0), np.float32)


@dataclass(frozen=True, eq=False)
class SideInputs:
    """Inputs of a task's models besides the picture, and how training gets values for them; by default there are none.

    >>> SideInputs().channels
    0
    """

    inputs: tuple[SideInput, ...] = ()
    draw: DrawSide = _draw_none
    """Draws values for training."""
    factors: tuple[float, ...] = ()
    """Factors for the channels of given values, where the decoder changes what they mean; default: 1."""
    examples: Mapping[str, DrawSide] = field(default_factory=dict)
    """Values with which a trained model is measured, too, by their names in tables."""

    @property
    def channels(self) -> int:
        """Number of channels of all side inputs."""
        return side_channels(self.inputs)


@dataclass(frozen=True, eq=False)
class Task:
    """A conversion from one kind of pictures into another."""

    name: str
    settings: Settings
    channels: tuple[int, int]
    """Numbers of input channels, with those of side inputs, and of output channels."""
    encode: Callable[[Picture], Array]
    """Converts a source to the model's input; its last channels are side inputs with their default values."""
    decode: Callable[[Array, Picture], Picture]
    """Converts the model's output and the source to a picture with the source's depth, profile and EXIF."""
    encode_target: Callable[[Picture], NDArray[Any]]
    """Converts a target for the loss: floats like the model's output, or class ids N×H×W of uint8."""
    make_pair: MakePair | None
    """Makes a source and its target from one clean picture; None if the task needs given pairs."""
    loss: Callable[["Tensor", "Tensor"], "Tensor"]
    """Loss of a prediction and an encoded target: a scalar tensor."""
    metrics: tuple[MetricSpec, ...]
    """Metrics for validation; the first one selects the best weights."""
    picture: Callable[["Tensor", "Tensor"], "Tensor"] = _prediction
    """Returns the gray or RGB picture of a prediction and its encoded source, for losses that look at pictures."""
    random: bool = False
    """True if `make_pair` is random; otherwise its pairs can be cached."""
    scale: int = 1
    """Scale factor from source to result."""
    rotations: bool = True
    """Training flips pictures and rotates them by 90°, 180° and 270°; False: it only flips them left to right."""
    augment: Augment | None = None
    """Augmentation of a photo that comes with a mask: it changes the colors and not the positions."""
    zoom: tuple[float, float] = (1.0, 1.0)
    """Scale jitter in training: range of the factor by which pictures are resized, if patches fit."""
    logits: bool = False
    """The network gives logits of classes; softmax inside the exported graph makes them probabilities."""
    corrupted: Callable[[Array], NDArray[np.bool_]] | None = None
    """Returns the mask of an output, H×W: the corrupted pixels, and no others are changed; None without a mask.

    The last output channel is the probability that a pixel is corrupted.
    """
    objective: str = "supervised"
    """The objective that trains its models."""
    flat: Callable[["Tensor"], "Tensor"] | None = None
    """Function for flat areas of an encoded source, if the network's own result is not to be used there."""
    blendable: bool = False
    """True if the result can be blended with the source (`--strength`), which is then encoded as a target."""
    keeps_colors: bool = False
    """True if a result should have its source's colors, so that those can be kept exactly (`--keep-colors`)."""
    unknown: tuple[str, ...] = ()
    """Properties that an imported model's file does not state, so that `repix import` assumes them."""
    masks: Encoding | None = None
    """Encoding of results as masks; None for pictures."""
    filters: tuple[str, ...] = ()
    """Classical filters for this task with their settings, the best one first."""
    domain: Domain = Domain()
    """The pictures the model is for."""
    baseline: Baseline | None = None
    """Trivial baseline; default: the source, repeated to three channels or enlarged by bicubic if needed."""
    side: SideInputs = SideInputs()
    """Inputs besides the picture; they are the last channels of the model's input."""

    @property
    def picture_channels(self) -> int:
        """Number of input channels of the picture, without side inputs."""
        return self.channels[0] - self.side.channels


@dataclass(frozen=True)
class TrainingDefaults:
    """Defaults of training for a task."""

    network: str = "unet"
    patch_size: int = 128
    batch_size: int = 8
    lr: float = 1e-3
    optimizer: Literal["muon", "adamw"] = "adamw"
    network_settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this network; if there are any, the other defaults were tuned for it alone."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the task; they apply only if the user does not choose a network."""


@dataclass(frozen=True)
class TaskMaker(Generic[S]):
    """The constant `make` of a task's file: returns the task for settings, after checking them."""

    settings: type[S]
    build: Callable[[S], Task]
    mask_settings: Callable[[Encoding], dict[str, Any]] | None = None
    """Returns the settings for an encoding of masks; None if the task does not use masks."""
    pair_scales: tuple[int, ...] = (1,)
    """Allowed scale factors of given pairs."""
    training: TrainingDefaults = TrainingDefaults()
    """Defaults of training."""

    def __call__(self, settings: S | Mapping[str, object] | None = None) -> Task:
        """Return the task with these settings, which may come from JSON; missing ones get their defaults."""
        if settings is None or isinstance(settings, Mapping):
            settings = self.settings.from_dict(settings or {})
        if not isinstance(settings, self.settings):
            raise WrongUse(f"settings is {settings!r}; it must be a dictionary or {self.settings.__name__}.")
        return self.build(settings)
