"""Center crops, for networks that take one size only."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from repix.data import Encoding, Item
from repix.errors import WrongUse
from repix.evaluation import Example, Examples
from repix.pictures import Picture
from repix.tasks import Task


class CenterCrops(Examples):
    """Examples for a network of one size: the center crop of each."""

    def __init__(
        self, root: Path, items: Sequence[Item], task: Task, side: int, encoding: Encoding | None = None
    ) -> None:
        super().__init__(root, items, task, encoding=encoding)
        self.side = side

    def __getitem__(self, index: Any) -> Any:
        """One example, cut, or the examples of a part of the items."""
        example = super().__getitem__(index)
        if not isinstance(example, Example):
            return example
        return Example(example.name, center_crop(example.source, self.side), center_crop(example.target, self.side))


def center_crop(picture: Picture, side: int) -> Picture:
    """Return the square in the center of a picture."""
    height, width = picture.size
    if min(height, width) < side:
        raise WrongUse(f"It is {width}×{height}, and this network takes {side}×{side} only.")
    top, left = (height - side) // 2, (width - side) // 2
    return replace(picture, pixels=picture.pixels[top : top + side, left : left + side])
