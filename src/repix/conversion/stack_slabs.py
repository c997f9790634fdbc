"""Convert a stack in memory with a model for volumes, slab by slab."""

from repix.conversion.budget import WHOLE, Budget
from repix.conversion.contract_parts import Slices
from repix.conversion.engine import Engine
from repix.conversion.slab_plan import plan_slabs
from repix.conversion.slab_runner import SlabRunner
from repix.pictures.picture import DEPTHS
from repix.volumes import Metadata, Stack, VolumeReader


def convert_slabs(stack: Stack, engine: Engine, slices: Slices, budget: Budget, strength: float) -> Stack:
    """Return the result of a model for volumes.

    Args:
        stack: the slices.
        engine: the model.
        slices: the third side of its contract.
        budget: the memory limit; without one, it is the default, because whole volumes rarely fit into memory.
        strength: below 1, the result is blended with the source.
    """
    numbers = iter(range(stack.slices))
    shape = (stack.slices, *stack.slice_size)
    reader = VolumeReader("the stack", shape, stack.depth, Metadata(), lambda: stack.slice(next(numbers)))
    limited = Budget() if budget == WHOLE else budget
    plan = plan_slabs(reader, engine.contract, slices, limited, max(DEPTHS[stack.depth].itemsize, 2))
    found = SlabRunner(engine, strength).convert(reader.read, stack.slices, plan)
    return stack.with_slices([result for _, result in found])
