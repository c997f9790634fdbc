"""Train, export, open, convert, measure: every network of the family, and with them every task."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from repix import registry
from repix.conversion import convert, open_model, read_model
from repix.conversion.engines._openvino_library import openvino
from repix.conversion.model_file import with_contract
from repix.data import Split, check
from repix.errors import BrokenPromise
from repix.evaluation import measure
from repix.masks import class_colors
from repix.pictures import Picture, read
from repix.training import checkpoint, run_export, train
from repix.training.holdout import examples as held_out
from repix.training.pretrained import read_weights
from repix.training.run_export import export_run
from repix.training.run_folder import RunFolder
from tests.data.drawing import blobs, photo, put
from tests.networks.variants import NAMES
from tests.training.making import TASKS, Told, recipe

LARGER = (40, 36)  # one step of the network with the largest step fits in
CHOSEN: dict[str, tuple[str, dict]] = {
    "compact": ("upscale", {"scale": 3}),
    "dense-reshape": ("restore", {}),
    "dncnn": ("denoise", {"color": False, "sigma": None, "density": [0.1, 0.2]}),
    "efficient-unet": ("deblur", {"color": True}),
    "encoder-decoder": ("segment", {"loss": "dice"}),
    "fcn": ("segment", {}),
    "hypercolumn": ("colorize", {}),
    "luma-chroma": ("restore", {}),
    "picture-unet": ("restore", {}),
    "pixelwise": ("colorize", {}),
    "sft": ("upscale", {"scale": 2, "perception": True}),
    "super-resolution": ("upscale", {"scale": 2, "color": False}),
    "two-stage": ("denoise", {"color": False, "sigma": None, "density": [0.1, 0.5], "impulse_mask": True}),
    "unet": ("scene", {}),
    "wide-kernel": ("deblur", {"color": False}),
}
"""A task and its settings, so that every task goes the whole path with some network."""


def suited() -> dict[str, tuple[str, dict]]:
    """For each network what is chosen, or upscale if it enlarges, or a task that no other network does, or denoise."""
    left = sorted(set(TASKS) - {task for task, _ in CHOSEN.values()} - {"upscale"})
    found = dict(CHOSEN)
    for name in (name for name in NAMES if name not in CHOSEN):
        scale = registry.get("networks", name).scale(registry.get("networks", name).small)
        found[name] = ("upscale", {"scale": scale}) if scale > 1 else (left.pop() if left else "denoise", {})
    return found


PATHS = suited()


def test_every_network_and_every_task_goes_the_whole_path():
    assert set(PATHS) == set(NAMES)
    assert {task for task, _ in PATHS.values()} == set(TASKS)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Pictures, and pictures with masks."""
    root = tmp_path_factory.mktemp("folders")
    for number in range(4):
        put(root / "photos" / f"{number}.png", photo(number, LARGER))
        put(root / "segment" / "images" / f"{number}.png", photo(number, LARGER))
        put(root / "segment" / "masks" / f"{number}.png", blobs(number, 3, LARGER))
    return root


def settings_of(network) -> dict:
    """The small ones, without what follows from the task."""
    follows = ("in_channels", "out_channels", "scale")
    return {name: value for name, value in network.small.to_dict().items() if name not in follows}


