"""The steps of a trace, grouped by the stage that they write."""

from collections import Counter
from dataclasses import dataclass

from repix.arithmetic.trace import Trace
from repix.explanation.planes import Snapshot, snapshots


@dataclass
class Section:
    """The steps of one stage, and those of them that are shown."""

    title: str
    total: int
    shown: list[Snapshot]


def sections(trace: Trace, steps: int | None = None) -> list[Section]:
    """Return the stages in the order of their first steps, with the first `steps` steps of each (None: all).

    A single step that would be left out is shown too.

    >>> import numpy as np
    >>> from repix.arithmetic import max_pool2d
    >>> [(one.title, one.total) for one in sections(max_pool2d.trace(np.eye(4), 2))][1]
    ('Maxima', 4)
    """
    titles = {stage.name: stage.title for stage in trace.stages}
    counts = Counter(step.stage for step in trace.steps)
    found = {name: Section(titles[name], total, []) for name, total in counts.items()}
    for moment in snapshots(trace):
        section = found[moment.step.stage]
        if steps is None or len(section.shown) < steps or section.total == steps + 1:
            section.shown.append(moment)
    return list(found.values())
