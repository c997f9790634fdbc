"""Side inputs of a task: further channels of the model's input."""

from dataclasses import replace
from functools import partial

from repix.arithmetic.arrays import Array
from repix.pictures.picture import Picture
from repix.side_inputs import with_defaults
from repix.tasks import SideInputs, Task


def with_side_inputs(task: Task, side: SideInputs) -> Task:
    """Return the task with side inputs, whose default values its encoder adds."""
    channels = task.channels[0] + side.channels, task.channels[1]
    return replace(task, channels=channels, encode=partial(_encode, task, side), side=side)


def _encode(task: Task, side: SideInputs, picture: Picture) -> Array:
    return with_defaults(task.encode(picture), side.inputs)
