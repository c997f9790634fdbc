"""Child process: makes files for a run, one at a time; seen from the run's process."""

import json
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue

from repix.batch.messages import Message, made_of, order_message
from repix.batch.place import Check, Made, Order
from repix.batch.program import Program
from repix.batch.work import Advance

PAUSE = 0.2
"""Seconds between two looks whether the run is to stop."""


class ChildLost(Exception):
    """The process ended while it made a file, or before it began with it."""

    def __init__(self, began: bool) -> None:
        super().__init__()
        self.began = began


class Unusable(Exception):
    """Processes cannot be used for this run, for the reason that is given."""


class ChildProcess:
    """One process."""

    def __init__(self, program: Program, workers: int, most_memory: int) -> None:
        """Start the process, one of so many, which opens the work; a file may take this much memory at most."""
        self._pool, self._most_memory = program.pool, most_memory
        self._process = subprocess.Popen(  # noqa: S603 (the current Python, and a module of the work)
            [sys.executable, "-m", program.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run, which then ends this process
        )
        self._messages = SimpleQueue[Message | None]()
        threading.Thread(target=self._read, daemon=True, name="repix-child").start()
        self._send({**program.settings, "workers": workers})

    @property
    def number(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def require_open(self) -> None:
        """Wait until the work is open; raises Unusable."""
        answer = self._messages.get()
        refusal = "it ended" if answer is None else answer["refused"]
        if refusal:
            self.end()
            raise Unusable(f"a worker process could not start: {refusal.rstrip('.')}")

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file; raises ChildLost, Unusable and what the work raises. After KeyboardInterrupt, the process ended.

        `advance` may raise KeyboardInterrupt, too.
        """
        done, began, answer = 0, False, None
        try:
            with ExitStack() as memory:
                self._send(order_message(order))
                while answer is None:
                    message = self._next(check)
                    if message is None:
                        raise ChildLost(began)
                    began = True
                    if "pixels" in message:
                        done += message["pixels"]
                        advance(message["pixels"])
                    elif "memory" in message:
                        memory.enter_context(self._granted(message["memory"]))
                    else:
                        answer = message
        except (ChildLost, Unusable):
            if done:
                advance(-done)
            raise
        finally:
            if answer is None:
                self.end()
        return made_of(answer)

    def end(self) -> None:
        """End the process, also while it works."""
        self._process.kill()
        self._process.wait()

    def _granted(self, needed: int) -> ExitStack:
        if needed > self._most_memory:
            raise Unusable("the pictures are too large for several processes within --memory")
        stack = ExitStack()
        stack.enter_context(self._pool.take(needed))
        self._send({"granted": needed})
        return stack

    def _next(self, check: Check) -> Message | None:
        while True:
            with suppress(Empty):
                return self._messages.get(timeout=PAUSE)
            check()

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None  # noqa: S101 (for the type checker)
        with suppress(BrokenPipeError, ValueError):  # it ended, and its pipe is closed: then there is no answer
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        """Pass its messages on, and None at its end."""
        assert self._process.stdout is not None  # noqa: S101 (for the type checker)
        assert self._process.stdin is not None  # noqa: S101 (for the type checker)
        with self._process.stdout, suppress(BrokenPipeError), self._process.stdin:
            for line in self._process.stdout:
                if line.endswith(b"\n"):
                    self._messages.put(json.loads(line))
            self._messages.put(None)
