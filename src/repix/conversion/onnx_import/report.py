"""The report of an import: what was measured and how, and what is unknown."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.onnx_import.measurement import HaloResult
from repix.conversion.onnx_import.onnx_graph import FLOAT16
from repix.conversion.onnx_import.preprocessing import RANGE_LIMITS, ImportOptions
from repix.conversion.onnx_import.signature import GraphSignature, RestartingEngine, declared_sides, try_run

SUSPICIOUS_DIFFERENCE = 0.1
"""A mean difference between input and result above which the value range is suspicious."""

SUSPICIOUS_SHARE = 0.05
"""A share of pixels far outside [0, 1] above which the value range is suspicious."""


def measured_facts(signature: GraphSignature, found: HaloResult, contract: Contract) -> tuple[str, ...]:
    """Return lines about what was measured, and how."""
    first, last = (
        "N×H×W×C, transposed in the graph" if end.last else "N×C×H×W" for end in (signature.input, signature.output)
    )
    channels_in, channels_out = signature.input.channels, signature.output.channels
    lines = [f"channels: {channels_in} in ({first}), {channels_out} out ({last})", f"scale: {contract.scale}"]
    if signature.size is not None:
        return (*lines, f"size: {signature.size}×{signature.size} only, as in its file; other sizes failed")
    noted = [side for side in declared_sides(signature.input) if side is not None]
    if noted:
        lines.append(f"sizes: its file has {'×'.join(map(str, noted))}, but others run too: the model takes any")
    lines.append(_step(signature, found))
    if found.halo is None:
        lines.append(
            f"halo: none, pictures are converted in one piece: {found.reason.rstrip('.')}; if you know the margin of "
            "the receptive field, give it (--halo)"
        )
    else:
        lines.append(
            f"halo: {found.halo}, computed from the graph; the measured margin is {found.measured} pixels, and tiles "
            "equaled the whole picture"
        )
    return tuple(lines)


def _step(signature: GraphSignature, found: HaloResult) -> str:
    text = f"step: {found.step}; "
    if found.step == signature.step:
        return text + "all multiples of it run"
    return (
        text
        + f"multiples of {signature.step} run too, but only shifts by multiples of {found.step} also shift the result"
    )


def unknown_facts(
    signature: GraphSignature, runner: RestartingEngine, contract: Contract, options: ImportOptions
) -> tuple[str, ...]:
    """Return lines about what cannot be measured, and warnings."""
    lines = []
    if 3 in contract.channels:
        order = "blue, green, red" if options.bgr else "red, green, blue"
        lines.append(f"channel order: assumed to be {order}; if the colors of results are wrong, it is the other one")
    lines.extend(contract.make_task().unknown)
    if signature.input.value.kind == FLOAT16:
        lines.append("accuracy: its file computes in float16, with an error of about a thousandth of white")
    lines.extend(_range_warnings(signature, runner, contract, options))
    return (*lines, "quality and training data; `repix evaluate` measures the quality")


def _range_warnings(
    signature: GraphSignature, runner: RestartingEngine, contract: Contract, options: ImportOptions
) -> list[str]:
    """Return a line about the value range, with a warning where another range gives much better results."""
    x = _drawn(signature)
    if contract.make_task().logits:
        return [] if options.mean or options.range != "0-1" else [f"value range: assumed to be {options.range}"]
    y = _through(signature, runner, x, options)
    outside = float(((y < -0.5) | (y > 1.5)).mean())
    lines = [f"value range: assumed to be {options.range}"]
    if outside > SUSPICIOUS_SHARE:
        lines = [f"value range: {options.range} looks wrong, {outside:.0%} of a test picture's result is far outside"]
    if signature.input.channels != signature.output.channels:
        return lines
    others = [name for name in RANGE_LIMITS if name != options.range]
    differences = {
        name: _difference(x, _through(signature, runner, x, ImportOptions.from_dict({"range": name})), signature.scale)
        for name in others
    }
    own, best = _difference(x, y, signature.scale), min(differences, key=differences.__getitem__)
    if own > SUSPICIOUS_DIFFERENCE and differences[best] < min(own / 3, SUSPICIOUS_DIFFERENCE / 2):
        better = f"{differences[best]:.2f} with {best}"
        lines = [
            f"value range: {options.range} looks wrong: a test picture changes by {own:.2f} on average, and by {better}"
        ]
    return lines


def _through(signature: GraphSignature, runner: RestartingEngine, x: Array, options: ImportOptions) -> Array:
    y = try_run(signature, runner, options.input_affine(signature.input.channels).apply_input(x))
    if y is None:
        return np.full((1, signature.output.channels, 1, 1), np.inf, np.float32)
    return options.output_affine(signature.output.channels).apply_output(y)


def _difference(x: Array, y: Array, scale: int) -> float:
    """Return the mean difference between a result and its input, enlarged by repeating pixels."""
    large = x.repeat(scale, axis=2).repeat(scale, axis=3)
    return float(np.abs(y - large).mean()) if y.shape == large.shape else float("inf")


def _drawn(signature: GraphSignature) -> Array:
    """Return a clean test picture of ramps and a disc, 1×C×H×W."""
    side = signature.size or signature.step * -(-96 // signature.step)
    y, x = np.mgrid[:side, :side] / side
    disc = np.hypot(y - 0.5, x - 0.4) < 0.25
    all_planes = [
        0.15 + 0.5 * (x * (1 - one) + y * one) + 0.2 * disc for one in np.linspace(0, 1, signature.input.channels)
    ]
    return np.stack(all_planes)[np.newaxis].astype(np.float32)
