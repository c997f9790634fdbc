"""Ctrl-C while libvips works: not lost in its callbacks, and nothing half-written."""

import logging
import signal
import threading

import numpy as np
import pytest

import repix
from repix.pictures.libvips import defer_interrupt


class Interrupting(logging.Handler):
    """Presses Ctrl-C when libvips tells how it is getting on."""

    def emit(self, record: logging.LogRecord) -> None:
        del record
        signal.raise_signal(signal.SIGINT)


@pytest.fixture
def interrupted():
    """What libvips says interrupts it."""
    logger, handler = logging.getLogger("pyvips"), Interrupting()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_interrupted_in_a_callback(tmp_path, interrupted):
    picture = repix.Picture(np.zeros((400, 300, 3), np.uint8))
    with pytest.raises(KeyboardInterrupt):
        repix.write(picture, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_block_is_finished_first():
    done = []

    @defer_interrupt()
    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [True]


def test_a_handler_of_ones_own_is_kept():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(True))
    try:
        with defer_interrupt():
            signal.raise_signal(signal.SIGINT)
            assert seen == [True]
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_are_left_alone():
    def write() -> None:
        with defer_interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