@pytest.mark.parametrize("name", PATHS)
def test_from_a_folder_to_a_measured_model(name, folders, fast, tmp_path, monkeypatch):
    task_name, settings = PATHS[name]
    network = registry.get("networks", name)
    folder = folders / ("segment" if task_name == "segment" else "photos")
    step = network.step(network.small)
    given = recipe(
        folder,
        task_name,
        network=name,
        network_settings=settings_of(network),
        settings=settings,
        patch_size=network.fixed(network.small) or -(-8 // step) * step,
    )
    save = checkpoint.Checkpoint.save

    def loadable(self, state):
        save(self, state)
        assert torch.load(self.folder.resume, weights_only=True)["step"] == state.step

    monkeypatch.setattr(checkpoint.Checkpoint, "save", loadable)
    trained = train(given, tmp_path / "run", Told().reporter())
    assert trained.complete
    engine = open_model(trained.model)
    contract = engine.contract
    assert contract == trained.contract
    assert (contract.task, contract.network) == (task_name, name)
    assert contract.export_error <= 1e-4
    assert contract.trained["steps"] == 2
    found = check(folder, task_name, 1)
    task = contract.make_task()
    examples = held_out(folder, found.split.validation, task, contract.size, found)
    outcome = measure(lambda picture: convert(picture, engine), examples, task.metrics)
    assert not outcome.failures
    measured = {one["metric"]: one["value"] for one in contract.metrics if not one["metric"].startswith("pooled")}
    assert measured == pytest.approx(outcome.totals)
    if task_name == "segment":  # classes are drawn so that a person sees them
        drawn = read(max(RunFolder(tmp_path / "run").samples.iterdir())).pixels.reshape(-1, 3)
        colors = class_colors(found.encoding)[: found.encoding.classes]
        assert sum((drawn == color).all(axis=1).any() for color in colors) > 1
    if contract.size is None:
        odd = convert(Picture(photo(9, (7, 11))), engine)
        assert odd.size == (7 * task.scale, 11 * task.scale)


def test_the_contract_knows_where_it_comes_from(finished):
    contract = finished.trained.contract
    trained = contract.trained
    assert {name: trained[name] for name in ("steps", "of", "seed", "device", "precision", "examples")} == {
        "steps": 4,
        "of": 4,
        "seed": 0,
        "device": "cpu",
        "precision": "fp32",
        "examples": 4,
    }
    assert trained["best"] in range(1, 5)
    assert date.fromisoformat(trained["when"])
    record = RunFolder(finished.path).read_recipe()[1]
    assert contract.data == record["data"]
    assert len(contract.data) == 32
    assert [one["metric"] for one in contract.metrics] == ["pooled psnr-gray", "psnr-gray", "ssim-wang (border 0)"]
    assert contract.metrics[0]["examples"] == 1
    assert set(contract.metrics[0]["others"]) == {"nothing"}
    assert contract.bytes_per_pixel >= 4 * 2  # a gray level in float32, and its result
    assert json.loads(json.dumps(contract.to_dict())) == contract.to_dict()


def test_the_run_s_folder_holds_all_that_was_seen(finished):
    folder = RunFolder(finished.path)
    names = {entry.name for entry in finished.path.iterdir()}
    kept = {"run.toml", "split.json", "metrics.csv", "curve.svg", "samples", "events", "model.onnx"}
    assert names == kept | {"model.safetensors", "log.txt"}
    split = Split.from_json(json.loads(folder.split.read_text()))
    assert (len(split.train), len(split.validation)) == (4, 1)
    rows = list(csv.DictReader(folder.metrics.read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4]
    assert all(np.isfinite(float(value)) for row in rows for value in row.values())
    svg = ET.fromstring(folder.curve.read_text())  # noqa: S314 (we wrote it)
    assert len(svg.findall(".//{*}polyline")) == 2
    grids = sorted(folder.samples.iterdir())
    assert [grid.name for grid in grids] == [f"step-{step:07}.png" for step in range(1, 5)]
    assert read(grids[-1]).size == (30 + 2 * 8, 3 * 26 + 4 * 8)
    assert all(told in folder.log.read_text() for told in finished.told)
    assert read_weights(finished.path).keys() == read_weights(folder.weights).keys()


def test_tensorboard_reads_the_same_numbers(finished):
    events = EventAccumulator(str(finished.path / "events"))
    events.Reload()
    rows = list(csv.DictReader((finished.path / "metrics.csv").read_text().splitlines()))
    for name in ("loss", "lr", "psnr-gray"):
        scalars = events.Scalars(name)
        assert [scalar.step for scalar in scalars] == [1, 2, 3, 4]
        assert [scalar.value for scalar in scalars] == pytest.approx([float(row[name]) for row in rows], rel=1e-6)
    images = events.Images("samples")
    assert [image.step for image in images] == [1, 2, 3, 4]
    for image in images:
        grid = (finished.path / "samples" / f"step-{image.step:07}.png").read_bytes()
        assert image.encoded_image_string == grid
        assert (image.height, image.width) == read(io.BytesIO(grid)).size


def test_exported_again_it_is_the_same_model(finished, fast, tmp_path):
    contract = export_run(finished.path, tmp_path / "again.onnx")
    first, second = read_model(finished.trained.model), read_model(tmp_path / "again.onnx")
    assert with_contract(first.content, contract) == with_contract(second.content, contract)
    for one in fields(contract):
        if one.name != "bytes_per_pixel":  # measured
            assert getattr(contract, one.name) == getattr(finished.trained.contract, one.name), one.name


def test_weights_of_16_bits_where_they_are_as_good(finished, fast, tmp_path, monkeypatch):
    export_run(finished.path, tmp_path / "half.onnx", weight_bits=16)
    has_bf16 = "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert bool(read_model(tmp_path / "half.onnx").contract.precisions) == has_bf16
    monkeypatch.setattr(run_export, "MOST_LOST_DB", -1)
    with pytest.raises(
        BrokenPromise, match=r"The smaller weights lose -?\d\.\d{4} dB by psnr-gray, and at most -1 is allowed"
    ):
        export_run(finished.path, tmp_path / "none.onnx", weight_bits=16)
    assert not (tmp_path / "none.onnx").exists()


def test_the_best_weights_are_kept_not_the_last(finished):
    rows = list(csv.DictReader(Path(finished.path / "metrics.csv").read_text().splitlines()))
    best = max(rows, key=lambda row: float(row["psnr-gray"]))
    assert finished.trained.contract.trained["best"] == int(best["step"])
    assert finished.trained.contract.metrics[0]["value"] == pytest.approx(float(best["psnr-gray"]), abs=1e-3)
