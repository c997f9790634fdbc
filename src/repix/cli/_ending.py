"""Ctrl-C ends a batch, whatever a library does: where it does not come back in time, the process ends anyway."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from repix.pictures.temporary_files import remove_tracked

GRACE = 1.3
"""Seconds in which everything may end in order after Ctrl-C; the promise is two."""
INTERRUPTED = 130
_open: list[threading.Event] = []
"""Of each `ending_soon` that is entered, what is set when nothing has to be ended any more."""
SHOW_CURSOR = b"\x1b[?25h"
"""A progress bar has hidden it."""


@contextmanager
def ending_soon() -> Iterator[None]:
    """Within it, Ctrl-C ends the process in time, also where the main thread or a worker waits for a library.

    Python's own handler runs only when the main thread comes back from the library. The system's part of it writes to
    a socket at once, and a thread waits there. What is only half written is removed; a run that keeps a journal goes
    on where it stopped, as after a crash.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    over = threading.Event()
    _open.append(over)
    watch = threading.Thread(target=_watched, args=(reading, over), daemon=True, name="repix-ctrl-c")
    watch.start()
    try:
        yield
    finally:
        over.set()
        _open.remove(over)
        signal.set_wakeup_fd(before)
        writing.close()
        watch.join()
        reading.close()


def interruption_handled() -> None:
    """Say that Ctrl-C was answered in order, so that what follows, such as printing numbers, may take its time."""
    for over in _open:
        over.set()


def _watched(reading: socket.socket, over: threading.Event) -> None:
    """Wait for Ctrl-C, and then for the end of what is to end."""
    while True:
        signals = reading.recv(1)
        if not signals:
            return
        if signals[0] == signal.SIGINT and not over.wait(GRACE):
            end_at_once("repix: It was interrupted while a library did not answer; nothing half-written was left.")


def end_at_once(sentence: str = "", code: int = INTERRUPTED) -> None:
    """Leave the process without waiting for anything in it."""
    remove_tracked()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, SHOW_CURSOR)
        os.write(2, f"{sentence}\n".encode() if sentence else b"")
    os._exit(code)


def is_busy() -> bool:
    """Whether an engine may still be at work that was interrupted."""
    engines = sys.modules.get("repix.conversion.engines._interruptible")
    return engines is not None and bool(engines.is_busy())
