"""Splits of volumes: contiguous slices, because neighbors are too similar to be held out one by one."""

from collections.abc import Sequence

from repix.data.folders import Item
from repix.errors import WrongUse
from repix.volumes.stack import slice_range, slices_in, slices_name, volume_of

TO_DIVIDE = 4
"""Number of held-out slices of a volume from which they are divided for evaluation and model selection."""


def is_one_stack(items: Sequence[Item]) -> bool:
    """Return True if all items are slices of one volume.

    >>> is_one_stack([Item("a.tif[0:5]"), Item("a.tif[5:9]")]), is_one_stack([Item("a.png")])
    (True, False)
    """
    return len({volume_of(item.picture) for item in items}) == 1 and slice_range(items[0].picture) is not None


def divided(item: Item, holdout: int | None) -> tuple[str, tuple[Item, ...], tuple[Item, ...]]:
    """Return the rule, the training slices and the held-out slices of a volume, which are its last.

    Args:
        item: the volume with its mask.
        holdout: number of slices to hold out; default: a tenth.

    >>> rule, train, held = divided(Item("a.tif[0:30]", "b.tif[0:30]"), None)
    >>> train[0].files, held[0].files
    (('a.tif[0:27]', 'b.tif[0:27]'), ('a.tif[27:30]', 'b.tif[27:30]'))
    """
    there = slices_in(item.picture)
    count = there // 10 if holdout is None else holdout
    if isinstance(count, bool) or not 0 <= count < there:
        raise WrongUse(
            f"holdout is {holdout!r}, and {volume_of(item.picture)} has {there} slices; hold out 0 to {there - 1} of "
            "them, or a folder of other volumes."
        )
    held = () if not count else (part_of(item, there - count, there),)
    return f"held out: the last {count} of {there} slices", (part_of(item, 0, there - count),), held


def halves_of_stacks(held: Sequence[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return the slices for the final evaluation and those that select the weights: of each volume, its second half.

    Fewer than four slices serve for both.

    >>> [[item.picture for item in half] for half in halves_of_stacks([Item("a.tif[24:30]"), Item("b.tif[0:3]")])]
    [['a.tif[27:30]', 'b.tif[0:3]'], ['a.tif[24:27]', 'b.tif[0:3]']]
    """
    evaluation, selection = [], []
    for item in held:
        there = slices_in(item.picture)
        few = there < TO_DIVIDE
        evaluation.append(item if few else part_of(item, there // 2, there))
        selection.append(item if few else part_of(item, 0, there // 2))
    return tuple(evaluation), tuple(selection)


def part_of(item: Item, first: int, end: int) -> Item:
    """Return some slices of an item, counted from its first one.

    >>> part_of(Item("a.tif[10:20]"), 2, 5)
    Item(picture='a.tif[12:15]', partner=None)
    """
    return Item(*(_part(name, first, end) for name in item.files))


def overlap(one: Item, other: Item) -> bool:
    """Return True if two items have a picture or a slice in common.

    >>> overlap(Item("a.tif[0:5]"), Item("a.tif[4:9]")), overlap(Item("a.tif[0:5]"), Item("b.tif[0:5]"))
    (True, False)
    """
    mine, others = slice_range(one.picture), slice_range(other.picture)
    if mine is None or others is None:
        return one == other
    return mine[0] == others[0] and max(mine[1], others[1]) < min(mine[2], others[2])


def _part(name: str, first: int, end: int) -> str:
    found = slice_range(name)
    if found is None:
        raise WrongUse(f"{name} is not a volume.")
    volume, start, _ = found
    return slices_name(volume, start + first, start + end)
