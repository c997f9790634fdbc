"""Ctrl-C ends what runs an engine, though the engine never comes back; nothing half-written is left."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from repix.conversion import Contract, write_model
from repix.pictures import write
from tests.conversion.models import mixing
from tests.tasks.drawn import drawn

PROMISED = 2.0
"""Seconds, as the docs say."""
BUSY = 6.0
"""Seconds more that a busy machine may take to run two threads."""

STUCK = """
import ctypes, sys
from types import SimpleNamespace
from repix.conversion.engines import openvino
from repix.conversion.engines._interruptible import interruptible

library = ctypes.CDLL(None)  # which lets other threads of Python go on, as the engines do
lock = ctypes.create_string_buffer(256)

def stick():
    library.pthread_mutex_lock(lock)
    print("stuck", flush=True)
    library.pthread_mutex_lock(lock)  # for ever, and no signal ends it

class Stuck:
    def __init__(self, contract):
        self.contract = contract
    def run(self, x):
        return through(stick)

def opened(file, options):
    if where == "open":
        through(stick)
    return Stuck(file.contract)

where, through = sys.argv.pop(1), (lambda work: work()) if sys.argv.pop(1) == "alone" else interruptible
openvino.open = opened
from repix.cli import main
main()
"""
"""The command line with an engine that waits for itself."""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    contract = Contract("denoise", channels=(3, 3), halo=0)
    content = mixing(contract)[0]
    write_model("model.onnx", content, contract)
    (tmp_path / "foreign.onnx").write_bytes(content)
    (tmp_path / "in").mkdir()
    for name in "ab":
        write(drawn((20, 30)), tmp_path / "in" / f"{name}.png")
    return tmp_path


def interrupted(here, *words):
    """Start, wait until the engine is stuck, interrupt; the exit code, what was said, and how long it took."""
    environment = os.environ | {"TMPDIR": str(here / "temporary")}
    (here / "temporary").mkdir()
    with (here / "in" / "a.png").open("rb") as picture:
        process = subprocess.Popen(
            [sys.executable, "-c", STUCK, *words],
            env=environment, stdin=picture, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout.readline() == "stuck\n"
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
            return process.returncode, said, time.monotonic() - began
        finally:
            process.kill()
            process.wait()


COMMANDS = {
    "a picture, in a worker": ["run", "alone", "convert", "model.onnx", "in/a.png", "-o", "out.png"],
    "a folder": ["run", "alone", "convert", "model.onnx", "in", "-o", "out"],
    "a pipe": ["run", "alone", "convert", "model.onnx", "-", "-o", "out.png"],
    "a pipe, by an engine that listens": ["run", "listening", "convert", "model.onnx", "-", "-o", "out.png"],
    "opening": ["open", "alone", "convert", "model.onnx", "in/a.png", "-o", "out.png"],
    "import": ["run", "alone", "import", "foreign.onnx", "--task", "denoise", "-o", "out.onnx"],
    "import, opening": ["open", "listening", "import", "foreign.onnx", "--task", "denoise", "-o", "out.onnx"],
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the lock is Linux's")
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_whatever_the_engine_does(here, words):
    """About a deadline: it is the promise itself."""
    before = sorted(path.name for path in here.iterdir())
    code, said, seconds = interrupted(here, *words)
    assert code == 130, said
    assert seconds < PROMISED + BUSY
    assert "Traceback" not in said
    left = {path for path in here.rglob("*") if ".repix-" in path.name or "tmp" in path.name}
    assert {path.name for path in left} <= {".repix-journal.jsonl", ".repix-lock", ".repix-unfinished"}
    assert not any(path.is_file() for path in here.rglob(".repix-unfinished/*"))
    assert not list((here / "temporary").iterdir())
    assert set(before) <= {path.name for path in here.iterdir()} <= {*before, "out", "temporary"}


def test_what_ends_in_time_ends_in_order(here):
    """The watch does not end a process that comes back by itself, and leaves signals as they were."""
    from repix.cli._ending import ending_soon

    with pytest.raises(KeyboardInterrupt), ending_soon():
        signal.raise_signal(signal.SIGINT)
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize("handled", [True, False])
def test_what_was_handled_may_take_its_time(handled, monkeypatch):
    """About a deadline too: without the word that it was handled, the process ends while the table is printed."""
    from repix.cli import _ending

    ended = threading.Event()
    monkeypatch.setattr(_ending, "GRACE", 0.1)
    monkeypatch.setattr(_ending, "end_at_once", lambda _: ended.set())
    with _ending.ending_soon():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        if handled:
            _ending.interruption_handled()
        assert ended.wait(60 if not handled else 0.5) == (not handled)
