"""OpenVINO: the engine for processors and the default; also for Intel's GPUs and NPUs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from repix import registry
from repix._version import VERSION
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Bf16Unavailable, Engine, EngineOptions, FastUnavailable
from repix.conversion.engines import _cache, _fp16_accuracy
from repix.conversion.engines._errors import failure, lacks_memory
from repix.conversion.engines._interruptible import interruptible
from repix.conversion.engines._openvino_library import openvino, signal_stack_kept
from repix.conversion.engines._sequential import run_sequentially
from repix.conversion.model_file import ModelFile
from repix.conversion.precision import refusal_reason
from repix.errors import RepixError, UnknownName, Unreadable, WrongUse

CPU = "CPU"
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

    def __init__(self, contract: Contract, compile_model: Callable[[], Any], device_memory: int | None = None) -> None:
        self.contract = contract
        self.device_memory = device_memory
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
    system = [library.__version__, device, core.get_property(device, "FULL_DEVICE_NAME"), settings, file.checksum]

    def opened() -> Engine:
        return _opened(file, core, device, settings, _cache.cache_path("openvino", *system) if options.cache else None)

    if options.fast and device != CPU:
        kept_at = _cache.cache_path("fp16 accuracy", VERSION, *system) if options.cache else None
        reason = _fp16_refusal(file, options, kept_at, opened)
        if reason is not None and "FP32" not in _capabilities(core, device):
            raise WrongUse(
                f"{file.path} cannot be run on {options.device}, which computes in fp16 only: {reason}; choose "
                "--device cpu."
            )
        if reason is not None:
            raise FastUnavailable(f"{reason}.")
    return opened()


def _opened(file: ModelFile, core: Any, device: str, settings: dict[str, str], cached: Path | None) -> Engine:
    """Return a compiled model, from a file of the cache if possible."""

    def compile_model() -> Any:
        exported = _cache.load(cached)
        if exported is not None:
            try:
                return core.import_model(exported, device, settings)
            except RuntimeError as problem:
                if lacks_memory(problem):
                    raise
        compiled = core.compile_model(core.read_model(file.content), device, settings)
        if (len(compiled.inputs), len(compiled.outputs)) != (1, 1):
            raise Unreadable(f"{file.path} cannot be opened by OpenVINO: it does not have one input and one output.")
        _cache.store(cached, lambda: compiled.export_model().getvalue())
        return compiled

    try:
        return OpenVino(file.contract, compile_model, _device_memory(core, device))
    except RuntimeError as problem:
        if lacks_memory(problem):
            raise MemoryError(f"The memory is not enough for OpenVINO to open {file.path}.") from None
        raise Unreadable(f"{file.path} cannot be opened by OpenVINO: {_first_words(problem)}.") from None


def _fp16_refusal(
    file: ModelFile, options: EngineOptions, kept_at: Path | None, opened: Callable[[], Engine]
) -> str | None:
    """Return the reason why a model is not run in fp16 on a device, without a full stop; None if it is.

    `opened` opens it there in fp16; the results are compared with those of the processor.
    """
    if file.contract.dimensions == 3:
        return "the accuracy of models for volumes in fp16 is not measured"
    try:
        found = _fp16_accuracy.measured_once(
            kept_at, lambda: (open(file, EngineOptions(cache=options.cache)), opened())
        )
    except (RepixError, MemoryError) as problem:
        return f"its accuracy in fp16 could not be measured: {str(problem).rstrip('.')}"
    return refusal_reason(found)


def _device(core: Any, options: EngineOptions) -> str:
    """Return OpenVINO's name of the device; devices besides the processor are listed only if one is asked for."""
    if options.device.lower() in ("auto", "cpu"):
        return CPU
    known = ("auto", *(one.lower() for one in core.available_devices))
    if options.device.lower() not in known:
        raise UnknownName(f"OpenVINO has no device '{options.device}' here; {registry.closest(options.device, known)}")
    if options.threads is not None:
        raise WrongUse(f"The number of threads is for the processor only; leave it out for {options.device}.")
    return options.device.upper()


def _settings(core: Any, device: str, options: EngineOptions) -> dict[str, str]:
    """Return the settings that are set explicitly, not left to OpenVINO."""
    settings = SETTINGS | {"INFERENCE_PRECISION_HINT": _precision(_capabilities(core, device), device, options)}
    if device == CPU:
        settings |= ON_PROCESSORS
    if options.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = str(options.threads)
    return settings


def _precision(capabilities: Sequence[str], device: str, options: EngineOptions) -> str:
    """Return OpenVINO's name of the precision; refuse one that the device does not have."""
    if device == CPU:
        if options.fast and "BF16" not in capabilities:
            raise Bf16Unavailable("this processor has no bf16 instructions.")
        return "bf16" if options.fast else "f32"
    if options.fast and "FP16" not in capabilities:
        raise FastUnavailable(f"{options.device} has no fp16.")
    if not options.fast and "FP32" not in capabilities:
        raise WrongUse(f"{options.device} does not compute in float32; choose --precision auto, or --device cpu.")
    return "f16" if options.fast else "f32"


def _capabilities(core: Any, device: str) -> Sequence[str]:
    found: Sequence[str] = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    return found


def _device_memory(core: Any, device: str) -> int | None:
    """Return the bytes of a device's memory, if it tells them; for a GPU in a processor that is all memory."""
    name = f"{device.partition('.')[0]}_DEVICE_TOTAL_MEM_SIZE"
    if device == CPU or name not in core.get_property(device, "SUPPORTED_PROPERTIES"):
        return None
    return int(core.get_property(device, name))


def _first_words(problem: Exception) -> str:
    """Return the line of an error that names unknown operators, or else the last line; others are source positions."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    lines = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")] or lines
    return lines[-1].rstrip(".")[:300] if lines else "no reason is given"
