"""OpenVINO: the engine for processors, and the default."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Bf16Unavailable, Engine, EngineOptions
from repix.conversion.engines import _cache
from repix.conversion.engines._errors import failure, lacks_memory
from repix.conversion.engines._interruptible import interruptible
from repix.conversion.engines._openvino_import import openvino
from repix.conversion.engines._sequential import run_sequentially
from repix.conversion.engines._signal_stack import signal_stack_kept
from repix.conversion.model_file import ModelFile
from repix.errors import UnknownName, Unreadable, WrongUse

SETTINGS = {
    "EXECUTION_MODE_HINT": "ACCURACY",
    "PERFORMANCE_HINT": "LATENCY",
    "NUM_STREAMS": "1",
}
ON_PROCESSORS = {
    "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same cores
    "CPU_RUNTIME_CACHE_CAPACITY": "256",  # layers compiled for a size are kept; the default keeps 5000 of them
}


class OpenVino:
    """A compiled model; one picture runs at a time."""

    def __init__(self, contract: Contract, compile_model: Callable[[], Any]) -> None:
        self.contract = contract
        self._compile = compile_model
        self._compiled: Any = None
        self._request: Any = None
        self._alone = False
        self._lock = Lock()
        self._ready()

    @signal_stack_kept()
    def __del__(self) -> None:
        """Free the model, and with it the library's core, before Python does, to look after the signal stack."""
        self._free()
        del self._compile

    @signal_stack_kept()
    def run(self, x: Array) -> Array:
        """N×C×H×W through the model."""
        self.contract.require(x)
        x = np.ascontiguousarray(x)
        with self._lock:
            try:
                self._ready()
                return run_sequentially(self._result, x, self._alone)
            except KeyboardInterrupt:
                self._free()  # what was interrupted may still be at work
                raise
            except (RuntimeError, MemoryError) as problem:
                self._free()  # it has been seen to crash later, or to give garbage for pictures of any other size
                raise failure("OpenVINO", problem, x.shape, _first_words(problem)) from None

    def _result(self, x: Array) -> Array:
        """Return what comes out; not by `infer`, which OpenVINO 2026.4 lets return an old result where memory ran out."""
        request = self._request

        def work() -> None:  # it holds x, which the library reads, for as long as it takes
            request.start_async([x], share_inputs=True)
            request.wait()

        interruptible(work, request.cancel)
        y: Array = request.get_output_tensor(0).data.copy()
        return y

    def _ready(self) -> None:
        if self._request is None:
            self._compiled = interruptible(self._compile)
            self._request = self._compiled.create_infer_request()
            first = self._compiled.inputs[0].partial_shape[0]
            self._alone = first.is_static and first.get_length() == 1

    def _free(self) -> None:
        self._request = None
        self._compiled = None


@signal_stack_kept()
def open(file: ModelFile, options: EngineOptions) -> Engine:  # noqa: A001 (what the family calls it)
    """Compile a model, or take it from the cache of compiled ones."""
    library = openvino()
    core = library.Core()
    device = _device(core, options)
    settings = _settings(core, device, options)
    circumstances = [library.__version__, device, core.get_property(device, "FULL_DEVICE_NAME")]
    place = _cache.cache_path("openvino", *circumstances, settings, file.checksum)

    def compile_model() -> Any:
        kept = _cache.load(place) if options.cache else None
        if kept is not None:
            try:
                return core.import_model(kept, device, settings)
            except RuntimeError as problem:
                if lacks_memory(problem):
                    raise
        compiled = core.compile_model(core.read_model(file.content), device, settings)
        if (len(compiled.inputs), len(compiled.outputs)) != (1, 1):
            raise Unreadable(f"{file.path} cannot be opened by OpenVINO: it does not have one input and one output.")
        if options.cache:
            _cache.store(place, lambda: compiled.export_model().getvalue())
        return compiled

    try:
        return OpenVino(file.contract, compile_model)
    except RuntimeError as problem:
        if lacks_memory(problem):
            raise MemoryError(f"The memory is not enough for OpenVINO to open {file.path}.") from None
        raise Unreadable(f"{file.path} cannot be opened by OpenVINO: {_first_words(problem)}.") from None


def _device(core: Any, options: EngineOptions) -> str:
    """Return what OpenVINO calls the device; others than the processor are looked for only where one is asked for."""
    if options.device in ("auto", "cpu"):
        return "CPU"
    known = ("auto", *(one.lower() for one in core.available_devices))
    if options.device.lower() not in known:
        raise UnknownName(
            f"OpenVINO finds no device '{options.device}' here; {registry.closest(options.device, known)}"
        )
    if options.threads is not None:
        raise WrongUse(f"Threads are of the processor; leave them out for the device {options.device}.")
    return options.device.upper()


def _settings(core: Any, device: str, options: EngineOptions) -> dict[str, str]:
    """Everything that is said and not left to OpenVINO."""
    if options.fast and "BF16" not in core.get_property(device, "OPTIMIZATION_CAPABILITIES"):
        raise Bf16Unavailable("this processor has no bf16 of its own.")
    settings = SETTINGS | {"INFERENCE_PRECISION_HINT": "bf16" if options.fast else "f32"}
    if device == "CPU":
        settings |= ON_PROCESSORS
    if options.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = str(options.threads)
    return settings


def _first_words(problem: Exception) -> str:
    """Return the line that names unknown operators, or the last that says something; others say where in the library."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    lines = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")] or lines
    return lines[-1].rstrip(".")[:300] if lines else "it does not say why"
