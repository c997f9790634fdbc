"""A trace as an SVG document that steps: buttons show one frame at a time; printed, each frame is a page.

There is no script. A button is a link to a frame; the style sheet shows the frame that the address names, and the
result, which is the last one, if it names none. A program that knows no style sheets shows the result.
"""

import math
from collections.abc import Sequence

from repix.arithmetic.trace import Trace
from repix.explanation.captions import summary_of
from repix.explanation.description import description
from repix.explanation.frames import Frame, frames
from repix.explanation.svg import Canvas, document

MARGIN = 24.0

BUTTON = (84.0, 30.0)

PAGE_UNIT = 8
"""Browsers round the size of a printed page, but not a multiple of 8."""


def to_step_svg(trace: Trace) -> str:
    """Return a trace as an SVG document with a frame for each step, and buttons.

    >>> import numpy as np
    >>> from repix.arithmetic import softmax
    >>> to_step_svg(softmax.trace(np.ones(2))).count('class="frame"')
    4
    """
    all_frames = frames(trace)
    width, height = all_frames[0].item.size
    size = _whole(width + 2 * MARGIN), _whole(height + 3 * MARGIN + BUTTON[1])
    body = "\n".join(_frame(all_frames, number, size[1]) for number in range(len(all_frames)))
    name, _, idea = summary_of(trace).partition(": ")
    return document(body, size, name, description(trace, idea), _style(len(all_frames), size))


def _whole(side: float) -> float:
    return float(math.ceil(side / PAGE_UNIT) * PAGE_UNIT)


def _frame(all_frames: Sequence[Frame], number: int, height: float) -> str:
    """Return a frame as a group that is hidden unless it is the last one."""
    canvas, buttons = Canvas(), Canvas()
    all_frames[number].item.draw(canvas, MARGIN, MARGIN)
    last = len(all_frames) - 1
    targets = {"Next": (2, number + 1), "Back": (1, number - 1), "First": (0, 0), "Result": (3, last)}
    for text, (place, target) in targets.items():  # the Tab key goes to Next first
        there = 0 <= target <= last and target != number
        x = MARGIN + place * (BUTTON[0] + 10)
        buttons.link(x, height - MARGIN - BUTTON[1], BUTTON, text, _name(target, last) if there else "")
    hidden = "" if number == last else ' display="none"'
    return (
        f'<g class="frame" id="{_name(number, last)}" style="--n:{number}"{hidden}>\n{canvas.body()}\n'
        f'<g class="buttons">\n{buttons.body()}\n</g>\n</g>'
    )


def _name(number: int, last: int) -> str:
    return "result" if number == last else f"step-{number + 1}"


def _style(count: int, size: tuple[float, float]) -> str:
    """Return the style sheet: one frame on the screen, one below the other on paper."""
    width, height = size
    return f"""
svg:root{{max-width:100%;height:auto}}
.frame:target{{display:inline}}
.frame:target~#result{{display:none}}
a:hover rect,a:focus rect{{fill:#e8eef4}}
@page{{size:{width:g}px {height:g}px;margin:0}}
@media print{{
svg:root{{width:{width:g}px;height:{count * height:g}px;max-width:none;overflow:visible}}
.frame,.frame:target~#result{{display:inline;transform:translate(0,calc(var(--n)*{height:g}px))}}
.buttons{{display:none}}
}}
"""
