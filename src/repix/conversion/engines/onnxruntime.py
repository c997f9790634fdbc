"""ONNX Runtime: the engine for comparisons, and for systems without OpenVINO."""

from collections.abc import Callable
from typing import Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.devices import PROVIDER_OPTIONS, provider
from repix.conversion.engine import Bf16Unavailable, Engine, EngineOptions
from repix.conversion.engines._errors import failure, lacks_memory
from repix.conversion.engines._interruptible import interruptible
from repix.conversion.engines._sequential import run_sequentially
from repix.conversion.model_file import ModelFile
from repix.errors import Unreadable, WrongUse

CPU = "CPUExecutionProvider"
FATAL = 4
"""The log level; everything below it is reported as an exception."""


class OnnxRuntime:
    """A model in an ONNX Runtime session."""

    def __init__(self, contract: Contract, session: Any, make_options: Callable[[], Any]) -> None:
        self.contract = contract
        self._make_options = make_options
        self._session = session
        entrance = session.get_inputs()[0]
        self._name, self._alone = entrance.name, entrance.shape[:1] == [1]

    def run(self, x: Array) -> Array:
        """Return the model's result for N×C×H×W."""
        self.contract.require(x)
        try:
            return run_sequentially(self._result, x, self._alone)
        except Exception as problem:  # noqa: BLE001 (its exceptions have no class of their own in common)
            raise failure("ONNX Runtime", problem, x.shape, _first_line(problem)) from None

    def _result(self, x: Array) -> Array:
        options = self._make_options()

        def end() -> None:
            options.terminate = True

        given = {self._name: np.ascontiguousarray(x)}
        y: Array = interruptible(lambda: self._session.run(None, given, options), end)[0]
        return y


def open(file: ModelFile, asked: EngineOptions) -> Engine:  # noqa: A001 (what the family calls it)
    """Return a model, opened in a session."""
    library = registry.library("onnxruntime")
    chosen = provider(asked.device, library.get_available_providers())
    if asked.fast:
        raise Bf16Unavailable("ONNX Runtime computes in float32 only.")
    options = library.SessionOptions()
    options.log_severity_level = FATAL
    options.enable_cpu_mem_arena = False  # the arena would keep the memory of the largest picture
    if asked.threads is not None:
        options.intra_op_num_threads = asked.threads
    try:
        session = interruptible(
            lambda: library.InferenceSession(file.content, options, providers=_providers(chosen, asked.device))
        )
    except Exception as problem:  # noqa: BLE001 (its exceptions have no class of their own in common)
        if lacks_memory(problem):
            raise MemoryError(f"The memory is not enough for ONNX Runtime to open {file.path}.") from None
        raise Unreadable(f"{file.path} cannot be opened by ONNX Runtime: {_first_line(problem)}.") from None
    if chosen not in session.get_providers():
        raise WrongUse(
            f"ONNX Runtime cannot use {asked.device} here: the device or its libraries are missing; choose --device "
            "cpu."
        )
    if (len(session.get_inputs()), len(session.get_outputs())) != (1, 1):
        raise Unreadable(f"{file.path} cannot be opened by ONNX Runtime: it does not have one input and one output.")
    return OnnxRuntime(file.contract, session, library.RunOptions)


def _providers(chosen: str, device: str) -> list[Any]:
    """Return the provider, and the processor for operators that it does not have."""
    if chosen == CPU:
        return [CPU]
    return [(chosen, PROVIDER_OPTIONS.get(device.lower(), {})), CPU]


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0].rstrip(".")[:300]
