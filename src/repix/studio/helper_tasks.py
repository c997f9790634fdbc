"""The program of the helper process: filters, degradations and drawings.

A task is a line of JSON at its input; the answer is a line of its output, `{"notes": [...]}` or `{"error": "..."}`. The
process ends with its input, so it does not outlive the server for longer than a task.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from repix.errors import RepixError
from repix.studio.problems import defect, sentence

Task = Mapping[str, Any]


def change(task: Task) -> list[str]:
    """Apply a filter or degradation to a picture file; return what the result loses, and advice."""
    from repix.batch import WriteOptions
    from repix.batch.whole_picture import picture_work
    from repix.studio.change_function import change_function

    function = change_function(task["family"], task["member"], task["settings"], task["depth"])
    work = picture_work(
        lambda picture: function(picture, np.random.default_rng(task["seed"])), {}, WriteOptions(task["quality"])
    )
    fidelity = work.function(Path(task["source"]), Path(task["target"]), _uncounted)
    return [str(one) for one in (*fidelity.lost, *fidelity.advice)]


def _uncounted(pixels: int = 0) -> None:
    """Count nothing: the server counts whole pictures."""


def draw(task: Task) -> list[str]:
    """Draw the trace of an operation into a file."""
    from repix.explanation.drawings import CONTENTS
    from repix.explanation.overflow import no_overflow
    from repix.studio.explanation import trace_of

    with no_overflow():
        content = CONTENTS[f"--{task['form']}"](trace_of(task["operation"], task["options"]))
    Path(task["target"]).write_bytes(content)
    return []


TASKS: dict[str, Callable[[Task], list[str]]] = {"change": change, "draw": draw}


def answer(line: bytes) -> dict[str, Any]:
    """Do the task of a line, and return what became of it.

    >>> answer(b'{"task": "draw", "form": "svg", "operation": "conv", "options": {"stride": "x"}, "target": ""}')
    {'error': '--stride x: give one whole number, or two as ROWS,COLUMNS.'}
    """
    task = json.loads(line)
    try:
        return {"notes": TASKS[task["task"]](task)}
    except (RepixError, MemoryError, OSError) as problem:
        return {"error": sentence(problem)}
    except Exception as problem:  # noqa: BLE001 (a defect, here or in a library: the process goes on)
        traceback.print_exc()
        return {"error": defect(problem)}


def main(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Answer tasks until there are no more."""
    for line in tasks:
        answers.write(json.dumps(answer(line)).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    main(sys.stdin.buffer, own)
