"""Correction of flat areas: where the input does not vary, the result is the one that the task defines for it.

A network with biases adds patterns to a flat picture: zero padding changes the border, and an upsampler's phases differ
in brightness. Training cannot remove them, so the graph blends the network's result with the task's, by the range of
values around each pixel.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SURROUNDINGS = 16
"""Pixels on each side of a pixel that decide whether its area is flat."""
FULL = 2 / 255
"""From this range of values on, the network's result has the weight 1; below, the weight is proportional."""


HINTED = (1, 3, 9, 27, 81, 81)
"""Distances of three pixels whose maximum is taken, one after the other; so every pixel up to their sum is seen."""
HINT_REACH = sum(HINTED)
"""Pixels on each side of a hint where flat areas are left to the network, so that the hint can fill them."""


class FlatSettled(nn.Module):
    """A module followed by the correction of flat areas.

    The last `side` channels of its input are side inputs; `hints` are those of color hints. A flat area near a color
    hint is not corrected.
    """

    def __init__(
        self,
        network: nn.Module,
        flat: Callable[[Tensor], Tensor],
        side: int = 0,
        hints: Sequence[slice] = (slice(None),),
    ) -> None:
        super().__init__()
        self.network, self.flat, self.side, self.hints = network, flat, side, hints

    def forward(self, x: Tensor) -> Tensor:
        """Return N×C'×H×W of N×C×H×W."""
        picture = x[:, : x.shape[1] - self.side] if self.side else x
        y, flat = self.network(x), self.flat(picture)
        share = variation(picture) / FULL
        for channels in self.hints if self.side else ():
            share = torch.maximum(share, hinted(x[:, -self.side :][:, channels]))
        return torch.where(share < 1, flat + share * (y - flat), y)  # y itself: the sum would round it in bf16


def variation(x: Tensor) -> Tensor:
    """Return the range of values around each pixel: N×1×H×W.

    >>> import torch
    >>> x = torch.zeros(1, 1, 40, 1)
    >>> x[0, 0, 0] = 0.25
    >>> variation(x)[0, 0, [0, 16, 17], 0].tolist()
    [0.25, 0.25, 0.0]
    """
    return (_highest(x) + _highest(-x)).amax(1, keepdim=True)


def _highest(x: Tensor) -> Tensor:
    """Return the largest value around each pixel: along the columns, then along the rows."""
    side, beside = 2 * SURROUNDINGS + 1, SURROUNDINGS
    columns = functional.max_pool2d(x, (side, 1), 1, (beside, 0))
    return functional.max_pool2d(columns, (1, side), 1, (0, beside))


def hinted(side: Tensor) -> Tensor:
    """Return 1 for pixels up to `HINT_REACH` from color hints (values that are not 0), and else 0: N×1×H×W.

    >>> import torch
    >>> side = torch.zeros(1, 3, 1, 300)
    >>> side[0, 2, 0, 10] = 1
    >>> int(hinted(side).sum()) == 10 + 1 + HINT_REACH
    True
    """
    found = (side != 0).any(1, keepdim=True).to(side.dtype)
    found = functional.pad(found, (HINT_REACH,) * 4)  # at once: in between, the maxima go beyond the picture
    for apart in HINTED:
        found = found[:, :, 2 * apart :].maximum(found[:, :, apart:-apart]).maximum(found[:, :, : -2 * apart])
        found = found[..., 2 * apart :].maximum(found[..., apart:-apart]).maximum(found[..., : -2 * apart])
    return found
