"""The halo of a foreign model: computed from its graph or told by the user, and held against what the model does."""

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
    """A model with plain ends, as bytes, and the version of its operators."""

    content: bytes
    opset: int


def find_halo(
    path: Path, plain: GraphSignature, raw: RestartingEngine, drawing: GraphBytes, foreign: ImportOptions
) -> HaloResult:
    """Step and halo; a model of one size is not asked."""
    if plain.size is not None:
        return HaloResult(plain.step, None, None, "the model takes one size only")
    before = plain.input.affine.apply_input
    probe = Probe(lambda x: try_run(plain, raw, before(x)), plain.input.channels, plain.scale)
    found = measurement.measure_halo(probe, plain.step, _halo_of(path, plain, drawing, foreign.halo))
    if foreign.halo is not None and (found.halo is None or _beyond(found)):
        seen = f"a pixel was seen {found.measured} pixels away" if _beyond(found) else found.reason
        raise WrongUse(f"{path} does not fit a halo of {foreign.halo}: {seen}; give a larger one, or none.")
    if _beyond(found):
        raise BrokenPromise(
            f"{path} sees {found.halo} pixels far by its graph, but a pixel was seen {found.measured} pixels away; "
            "nothing was written. Please report this."
        )
    return found


def _beyond(found: HaloResult) -> bool:
    return found.halo is not None and found.measured is not None and found.measured > found.halo


def _halo_of(path: Path, plain: GraphSignature, drawing: GraphBytes, told: int | None) -> Callable[[int], int]:
    """Return the halo by the step: of the graph where it has one, else what was told."""
    graph = require_bounded(path, drawing.content)

    def halo_of(step: int) -> int:
        try:
            halo = receptive_field(graph, drawing.opset, plain.input.channels, plain.scale, step).halo
        except MisalignedError:
            raise
        except UnboundedError:
            if told is None:
                raise
            return told
        if told is not None and told < halo:
            raise WrongUse(f"{path} sees {halo} pixels far by its graph; a halo of {told} is too small, leave it out.")
        return max(halo, told or 0)

    return halo_of
