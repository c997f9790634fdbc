"""A process for work that only the end of its process can interrupt: filters of whole pictures, and drawings."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from repix.errors import RepixError
from repix.studio.progress import Progress

POLL = 0.05
"""Seconds between two looks whether the job was canceled."""


class HelperProcess:
    """The process; it starts with the first task, and is ended with a task that is canceled. One thread uses it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = SimpleQueue[bytes]()

    def run(self, task: Mapping[str, Any], progress: Progress) -> list[str]:
        """Do one of the tasks of `repix.studio.helper_tasks`, and return its notes.

        Raises:
            RepixError: the task failed, or its process ended.
            Canceled: the job was canceled; the process is ended then.
        """
        process = self._started()
        answer = b""
        try:
            _send(process, task)
            answer = self._answer(progress)
        finally:
            if not answer:
                self.close()
        if not answer:
            raise RepixError("The process that works on this picture ended; there may be too little memory for it.")
        found = json.loads(answer)
        if "error" in found:
            raise RepixError(found["error"])
        notes: list[str] = found["notes"]
        return notes

    def close(self) -> None:
        """End the process, also while it works."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._answers = SimpleQueue()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "repix.studio.helper_tasks"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the server, which then ends this process
            )
            threading.Thread(target=_read, args=(self._process, self._answers), daemon=True).start()
        return self._process

    def _answer(self, progress: Progress) -> bytes:
        """Wait for a line of the process; empty if it ended."""
        while True:
            with suppress(Empty):
                return self._answers.get(timeout=POLL)
            progress.advance(0)


def _send(process: "subprocess.Popen[bytes]", task: Mapping[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101 (for the type checker)
    with suppress(BrokenPipeError):  # it ended: then there is no answer
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()


def _read(process: "subprocess.Popen[bytes]", answers: "SimpleQueue[bytes]") -> None:
    """Pass the lines of a process on, and an empty one at its end."""
    assert process.stdout is not None  # noqa: S101 (for the type checker)
    assert process.stdin is not None  # noqa: S101 (for the type checker)
    with process.stdout, suppress(BrokenPipeError), process.stdin:
        for line in process.stdout:
            answers.put(line)
    answers.put(b"")
