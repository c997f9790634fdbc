"""Tasks: what a picture that goes in means, and what must come out. One file each, which offers `make(settings)`.

    task = registry.get("tasks", "denoise")({"sigma": [25, 25]})
    source, target = task.make_pair(clean, rng)                       # two pictures, as two folders would give them
    task.loss(network(task.encode(source)), task.encode_target(target))     # as tensors; torch loads here, not before
    task.decode(engine.run(task.encode(picture)), picture)            # a picture again

Between a picture and a model lie arrays N×C×H×W of float32 where 0 is black and 1 is white: C is what the model takes,
and N is 1 unless a model with one channel is given several, one after the other. Nothing here looks at a neighboring
pixel, so a band of rows can be encoded and decoded on its own; only `make_pair` sees whole pictures or crops.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.masks import IGNORED, Encoding
from repix.parameters import Bounds, Range
from repix.pictures.picture import Picture
from repix.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "IGNORED",
    "Augment",
    "Baseline",
    "MakePair",
    "MetricSpec",
    "ModelOption",
    "Range",
    "Saturation",
    "Settings",
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
"""Makes a source and its target out of one good picture."""


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
    """An option of a task's command whose value chooses among the bundled models."""

    name: str
    """`scale` becomes `--scale`."""
    model: str
    """The bundled model's name; `{}` stands for the value."""
    values: tuple[int, int]
    """The least value and the largest."""
    help: str


class TaskCommand(TypedDict, total=False):
    """What a task's file may say of its command, as the constant `COMMAND`; every part may be left out.

    It is read from the source without importing it, so that `repix --help` stays fast: write plain literals only.
    """

    summary: str
    """The line in `repix --help`; left out, the first line of the file's docstring."""
    help: str
    """What `repix TASK --help` says first; left out, the file's docstring."""
    model_option: ModelOption
    side_outputs: tuple[str, ...]
    """Options of `repix convert` for this task only: "overlay", "probabilities"."""
    refused: dict[str, str]
    """Options that users look for and the task does not have, with the answer; `{0}` stands for the value."""


@dataclass(frozen=True)
class MetricSpec:
    """A metric by name, with its settings."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Baseline:
    """A conversion that needs no training."""

    name: str
    convert: Callable[[Picture], Picture]


@dataclass(frozen=True, eq=False)
class Task:
    """A conversion from one kind of pictures into another."""

    name: str
    settings: Settings
    channels: tuple[int, int]
    """How many the model takes, and how many it gives."""
    encode: Callable[[Picture], Array]
    """A source as the model takes it."""
    decode: Callable[[Array, Picture], Picture]
    """What the model gave for a source, as a picture of the source's depth with its profile and EXIF."""
    encode_target: Callable[[Picture], NDArray[Any]]
    """A target as the loss takes it: floats as the model should give them, or class numbers N×H×W of uint8."""
    make_pair: MakePair | None
    """A source and its target out of one good picture; None where pairs can only be given."""
    loss: Callable[["Tensor", "Tensor"], "Tensor"]
    """How far a prediction is from the encoded target: one number with a gradient."""
    metrics: tuple[MetricSpec, ...]
    """What validation measures; the first one says which model is the best."""
    random: bool = False
    """Whether `make_pair` draws from its generator; where not, a picture's pair can be made once and kept."""
    scale: int = 1
    """How many times higher and wider the result is than the source."""
    rotations: bool = True
    """Training flips pictures and rotates them by 90°, 180° and 270°; False: it only flips them left to right."""
    augment: Augment | None = None
    """Augmentation of a photo that comes with a mask: it changes the colors and not the positions."""
    zoom: tuple[float, float] = (1.0, 1.0)
    """Training shows each picture at so many times its size, at least and at most, as far as patches fit in."""
    logits: bool = False
    """The network gives logits of classes; softmax inside the exported graph makes them probabilities."""
    flat: Callable[["Tensor"], "Tensor"] | None = None
    """What becomes of a flat encoded source, where the network is not to decide that: colors cannot be told from it."""
    blendable: bool = False
    """Whether something between source and result makes sense; the source is then encoded as a target."""
    unknown: tuple[str, ...] = ()
    """What somebody else's model file does not say and `repix import` assumes, for this task."""
    masks: Encoding | None = None
    """How results are written as masks; None: they are pictures."""
    filters: tuple[str, ...] = ()
    """The classical filters for this task, the best one first, in the words of `repix filter`."""
    baseline: Baseline | None = None
    """What to compare with instead of the source as it is, in gray where the task adds colors, enlarged by bicubic."""


@dataclass(frozen=True)
class TrainingDefaults:
    """What a task is trained with where the user does not choose."""

    network: str = "unet"
    patch_size: int = 128
    batch_size: int = 8
    lr: float = 1e-3
    optimizer: Literal["muon", "adamw"] = "adamw"
    network_settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this network. Where there are any, all the rest was tuned with them, for no other network."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the task. They count only where no network is named: a user who names one names all settings."""


@dataclass(frozen=True)
class TaskMaker(Generic[S]):
    """What a file of this family offers as `make`: settings in, checked, and the task out."""

    settings: type[S]
    build: Callable[[S], Task]
    mask_settings: Callable[[Encoding], dict[str, Any]] | None = None
    """Returns the settings for masks that are written so; None: the task does not learn from masks."""
    pair_scales: tuple[int, ...] = (1,)
    """How many times larger than its source a given target may be."""
    training: TrainingDefaults = TrainingDefaults()
    """Defaults of training."""

    def __call__(self, settings: S | Mapping[str, object] | None = None) -> Task:
        """The task with these settings, which may come from JSON; what is left out has its default."""
        if settings is None or isinstance(settings, Mapping):
            settings = self.settings.from_dict(settings or {})
        if not isinstance(settings, self.settings):
            raise WrongUse(f"The settings are {settings!r}; this task takes a dictionary or {self.settings.__name__}.")
        return self.build(settings)
