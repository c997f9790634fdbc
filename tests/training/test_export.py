"""Export: every network as a model file that both engines run as torch does, and what is refused."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto

from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, Echo, convert, open_model, read_model
from repix.errors import BrokenPromise, Unwritable, WrongUse
from repix.networks._receptive_field import ReceptiveField
from repix.training import export as exporting
from repix.training.export import Probabilities, export, folded
from repix.training.flat import SURROUNDINGS, FlatSettled
from repix.training.weight_bits import round_weights
from tests.networks.exported import TASKS, Exported
from tests.networks.measuring import by_windows, window_weights
from tests.networks.variants import NAMES, offered
from tests.tasks.drawn import drawn

SIZES = [(1, 1), (7, 5), (33, 50)]


def test_every_network_and_every_task_is_here():
    assert set(TASKS) == set(NAMES)
    assert {task for task, _, _ in TASKS.values()} == set(registry.own_names("tasks"))


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_convert_as_torch_does(exported, name):
    model = exported(name)
    task, contract = model.contract.make_task(), model.contract
    module = Probabilities(model.module) if task.logits else model.module
    module = module if task.flat is None else FlatSettled(module, task.flat)
    engines = [open_model(model.path, engine, threads=1) for engine in registry.available("engines")]
    for size in [(contract.size, contract.size)] if contract.size else SIZES:
        picture = drawn(size, depth="float")
        x = task.encode(picture)
        padded, windows = torch.from_numpy(contract.pad(x)), contract.windows
        with torch.no_grad():
            whole = module(padded) if windows is None else by_windows(module, padded, windows, window_weights(windows))
        y = whole.numpy()
        expected = task.decode(contract.crop(y, size), picture)
        for engine in engines:
            pixels = convert(picture, engine).pixels
            if task.logits:  # a class changes where two are equally likely
                assert (pixels != expected.pixels).mean() < 0.01
            else:
                np.testing.assert_allclose(pixels, expected.pixels, rtol=0, atol=1e-4)


def refilled(whole: Exported, module: torch.nn.Module) -> onnx.ModelProto:
    """The graph of an exported module with the weights of another one of the same structure."""
    graph, state = onnx.load(whole.path), module.state_dict()
    for one in graph.graph.initializer:
        if one.name in state:
            one.CopyFrom(onnx.numpy_helper.from_array(state[one.name].numpy(), one.name))
    return graph


@pytest.mark.parametrize("name", NAMES)
def test_weights_of_16_bits_are_what_torch_makes_of_them_and_take_half_the_room(exported, name, tmp_path, monkeypatch):
    whole = exported(name)
    path, module = tmp_path / "half.onnx", copy.deepcopy(whole.module)
    # tracing again would take seconds; the export compares the result of this graph with torch's as that of any other
    monkeypatch.setattr(
        torch.onnx, "export", lambda rounded, *_, **__: SimpleNamespace(model_proto=refilled(whole, rounded))
    )
    monkeypatch.setattr(exporting, "bytes_per_pixel", lambda _: 100)
    export(path, whole.module, whole.network, whole.config, whole.contract.make_task(), weight_bits=16)
    folded(module)
    with torch.no_grad():
        round_weights(module, 16)
    contract = whole.contract
    size = (contract.size,) * 2 if contract.size else (3 * contract.step, 2 * contract.step)
    x = np.random.default_rng(4).random((1, contract.channels[0], *size), np.float32)
    with torch.no_grad():
        expected = (Probabilities(module) if contract.make_task().logits else module)(torch.from_numpy(x)).numpy()
    for engine in registry.available("engines"):
        np.testing.assert_allclose(open_model(path, engine, threads=1).run(x), expected, rtol=0, atol=1e-4)
    weights = onnx.load(path).graph.initializer
    kernels = [
        one.data_type
        for one in weights
        if len(one.dims) > 1 and one.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16)
    ]
    assert set(kernels) == {TensorProto.FLOAT16}


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_says_what_was_exported(exported, name):
    model = exported(name)
    contract, network, config = model.contract, model.network, model.config
    assert read_model(model.path).contract == contract
    task, settings, _ = TASKS[name]
    halo = network.halo(config)
    if halo is not None and contract.make_task().flat is not None:
        halo = max(halo, SURROUNDINGS)
    assert contract.make_task().settings == registry.get("tasks", task)(settings).settings
    assert network.from_dict(contract.network_settings) == config
    assert (contract.scale, contract.step, contract.halo) == (
        network.scale(config),
        network.step(config),
        halo,
    )
    assert contract.size == network.fixed(config)
    assert contract.windows == network.windows(config)
    assert contract.parameters == network.cost(config).parameters
    assert 0 < contract.export_error < 1e-5
    assert contract.bytes_per_pixel >= 4 * (contract.channels[0] + contract.channels[1] * contract.scale**2)
    assert (contract.halo_measured is None) == (contract.halo is None)
    assert (contract.data, contract.trained) == ("abc", {"steps": 3})
    content = model.path.read_bytes()
    assert b"stack_trace" not in content
    assert str(Path(__file__).parents[2]).encode() not in content, "nobody's folders belong into a model file"


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_shown(exported, name, capsys):
    model = exported(name)
    assert run(["show", str(model.path)]) == 0
    shown = capsys.readouterr().out
    for word in (name, model.contract.task, "parameters", "steps 3", "abc"):
        assert word in shown
    assert run(["show", "--json", str(model.path)]) == 0
    assert Contract.from_dict(json.loads(capsys.readouterr().out)) == model.contract


def test_segmentation_gives_probabilities(exported):
    y = open_model(exported("unet").path, threads=1).run(np.random.default_rng(1).random((2, 3, 16, 24), np.float32))
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=0, atol=1e-5)
    assert y.min() >= 0


PIXELWISE = offered("pixelwise")
CONFIG = PIXELWISE.small


@pytest.fixture
def cheap(monkeypatch):
    """Without measuring memory, and with one engine, for what does not depend on them."""
    monkeypatch.setattr(exporting, "bytes_per_pixel", lambda _: 100)
    monkeypatch.setattr(exporting, "ENGINES", ("openvino",))


def denoise() -> Any:
    return registry.get("tasks", "denoise")({})


def test_the_callers_module_and_random_numbers_stay(tmp_path, cheap):
    module = PIXELWISE.module(CONFIG).to(torch.bfloat16).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002 (whoever uses it must find it as it was)
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    export(tmp_path / "model.onnx", module, PIXELWISE, CONFIG, denoise())
    assert module.training
    assert all(p.dtype == torch.bfloat16 and p.requires_grad and p.is_leaf for p in module.parameters())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all()  # noqa: NPY002


def refused(tmp_path, words: str, module=None, network=PIXELWISE, config=CONFIG, task=None) -> None:
    """The export fails with these words in one line, and the file that was there stays."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"the model before")
    with pytest.raises((BrokenPromise, WrongUse), match=words) as caught:
        export(path, module or network.module(config), network, config, task or denoise())
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"the model before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_halo_that_is_too_small_is_refused(tmp_path, cheap):
    honest = offered("wide-kernel")
    liar = replace(honest, receptive_field=lambda _: ReceptiveField())
    assert honest.halo() > 0
    refused(tmp_path, "wide-kernel declares a halo of 0 pixels, but the measured halo is", None, liar, honest.small)


