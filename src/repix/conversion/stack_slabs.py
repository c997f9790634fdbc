"""Convert a stack in memory with a model for volumes, slab by slab."""

from repix.conversion.budget import WHOLE, Budget
from repix.conversion.contract_parts import Slices
from repix.conversion.engine import Engine
from repix.conversion.slab_plan import plan_slabs
from repix.conversion.slab_runner import SlabRunner
from repix.errors import TooLarge
from repix.pictures.picture import DEPTHS
from repix.volumes import Metadata, Stack, VolumeReader

SMALLEST = Budget(memory=None, tile=1)
"""The smallest tiles, however much memory they take."""


def convert_slabs(stack: Stack, engine: Engine, slices: Slices, budget: Budget, strength: float) -> Stack:
    """Return the result of a model for volumes.

    Args:
        stack: the slices.
        engine: the model.
        slices: the third side of its contract.
        budget: the memory limit; without one, tiles fit into the default limit or are the smallest possible, because
            whole volumes rarely fit into memory.
        strength: below 1, the result is blended with the source.
    """
    numbers = iter(range(stack.slices))
    shape = (stack.slices, *stack.slice_size)
    reader = VolumeReader("the stack", shape, stack.depth, Metadata(), lambda: stack.slice(next(numbers)))
    itemsize = max(DEPTHS[stack.depth].itemsize, 2)
    try:
        plan = plan_slabs(reader, engine.contract, slices, Budget() if budget == WHOLE else budget, itemsize)
    except TooLarge:
        if budget != WHOLE:
            raise
        plan = plan_slabs(reader, engine.contract, slices, SMALLEST, itemsize)
    found = SlabRunner(engine, strength).convert(reader.read, stack.slices, plan)
    return stack.with_slices([result for _, result in found])
