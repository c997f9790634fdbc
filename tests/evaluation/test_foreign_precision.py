"""Imported models in bf16, with a fake of the second engine: measured on pictures, and written into the contract."""

from dataclasses import dataclass

import numpy as np
import pytest

from repix.conversion import Contract, Engine, read_model, write_model
from repix.conversion.precision import refusal_reason
from repix.evaluation import foreign_precision, precision
from repix.evaluation.foreign_precision import measure_imported
from tests.conversion.models import mixing
from tests.data.drawing import photo, put

DENOISE = Contract("denoise", {"color": True, "sigma": [25.0, 25.0]}, channels=(3, 3), halo=0, bytes_per_pixel=24)


@dataclass
class Shifted:
    """Adds a number to every result: 0.001 is a PSNR of 60 dB, 0.002 of 54 dB."""

    engine: Engine
    by: float

    @property
    def contract(self) -> Contract:
        return self.engine.contract

    def run(self, x: np.ndarray) -> np.ndarray:
        return self.engine.run(x) + np.float32(self.by)


@pytest.fixture
def model(tmp_path):
    write_model(tmp_path / "model.onnx", mixing(DENOISE)[0], DENOISE)
    return tmp_path / "model.onnx"


@pytest.fixture
def bf16(monkeypatch):
    """A processor whose bf16 is off by a number."""

    def off_by(number: float) -> None:
        def opened(path):
            exact = precision.registry.get("engines", "openvino")(read_model(path), precision.EngineOptions())
            return exact, Shifted(exact, number)

        for module in (precision, foreign_precision):
            monkeypatch.setattr(module, "opened_twice", opened)

    return off_by


@pytest.mark.parametrize(("number", "words"), [(0.0003, "stays accurate, so"), (0.002, "is not used: the PSNR")])
def test_the_contract_has_the_measurement(number, words, model, bf16, tmp_path):
    for name in range(2):
        put(tmp_path / "photos" / f"{name}.png", photo(name, (40, 48)))
    bf16(number)
    said = measure_imported(model, tmp_path / "photos")
    assert said.startswith(f"bf16: {words}")
    assert said.endswith("measured on 2 pictures")
    found = read_model(model).contract.precision("bf16")
    assert found.examples == 2
    assert abs(found.psnr + 20 * np.log10(number)) < 0.5
    assert (refusal_reason(found) is None) == (number < 0.001)


def test_pictures_are_drawn_where_none_are_given(model, bf16, monkeypatch):
    monkeypatch.setattr(foreign_precision, "street", lambda seed: photo(seed, (40, 48)) / 255)
    bf16(0.0003)
    assert "measured on 3 drawn pictures; --pictures measures on yours" in measure_imported(model)
    assert read_model(model).contract.precision("bf16").verdict == "accurate"


def test_what_cannot_be_measured_is_said_and_the_contract_stays(model, bf16, monkeypatch, tmp_path):
    before = model.read_bytes()
    with monkeypatch.context() as older:
        older.setattr(foreign_precision, "opened_twice", lambda _: None)
        assert "this processor has no bf16" in measure_imported(model)
    bf16(0.0)
    (tmp_path / "empty").mkdir()
    assert measure_imported(model, tmp_path / "empty").startswith("bf16: not measured: ")
    assert model.read_bytes() == before
