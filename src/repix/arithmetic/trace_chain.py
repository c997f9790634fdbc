"""Chains of traces: the output of one trace is the input of the next."""

from collections.abc import Mapping
from dataclasses import replace

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Region, Stage, Step, Trace


def chain_traces(
    operation: str, *parts: tuple[Trace, Mapping[str, str]], titles: Mapping[str, str] | None = None
) -> Trace:
    """Return one trace of several; each part has new names for its inputs and stages, so that later parts read earlier.

    `titles` has new titles of stages, by their new names, such as of an output that is now an intermediate stage.

    >>> from repix.arithmetic import pixel_shuffle, resize
    >>> import numpy as np
    >>> larger = resize.trace(np.ones((4, 1, 1)), scale_factor=2)
    >>> shuffled = pixel_shuffle.trace(larger.output, 2)
    >>> parts = (larger, {"output": "larger"}), (shuffled, {"picture": "larger"})
    >>> trace = chain_traces("both", *parts, titles={"larger": "The picture, enlarged"})
    >>> [stage.title for stage in trace.stages], list(trace.inputs)
    (['The picture, enlarged', 'Channels as pixels'], ['picture'])
    """
    stages: list[Stage] = []
    steps: list[Step] = []
    inputs: dict[str, Array] = {}
    for trace, names in parts:
        given = {names.get(name, name): array for name, array in trace.inputs.items()}
        made = {stage.name for stage in stages}
        inputs |= {name: array for name, array in given.items() if name not in made}
        stages += [_titled(stage, names.get(stage.name, stage.name), titles or {}) for stage in trace.stages]
        steps += [_renamed(step, names) for step in trace.steps]
    return Trace(operation, tuple(stages), tuple(steps), inputs)


def _titled(stage: Stage, name: str, titles: Mapping[str, str]) -> Stage:
    return replace(stage, name=name, title=titles.get(name, stage.title))


def _renamed(step: Step, names: Mapping[str, str]) -> Step:
    reads = {key: Region(names.get(r.array, r.array), r.index) for key, r in step.reads.items()}
    return replace(step, stage=names.get(step.stage, step.stage), reads=reads)
