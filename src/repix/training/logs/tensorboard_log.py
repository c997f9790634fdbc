"""TensorBoard log: metrics and sample grids."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.summary.writer.event_file_writer import _AsyncWriterThread  # type: ignore[import-untyped]
from torch.utils.tensorboard import SummaryWriter

from repix.pictures.atomic import write_error
from repix.training.logs import Record
from repix.training.run_folder import RunFolder


class TensorBoardLog:
    """Writes event files; a continued run replaces the events after the step that it starts from."""

    def __init__(self, folder: RunFolder, step: int) -> None:
        self.folder = folder
        _hide_tracebacks()
        with self._writing():
            self._writer = SummaryWriter(str(folder.events), purge_step=step + 1)

    def write(self, record: Record) -> None:
        """Add the metrics and the sample grid of this validation."""
        with self._writing():
            for name in ("loss", "lr", *record.terms, *record.metrics):
                self._writer.add_scalar(name, record.row[name], record.step)
            if record.samples is not None:
                self._add_image(record.samples, record.step)
            self._writer.flush()

    def close(self) -> None:
        """Close the event file."""
        with self._writing():
            self._writer.close()

    def _add_image(self, png: bytes, step: int) -> None:
        """Add a PNG file as it is; `add_image` would encode it again, with Pillow."""
        width, height = (int.from_bytes(png[first : first + 4]) for first in (16, 20))
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png)
        summary = Summary(value=[Summary.Value(tag="samples", image=image)])
        self._writer._get_file_writer().add_summary(summary, step)  # type: ignore[no-untyped-call]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn errors of the system into errors of repix, within a `with` block."""
        try:
            yield
        except OSError as problem:
            raise write_error(self.folder.events, problem) from None


@cache
def _hide_tracebacks() -> None:
    """Show no traceback of TensorBoard's threads: its next call raises the same error, which becomes a sentence."""
    shown = threading.excepthook

    def ended(end: threading.ExceptHookArgs) -> None:
        if not isinstance(end.thread, _AsyncWriterThread):
            shown(end)

    threading.excepthook = ended
