"""Engines: each equals NumPy; every task runs with every engine."""

import ctypes
import gc
import signal
import sys

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from scipy.signal import correlate

from repix import registry
from repix.conversion import Contract, Echo, convert, open_model, write_model
from repix.conversion.engines._openvino_library import SignalStack
from repix.errors import MissingLibrary, UnknownName, WrongDtype, WrongShape, WrongUse
from tests.conversion.models import graph, mixed, mixing
from tests.tasks.drawn import VARIANTS, drawn, task_of

ENGINES = registry.available("engines")
SIZES = [(1, 1), (7, 5), (33, 50)]

every_engine = pytest.mark.parametrize("engine", ENGINES)


def opened(tmp_path, content, contract, engine):
    path = tmp_path / "model.onnx"
    write_model(path, content, contract)
    return open_model(path, engine, threads=1)


def test_both_are_there():
    assert ENGINES == ("onnxruntime", "openvino")


@every_engine
@pytest.mark.parametrize(("channels", "scale"), [((3, 3), 1), ((1, 4), 2), ((5, 2), 3)])
def test_every_engine_does_numpys_arithmetic(tmp_path, engine, channels, scale):
    contract = Contract("denoise", channels=channels, scale=scale)
    content, weights = mixing(contract)
    running = opened(tmp_path, content, contract, engine)
    assert running.contract == contract
    results = []
    for size in [(2, *SIZES[0]), (1, *SIZES[1]), (3, *SIZES[2])]:
        x = np.random.default_rng(1).random((size[0], channels[0], *size[1:]), np.float32)
        before = x.copy()
        results.append((running.run(x), mixed(x, weights, scale)))
        np.testing.assert_array_equal(x, before)
    for result, expected in results:  # afterwards: a later run must not write into an earlier result
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)


@every_engine
def test_every_engine_computes_in_32_bits(tmp_path, engine):
    """A long sum would show anything less: bfloat16 is wrong by 0.01 here."""
    contract = Contract("denoise", channels=(64, 1))
    kernel = np.random.default_rng(2).standard_normal((1, 64, 3, 3)).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])
    running = opened(tmp_path, graph([node], [numpy_helper.from_array(kernel, "w")], contract), contract, engine)
    x = np.random.default_rng(3).random((1, 64, 20, 21), np.float32)
    wide = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))).astype(np.float64)
    expected = correlate(wide[0], kernel[0].astype(np.float64), mode="valid")
    np.testing.assert_allclose(running.run(x)[0], expected, rtol=0, atol=5e-5)


@every_engine
def test_a_model_that_takes_one_picture_at_a_time_gets_them_so(tmp_path, engine):
    contract = Contract("denoise")
    content, weights = mixing(contract)
    model = onnx.load_from_string(content)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    x = np.random.default_rng(6).random((3, 1, 5, 7), np.float32)
    running = opened(tmp_path, model.SerializeToString(), contract, engine)
    np.testing.assert_allclose(running.run(x), mixed(x, weights, 1), rtol=0, atol=1e-6)


@every_engine
def test_an_array_with_gaps_is_taken(tmp_path, engine):
    contract = Contract("denoise")
    content, weights = mixing(contract)
    x = np.random.default_rng(4).random((1, 1, 12, 14), np.float32)[:, :, ::2, ::-1]
    result = opened(tmp_path, content, contract, engine).run(x)
    np.testing.assert_allclose(result, mixed(x, weights, 1), rtol=0, atol=1e-6)


@pytest.mark.parametrize("engine", [*ENGINES, "echo"])
def test_every_engine_refuses_what_the_contract_does(tmp_path, engine):
    contract = Contract("denoise", channels=(3, 3), step=4)
    running = opened(tmp_path, mixing(contract)[0], contract, engine)
    with pytest.raises(WrongShape, match="multiples of 4"):
        running.run(np.zeros((1, 3, 4, 6), np.float32))
    with pytest.raises(WrongShape, match="3 channels"):
        running.run(np.zeros((1, 1, 4, 4), np.float32))
    with pytest.raises(WrongDtype, match="float64"):
        running.run(np.zeros((1, 3, 4, 4)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_picture_goes_through_every_task_with_every_engine(tmp_path, variant):
    task = task_of(variant)
    contract = Contract(
        task.name,
        task.settings.to_dict(),
        channels=task.channels,
        scale=task.scale,
        step=8,
        network="mixing",
        side_inputs=task.side.inputs,
    )
    content, weights = mixing(contract)
    engines = [opened(tmp_path, content, contract, engine) for engine in ENGINES]
    for size, channels in zip(SIZES, (3, 1, 3), strict=True):
        picture = drawn(size, channels, depth="float")
        expected = task.decode(mixed(task.encode(picture), weights, task.scale), picture)
        for engine in engines:
            result = convert(picture, engine)
            assert result.size == tuple(task.scale * side for side in size)
            assert result.depth == expected.depth
            np.testing.assert_allclose(result.pixels, expected.pixels, rtol=0, atol=1e-5)


def test_the_echo_gives_the_picture_back(tmp_path):
    contract = Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2, step=16)
    echo = opened(tmp_path, b"\x08\x08\x3a\x00", contract, "echo")
    assert echo.engine == Echo(contract)
    picture = drawn((5, 7), 4)
    result = convert(picture, echo)
    np.testing.assert_allclose(
        result.pixels.astype(int), picture.pixels.repeat(2, axis=0).repeat(2, axis=1), rtol=0, atol=1
    )


def test_auto_is_openvino_where_it_is_installed(tmp_path, monkeypatch):
    contract = Contract("denoise")
    content, _ = mixing(contract)
    assert opened(tmp_path, content, contract, "auto").name == "openvino"
    monkeypatch.setattr("repix.conversion.devices.find_spec", lambda name: name == "onnxruntime" or None)
    assert opened(tmp_path, content, contract, "auto").name == "onnxruntime"


def test_wrong_wishes_are_refused_before_the_file_is_read():
    with pytest.raises(UnknownName, match="did you mean 'openvino'"):
        open_model("nowhere.onnx", "openvin")
    for threads in (0, -1, 1.5, True):
        with pytest.raises(WrongUse, match="threads"):
            open_model("nowhere.onnx", threads=threads)


def test_a_missing_library_names_its_extra(tmp_path, monkeypatch):
    contract = Contract("denoise")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingLibrary, match=r"`pip install onnxruntime` \(extra onnxruntime\)"):
        opened(tmp_path, mixing(contract)[0], contract, "onnxruntime")


@pytest.mark.skipif(sys.platform != "linux", reason="the structure is that of Linux")
@every_engine
def test_a_model_leaves_the_stack_for_signals_as_it_was(tmp_path, engine):
    def there():
        stack = SignalStack()
        ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
        return stack.begin, stack.size

    before = there()
    contract = Contract("denoise", channels=(3, 3))
    running = opened(tmp_path, mixing(contract)[0], contract, engine)
    assert there() == before
    running.run(np.zeros((1, 3, 4, 4), np.float32))
    assert there() == before
    del running
    gc.collect()
    assert there() == before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