class Spoiled:
    """An engine that is wrong by so much."""

    def __init__(self, engine, by: float) -> None:
        self.contract, self.engine, self.by = engine.contract, engine, by

    def run(self, x):
        return self.engine.run(x) + np.float32(self.by)


def test_an_engine_that_gives_something_else_is_refused(tmp_path, cheap, monkeypatch):
    monkeypatch.setattr(exporting, "open_model", lambda *given: Spoiled(open_model(*given), 1.1e-4))
    refused(tmp_path, r"differs by 0\.00011 between openvino and torch, for a picture of 1×1")
    monkeypatch.setattr(exporting, "open_model", lambda *given: Spoiled(open_model(*given), 0.9e-4))
    contract = export(tmp_path / "model.onnx", PIXELWISE.module(CONFIG), PIXELWISE, CONFIG, denoise())
    assert contract.export_error == pytest.approx(0.9e-4, abs=2e-6)


@pytest.mark.parametrize("by", [float("nan"), float("inf")])
def test_an_engine_that_gives_no_numbers_is_refused(tmp_path, cheap, monkeypatch, by):
    monkeypatch.setattr(exporting, "open_model", lambda *given: Spoiled(open_model(*given), by))
    refused(tmp_path, "between openvino and torch")


def test_an_engine_that_gives_another_shape_is_refused(tmp_path, cheap, monkeypatch):
    monkeypatch.setattr(
        exporting, "open_model", lambda path, _: Echo(replace(read_model(path).contract, channels=(3, 2)))
    )
    refused(tmp_path, "differs by inf between")


def test_a_module_that_is_not_finite_is_refused(tmp_path, cheap):
    module = PIXELWISE.module(CONFIG)
    with torch.no_grad():
        next(module.parameters()).fill_(float("nan"))
    refused(tmp_path, "not finite for a picture of 1×1; its training failed", module)


def test_a_module_that_nothing_can_be_compared_with_is_refused(tmp_path, cheap):
    """A step as high as a hundred in the middle of the range of its noise."""
    module = PIXELWISE.module(CONFIG)
    with torch.no_grad():
        next(module.parameters()).mul_(1e6)
    refused(tmp_path, "at 7 of 7 sizes, so engines cannot be compared", module)


def test_a_task_that_does_not_fit_is_refused(tmp_path):
    refused(tmp_path, "needs 3 into 3, 2 times larger", task=registry.get("tasks", "upscale")({"scale": 2}))
    refused(tmp_path, "needs 1 into 2, 1 times larger", task=registry.get("tasks", "colorize")({}))


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.onnx, "export", None)
    with pytest.raises(Unwritable, match="is a folder"):
        export(tmp_path, PIXELWISE.module(CONFIG), PIXELWISE, CONFIG, denoise())
