"""Conversion on Ray: one run on a local cluster that loses a worker, and what is said where no cluster answers."""

import csv
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
GRID = ("--network", "pixelwise", "--set", "widths=4", "--set", "color=no", "--set", "loss=l1", "--set", "loss=mse")
GRID += ("--steps", "2", "--patch-size", "8", "--batch-size", "2", "--holdout", "4", "--seeds", "1", "--parallel", "2")


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


@pytest.fixture
def cluster():
    """Two nodes on this machine, found by RAY_ADDRESS."""
    command = [sys.executable, "-m", "tests.cluster.nodes", "2"]
    nodes = subprocess.Popen(command, cwd=kill_run.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield {**os.environ, "RAY_ADDRESS": nodes.stdout.readline().strip()}
    nodes.communicate()


def scores(grid):
    """The rows of a grid's table without its times."""
    with (grid / "results.csv").open(newline="") as file:
        return [row[:5] for row in csv.reader(file)]


@pytest.mark.long
def test_every_verb_gives_the_bytes_of_one_process_on_a_cluster(cluster):
    shutil.copytree("in", "truth")
    commands = (
        ["degrade", "chain", "in", "--step", "gaussian sigma=5..50", "--step", "jpeg quality=40", "-o"],
        ["filter", "wavelet", "in", "-o"],
        ["measure", "in", "truth", "--metric", "psnr-gray", "-o"],
        [*ECHO, "--tile", "16", "--bands", "-o"],
        ["evaluate", "median size=3", "nothing", "in", "--task", "denoise", "--set", "color=no", "--csv"],
        ["compare", "denoise", "in", *GRID, "-o"],
    )
    for words in commands:
        ending = ".csv" if words[-1] == "--csv" else ""
        alone, together = (Path(f"{words[0]}-{name}{ending}") for name in ("alone", "together"))
        here = [word for word in words if word != "--bands"]
        for command in ([*here, str(alone)], [*words, str(together), "--cluster", "auto"]):
            done = subprocess.run(
                [sys.executable, "-m", "repix", *command], env=cluster, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        if words[0] == "compare":
            assert scores(together) == scores(alone)
        elif ending:
            assert together.read_bytes() == alone.read_bytes()
        else:
            assert len(kills.contents(together)) == 24
            assert kills.contents(together) == kills.contents(alone)


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
