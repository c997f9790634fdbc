"""Precision: fast where the model bears it and the processor can, exact everywhere else, and said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.conversion import Contract, open_model, write_model
from repix.conversion.engine import NoFast
from repix.conversion.engines import _light, openvino
from repix.conversion.precision import objection
from repix.errors import UnknownName, WrongUse
from tests.conversion.models import convolutions

BEARS = {"psnr": 58.0, "worse": 0.05, "unit": "dB"}
CONTRACT = Contract("denoise", {"colour": False}, fast=BEARS)


def model(tmp_path, fast):
    contract = replace(CONTRACT, fast=fast)
    path = tmp_path / "model.onnx"
    write_model(path, convolutions(contract), contract)
    return path


@pytest.fixture
def bf16():
    """Only where the processor has it; what happens elsewhere has tests of its own."""
    if "BF16" not in _light.openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor has no bf16")


@pytest.fixture
def without_bf16(monkeypatch):
    """As on an older processor."""

    def settings(core, device, options):
        if options.fast:
            raise NoFast("this processor has no bf16 of its own.")
        return original(core, device, options)

    original = openvino._settings
    monkeypatch.setattr(openvino, "_settings", settings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"psnr": 57.99}, "58.0 dB from exact ones, and at least 58 are"),
        ({"psnr": None}, "nan dB"),
        ({"psnr": "62"}, "nan dB"),
        ({"psnr": True}, "nan dB"),
        ({"worse": 0.0501}, "0.0501 dB worse, and at most 0.05"),
        ({"worse": None}, "nan dB worse"),
        ({"unit": ""}, "0.05 worse, and at most 0.001"),
        ({"agreement": 0.9989}, "99.89% of pixels would keep their class, and at least 99.9%"),
    ],
)
def test_each_limit_is_kept(change, words):
    assert objection(BEARS) is None
    assert words in (objection(BEARS | change) or "")


def test_classes_have_limits_of_their_own():
    assert objection({"agreement": 0.999, "worse": 0.001, "unit": ""}) is None
    assert "nobody has measured" in (objection({}) or "")


@given(st.dictionaries(st.sampled_from(["psnr", "agreement", "worse", "unit"]), st.none() | st.text() | st.floats()))
def test_whatever_a_stranger_writes_there_is_an_answer(fast):
    assert objection(fast) is None or isinstance(objection(fast), str)


def differs(path, precision, **more) -> tuple[str, str, float]:
    x = np.random.default_rng(1).random((1, 1, 40, 48), np.float32)
    exact, other = (open_model(path, precision=one, threads=1, **more) for one in ("exact", precision))
    assert (exact.precision, exact.note) == ("exact", "")
    return other.precision, other.note, float(np.abs(exact.run(x) - other.run(x)).max())


def test_a_model_that_bears_it_runs_fast_where_the_processor_can(tmp_path, bf16):
    path = model(tmp_path, BEARS)
    for options in ("auto", "fast"):
        precision, note, difference = differs(path, options)
        assert (precision, note) == ("fast", "")
        assert 1e-5 < difference < 0.02


@pytest.mark.parametrize("fast", [{}, BEARS | {"psnr": 50.0}])
def test_a_model_that_does_not_runs_exactly_and_says_so_once_asked(tmp_path, fast):
    path = model(tmp_path, fast)
    assert differs(path, "auto") == ("exact", "", 0)
    precision, note, difference = differs(path, "fast")
    assert (precision, difference) == ("exact", 0)
    assert note.startswith(f"{path} is run exactly and not with bf16: ")
    assert note.endswith(".")
    assert "\n" not in note


def test_a_processor_without_bf16_runs_exactly_and_says_so_once_asked(tmp_path, without_bf16):
    path = model(tmp_path, BEARS)
    assert differs(path, "auto") == ("exact", "", 0)
    assert differs(path, "fast")[1].endswith("not with bf16: this processor has no bf16 of its own.")


def test_onnx_runtime_refuses_fast_and_auto_is_exact_there(tmp_path):
    path = model(tmp_path, BEARS)
    assert open_model(path, "onnxruntime", threads=1).precision == "exact"
    with pytest.raises(WrongUse, match="float32 only; ask for the precision exact or auto"):
        open_model(path, "onnxruntime", precision="fast")


def test_wrong_names_get_the_nearest(tmp_path):
    path = model(tmp_path, {})
    with pytest.raises(UnknownName, match="did you mean 'exact'"):
        open_model("nowhere.onnx", precision="exakt")
    for engine in ("openvino", "onnxruntime"):
        with pytest.raises(UnknownName, match="did you mean 'cpu'"):
            open_model(path, engine, device="cpuu")
        assert open_model(path, engine, device="cpu", threads=1).name == engine
