"""Side inputs of held-out examples: values that depend on the name of the example's file only."""

from repix.evaluation import Example
from repix.evaluation.examples import generator_for
from repix.side_inputs import Side
from repix.tasks import DrawSide, Task

SEED = 1
"""The seed of side inputs; sources have the seed 0."""


def drawn_side(task: Task, draw: DrawSide, example: Example) -> Side:
    """Return values of a task's side inputs for an example."""
    values, side, start = draw(example.source, example.target, generator_for(SEED, example.name)), {}, 0
    for one in task.side.inputs:
        side[one.name] = values[:, :, start : start + one.channels]
        start += one.channels
    return side
