"""The halo of an imported model: computed from its graph or given by the user, and compared with measurements."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repix.conversion.graph_limits import require_bounded
from repix.conversion.onnx_import import measurement
from repix.conversion.onnx_import.measurement import HaloResult, Probe
from repix.conversion.onnx_import.preprocessing import ImportOptions
from repix.conversion.onnx_import.receptive_field import MisalignedError, UnboundedError, receptive_field
from repix.conversion.onnx_import.signature import GraphSignature, RestartingEngine, try_run
from repix.errors import BrokenPromise, WrongUse


@dataclass(frozen=True)
class GraphBytes:
    """A model with adapted input and output, as bytes, and its opset version."""

    content: bytes
    opset: int


def find_halo(
    path: Path, signature: GraphSignature, runner: RestartingEngine, graph_bytes: GraphBytes, options: ImportOptions
) -> HaloResult:
    """Return the step and the halo; a model of fixed size is not measured."""
    if signature.size is not None:
        return HaloResult(signature.step, None, None, "the model takes one size only")
    before = signature.input.affine.apply_input
    probe = Probe(lambda x: try_run(signature, runner, before(x)), signature.input.channels, signature.scale)
    found = measurement.measure_halo(probe, signature.step, _halo_of(path, signature, graph_bytes, options.halo))
    if options.halo is not None and (found.halo is None or _exceeds(found)):
        reason = f"the measured margin is {found.measured} pixels" if _exceeds(found) else found.reason
        raise WrongUse(f"{path} does not fit a halo of {options.halo}: {reason}; give a larger one, or none.")
    if _exceeds(found):
        raise BrokenPromise(
            f"{path} has a halo of {found.halo} by its graph, but the measured margin is {found.measured} pixels; "
            "nothing was written. Please report this."
        )
    return found


def _exceeds(found: HaloResult) -> bool:
    return found.halo is not None and found.measured is not None and found.measured > found.halo


def _halo_of(path: Path, signature: GraphSignature, graph_bytes: GraphBytes, given: int | None) -> Callable[[int], int]:
    """Return the function from step to halo: the graph's halo where it has one, else the given one."""
    graph = require_bounded(path, graph_bytes.content)

    def halo_of(step: int) -> int:
        try:
            halo = receptive_field(graph, graph_bytes.opset, signature.input.channels, signature.scale, step).halo
        except MisalignedError:
            raise
        except UnboundedError:
            if given is None:
                raise
            return given
        if given is not None and given < halo:
            raise WrongUse(f"{path} has a halo of {halo} by its graph; a halo of {given} is too small, leave it out.")
        return max(halo, given or 0)

    return halo_of
