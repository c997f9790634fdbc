"""A task of another distribution (depth: own 16-bit targets, metric and baseline) goes through every command."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from repix.cli import main
from repix.pictures import Picture, read, write
from tests.data.drawing import photo
from tests.fork_server import Call

TASK = '''"""Depth: a photo to a map of distances."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np

from repix.losses import loss_named
from repix.parameters import Bounds
from repix.pictures import Picture
from repix.tasks import Baseline, MetricSpec, Settings, Task, TaskCommand, TaskMaker, TrainingDefaults

COMMAND: TaskCommand = {"summary": "Estimate how far away pixels are.", "help": "Estimate the distance of each pixel."}
WHITE = 65535


@dataclass(frozen=True)
class Depth(Settings):
    """Settings of depth estimation."""

    farthest: Annotated[float, "distance of white in meters", Bounds(above=0)] = 10.0


def encode(picture):
    colors = picture.colors()
    colors = np.repeat(colors, 3, axis=2) if picture.is_gray else colors
    return np.ascontiguousarray(colors.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)


def encode_target(picture):
    if picture.pixels.dtype != np.uint16:
        raise ValueError(f"targets must keep their 16 bits, not {picture.pixels.dtype}")
    return picture.pixels[:, :, 0].astype(np.float32)[np.newaxis, np.newaxis] / WHITE


def decode(y, source):
    levels = np.rint(np.clip(y[0, 0], 0, 1) * WHITE).astype(np.uint16)
    return Picture(levels[:, :, np.newaxis])


def half(source):
    return Picture(np.full((*source.size, 1), WHITE // 2, np.uint16))


def build(settings):
    return Task(
        name="depth",
        settings=settings,
        channels=(3, 1),
        encode=encode,
        decode=decode,
        encode_target=encode_target,
        make_pair=None,
        loss=loss_named("l1"),
        metrics=(MetricSpec("within-quarter"),),
        baseline=Baseline("half way", half),
    )


make = TaskMaker(
    Depth,
    build,
    training=TrainingDefaults("unet", patch_size=32, batch_size=2, network_settings={"widths": (4, 8)}),
)
'''
METRIC = '''"""Share of the pixels whose distance is within a quarter of the true one."""

import numpy as np

from repix.metrics import Metric


def within_quarter(result, truth):
    """Return the share of pixels with a ratio below 1.25."""
    first, second = np.maximum(result, 1e-4), np.maximum(truth, 1e-4)
    return float((np.maximum(first / second, second / first) < 1.25).mean())


METRIC = Metric(within_quarter)
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Pairs of photos and 16-bit maps, and a distribution that offers the task and its metric."""
    folder = tmp_path_factory.mktemp("depth")
    site = folder / "site"
    (site / "depths-1.0.dist-info").mkdir(parents=True)
    (site / "depths-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: depths\nVersion: 1.0\n")
    entries = "[repix.tasks]\ndepth = depths_task\n[repix.metrics]\nwithin-quarter = depths_metric\n"
    (site / "depths-1.0.dist-info" / "entry_points.txt").write_text(entries)
    (site / "depths_task.py").write_text(TASK)
    (site / "depths_metric.py").write_text(METRIC)
    for part in ("source", "target"):
        (folder / "data" / part).mkdir(parents=True)
    for number in range(10):
        pixels = photo(number, (40, 48))
        write(Picture(pixels), folder / "data" / "source" / f"{number}.png")
        near = np.rint(pixels.mean(2, keepdims=True) / 255 * 65535).astype(np.uint16)
        write(Picture(near), folder / "data" / "target" / f"{number}.png")
    return folder


def command(place: str, *words: str) -> None:
    """Run repix in a process that has the distribution installed."""
    sys.path.insert(0, str(Path(place, "site")))
    os.chdir(place)
    sys.argv = ["repix", *words]
    main()


@pytest.fixture
def repix(place: Path, in_fork: Call) -> Callable[..., str]:
    """Runs the command with the distribution installed, and returns what it printed."""

    def call(*words: str) -> str:
        done = in_fork(command, str(place), *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_a_depth_task_is_a_file_of_another_distribution(repix, place):
    findings = json.loads(repix("check", "data", "--task", "depth", "--holdout", "3", "--json"))
    assert not findings["has_errors"]

    said = repix("train", "depth", "data", "-o", "run", "--steps", "6", "--holdout", "3", "--device", "cpu")
    assert "half way" in said
    contract = json.loads(repix("show", "run", "--json"))
    assert contract["network"] == "unet"
    assert contract["metrics"][0]["metric"] == "within-quarter"
    assert set(contract["metrics"][0]["others"]) == {"half way"}

    found = json.loads(repix("evaluate", "run", "nothing", "data", "--holdout", "3", "--json"))
    assert [one["model"] for one in found["models"]] == ["run", "half way"]
    assert {one["metric"] for model in found["models"] for one in model["measured"]} == {"within-quarter"}

    assert "Estimate the distance" in repix("depth", "--help")
    repix("depth", "data/source/0.png", "--model", "run", "-o", "verb.png", "--precision", "exact")
    repix("convert", "run", "data/source/0.png", "-o", "converted.png", "--precision", "exact")
    result = read(place / "verb.png")
    assert (result.depth, result.is_gray, result.size) == ("16", True, (40, 48))
    assert (place / "verb.png").read_bytes() == (place / "converted.png").read_bytes()
