"""Frames from one stream to another: read, converted and written at the same time, in order, in bounded memory."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import BinaryIO

import numpy as np

from repix.batch.memory_pool import MemoryPool
from repix.conversion.budget import BASE_MEMORY
from repix.conversion.convert import concatenate_bands, convert_bands
from repix.conversion.file import FileOptions
from repix.conversion.model_loader import LoadedModel
from repix.conversion.row_source import PictureRows
from repix.conversion.side_reader import SideReader
from repix.conversion.tile_runner import TileRunner
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.raw_frames import PIXEL_FORMATS, FrameFormat, frame_bytes

Convert = Callable[[Picture], Picture]
Observe = Callable[[FrameFormat, int], None]
"""Called after each written frame with the format of the results and the number of frames."""


def convert_frames(
    source: BinaryIO,
    target: BinaryIO,
    form: FrameFormat,
    engine: LoadedModel,
    options: FileOptions,
    *,
    workers: int = 3,
    observe: Observe = lambda _form, _number: None,
) -> int:
    """Convert raw frames from a stream to a stream, and return their number.

    Args:
        source: the stream of frames; it is read in a thread, which may outlive the call if the stream blocks.
        target: the stream for the results.
        form: size and pixel format of the frames.
        engine: the open model.
        options: its memory limit, strength, colors and side inputs are used.
        workers: the number of frames converted at the same time.
        observe: called after each written frame.

    Raises:
        Unreadable: the source is empty, or ends within a frame; the frames before it are written.
        BrokenPipeError: the target was closed.
        TooLarge: the memory limit is too small for a tile.
    """
    number = 0
    with closing(converted(form.frames(source), _conversion(form, engine, options, workers), workers)) as results:
        for number, result in enumerate(results, 1):
            target.write(frame_bytes(result))
            target.flush()
            observe(FrameFormat.of(result), number)
    return number


def converted(frames: Iterator[Picture], convert: Convert, workers: int) -> Generator[Picture, None, None]:
    """Yield the results of frames in order; threads read and convert ahead, but no more than `workers` + 2 frames."""
    pending: Queue[Future[Picture] | BaseException | None] = Queue(workers)
    stopped = Event()
    with ThreadPoolExecutor(workers, "repix-frames") as pool:

        def submit(frame: Picture) -> Future[Picture]:
            return pool.submit(convert, frame)

        Thread(target=_read, args=(frames, submit, pending, stopped), daemon=True).start()
        try:
            while (found := pending.get()) is not None:
                if isinstance(found, BaseException):
                    raise found
                yield found.result()
        finally:
            stopped.set()
            with suppress(Empty):  # the reader may wait for a free place
                while True:
                    pending.get_nowait()
            pool.shutdown(cancel_futures=True)


def _read(
    frames: Iterator[Picture],
    submit: Callable[[Picture], Future[Picture]],
    pending: Queue[Future[Picture] | BaseException | None],
    stopped: Event,
) -> None:
    """Submit frame after frame until their end, an error, or a stop."""
    try:
        for frame in frames:
            if stopped.is_set():
                return
            pending.put(submit(frame))
        pending.put(None)
    except Exception as problem:  # noqa: BLE001 (it is raised in the main thread)
        pending.put(problem)


def _conversion(form: FrameFormat, engine: LoadedModel, options: FileOptions, workers: int) -> Convert:
    """Return the conversion of a frame; frames converted at the same time share the memory limit."""
    channels, depth, _ = PIXEL_FORMATS[form.pixel_format]
    pixel, size = Picture(np.zeros((1, 1, channels), DEPTHS[depth])), (form.height, form.width)
    side = SideReader.of(engine.contract, options.side, size)
    runner = TileRunner(engine, options.strength, options.keep_colors, side=side)
    largest = 3 * pixel.pixels.itemsize * form.height * form.width * engine.contract.scale**2  # of a result, in bytes
    waiting = (workers + 2) * (form.bytes + largest)
    plan = options.budget.on(engine).plan(size, pixel, runner.contract, waiting, f"A frame of {form}")
    pool = MemoryPool((options.budget.memory or 0) - BASE_MEMORY - waiting)

    def convert(frame: Picture) -> Picture:
        with pool.take(plan.memory - waiting):
            return concatenate_bands(convert_bands(PictureRows(frame), runner, plan))

    return convert
