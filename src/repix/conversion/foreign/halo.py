"""The halo of a foreign model: computed from its graph or told by the user, and held against what the model does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repix.conversion.foreign import probing
from repix.conversion.foreign.field import EndlessError, MisalignedError, receptive_field
from repix.conversion.foreign.numbers import Foreign
from repix.conversion.foreign.probing import Found, Probe
from repix.conversion.foreign.trial import Plain, Runner, planes
from repix.conversion.graph_limits import require_bounded
from repix.errors import BrokenPromise, WrongUse


@dataclass(frozen=True)
class Drawing:
    """A model with plain ends, as bytes, and the version of its operators."""

    content: bytes
    opset: int


def halo_found(path: Path, plain: Plain, raw: Runner, drawing: Drawing, foreign: Foreign) -> Found:
    """Step and halo; a model of one size is not asked."""
    if plain.size is not None:
        return Found(plain.step, None, None, "the model takes one size only")
    before = plain.entering.affine.before
    probe = Probe(lambda x: planes(plain, raw, before(x)), plain.entering.channels, plain.scale)
    found = probing.look_around(probe, plain.step, _halo_of(path, plain, drawing, foreign.halo))
    if foreign.halo is not None and (found.halo is None or _beyond(found)):
        seen = f"a pixel was seen {found.reach} pixels away" if _beyond(found) else found.why
        raise WrongUse(f"{path} does not fit a halo of {foreign.halo}: {seen}; give a larger one, or none.")
    if _beyond(found):
        raise BrokenPromise(
            f"{path} sees {found.halo} pixels far by its graph, but a pixel was seen {found.reach} pixels away; "
            "nothing was written. Please report this."
        )
    return found


def _beyond(found: Found) -> bool:
    return found.halo is not None and found.reach is not None and found.reach > found.halo


def _halo_of(path: Path, plain: Plain, drawing: Drawing, told: int | None) -> Callable[[int], int]:
    """The halo by the step: of the graph where it has one, else what was told."""
    graph = require_bounded(path, drawing.content)

    def halo_of(step: int) -> int:
        try:
            halo = receptive_field(graph, drawing.opset, plain.entering.channels, plain.scale, step).halo
        except MisalignedError:
            raise
        except EndlessError:
            if told is None:
                raise
            return told
        if told is not None and told < halo:
            raise WrongUse(f"{path} sees {halo} pixels far by its graph; a halo of {told} is too small, leave it out.")
        return max(halo, told or 0)

    return halo_of
