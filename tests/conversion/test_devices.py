"""Devices: which engine serves which, and providers of a fake ONNX Runtime."""

from types import SimpleNamespace

import pytest

from repix.conversion import Contract, devices, open_model, write_model
from repix.conversion.devices import DEVICES, PROVIDERS, engine_on, provider
from repix.errors import UnknownName, WrongUse
from tests.conversion.models import mixing

GRAY = Contract("denoise", {"color": False}, halo=0, bytes_per_pixel=24)
CPU = "CPUExecutionProvider"


class Runtime:
    """An ONNX Runtime with some providers, of which some work."""

    def __init__(self, available, working) -> None:
        self.available, self.working, self.asked = available, working, None

    def SessionOptions(self):
        return SimpleNamespace()

    RunOptions = SessionOptions

    def get_available_providers(self):
        return self.available

    def InferenceSession(self, _content, _options, providers):
        self.asked = providers
        names = [one if isinstance(one, str) else one[0] for one in providers]
        end = [SimpleNamespace(name="x", shape=["n", 1, "h", "w"])]
        found = [name for name in names if name in self.working]
        return SimpleNamespace(get_inputs=lambda: end, get_outputs=lambda: end, get_providers=lambda: found)


@pytest.fixture
def model(tmp_path):
    write_model(tmp_path / "model.onnx", mixing(GRAY)[0], GRAY)
    return tmp_path / "model.onnx"


@pytest.fixture
def runtime(monkeypatch):
    def made(available, working):
        found = Runtime(available, working)
        monkeypatch.setattr("repix.conversion.engines.onnxruntime.registry.library", lambda _: found)
        return found

    return made


def test_a_device_selects_an_installed_engine(monkeypatch):
    assert [engine_on(name) for name in ("auto", "CPU", "gpu", "GPU.0", "npu")] == ["openvino"] * 5
    assert {engine_on(name) for name in PROVIDERS} == {"onnxruntime"}
    monkeypatch.setattr(devices, "find_spec", lambda name: name == "onnxruntime")
    assert [engine_on(name) for name in ("auto", "cpu", "gpu")] == ["onnxruntime", "onnxruntime", "openvino"]
    with pytest.raises(UnknownName, match="did you mean 'cuda'"):
        engine_on("cudo")


def test_cuda_is_asked_for_in_full_float32_with_the_processor_behind_it(model, runtime):
    found = runtime(["CUDAExecutionProvider", CPU], ["CUDAExecutionProvider", CPU])
    opened = open_model(model, device="cuda")
    assert found.asked == [("CUDAExecutionProvider", {"use_tf32": "0"}), CPU]
    assert (opened.name, opened.device, opened.precision, opened.tiles_are_exact) == (
        "onnxruntime",
        "cuda",
        "exact",
        False,
    )


def test_a_device_that_is_not_there_is_refused_and_not_replaced(model, runtime):
    runtime([CPU], [CPU])
    with pytest.raises(UnknownName, match="has no cuda; uninstall onnxruntime, and install the extra `cuda`"):
        open_model(model, device="cuda")
    runtime(["CUDAExecutionProvider", CPU], [CPU])  # its libraries are missing: ONNX Runtime itself goes on silently
    with pytest.raises(WrongUse, match="cannot use cuda here"):
        open_model(model, device="cuda")
    with pytest.raises(UnknownName, match="ONNX Runtime has no device 'gpu'"):
        open_model(model, "onnxruntime", device="gpu")


def test_openvino_names_the_devices_that_it_has(model):
    with pytest.raises(UnknownName, match="OpenVINO has no device 'cuda' here"):
        open_model(model, "openvino", device="cuda")


def test_every_device_has_a_row_in_the_documentation():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "model-files.md").read_text(encoding="utf-8")
    for name, engines in DEVICES.items():
        row = next(line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line)
        assert all(f"`{one}`" in row for one in engines), name
    assert {provider(name, list(PROVIDERS.values())) for name in PROVIDERS} == set(PROVIDERS.values())
