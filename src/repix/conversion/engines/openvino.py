"""OpenVINO: the engine for processors, and the default."""

from pathlib import Path
from typing import Any

import numpy as np

from repix import members
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Engine
from repix.conversion.engines._signal_stack import signal_stack_kept
from repix.conversion.model_file import read_model
from repix.errors import RepixError, Unreadable

SETTINGS = {
    "INFERENCE_PRECISION_HINT": "f32",
    "EXECUTION_MODE_HINT": "ACCURACY",
    "PERFORMANCE_HINT": "LATENCY",
    "NUM_STREAMS": "1",
    "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same cores
    "CPU_RUNTIME_CACHE_CAPACITY": "256",  # layers compiled for a size are kept; the default keeps 5000 of them
}


class OpenVino:
    """A compiled model."""

    def __init__(self, contract: Contract, compiled: Any) -> None:
        self.contract = contract
        self._compiled = compiled
        self._request = compiled.create_infer_request()

    def __del__(self) -> None:
        """Free the model before Python does, to look after the signal stack."""
        with signal_stack_kept():
            del self._request, self._compiled

    def run(self, x: Array) -> Array:
        """N×C×H×W through the model."""
        self.contract.require(x)
        try:
            self._request.infer([np.ascontiguousarray(x)], share_inputs=True)
        except RuntimeError as problem:
            raise RepixError(f"OpenVINO cannot run the model on {x.shape}: {_first_words(problem)}.") from None
        y: Array = self._request.get_output_tensor(0).data.copy()
        return y


def open(path: Path, threads: int | None = None) -> Engine:  # noqa: A001 (what the family calls it)
    """Read and compile a model file."""
    file = read_model(path)
    with signal_stack_kept():
        core = members.library("openvino").Core()
    settings = SETTINGS if threads is None else {**SETTINGS, "INFERENCE_NUM_THREADS": str(threads)}
    try:
        with signal_stack_kept():
            compiled = core.compile_model(core.read_model(file.content), "CPU", settings)
    except RuntimeError as problem:
        raise Unreadable(f"{path} cannot be opened by OpenVINO: {_first_words(problem)}.") from None
    if (len(compiled.inputs), len(compiled.outputs)) != (1, 1):
        raise Unreadable(f"{path} cannot be opened by OpenVINO: it does not have one input and one output.")
    return OpenVino(file.contract, compiled)


def _first_words(problem: RuntimeError) -> str:
    """The line that names unknown operators, or the last that says something; others say where in the library."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    lines = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")] or lines
    return lines[-1].rstrip(".")[:300] if lines else "it does not say why"
