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
from repix.conversion.engines._openvino_library import openvino, signal_stack_kept
from repix.conversion.engines._sequential import run_sequentially
from repix.conversion.model_file import ModelFile
from repix.errors import UnknownName, Unreadable, WrongUse

SETTINGS = {
    "EXECUTION_MODE_HINT": "ACCURACY",
    "PERFORMANCE_HINT": "LATENCY",
    "NUM_STREAMS": "1",
}
ON_PROCESSORS = {
    "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same cores
    "CPU_RUNTIME_CACHE_CAPACITY": "256",  # cache of layers compiled for a size; the default is 5000
}


class OpenVino:
    """A compiled model; it runs one picture at a time."""

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
        """Free the model and the library's core before Python does, while the signal stack is protected."""
        self._free()
        del self._compile

    @signal_stack_kept()
    def run(self, x: Array) -> Array:
        """Return the model's result for N×C×H×W."""
        self.contract.require(x)
        x = np.ascontiguousarray(x)
        with self._lock:
            try:
                self._ready()
                return run_sequentially(self._result, x, self._alone)
            except KeyboardInterrupt:
                self._free()  # the interrupted request may still run
                raise
            except (RuntimeError, MemoryError) as problem:
                self._free()  # otherwise it may crash later, or return wrong results for pictures of another size
                raise failure("OpenVINO", problem, x.shape, _first_words(problem)) from None

    def _result(self, x: Array) -> Array:
        """Return the result; not by `infer`, which in OpenVINO 2026.4 may return an old result where memory ran out."""
        request = self._request

        def work() -> None:  # it keeps a reference to x, which the library reads
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
    """Return a compiled model, from the cache if possible."""
    library = openvino()
    core = library.Core()
    device = _device(core, options)
    settings = _settings(core, device, options)
    system = [library.__version__, device, core.get_property(device, "FULL_DEVICE_NAME")]
    cached = _cache.cache_path("openvino", *system, settings, file.checksum)

    def compile_model() -> Any:
        exported = _cache.load(cached) if options.cache else None
        if exported is not None:
            try:
                return core.import_model(exported, device, settings)
            except RuntimeError as problem:
                if lacks_memory(problem):
                    raise
        compiled = core.compile_model(core.read_model(file.content), device, settings)
        if (len(compiled.inputs), len(compiled.outputs)) != (1, 1):
            raise Unreadable(f"{file.path} cannot be opened by OpenVINO: it does not have one input and one output.")
        if options.cache:
            _cache.store(cached, lambda: compiled.export_model().getvalue())
        return compiled

    try:
        return OpenVino(file.contract, compile_model)
    except RuntimeError as problem:
        if lacks_memory(problem):
            raise MemoryError(f"The memory is not enough for OpenVINO to open {file.path}.") from None
        raise Unreadable(f"{file.path} cannot be opened by OpenVINO: {_first_words(problem)}.") from None


def _device(core: Any, options: EngineOptions) -> str:
    """Return OpenVINO's name of the device; devices besides the processor are listed only if one is asked for."""
    if options.device in ("auto", "cpu"):
        return "CPU"
    known = ("auto", *(one.lower() for one in core.available_devices))
    if options.device.lower() not in known:
        raise UnknownName(f"OpenVINO has no device '{options.device}' here; {registry.closest(options.device, known)}")
    if options.threads is not None:
        raise WrongUse(f"The number of threads is for the processor only; leave it out for {options.device}.")
    return options.device.upper()


def _settings(core: Any, device: str, options: EngineOptions) -> dict[str, str]:
    """Return the settings that are set explicitly, not left to OpenVINO."""
    if options.fast and "BF16" not in core.get_property(device, "OPTIMIZATION_CAPABILITIES"):
        raise Bf16Unavailable("this processor has no bf16 instructions.")
    settings = SETTINGS | {"INFERENCE_PRECISION_HINT": "bf16" if options.fast else "f32"}
    if device == "CPU":
        settings |= ON_PROCESSORS
    if options.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = str(options.threads)
    return settings


def _first_words(problem: Exception) -> str:
    """Return the line of an error that names unknown operators, or else the last line; others are source positions."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    lines = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")] or lines
    return lines[-1].rstrip(".")[:300] if lines else "no reason is given"
