"""Child: a process that makes files for a run; the run's process writes orders to it, and reads answers, as JSON lines.

A picture is read, converted and written in one process, so no pixels go from process to process.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, BinaryIO

from repix.batch.memory_pool import Pool
from repix.batch.messages import Message, error_message, made_message, order_of
from repix.batch.place import make
from repix.batch.work import WorkFunction
from repix.errors import RepixError

Open = Callable[[Mapping[str, Any], Pool], WorkFunction]
"""Opens the work from its settings; raises RepixError if it cannot be the same work."""


def serve(open_work: Open) -> None:
    """Make the files that the run's process orders, one after another, until it ends."""
    _Child(sys.stdin.buffer, _answers()).serve(open_work)


def _answers() -> BinaryIO:
    """Return the standard output for answers; what libraries print goes to the standard error instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


class _Child:
    """The process's two ends."""

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._answers = answers
        self._messages = SimpleQueue[Message]()
        threading.Thread(target=self._read, args=(orders,), daemon=True).start()

    def serve(self, open_work: Open) -> None:
        try:
            function = open_work(self._messages.get(), self)
        except RepixError as problem:
            self._answer({"refused": str(problem)})
            return
        self._answer({"refused": ""})
        while True:
            order = order_of(self._messages.get())
            try:
                self._answer(made_message(make(function, order, self._advance, lambda: None)))
            except Exception as problem:  # noqa: BLE001 (the run's process tells it)
                self._answer(error_message(problem))

    @contextmanager
    def take(self, needed: int) -> Iterator[None]:
        """Ask the run's process for memory, which it holds until the file is finished."""
        self._answer({"memory": needed})
        self._messages.get()
        yield

    def _advance(self, pixels: int = 0) -> None:
        self._answer({"pixels": pixels})

    def _answer(self, message: Message) -> None:
        try:
            self._answers.write(json.dumps(message).encode() + b"\n")
            self._answers.flush()
        except BrokenPipeError:
            os._exit(1)

    def _read(self, orders: BinaryIO) -> None:
        """Pass messages on; at their end the run's process is gone, and this one ends at once, whatever it does."""
        for line in orders:
            self._messages.put(json.loads(line))
        os._exit(0)
