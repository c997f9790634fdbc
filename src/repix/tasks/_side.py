"""Side inputs of a task: further channels of the model's input, with values drawn for training."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from repix.arithmetic.arrays import Array
from repix.pictures.picture import Picture
from repix.side_inputs import SideInput, side_channels, with_defaults
from repix.tasks import DrawSide, Task


def with_side_inputs(
    task: Task,
    side_inputs: tuple[SideInput, ...],
    draw: DrawSide,
    examples: Mapping[str, DrawSide],
    factors: tuple[float, ...] = (),
) -> Task:
    """Return the task with side inputs: its encoder adds their default values, and training draws values."""
    channels = task.channels[0] + side_channels(side_inputs), task.channels[1]
    return replace(
        task,
        channels=channels,
        encode=partial(_encode, task, side_inputs),
        side_inputs=side_inputs,
        draw_side=draw,
        side_factors=factors,
        side_examples=examples,
    )


def _encode(task: Task, side_inputs: tuple[SideInput, ...], picture: Picture) -> Array:
    return with_defaults(task.encode(picture), side_inputs)
