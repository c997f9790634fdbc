"""What is sent to worker processes arrives there: a copy by Ray's own pickling makes the same files."""

from pathlib import Path

import numpy as np
import pytest

import repix
from repix import registry
from repix.batch.place import Order
from repix.cli import _batches
from repix.cli._app import run
from repix.cluster.shipment import files_of
from repix.cluster.worker_process import WorkerProcess
from repix.pictures import Picture

cloudpickle = pytest.importorskip("ray.cloudpickle")
COMMANDS = [
    *(("filter", name) for name in registry.available("filters")),
    *(("degrade", name) for name in registry.available("degradations")),
    ("degrade", "chain"),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    repix.write(Picture(rng.integers(0, 256, (40, 36, 3), dtype=np.uint8)), "in.png")
    Path("out").mkdir()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_filter_and_degradation_arrives(command, monkeypatch, capsys):
    works = []
    monkeypatch.setattr(_batches, "convert_files", lambda _inputs, _naming, work, *_: works.append(work))
    words = ["--step", "gaussian sigma=5..50", "--step", "jpeg quality=40"] if command[1] == "chain" else []
    assert run([*command, "in.png", "-o", "out", *words]) in (0, None), capsys.readouterr().err
    work, process = works[0], WorkerProcess()
    assert process.open(cloudpickle.loads(cloudpickle.dumps(files_of(work)))) == ""
    work.function(Path("in.png"), Path("alone.png"), lambda *_: None)
    made = process.do(0, Order(Path("in.png"), (Path("together.png"),)))
    assert Path("together.png").read_bytes() == Path("alone.png").read_bytes()
    assert made.results[0].size == Path("alone.png").stat().st_size
