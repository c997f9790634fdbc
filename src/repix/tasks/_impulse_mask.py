"""Mask of corrupted pixels: the last channel of a model's output, by which a result keeps all other pixels exactly.

The mask is the probability that a pixel is corrupted. Where it is not above a threshold, the decoder copies the
source's own values, without any arithmetic. So clean pixels stay bit-equal in every depth, engine and precision.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.pictures.picture import Picture
from repix.tasks import Task
from repix.tasks._planes import require_planes


def with_impulse_mask(task: Task, threshold: float) -> Task:
    """Return the task of a model that also returns the mask, and changes the pixels above the threshold only.

    Its colors are not corrected afterwards, and flat areas need no correction: both would change clean pixels.
    """
    return replace(
        task,
        channels=(task.channels[0], task.channels[1] + 1),
        decode=partial(_decode, task, threshold),
        corrupted=partial(corrupted, threshold),
        objective="two-stage",
        keeps_colors=False,
        flat=None,
    )


def corrupted(threshold: float, y: Array) -> NDArray[np.bool_]:
    """Return which pixels an output N×(C+1)×H×W calls corrupted: H×W; with one batch item per channel, in any of them.

    >>> corrupted(0.5, np.array([[[[0.5, 0.1]], [[0.4, 0.6]]]], np.float32)).tolist()
    [[False, True]]
    """
    called: NDArray[np.bool_] = np.any(y[:, -1] > threshold, axis=0)
    return called


def _decode(task: Task, threshold: float, y: Array, source: Picture) -> Picture:
    """Return the source with the estimates at the corrupted pixels, whose mask is that of their batch item."""
    channels = task.channels[1] + 1
    require_planes(y, 1 if task.channels[1] == 3 or source.is_gray else 3, channels, source.size)
    result = task.decode(y[:, :-1], source)
    called = (y[:, -1] > threshold).transpose(1, 2, 0)  # H×W×1, or H×W×C for one batch item per channel
    count = result.pixels.shape[2] - source.has_alpha
    colors = np.where(called, result.pixels[:, :, :count], source.pixels[:, :, :count])
    return replace(result, pixels=np.concatenate([colors, source.pixels[:, :, count:]], axis=2))
