"""Conversion on Ray: one run on a local cluster that loses a worker, and what is said where no cluster answers."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks import kills

import repix
from repix.cli._app import run
from repix.pictures import Picture
from tests.cluster import kill_run
from tests.cluster.processes import below, workers

pytest.importorskip("ray")
ECHO = ("convert", "denoise-gray", "in", "--engine", "echo")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder to stand in, with a few small pictures."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    Path("in").mkdir()
    for number in range(24):
        repix.write(Picture(rng.integers(100, 120, (24, 20 + number, 1), dtype=np.uint8)), f"in/{number:02}.png")
    return tmp_path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the processes are found in /proc")
def test_a_local_cluster_that_loses_a_worker(capsys):
    assert run([*ECHO, "-o", "alone"]) == 0
    words = [sys.executable, "-m", "repix", *ECHO, "-o", "together", "--cluster", "local", "--workers", "1", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killed = None
    while killed is None and process.poll() is None:
        if any(Path("together").glob("*.png")) and (found := workers(process.pid)):
            killed = found[0]
            os.kill(killed, signal.SIGKILL)
    said, problems = process.communicate()
    if "Ray does not start" in problems:
        pytest.skip("Ray did not start in its time: the machine is too busy")
    assert (process.returncode, killed is not None) == (0, True), problems
    report = json.loads(said)
    assert report["totals"]["done"] == 24
    assert kills.contents(Path("together")) == kills.contents(Path("alone"))
    assert sorted(kills.made(Path("together"))) == [f"{number:02}.png" for number in range(24)]
    capsys.readouterr()
    assert run([*ECHO, "-o", "together"]) == 0
    assert "up to date          24" in capsys.readouterr().err
    assert not [name for name in below(os.getpid()).values() if "ray" in name]


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the processes are found in /proc")
def test_kills_of_workers_nodes_and_the_driver(tmp_path, record_property):
    shutil.rmtree("in")
    kills.pictures(tmp_path / "in", 500)
    record_property("cases", 30)
    assert kill_run.faults(tmp_path, 30) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-o", "out", "--cluster", "ray://127.0.0.1:1"], 1, "No Ray cluster answers at ray://127.0.0.1:1"),
        (["-o", "out", "--cluster", "auto"], 1, "No Ray cluster answers at 127.0.0.1:1"),
        (["-o", "out", "--cluster", "127.0.0.1:1"], 2, "write auto, local or ray://HOST:PORT"),
        (["-o", "out", "--cluster", "local", "--watch"], 2, "leave --watch out"),
        (["-o", "out.png", "--cluster", "local"], 2, "needs a folder for results and journal"),
        (["--cluster", "local"], 2, "needs a folder for results and journal"),
    ],
)
def test_what_is_said_without_a_cluster(words, code, said, capsys, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    assert run([*ECHO, *words]) == code
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_plan_needs_no_cluster(capsys):
    assert run([*ECHO, "-o", "out", "--cluster", "ray://127.0.0.1:1", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("new ") == 24
