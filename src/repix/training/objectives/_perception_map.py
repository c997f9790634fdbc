"""The perception map among the channels of a batch, for objectives that train steered networks."""

from torch import Tensor

from repix.errors import WrongUse
from repix.side_inputs import channels_of_kind
from repix.tasks import Task

KIND = "perception-map"


def require_map(objective: str, task: Task) -> None:
    """Refuse a task without a perception map for an objective."""
    if not channels_of_kind(task.side.inputs, KIND):
        raise WrongUse(
            f"The objective {objective} needs a task with a perception map, which {task.name} with these settings has "
            "not; give the setting perception of upscale, or leave the objective out."
        )


def map_of(source: Tensor, task: Task) -> Tensor:
    """Return the perception map of sources, N×1×H×W, which shares their memory."""
    (channels,) = channels_of_kind(task.side.inputs, KIND)
    return source[:, task.picture_channels :][:, channels]
