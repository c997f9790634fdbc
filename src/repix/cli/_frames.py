"""Raw frames on the command line: from the standard input to the standard output."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from repix.cli._level import STANDARD
from repix.cli._progress import counter, tell
from repix.errors import WrongUse

if TYPE_CHECKING:
    from repix.conversion.file import FileOptions
    from repix.conversion.model_loader import LoadedModel
    from repix.pictures.raw_frames import FrameFormat

FORMAT = "rgb24"
"""The default pixel format."""
FOR_FILES = (
    "recursive", "suffix", "format", "overwrite", "dry_run", "watch", "as_json", "verbose", "stack", "crop", "stamp",
    "compare", "overlay", "probabilities", "mask", "fail_unsuitable", "quality", "strict",
    "files", "cluster",
)  # fmt: skip
"""Options that mean nothing for raw frames."""


@dataclass(frozen=True)
class FrameArguments:
    """Options for raw frames."""

    frames: Annotated[
        str | None,
        typer.Option(
            "--frames", metavar="WxH", help="Convert raw frames of this size, from standard input to standard output."
        ),
    ] = None
    pixel_format: Annotated[
        str | None,
        typer.Option("--pixel-format", help="Of the frames: rgb24 (default), rgb48le, gray8 or gray16le."),
    ] = None

    def require(self, inputs: Sequence[Path], others: Mapping[str, Any]) -> None:
        """Refuse other options that are for files with --frames, and the pixel format without it."""
        if self.frames is None:
            if self.pixel_format is not None:
                raise WrongUse("--pixel-format is for raw frames; name their size with --frames, or leave it out.")
            return
        self._form()
        if list(inputs) != [STANDARD] or others["output"] not in (None, STANDARD):
            raise WrongUse(
                "--frames converts raw frames from the standard input to the standard output; write - for IN and for "
                "-o, and use pipes."
            )
        refused = [f"--{name.removeprefix('as_').replace('_', '-')}" for name in FOR_FILES if others.get(name)]
        if refused:
            raise WrongUse(f"{' and '.join(refused)} cannot be used for raw frames (--frames), only for files.")
        if sys.stdout.isatty():
            raise WrongUse("The standard output is a terminal; pipe the frames to a program, such as ffmpeg.")

    def model(self, models: Mapping[str, str]) -> Path | None:
        """Return the path of the model for the kind of the frames, of those for "gray" and "color"; None for files."""
        from repix.models import model_named

        if self.frames is None:
            return None
        return model_named(models["gray" if self._form().pixel_format.startswith("gray") else "color"])

    def convert(self, engine: "LoadedModel", options: "FileOptions", workers: int) -> int:
        """Convert the frames and return the exit code; a closed output ends it without a sentence."""
        from repix.conversion.frame_pipe import convert_frames

        source, target = _raw(sys.stdin.buffer), sys.stdout.buffer
        start = time.monotonic()
        with counter("Converting frames") as show:

            def observe(form: "FrameFormat", number: int) -> None:
                if number == 1:
                    tell(f"The results are frames of {form}.")
                show(f"{number} frames, {number / max(time.monotonic() - start, 1e-9):.2f} a second")

            try:
                convert_frames(source, target, self._form(), engine, options, workers=workers, observe=observe)
            except BrokenPipeError:
                return 1
        return 0

    def _form(self) -> "FrameFormat":
        from repix.pictures.raw_frames import FrameFormat

        return FrameFormat.read(self.frames or "", self.pixel_format or FORMAT)


def _raw(stream: Any) -> BinaryIO:
    """Return a stream without its buffer: a thread that waits for a buffered one would block the end of Python."""
    return cast("BinaryIO", getattr(stream, "raw", stream))
