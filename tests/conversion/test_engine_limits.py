"""Engines at their limits: no memory, many sizes, many threads, a cache that is damaged or cannot be written."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from repix import registry
from repix.conversion import Contract, Echo, open_model, write_model
from repix.conversion.engines import _cache
from repix.conversion.model_loader import LoadedModel
from repix.errors import BrokenPromise
from tests.conversion.models import convolutions

ROOT = Path(__file__).parents[2]
CONTRACT = Contract("denoise", {"color": False}, step=4)

every_engine = pytest.mark.parametrize("engine", registry.available("engines"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and memory are read as Linux has them")


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "model.onnx"
    write_model(file, convolutions(CONTRACT), CONTRACT)
    return file


def said_by(code: str, *arguments: object) -> str:
    """What a Python of its own prints; nothing may go to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout
    return done.stdout


STARVED = """
import resource, sys
import numpy as np
from repix.conversion import open_model
engine = open_model(sys.argv[1], sys.argv[2], threads=1)
x = np.random.default_rng(0).random((1, 1, 64, 96), np.float32)
large = np.random.default_rng(1).random((1, 1, 1024, 1024), np.float32)
before, expected = engine.run(x), None
infinity = resource.RLIM_INFINITY
def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
for more in (0, 3, 10, 40):
    resource.setrlimit(resource.RLIMIT_AS, (held() + more * 2**20, infinity))
    try:
        print(more, engine.run(large).shape)
    except MemoryError as problem:
        print(more, "MemoryError", problem)
    resource.setrlimit(resource.RLIMIT_AS, (infinity, infinity))
    assert (engine.run(x) == before).all()
    y = engine.run(large)
    expected = y if expected is None else expected
    assert (y == expected).all()
"""


@linux
@every_engine
def test_too_little_memory_is_a_memory_error_and_the_engine_goes_on(path, engine):
    lines = said_by(STARVED, path, engine).splitlines()
    assert len(lines) == 4
    refused = [line for line in lines if "MemoryError" in line]
    assert refused, lines
    assert all("is not enough for O" in line and line.endswith("on (1, 1, 1024, 1024).") for line in refused)


GROWING = """
import re, sys
import numpy as np
from repix.conversion import open_model
def held():
    with open("/proc/self/status") as file:
        return int(re.search(r"VmRSS:\\s+(\\d+)", file.read())[1]) // 1024
engine = open_model(sys.argv[1], sys.argv[2], threads=1)
engine.run(np.zeros((1, 1, 100, 100), np.float32))
before = held()
for height in range(4, 104, 4):
    for width in range(4, 104, 4):
        engine.run(np.full((1, 1, height, width), 0.5, np.float32))
print(held() - before)
"""


@linux
@every_engine
def test_memory_does_not_grow_with_the_number_of_sizes(path, engine):
    assert int(said_by(GROWING, path, engine)) < 150  # megabytes after 625 sizes


@every_engine
def test_threads_get_their_own_results(path, engine):
    running = open_model(path, engine, threads=1)
    inputs = [np.random.default_rng(n).random((1, 1, 4 * (1 + n % 5), 4 * (1 + n % 3)), np.float32) for n in range(24)]
    expected = [running.run(x) for x in inputs]
    together = threading.Barrier(4)

    def work(first: int) -> list[np.ndarray]:
        together.wait()
        return [running.run(x) for x in inputs[first::4] * 3]

    with ThreadPoolExecutor(4) as pool:
        for first, results in enumerate(pool.map(work, range(4))):
            for x, y in zip(expected[first::4] * 3, results, strict=True):
                np.testing.assert_array_equal(x, y)


def test_a_result_of_another_shape_is_refused():
    class Stale(Echo):
        def run(self, x):
            return super().run(x)[:, :, :-4]

    with pytest.raises(BrokenPromise, match=r"returned \(1, 1, 4, 8\) for \(1, 1, 8, 8\)"):
        LoadedModel(Stale(CONTRACT), "stale", "exact").run(np.zeros((1, 1, 8, 8), np.float32))


X = np.random.default_rng(2).random((1, 1, 16, 20), np.float32)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of compiled models, which is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv(_cache.SWITCH)
    return tmp_path / "cache" / "repix" / "engines"


def kept(cache) -> list[Path]:
    return sorted(cache.iterdir()) if cache.exists() else []


def test_what_is_kept_gives_the_same_bits(path, cache, monkeypatch):
    first = open_model(path, threads=1).run(X)
    (file,) = kept(cache)
    assert file.stat().st_size > 32
    monkeypatch.setattr(_cache, "store", None)  # who compiles again would call it
    np.testing.assert_array_equal(open_model(path, threads=1).run(X), first)


