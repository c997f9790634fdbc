"""Arguments of ONNX operators: attributes of old operator sets, inputs of new ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from repix.conversion.onnx_reader import Node

SLICE_INPUTS_OPSET, PAD_INPUTS_OPSET, AXES_INPUT_OPSET, SPLIT_INPUT_OPSET = 10, 11, 13, 13
"""The first opsets in which Slice, Pad, Squeeze and Unsqueeze, and Split have inputs instead of attributes."""


class Call(Protocol):
    """A node with its inputs."""

    @property
    def node(self) -> Node:
        """The node."""

    @property
    def opset(self) -> int:
        """The version of the operators."""

    def integers(self, place: int) -> list[int] | None:
        """Return the sizes or indices of an input; None if it is omitted."""


@dataclass(frozen=True)
class Padding:
    """The amounts at the start and the end of axes; negative ones cut."""

    axes: tuple[int, ...] | None
    """None for all axes."""
    amounts: tuple[int, ...]
    """First those at the start of each axis, then those at the end."""

    @property
    def ends(self) -> list[tuple[int, int]]:
        """The amounts at the start and at the end of each axis."""
        half = len(self.amounts) // 2
        return list(zip(self.amounts[:half], self.amounts[half:], strict=False))


def slices(call: Call) -> list[tuple[int, slice]]:
    """Return the axes of Slice, as they are numbered in the node, and the slice of each.

    Raises:
        ValueError: the numbers of starts, ends, axes and steps differ.
    """
    if call.opset < SLICE_INPUTS_OPSET:
        starts, ends, axes = (_attribute(call, name) for name in ("starts", "ends", "axes"))
        steps: Sequence[int] = ()
    else:
        starts, ends, axes, steps = (call.integers(place) or [] for place in range(1, 5))
    parts = zip(starts, ends, axes or range(len(starts)), steps or [1] * len(starts), strict=True)
    return [(axis, slice(start, end, step)) for start, end, axis, step in parts]


def padding(call: Call) -> Padding:
    """Return the amounts of Pad."""
    old = call.opset < PAD_INPUTS_OPSET
    amounts = _attribute(call, "pads") if old else call.integers(1) or []
    axes = None if old else call.integers(3)
    return Padding(None if axes is None else tuple(axes), tuple(amounts))


def split_sizes(call: Call) -> list[int]:
    """Return the sizes of Split; none for parts of equal size."""
    return _attribute(call, "split") if call.opset < SPLIT_INPUT_OPSET else call.integers(1) or []


def named_axes(call: Call, first_opset: int = AXES_INPUT_OPSET) -> list[int]:
    """Return the axes of Squeeze, Unsqueeze or a reduction; none if they are omitted."""
    return _attribute(call, "axes") if call.opset < first_opset else call.integers(1) or []


def _attribute(call: Call, name: str) -> list[int]:
    return list(call.node.integers(name))
