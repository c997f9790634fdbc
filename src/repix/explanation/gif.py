"""A trace as an animated GIF: one frame for each step, then the result."""

from repix.arithmetic.trace import Trace
from repix.explanation.frames import frames
from repix.explanation.svg import Canvas

MARGIN = 24.0

SCALE = 1.5
"""Pixels for each unit of the drawing."""

STEP, FASTEST, RESULT = 1500, 300, 4000
"""The time of a step and its lower limit, and the time of the result, in milliseconds."""

LONGEST = 60_000
"""Steps are shown faster if there are so many that the animation would take longer, in milliseconds."""


def to_gif(trace: Trace) -> bytes:
    """Return a trace as an animated GIF file.

    >>> import numpy as np
    >>> from repix.arithmetic import softmax
    >>> to_gif(softmax.trace(np.ones(2)))[:3]
    b'GIF'
    """
    from repix.pictures.rasterize import svgs_to_gif

    drawn = drawings(trace)
    return svgs_to_gif(drawn, frame_times(len(drawn) - 1), SCALE)


def drawings(trace: Trace) -> list[str]:
    """Return the frames of a trace as SVG documents of one size.

    >>> import numpy as np
    >>> from repix.arithmetic import softmax
    >>> len(drawings(softmax.trace(np.ones(2))))
    4
    """
    found = []
    for frame in frames(trace):
        canvas = Canvas()
        frame.item.draw(canvas, MARGIN, MARGIN)
        width, height = frame.item.size
        found.append(canvas.finish(width + 2 * MARGIN, height + 2 * MARGIN, frame.label, ""))
    return found


def frame_times(steps: int) -> list[int]:
    """Return how long each step is shown, and then the result, in milliseconds.

    >>> frame_times(2)
    [1500, 1500, 4000]
    """
    return [*[min(STEP, max(FASTEST, LONGEST // steps))] * steps, RESULT]