def test_other_circumstances_are_kept_apart(path, cache):
    open_model(path, threads=1)
    open_model(path, threads=2)
    open_model(path, threads=1)
    assert len(kept(cache)) == 2
    write_model(path, convolutions(CONTRACT, layers=2), CONTRACT)
    open_model(path, threads=1)
    assert len(kept(cache)) == 3


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 5000, None])
def test_a_damaged_file_is_replaced(path, cache, damage):
    first = open_model(path, threads=1).run(X)
    (file,) = kept(cache)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if damage is None else damage)
    np.testing.assert_array_equal(open_model(path, threads=1).run(X), first)
    assert kept(cache) == [file]
    assert _cache.load(file) is not None


def test_what_the_library_refuses_is_compiled_again(path, cache):
    first = open_model(path, threads=1).run(X)
    (file,) = kept(cache)
    _cache.store(file, lambda: b"no model of OpenVINO's")
    np.testing.assert_array_equal(open_model(path, threads=1).run(X), first)
    assert b"no model" not in file.read_bytes()


def test_it_can_be_turned_off(path, cache, monkeypatch):
    monkeypatch.setenv(_cache.SWITCH, "off")
    open_model(path, threads=1)
    assert not kept(cache)


def test_where_it_cannot_be_written_nothing_happens(path, cache, capfd):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file in its place")
    assert open_model(path, threads=1).run(X).shape == X.shape
    assert cache.read_text() == "a file in its place"
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_leaves_nothing(path, cache):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")

    def full() -> bytes:
        raise OSError(28, "No space left on device")

    place = cache / ("0" * 32 + _cache.SUFFIX)
    _cache.store(place, full)
    assert not kept(cache)


@pytest.mark.skipif(os.name == "nt", reason="these rights are POSIX's")
def test_a_folder_that_others_may_write_to_is_not_used(path, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    open_model(path, threads=1)
    assert not kept(cache)


def test_the_oldest_go_first(cache, monkeypatch):
    cache.mkdir(parents=True)
    places = [cache / (str(n) * 32 + _cache.SUFFIX) for n in range(4)]
    monkeypatch.setattr(_cache, "MOST_BYTES", 3 * 132)
    now = int(places[0].parent.stat().st_mtime)
    for n, place in enumerate(places):
        _cache.store(place, lambda: bytes(100))
        os.utime(place, (now - 100 + n,) * 2)
    _cache.store(cache / ("a" * 32 + _cache.SUFFIX), lambda: bytes(100))
    assert [file.name[0] for file in kept(cache)] == ["2", "3", "a"]
    _cache.store(cache / ("b" * 32 + _cache.SUFFIX), lambda: bytes(1000))
    assert len(kept(cache)) == 3, "what is larger than all together may be is not kept"


def test_what_is_old_or_unfinished_goes_and_what_is_not_ours_stays(cache):
    cache.mkdir(parents=True)
    old, unfinished, foreign = (cache / name for name in ("0" * 32 + _cache.SUFFIX, ".repix-12.tmp", "diary.txt"))
    for file in (old, unfinished, foreign):
        file.write_bytes(b"x")
        os.utime(file, (1, 1))
    _cache.store(cache / ("a" * 32 + _cache.SUFFIX), lambda: bytes(100))
    assert [file.name[0] for file in kept(cache)] == ["a", "d"]


def test_two_processes_at_once(path, cache):
    """Both get what is right, whoever writes last."""
    code = (
        "import sys, numpy as np; from repix.conversion import open_model\n"
        "for _ in range(5):\n    y = open_model(sys.argv[1], threads=1).run(np.full((1, 1, 8, 8), 0.5, np.float32))\n"
        "print(y.tobytes().hex())"
    )
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: said_by(code, path), range(2)))
    assert results[0] == results[1]
    assert [file.suffix for file in kept(cache)] == [_cache.SUFFIX]
    assert re.fullmatch(r"[0-9a-f]{512}\n", results[0])


def test_openvino_comes_without_its_converter_and_others_still_get_it():
    code = (
        "import sys; from repix.conversion.engines._openvino_library import openvino; light = openvino()\n"
        "print('openvino.tools.ovc' in sys.modules, 'urllib.request' in sys.modules, callable(light.convert_model))\n"
        "from openvino.tools.ovc import convert_model; print(convert_model.__module__)"
    )
    assert said_by(code).splitlines() == ["False False True", "openvino.tools.ovc.convert"]
