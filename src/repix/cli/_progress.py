"""Standard error: messages, and progress bars for batches, evaluations and file scans."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from repix.printable import duration, printable

if TYPE_CHECKING:
    from rich.console import Console

    from repix.batch import Progress
    from repix.data.file_scan import FileScan


def is_terminal(stream: TextIO | None) -> bool:
    """Return True if a stream is a terminal; None is a stream that was closed when the process started."""
    return stream is not None and stream.isatty()


def tell(sentence: str) -> None:
    """Print a sentence on standard error."""
    print(printable(f"repix: {sentence}"), file=sys.stderr)


def tell_on_terminal(sentence: str) -> None:
    """Print a sentence about what goes on, for people who wait; nothing without a terminal."""
    if is_terminal(sys.stderr):
        tell(sentence)


class BatchBar:
    """Progress bar of a batch: pixels, files, speed and time left; nothing without a terminal."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None

    def __enter__(self) -> "BatchBar":
        if is_terminal(sys.stderr):
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
            self._bar = Progress(*columns, console=_console(), transient=True, redirect_stdout=is_terminal(sys.stdout))
            self._task = self._bar.add_task(self._title, total=None, said="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: "Progress") -> None:
        """Show the progress of the batch."""
        if self._bar is not None:
            left = "" if progress.left is None else f", {duration(progress.left)} left"
            said = f"{progress.finished} of {progress.files} files, {progress.speed / 1e6:.2f} MP/s{left}"
            self._bar.update(self._task, completed=progress.converted, total=progress.pixels or None, said=said)


@contextmanager
def named_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows one bar per name; its arguments are the name, the count and the total."""
    if not is_terminal(sys.stderr):
        yield lambda _name, _done, _total: None
        return
    from rich.markup import escape
    from rich.progress import Progress, TaskID

    bars: dict[str, TaskID] = {}
    with Progress(console=_console(), transient=True) as shown:

        def show(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = shown.add_task(escape(printable(name)), total=total)
            shown.update(bars[name], completed=done)

        yield show


@contextmanager
def counter(title: str) -> Iterator[Callable[[str], None]]:
    """Yield a function that shows a text beside the title, for work of unknown length; nothing without a terminal."""
    if not is_terminal(sys.stderr):
        yield lambda _text: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=_console(), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(title, total=None, said="")
        yield lambda text: bar.update(task, said=text)


def with_progress(scans: "Iterable[FileScan]", total: int) -> "Iterator[FileScan]":
    """Return the same items, and show a bar that counts them."""
    if not is_terminal(sys.stderr):
        return iter(scans)
    from rich.progress import track

    return iter(track(scans, "Scanning", total, console=_console(), transient=True))


def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True)
