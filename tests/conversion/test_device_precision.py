"""fp16 and tiles on a GPU of a fake OpenVINO: measured there by the limits of bf16, once, and said once if refused.

The fake GPU computes on the processor, with the settings that OpenVINO is given for the GPU.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.arithmetic.synthetic import street
from repix.conversion import Budget, Contract, LoadedModel, Windows, open_model, write_model
from repix.conversion.budget import DEVICE_SHARE
from repix.conversion.engines import _fp16_accuracy, _openvino_library, openvino
from repix.conversion.engines._fp16_accuracy import measured_accuracy
from repix.conversion.file import FileOptions
from repix.conversion.folder import fingerprint
from repix.errors import RepixError, TooLarge, UnknownName, WrongUse
from repix.pictures import Picture
from tests.conversion.models import mixed, mixing

GRAY = Contract("denoise", {"color": False, "sigma": [25.0, 25.0]}, halo=4, bytes_per_pixel=256)
GIGABYTE = 10**9
DRAWN = cache(street)


class Computed:
    """An engine that computes with a function, and counts the shapes it gets."""

    def __init__(self, contract, function) -> None:
        self.contract, self.function, self.shapes = contract, function, set()

    def run(self, x):
        self.shapes.add(x.shape)
        self.contract.require(x)
        return self.function(x)


class Gpu:
    """An OpenVINO core with a GPU, whose answers are `properties`."""

    def __init__(self, properties) -> None:
        self.real, self.properties = _openvino_library.openvino().Core(), properties
        self.available_devices = ["CPU", "GPU"]
        self.asked = []

    def get_property(self, device, name):
        return self.real.get_property(device, name) if device == "CPU" else self.properties[name]

    def read_model(self, content):
        return self.real.read_model(content)

    def compile_model(self, model, device, settings):
        self.asked.append((device, settings["INFERENCE_PRECISION_HINT"]))
        return self.real.compile_model(model, "CPU", self.known(settings))

    def import_model(self, exported, device, settings):
        self.asked.append((device, "imported"))
        return self.real.import_model(exported, "CPU", self.known(settings))

    def known(self, settings):
        """The settings with which this processor computes: in bf16 or float32 if it has no fp16."""
        hint = settings["INFERENCE_PRECISION_HINT"]
        return settings | {"INFERENCE_PRECISION_HINT": hint if hint != "f16" or self.has_fp16 else "f32"}

    @property
    def has_fp16(self):
        return "FP16" in self.real.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@pytest.fixture(autouse=True)
def drawn_once(monkeypatch):
    monkeypatch.setattr(_fp16_accuracy, "street", DRAWN)


@pytest.fixture
def gpu(monkeypatch):
    def made(capabilities=("FP32", "FP16"), **properties):
        total = {} if "GPU_DEVICE_TOTAL_MEM_SIZE" not in properties else {"GPU_DEVICE_TOTAL_MEM_SIZE": "RO"}
        core = Gpu(
            {
                "OPTIMIZATION_CAPABILITIES": list(capabilities),
                "FULL_DEVICE_NAME": "A fake GPU",
                "SUPPORTED_PROPERTIES": total,
                **properties,
            }
        )

        class Library:
            __version__ = "1"
            Core = staticmethod(lambda: core)

        monkeypatch.setattr(openvino, "openvino", lambda: Library)
        return core

    return made


@pytest.fixture
def loses(monkeypatch):
    """Results in fp16 that differ by a number."""

    def by(number):
        original = _fp16_accuracy.measured_accuracy

        def measured(exact, fast):
            return original(exact, Computed(fast.contract, lambda x: fast.run(x) + np.float32(number)))

        monkeypatch.setattr(_fp16_accuracy, "measured_accuracy", measured)

    return by


@pytest.fixture
def model(tmp_path):
    write_model(tmp_path / "model.onnx", mixing(GRAY)[0], GRAY)
    return tmp_path / "model.onnx"


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("REPIX_ENGINE_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))


@pytest.mark.parametrize("precision", ["auto", "fast"])
def test_a_gpu_computes_in_fp16_where_the_model_stays_accurate_there(precision, model, gpu):
    core = gpu()
    opened = open_model(model, device="gpu", precision=precision)
    assert (opened.precision, opened.device, opened.note, opened.tiles_are_exact) == ("fast", "gpu", "", False)
    assert core.asked == [("CPU", "f32"), ("GPU", "f16"), ("GPU", "f16")]  # twice: the cache is off
    x = np.random.default_rng(1).random((1, 1, 40, 48), np.float32)
    assert np.abs(opened.run(x) - open_model(model).run(x)).max() < 0.01


def test_this_processor_in_fp16_is_as_exact_as_eleven_bits(model, gpu, kept):
    if not gpu().has_fp16:
        pytest.skip("this processor has no fp16")
    found = []
    measure = _fp16_accuracy.measured_accuracy
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fp16_accuracy, "measured_accuracy", lambda *both: found.append(measure(*both)) or found[0])
        assert open_model(model, device="gpu").precision == "fast"
    assert 65 < found[0].psnr < 90  # one rounding to 2⁻¹¹ of a value: about 76 dB for middle gray
    assert abs(found[0].worse) < 0.01


def test_exact_is_float32_on_the_gpu_and_nothing_is_measured(model, gpu):
    core = gpu()
    assert open_model(model, device="gpu", precision="exact").precision == "exact"
    assert core.asked == [("GPU", "f32")]


def test_a_model_that_loses_accuracy_runs_in_float32_and_says_so_once_asked(model, gpu, loses):
    core = gpu()
    loses(0.002)
    opened = open_model(model, device="gpu", precision="fast")
    assert opened.precision == "exact"
    assert core.asked[-1] == ("GPU", "f32")
    assert opened.note.startswith(f"{model} is run exactly, not in fp16: the PSNR of its results in fp16 against exact")
    assert opened.note.endswith("below the limit of 58 dB.")
    assert open_model(model, device="gpu").note == ""


def test_it_is_measured_once_for_a_device_and_a_model(model, gpu, kept, tmp_path, monkeypatch):
    gpu()
    open_model(model, device="gpu")

    def measured(*_):
        raise AssertionError

    monkeypatch.setattr(_fp16_accuracy, "measured_accuracy", measured)
    core = gpu()
    assert open_model(model, device="gpu").precision == "fast"
    assert core.asked == [("GPU", "imported")]
    gpu(FULL_DEVICE_NAME="Another GPU")
    with pytest.raises(AssertionError):
        open_model(model, device="gpu")
    other = tmp_path / "other.onnx"
    write_model(other, mixing(GRAY, seed=1)[0], GRAY)
    gpu()
    with pytest.raises(AssertionError):
        open_model(other, device="gpu")


def test_a_verdict_against_it_is_kept_too(model, gpu, kept, loses):
    gpu()
    loses(0.002)
    first = open_model(model, device="gpu", precision="fast")
    core = gpu()
    again = open_model(model, device="gpu", precision="fast")
    assert core.asked == [("GPU", "imported")]
    assert (again.precision, again.note) == ("exact", first.note)


def test_a_kept_measurement_that_cannot_be_read_is_made_again(model, gpu, kept, monkeypatch):
    gpu()
    open_model(model, device="gpu")
    load = _fp16_accuracy._cache.load
    monkeypatch.setattr(_fp16_accuracy._cache, "load", lambda path: load(path) and b'{"name": "fp16"')
    assert _fp16_accuracy.measured_once(None, lambda: (open_model(model),) * 2).psnr == 200.0


def test_a_gpu_without_fp16_computes_in_float32(model, gpu):
    core = gpu(capabilities=["FP32"])
    opened = open_model(model, device="gpu", precision="fast")
    assert opened.note == f"{model} is run exactly, not in fp16: gpu has no fp16."
    assert core.asked == [("GPU", "f32")]


def test_a_device_without_float32_never_computes_less_exactly_than_asked(model, gpu, loses):
    gpu(capabilities=["FP16"])
    assert open_model(model, device="gpu").precision == "fast"
    with pytest.raises(WrongUse, match="gpu does not compute in float32; choose --precision auto, or --device cpu"):
        open_model(model, device="gpu", precision="exact")
    loses(0.002)
    with pytest.raises(WrongUse, match=r"computes in fp16 only: the PSNR .* 58 dB; choose --device cpu"):
        open_model(model, device="gpu")


def test_a_failure_while_measuring_is_the_reason(model, gpu, monkeypatch):
    def fails(*_):
        raise RepixError("The device is busy.")

    gpu()
    monkeypatch.setattr(_fp16_accuracy, "_output", fails)
    opened = open_model(model, device="gpu", precision="fast")
    assert opened.note.endswith("its accuracy in fp16 could not be measured: The device is busy.")


def test_a_known_difference_is_measured_against_the_exact_result_and_the_truth():
    exact, fast = Computed(GRAY, np.ones_like), Computed(GRAY, lambda x: np.ones_like(x) - np.float32(0.001))
    found = measured_accuracy(exact, fast)
    assert found.psnr == pytest.approx(60, abs=0.01)
    assert (found.name, found.metric, found.unit, found.examples) == ("fp16", "psnr-gray", "dB", 3)
    assert found.worse < 0  # the truth is darker than white
    assert found.verdict == "accurate"
    assert measured_accuracy(fast, exact).worse == -found.worse


def test_results_that_are_not_finite_are_never_accurate():
    """Numbers above 65504 are infinite in fp16."""

    def overflown(x):
        y = x.copy()
        y[:, :, 5, 5] = np.inf
        return y

    found = measured_accuracy(Computed(GRAY, np.copy), Computed(GRAY, overflown))
    assert (found.psnr, found.verdict) == (0.0, "inaccurate")
    contract = Contract("segment", {"values": [0, 1]}, channels=(3, 2))
    found = measured_accuracy(Computed(contract, lambda x: x[:, :2]), Computed(contract, lambda x: overflown(x)[:, :2]))
    assert (found.agreement, found.verdict) == (0.0, "inaccurate")


def test_classes_are_compared_as_classes():
    contract = Contract("segment", {"values": [0, 1, 2]}, channels=(3, 3), step=16)

    def swapped(x):
        y = x.copy()
        y[:, :, :, :7] = x[:, ::-1, :, :7]
        return y

    found = measured_accuracy(Computed(contract, np.copy), Computed(contract, swapped))
    assert 0.9 < found.agreement < 1
    assert (found.psnr, found.worse, found.verdict) == (None, 0.0, "inaccurate")


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        ({"size": 64, "step": 16, "halo": None}, (64, 64)),
        ({"size": 512, "step": 16, "halo": None}, (512, 512)),
        ({"windows": Windows(96, 48), "step": 16, "halo": None}, (96, 96)),
        ({"step": 16}, (368, 480)),
    ],
)
def test_pictures_have_a_size_that_the_model_takes(change, shape):
    engine = Computed(replace(GRAY, **change), np.copy)
    assert measured_accuracy(engine, engine).psnr == 200.0
    assert {one[2:] for one in engine.shapes} == {shape}


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_models_that_enlarge_get_small_pictures(scale):
    contract = Contract("upscale", {"scale": scale}, channels=(3, 3), scale=scale)
    weights = mixing(contract)[1]
    engine = Computed(contract, lambda x: mixed(x, weights, scale))
    assert measured_accuracy(engine, engine).worse == 0.0
    assert {one[2:] for one in engine.shapes} == {(360 // scale, 480 // scale)}


def test_the_gpu_tells_its_memory_if_it_has_a_property_for_it(model, gpu):
    gpu(GPU_DEVICE_TOTAL_MEM_SIZE=3 * GIGABYTE)
    assert open_model(model, device="gpu", precision="exact").device_memory == 3 * GIGABYTE
    assert open_model(model).device_memory is None
    gpu()
    assert open_model(model, device="gpu", precision="exact").device_memory is None
    with pytest.raises(UnknownName, match=r"no device 'gpu\.1' here"):
        open_model(model, device="gpu.1")


class OnGpu(Computed):
    def __init__(self, contract, device_memory) -> None:
        super().__init__(contract, np.copy)
        self.device_memory = device_memory


LIKE = Picture(np.zeros((1, 1, 3), np.uint8))
SIDES = st.integers(1, 3000)


@given(SIDES, SIDES, st.integers(0, 10**9), st.sampled_from([1, 8, 16]), st.sampled_from([0, 9]))
def test_no_tile_takes_more_than_the_share_of_the_memory(height, width, total, step, halo):
    contract = replace(GRAY, step=step, halo=halo, parameters=1000)
    budget = Budget().on(OnGpu(contract, total))
    least = [min(2 * contract.margin + step, -(-side // step) * step) for side in (height, width)]
    if 8 * 1000 + 256 * least[0] * least[1] > int(DEVICE_SHARE * total):
        with pytest.raises(TooLarge, match="GB of the device's memory, of which repix uses at most"):
            budget.plan((height, width), LIKE, contract)
        return
    tall, wide = budget.plan((height, width), LIKE, contract).read_size
    assert 8 * 1000 + 256 * tall * wide <= DEVICE_SHARE * total


def test_much_memory_of_a_device_and_none_change_nothing():
    size = (3000, 4000)
    expected = Budget().plan(size, LIKE, GRAY)
    for engine in (OnGpu(GRAY, 10**12), OnGpu(GRAY, None), Computed(GRAY, np.copy)):
        assert Budget().on(engine).plan(size, LIKE, GRAY) == expected
    assert len(Budget().on(OnGpu(GRAY, 10**8)).plan(size, LIKE, GRAY)) > len(expected)


@pytest.mark.parametrize("name", ["convert", "predict"])
def test_conversions_use_tiles_that_fit_the_device(name):
    from repix import conversion

    engine = OnGpu(replace(GRAY, halo=0), 256 * 128 * 128 / DEVICE_SHARE)
    picture = Picture(np.random.default_rng(3).random((300, 500, 1), np.float32))
    result = getattr(conversion, name)(picture, engine)
    assert all(one[2] * one[3] <= 128 * 128 for one in engine.shapes)
    plain = getattr(conversion, name)(picture, Computed(engine.contract, np.copy))
    assert np.array_equal(getattr(result, "pixels", result), getattr(plain, "pixels", plain))


def test_onnx_runtime_says_that_it_computes_in_float32_on_its_devices_too(model):
    with pytest.raises(WrongUse, match=r"float32 only, also on cuda; use the precision exact or auto\.$"):
        open_model(model, device="cuda", precision="fast")


def test_the_journal_knows_that_tiles_depend_on_the_memory_of_the_device():
    def fingerprinted(engine, **options):
        return fingerprint(LoadedModel(engine, "openvino", "fast", device="gpu"), FileOptions(**options))

    small, large, unknown = (OnGpu(GRAY, total) for total in (10**8, 10**9, None))
    assert fingerprinted(small) != fingerprinted(large)
    assert fingerprinted(unknown) == fingerprinted(Computed(GRAY, np.copy))
    assert fingerprinted(small, budget=Budget(tile=64)) == fingerprinted(large, budget=Budget(tile=64))
