"""Ctrl-C ends a command within two seconds, even while a library call does not return."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from repix.pictures.atomic import remove_tracked

GRACE = 1.3
"""Seconds for an orderly end after Ctrl-C; the total limit is two."""
INTERRUPTED = 130
_open: list[threading.Event] = []
"""One event for each entered `ending_soon`; it is set when the command has ended."""
SHOW_CURSOR = b"\x1b[?25h"
"""Progress bars hide it."""


@contextmanager
def ending_soon() -> Iterator[None]:
    """Within the block, Ctrl-C ends the process in time, even if a library call does not return.

    Python runs its signal handler only when the main thread returns from the library. But the signal is also written
    to a socket immediately, and a thread reads it. Unfinished files are deleted; a run with a journal can continue, as
    after a crash.
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
    """Mark Ctrl-C as handled, so that the rest of the command, such as printing a table, is not cut short."""
    for over in _open:
        over.set()


def _watched(reading: socket.socket, over: threading.Event) -> None:
    """Wait for Ctrl-C, then give the command `GRACE` seconds to end."""
    while True:
        signals = reading.recv(1)
        if not signals:
            return
        if signals[0] == signal.SIGINT and not over.wait(GRACE):
            end_at_once("repix: Interrupted while a library was busy; unfinished files were deleted.")


def end_at_once(sentence: str = "", code: int = INTERRUPTED) -> None:
    """Exit the process without waiting for its threads."""
    remove_tracked()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, SHOW_CURSOR)
        os.write(2, f"{sentence}\n".encode() if sentence else b"")
    os._exit(code)


def is_busy() -> bool:
    """Return True if an interrupted engine may still be running."""
    engines = sys.modules.get("repix.conversion.engines._interruptible")
    return engines is not None and bool(engines.is_busy())
