"""Precision: fast where the processor has bf16 and the model stays accurate in it, exact everywhere else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.conversion import Contract, MeasuredPrecision, open_model, write_model
from repix.conversion.contract_formats import upgraded
from repix.conversion.engine import Bf16Unavailable
from repix.conversion.engines import _openvino_library, openvino
from repix.conversion.precision import refusal_reason, with_verdict
from repix.errors import UnknownName, WrongUse
from tests.conversion.models import convolutions

ACCURATE = MeasuredPrecision("bf16", psnr=58.0, worse=0.05, unit="dB", verdict="accurate")
CONTRACT = Contract("denoise", {"color": False}, precisions=(ACCURATE,))


def model(tmp_path, *precisions):
    contract = replace(CONTRACT, precisions=precisions)
    path = tmp_path / "model.onnx"
    write_model(path, convolutions(contract), contract)
    return path


@pytest.fixture
def bf16():
    """Only where the processor has it; what happens elsewhere has tests of its own."""
    if "BF16" not in _openvino_library.openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor has no bf16")


@pytest.fixture
def without_bf16(monkeypatch):
    """As on an older processor."""

    def settings(core, device, options):
        if options.fast:
            raise Bf16Unavailable("this processor has no bf16 instructions.")
        return original(core, device, options)

    original = openvino._settings
    monkeypatch.setattr(openvino, "_settings", settings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"psnr": 57.99}, "57.99 dB, below the limit of 58 dB"),
        ({"psnr": None}, "was never measured"),
        ({"worse": 0.0501}, "0.0501 dB worse than exact ones, above the limit of 0.05 dB"),
        ({"unit": ""}, "0.05 worse than exact ones, above the limit of 0.001"),
        ({"agreement": 0.9989}, "99.89% of pixels keep their class, below the limit of 99.9%"),
    ],
)
def test_each_limit_is_kept(change, words):
    assert refusal_reason(ACCURATE) is None
    measured = replace(ACCURATE, **change)
    assert words in (refusal_reason(measured) or "")
    assert with_verdict(measured).verdict == "inaccurate"
    assert with_verdict(replace(ACCURATE, verdict="inaccurate")) == ACCURATE


def test_a_verdict_against_it_counts_and_one_for_it_is_not_enough():
    assert "says that it loses accuracy in bf16" in refusal_reason(replace(ACCURATE, verdict="inaccurate"))
    assert refusal_reason(replace(ACCURATE, psnr=20.0)) is not None


def test_classes_have_limits_of_their_own():
    classes = MeasuredPrecision("bf16", agreement=0.999, worse=0.001, verdict="accurate")
    assert refusal_reason(classes) is None
    assert "was never measured" in (refusal_reason(None) or "")


JSON = st.none() | st.booleans() | st.text() | st.floats() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from(["psnr", "agreement", "worse", "unit", "metric", "examples"]), JSON) | JSON)
def test_whatever_a_format_1_file_says_of_bf16_is_an_answer(fast):
    """It becomes one measurement, or none; none lets a model run in bf16 that the limits would not."""
    found = [MeasuredPrecision.from_dict(one) for one in upgraded({"fast": fast}, 1)["precisions"]]
    assert len(found) <= 1
    for measured in found:
        assert (refusal_reason(measured) is None) == (measured.verdict == "accurate")
        assert measured.psnr == fast.get("psnr")
        assert refusal_reason(measured) is not None or (measured.psnr or 58) >= 58


def differs(path, precision, **more) -> tuple[str, str, float]:
    x = np.random.default_rng(1).random((1, 1, 40, 48), np.float32)
    exact, other = (open_model(path, precision=one, threads=1, **more) for one in ("exact", precision))
    assert (exact.precision, exact.note) == ("exact", "")
    return other.precision, other.note, float(np.abs(exact.run(x) - other.run(x)).max())


def test_a_model_that_stays_accurate_runs_fast_where_the_processor_can(tmp_path, bf16):
    path = model(tmp_path, ACCURATE)
    for options in ("auto", "fast"):
        precision, note, difference = differs(path, options)
        assert (precision, note) == ("fast", "")
        assert 1e-5 < difference < 0.02


@pytest.mark.parametrize("precisions", [(), (replace(ACCURATE, psnr=50.0),)])
def test_a_model_that_does_not_runs_exactly_and_says_so_once_asked(tmp_path, precisions):
    path = model(tmp_path, *precisions)
    assert differs(path, "auto") == ("exact", "", 0)
    precision, note, difference = differs(path, "fast")
    assert (precision, difference) == ("exact", 0)
    assert note.startswith(f"{path} is run exactly, not in bf16: ")
    assert note.endswith(".")
    assert "\n" not in note


def test_a_processor_without_bf16_runs_exactly_and_says_so_once_asked(tmp_path, without_bf16):
    path = model(tmp_path, ACCURATE)
    assert differs(path, "auto") == ("exact", "", 0)
    assert differs(path, "fast")[1].endswith("not in bf16: this processor has no bf16 instructions.")


def test_onnx_runtime_refuses_fast_and_auto_is_exact_there(tmp_path):
    path = model(tmp_path, ACCURATE)
    assert open_model(path, "onnxruntime", threads=1).precision == "exact"
    with pytest.raises(WrongUse, match="float32 only; use the precision exact or auto"):
        open_model(path, "onnxruntime", precision="fast")


def test_wrong_names_get_the_nearest(tmp_path):
    path = model(tmp_path)
    with pytest.raises(UnknownName, match="did you mean 'exact'"):
        open_model("nowhere.onnx", precision="exakt")
    for engine in ("openvino", "onnxruntime"):
        with pytest.raises(UnknownName, match="did you mean 'cpu'"):
            open_model(path, engine, device="cpuu")
        assert open_model(path, engine, device="cpu", threads=1).name == engine
