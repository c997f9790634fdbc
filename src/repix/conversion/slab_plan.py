"""Slab plans: volumes are converted in slabs of slices, each in tiles, with the halo on all three sides."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from repix.conversion.budget import BASE_MEMORY, BYTES_PER_PARAMETER, DEFAULT_BYTES_PER_PIXEL, Budget
from repix.conversion.contract import Contract
from repix.conversion.contract_parts import Slices
from repix.conversion.tiling import TILE_OVERHEAD, AxisTile, TilePlan, axis_tiles, plan_tiles, tile_choices
from repix.errors import TooLarge
from repix.volumes import VolumeReader

LARGEST_TILE = 2**22
"""The largest tile, in voxels. Larger ones are not faster, but delay the progress bar and Ctrl-C."""
RESULT_SLABS = 2
"""The number of result slabs in memory at a time: one is computed, one is written slice by slice."""


@dataclass(frozen=True)
class SlabPlan:
    """Slabs from the first slice to the last; each has the tiles of one plan."""

    slabs: tuple[AxisTile, ...]
    """Ranges of slices that are read and kept."""
    plane: TilePlan
    """Tiles of rows and columns."""
    memory: int = 0
    """The memory of a conversion with this plan in bytes."""

    def __len__(self) -> int:
        return len(self.slabs) * len(self.plane)

    def __iter__(self) -> Iterator[AxisTile]:
        """Yield every slab."""
        return iter(self.slabs)


@dataclass(frozen=True)
class SlabCost:
    """The memory cost of a conversion in slabs, in bytes."""

    fixed: int
    per_slice: int
    """Bytes for each slice that a slab reads: its source and results."""
    per_voxel: int
    """Bytes for each voxel of a tile."""

    def bytes(self, slices: int, height: int, width: int) -> int:
        """Return the bytes for slabs and tiles that read these sides."""
        return self.fixed + slices * self.per_slice + slices * height * width * self.per_voxel


def plan_slabs(reader: VolumeReader, contract: Contract, slices: Slices, budget: Budget, itemsize: int) -> SlabPlan:
    """Return the cheapest plan for a volume within a budget.

    Args:
        reader: the open volume.
        contract: the contract of a model for volumes.
        slices: its third side.
        budget: the memory limit, or the side of a tile without its halo, which holds for slabs too.
        itemsize: bytes of a voxel of the source or the result, whichever is larger.

    Raises:
        TooLarge: the budget is too small for a tile.
    """
    count, height, width = reader.shape
    padded = contract.padded_sides(reader.shape)
    numbers = 4 * sum(contract.channels)
    cost = SlabCost(
        BASE_MEMORY + BYTES_PER_PARAMETER * contract.parameters + reader.memory,
        height * width * itemsize * (1 + RESULT_SLABS),
        (contract.bytes_per_pixel or DEFAULT_BYTES_PER_PIXEL) + numbers,
    )
    deep = [(1, padded[0])] if slices.halo is None else list(tile_choices(padded[0], slices.step, slices.margin))
    best: tuple[int, int, TilePlan] | None = None
    for slabs, depth in deep:
        if not _depth_allowed(depth, slices, budget):
            continue
        plane = plan_tiles((padded[1], padded[2]), contract, _fits(depth, cost, contract, budget))
        if plane is None:
            continue
        tall, wide = plane.read_size
        work = slabs * len(plane) * (depth * tall * wide + TILE_OVERHEAD)
        if best is None or work < best[0]:
            best = work, depth, plane
    if best is None:
        least = [min(2 * margin + step, side) for margin, step, side in _sides(contract, slices, padded)]
        raise TooLarge(
            f"{reader.name}, {count} slices of {width}×{height}, needs about {cost.bytes(*least) / 1e9:.2f} GB of "
            f"memory, more than the {(budget.memory or 0) / 1e9:g} GB allowed; allow more memory."
        )
    _, depth, plane = best
    return SlabPlan(
        tuple(axis_tiles(padded[0], slices.margin, depth)), plane, cost.bytes(depth, *plane.read_size) - BASE_MEMORY
    )


def _sides(contract: Contract, slices: Slices, padded: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """Yield margin, step and padded length of each side; a side whose halo is unbounded is read whole."""
    margins = (slices.margin, contract.margin, contract.margin)
    steps = (slices.step, contract.step, contract.step)
    halos = (slices.halo, contract.halo, contract.halo)
    for margin, step, halo, side in zip(margins, steps, halos, padded, strict=True):
        yield margin, step if halo is not None else side, side


def _depth_allowed(depth: int, slices: Slices, budget: Budget) -> bool:
    """Return True if slabs that read this number of slices are allowed by the side of a tile."""
    if budget.tile is None or slices.halo is None:
        return True
    return depth <= max(-(-budget.tile // slices.step), 1) * slices.step + 2 * slices.margin


def _fits(depth: int, cost: SlabCost, contract: Contract, budget: Budget) -> Callable[[int, int], bool]:
    """Return the function that tells if a tile is allowed in slabs that read this number of slices."""
    smallest = (2 * contract.margin + contract.step) ** 2 * depth

    def fits(height: int, width: int) -> bool:
        if budget.tile is not None:
            step = contract.step
            return max(height, width) <= -(-budget.tile // step) * step + 2 * contract.margin
        if budget.memory is None:
            return True
        few = depth * height * width <= max(LARGEST_TILE, smallest)
        return few and cost.bytes(depth, height, width) <= budget.memory

    return fits
