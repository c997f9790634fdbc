"""What a contract says of bf16: near for pictures, agreement for classes, and what is lost against the truth."""

from dataclasses import replace

import numpy as np
import pytest

from repix import registry
from repix.conversion import Contract, write_model
from repix.conversion.engine import Bf16Unavailable
from repix.conversion.engines._openvino_library import openvino
from repix.data import Item
from repix.errors import RepixError
from repix.evaluation import Examples, measured_precisions, precision
from tests.conversion.models import convolutions
from tests.data.drawing import blobs, photo, put

COUNT = 3


class Off:
    """An engine that gives its input, and with bf16 something else."""

    def __init__(self, contract, change) -> None:
        self.contract, self.change = contract, change

    def run(self, x):
        return self.change(x)


@pytest.fixture
def denoising(tmp_path):
    """Gray pictures, so that what the model gives is what is compared."""
    for number in range(COUNT):
        put(tmp_path / f"{number}.png", photo(number, (20, 24))[:, :, 0])
    task = registry.get("tasks", "denoise")({"color": False, "sigma": [10, 10]})
    contract = Contract("denoise", task.settings.to_dict())
    write_model(tmp_path / "model.onnx", convolutions(contract), contract)
    return tmp_path / "model.onnx", Examples(tmp_path, [Item(f"{n}.png") for n in range(COUNT)], task)


def standing_in(monkeypatch, change):
    def engines(path):
        contract = precision.read_model(path).contract
        return Off(contract, np.copy), Off(contract, change)

    monkeypatch.setattr(precision, "opened_twice", engines)


def test_a_known_difference_is_measured(denoising, monkeypatch):
    standing_in(monkeypatch, lambda x: x * np.float32(0.99) + np.float32(0.005))
    (found,) = measured_precisions(*denoising)
    examples = denoising[1]
    sources = [examples.task.encode(example.source).astype(np.float64) for example in examples]
    errors = [np.mean((np.clip(x * 0.99 + 0.005, 0, 1) - np.clip(x, 0, 1)) ** 2) for x in sources]
    assert found.psnr == pytest.approx(-10 * np.log10(max(errors)), abs=1e-3)
    assert (found.name, found.metric, found.unit, found.examples) == ("bf16", "psnr-gray", "dB", COUNT)
    assert 0 < abs(found.worse) < 1
    assert (found.agreement, found.verdict) == (None, "inaccurate")


def test_equal_results_are_far_above_every_limit(denoising, monkeypatch):
    standing_in(monkeypatch, np.copy)
    found = measured_precisions(*denoising)
    assert [(one.psnr, one.worse, one.verdict) for one in found] == [(200.0, 0.0, "accurate")]
    contract = replace(precision.read_model(denoising[0]).contract, precisions=found)
    assert Contract.from_dict(contract.to_dict()) == contract


def test_classes_are_compared_as_classes(tmp_path, monkeypatch):
    for number in range(COUNT):
        put(tmp_path / "images" / f"{number}.png", photo(number, (20, 24)))
        put(tmp_path / "masks" / f"{number}.png", blobs(number, 3, (20, 24)))
    task = registry.get("tasks", "segment")({"values": [0, 1, 2]})
    contract = Contract("segment", task.settings.to_dict(), channels=(3, 3))
    write_model(tmp_path / "model.onnx", convolutions(contract), contract)

    def first_row_changed(x):
        y = x.copy()
        y[:, :, 0] = np.roll(x[:, :, 0], 1, axis=1)
        return y

    standing_in(monkeypatch, first_row_changed)
    items = [Item(f"images/{n}.png", f"masks/{n}.png") for n in range(COUNT)]
    (found,) = measured_precisions(tmp_path / "model.onnx", Examples(tmp_path, items, task))
    assert 0.94 < found.agreement < 1  # one row of twenty
    assert (found.psnr, found.verdict) == (None, "inaccurate")
    assert (found.unit, found.metric.split()[0]) == ("", "miou")


def test_the_real_engine_is_asked(denoising):
    has = "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    found = measured_precisions(*denoising)
    if not has:
        assert found == ()
    else:
        assert 20 < found[0].psnr < 100


def test_nothing_is_said_where_nobody_can_know(denoising, monkeypatch):
    model, examples = denoising
    assert measured_precisions(model, examples[:0]) == ()

    def fails(x):
        raise RepixError("no.")

    standing_in(monkeypatch, fails)
    assert measured_precisions(model, examples) == ()
    monkeypatch.undo()

    def none(file, options):
        if options.fast:
            raise Bf16Unavailable("none.")

    monkeypatch.setattr(precision.registry, "get", lambda *_: none)
    assert measured_precisions(model, examples) == ()
