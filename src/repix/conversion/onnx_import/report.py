"""What is told of an imported model: what was measured and how, and what nobody could know."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.onnx_import.measurement import HaloResult
from repix.conversion.onnx_import.onnx_graph import FLOAT16
from repix.conversion.onnx_import.preprocessing import RANGE_LIMITS, ImportOptions
from repix.conversion.onnx_import.signature import GraphSignature, RestartingEngine, declared_sides, try_run

SUSPICIOUS_DIFFERENCE = 0.1
"""So far from its own picture on average, a mended or enlarged one is suspicious."""

SUSPICIOUS_SHARE = 0.05
"""So large a share of pixels far outside of black and white is suspicious."""


def measured_facts(plain: GraphSignature, found: HaloResult, contract: Contract) -> tuple[str, ...]:
    """Return what was found by running the model, and how."""
    first, last = ("N×H×W×C, turned round inside" if end.last else "N×C×H×W" for end in (plain.input, plain.output))
    arriving, leaving = plain.input.channels, plain.output.channels
    said = [f"channels: {arriving} in ({first}), {leaving} out ({last})", f"scale: {contract.scale}"]
    if plain.size is not None:
        return (*said, f"size: {plain.size}×{plain.size} only, as its file says; other sizes did not run")
    noted = [side for side in declared_sides(plain.input) if side is not None]
    if noted:
        said.append(f"sizes: its file notes {'×'.join(map(str, noted))}, but others run as well, so they are free now")
    said.append(_step(plain, found))
    if found.halo is None:
        said.append(
            f"halo: none, pictures are converted whole: {found.reason.rstrip('.')}; if you know how far a pixel is seen, "
            "give that (--halo)"
        )
    else:
        said.append(
            f"halo: {found.halo}, as its graph is built; a changed pixel was seen {found.measured} pixels away, and tiles "
            "with it equaled the whole picture"
        )
    return tuple(said)


def _step(plain: GraphSignature, found: HaloResult) -> str:
    text = f"step: {found.step}; "
    if found.step == plain.step:
        return text + "multiples of it ran from one step on"
    return (
        text + f"multiples of {plain.step} ran, but only moved by {found.step} pixels a picture gives the same, moved"
    )


def unknown_facts(
    plain: GraphSignature, raw: RestartingEngine, contract: Contract, foreign: ImportOptions
) -> tuple[str, ...]:
    """Return what no measurement can say, and what looks wrong."""
    said = []
    if 3 in contract.channels:
        order = "blue, green, red" if foreign.bgr else "red, green, blue"
        said.append(f"the order of colors: taken to be {order}; if results have wrong colors, it is the other")
    said.extend(contract.make_task().unknown)
    if plain.input.value.kind == FLOAT16:
        said.append("what is lost by float16, in which its file computes: about a thousandth of white")
    said.extend(_range_doubts(plain, raw, contract, foreign))
    return (*said, "how good it is, and what it learned from: `repix evaluate` measures the one")


def _range_doubts(
    plain: GraphSignature, raw: RestartingEngine, contract: Contract, foreign: ImportOptions
) -> list[str]:
    """Return whether another range would keep a drawn picture much better, or results lie far outside of black and white."""
    x = _drawn(plain)
    if contract.make_task().scores:
        return [] if foreign.mean or foreign.range != "0-1" else [f"its range: taken to be {foreign.range}"]
    y = _through(plain, raw, x, foreign)
    outside = float(((y < -0.5) | (y > 1.5)).mean())
    said = [f"its range: taken to be {foreign.range}"]
    if outside > SUSPICIOUS_SHARE:
        said = [f"its range: {foreign.range} looks wrong, {outside:.0%} of a drawn picture came out far outside"]
    if plain.input.channels != plain.output.channels:
        return said
    others = [name for name in RANGE_LIMITS if name != foreign.range]
    away = {name: _away(x, _through(plain, raw, x, ImportOptions(range=name)), plain.scale) for name in others}  # type: ignore[arg-type]
    own, best = _away(x, y, plain.scale), min(away, key=away.__getitem__)
    if own > SUSPICIOUS_DIFFERENCE and away[best] < min(own / 3, SUSPICIOUS_DIFFERENCE / 2):
        better = f"{away[best]:.2f} with {best}"
        said = [
            f"its range: {foreign.range} looks wrong: a drawn picture became {own:.2f} other on average, and {better}"
        ]
    return said


def _through(plain: GraphSignature, raw: RestartingEngine, x: Array, foreign: ImportOptions) -> Array:
    y = try_run(plain, raw, foreign.input_affine(plain.input.channels).apply_input(x))
    if y is None:
        return np.full((1, plain.output.channels, 1, 1), np.inf, np.float32)
    return foreign.output_affine(plain.output.channels).apply_output(y)


def _away(x: Array, y: Array, scale: int) -> float:
    """Return how far a result is from its own picture, enlarged by repeating pixels; on average."""
    large = x.repeat(scale, axis=2).repeat(scale, axis=3)
    return float(np.abs(y - large).mean()) if y.shape == large.shape else float("inf")


def _drawn(plain: GraphSignature) -> Array:
    """Ramps and a disc: 1×C×H×W, with nothing in it to be mended."""
    side = plain.size or plain.step * -(-96 // plain.step)
    y, x = np.mgrid[:side, :side] / side
    disc = np.hypot(y - 0.5, x - 0.4) < 0.25
    all_planes = [
        0.15 + 0.5 * (x * (1 - one) + y * one) + 0.2 * disc for one in np.linspace(0, 1, plain.input.channels)
    ]
    return np.stack(all_planes)[np.newaxis].astype(np.float32)
