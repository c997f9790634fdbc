"""Programs of interpolation and rearrangement."""

from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import torch_lines
from repix.arithmetic.taps import Resampling
from repix.explanation.option_values import array, channels, pair, row
from repix.explanation.snippet_parts import Snippet, Values, nested, snippet

CUBIC = "where(d <= 1, ((A + 2) * d - (A + 3)) * d * d + 1, {0}.where(d < 2, A * (((d - 5) * d + 8) * d - 4), 0))"

WEIGHTS = {
    "bilinear": {"numpy": "np.maximum(1 - d, 0)", "torch": "(1 - d).clamp(min=0)"},
    "bicubic": {"numpy": f"np.{CUBIC.format('np')}", "torch": f"torch.{CUBIC.format('torch')}"},
    "lanczos": {
        "numpy": "np.where(d < 3, np.sinc(d) * np.sinc(d / 3), 0)",
        "torch": "torch.where(d < 3, torch.sinc(d) * torch.sinc(d / 3), 0)",
    },
}
"""The weight of an old pixel by its distance `d`."""

REACH = {"bilinear": 1, "bicubic": 2, "lanczos": 3}
"""The distance from which the weight is 0."""


def resizing(mode: str) -> Snippet:
    """Return the function that makes the programs of a resize in one mode."""

    def made(values: Values) -> dict[str, str]:
        data = array(values["data"], "--data")
        size = None if values["size"] is None else pair(values["size"], "--size")
        factor = values["scale_factor"] or (2.0 if size is None else None)
        corners = values["align_corners"]
        lines = torch_lines(data, size, factor, corners)
        antialias = values.get("antialias", False)
        a = values.get("a", -0.5)
        height, width = (line.new_size for line in lines)
        given: dict[str, Any] = {"data": data}
        if mode == "nearest":
            bodies = _nearest(lines)
        else:
            bodies = {library: _by_matrices(library, mode, lines, antialias, a) for library in ("numpy", "torch")}
        has_torch = mode in ("nearest", "bilinear") or (mode == "bicubic" and a == -0.75)
        exact = all(line.span == line.size or corners for line in lines)
        if has_torch and not antialias and exact and not (mode == "nearest" and corners):
            bodies["torch"] = _interpolate(mode, data.ndim, (height, width), corners)
        if mode in ("nearest", "bilinear") and not antialias and not corners and exact and data.ndim == 2:
            bodies["keras"] = (
                f'result = ops.image.resize(data[None, ..., None], ({height}, {width}), interpolation="{mode}")'
                "[0, ..., 0]"
            )
        return snippet(given, **bodies)

    return made


def _interpolate(mode: str, dimensions: int, size: tuple[int, int], corners: bool) -> str:
    """Return the line of torch's own resize."""
    lead = "None, None" if dimensions == 2 else "None"
    drop = "[0, 0]" if dimensions == 2 else "[0]"
    name = "nearest-exact" if mode == "nearest" else mode
    align = "" if mode == "nearest" else f", align_corners={corners}"
    return f'result = functional.interpolate(data[{lead}], size={size}, mode="{name}"{align}){drop}'


def _positions(line: Resampling, library: str) -> str:
    """Return the positions of the new pixels on the old axis, as source code."""
    new = f"{'np' if library == 'numpy' else 'torch'}.arange({line.new_size})"
    new += "" if library == "numpy" else ".double()"
    if line.align_corners:
        return f"{new} * {line.size - 1} / {max(line.new_size - 1, 1)}"
    return f"(2 * {new} + 1) * {_number(line.span)} / {2 * line.new_size} - 0.5"


def _nearest(lines: tuple[Resampling, Resampling]) -> dict[str, str]:
    picked = {}
    for library in ("numpy", "torch"):
        rows, columns = (
            f"np.floor({_positions(line, library)} + 0.5).clip(0, {line.size - 1}).astype(int)"
            if library == "numpy"
            else f"torch.floor({_positions(line, library)} + 0.5).clamp(0, {line.size - 1}).long()"
            for line in lines
        )
        picked[library] = f"rows = {rows}\ncolumns = {columns}\nresult = data[..., rows, :][..., columns]"
    return picked


def _by_matrices(library: str, mode: str, lines: tuple[Resampling, Resampling], antialias: bool, a: float) -> str:
    """Return a resize as two matrix products: weights of rows, data, weights of columns."""
    reach, weight = REACH[mode], WEIGHTS[mode][library].replace("A", f"({a})" if a < 0 else str(a))
    rows, columns = (
        f"matrix({_positions(line, library)}, {line.size}, {_number(max(1.0, line.spacing) if antialias else 1)})"
        for line in lines
    )
    if library == "numpy":
        return f"""
def matrix(positions, size, stretch):  # one row for each new pixel, one column for each old one
    first = np.floor(positions - {reach} * stretch) + 1
    taps = first[:, None] + np.arange(np.ceil(2 * {reach} * stretch))
    d = abs(taps - positions[:, None]) / stretch
    weights = {weight}
    weights /= weights.sum(1, keepdims=True)
    made = np.zeros((len(positions), size))
    np.add.at(made, (np.arange(len(made))[:, None], taps.clip(0, size - 1).astype(int)), weights)
    return made

rows = {rows}
columns = {columns}
result = rows @ data @ columns.T
"""
    return f"""
def matrix(positions, size, stretch):  # one row for each new pixel, one column for each old one
    first = torch.floor(positions - {reach} * stretch) + 1
    taps = first[:, None] + torch.arange(-int(-2 * {reach} * stretch // 1))
    d = abs(taps - positions[:, None]) / stretch
    weights = {weight}
    weights = weights / weights.sum(1, keepdim=True)
    made = torch.zeros(len(positions), size, dtype=torch.float64)
    return made.scatter_add(1, taps.clamp(0, size - 1).long(), weights)

rows = {rows}
columns = {columns}
result = rows @ data @ columns.T
"""


def _number(value: float) -> str:
    return nested(np.asarray(value))


def pixel_shuffle(values: Values) -> dict[str, str]:
    """Return the programs of pixel shuffle, or of one of its halves."""
    data, scale, half = channels(values["data"], "--data"), values["upscale_factor"], values["half"]
    height, width = data.shape[1:]
    moves = {
        "width": (f"(-1, {scale}, {height}, {width})", (0, 2, 3, 1), f"(-1, {height}, {scale * width})"),
        "height": (f"(-1, {scale}, {height}, {width})", (0, 2, 1, 3), f"(-1, {scale * height}, {width})"),
    }
    whole = f"(-1, {scale}, {scale}, {height}, {width})", (0, 3, 1, 4, 2), f"(-1, {scale * height}, {scale * width})"
    split, order, made = moves.get(half, whole)
    return _moved(data, split, order, made, None if half else f"functional.pixel_shuffle(data, {scale})")


def pixel_unshuffle(values: Values) -> dict[str, str]:
    """Return the programs of pixel unshuffle."""
    data, scale = channels(values["data"], "--data"), values["downscale_factor"]
    count, height, width = data.shape
    rows, columns = height // scale, width // scale
    split = f"({count}, {rows}, {scale}, {columns}, {scale})"
    made = f"(-1, {rows}, {columns})"
    return _moved(data, split, (0, 2, 4, 1, 3), made, f"functional.pixel_unshuffle(data, {scale})")


def _moved(data: Array, split: str, order: tuple[int, ...], made: str, torch: str | None) -> dict[str, str]:
    """Return the programs that reshape, permute and reshape."""
    return snippet(
        {"data": data},
        numpy=f"result = data.reshape{split}.transpose{order}.reshape{made}",
        torch=f"result = {torch or f'data.reshape{split}.permute{order}.reshape{made}'}",
        keras=f"result = ops.reshape(ops.transpose(ops.reshape(data, {split}), {order}), {made})",
    )


def reshape(values: Values) -> dict[str, str]:
    """Return the programs of a reshape."""
    data, scale = channels(values["data"], "--data"), values["upscale_factor"]
    shape = (data.shape[0] // scale**2, data.shape[1] * scale, data.shape[2] * scale)
    return snippet(
        {"data": data},
        numpy=f"result = data.reshape{shape}",
        torch=f"result = data.reshape{shape}",
        keras=f"result = ops.reshape(data, {shape})",
    )


def hypercolumns(values: Values) -> dict[str, str]:
    """Return the programs of hypercolumns."""
    first, second = channels(values["data"], "--data"), channels(values["deeper"], "--deeper")
    mode = values["mode"]
    size = (first.shape[1], first.shape[2])
    lines = torch_lines(second, size, None, False)
    made = _nearest(lines) if mode == "nearest" else {
        library: _by_matrices(library, mode, lines, False, -0.5) for library in ("numpy", "torch")
    }  # fmt: skip
    if mode != "bicubic":
        made["torch"] = _interpolate(mode, 3, size, False)
        made["keras"] = (
            f'large = ops.image.resize(ops.transpose(data, (1, 2, 0))[None], {size}, interpolation="{mode}")\n'
            "result = ops.transpose(large[0], (2, 0, 1))"
        )
    joins = {"numpy": "np.concatenate([data, deeper])", "torch": "torch.cat([data, deeper])"}
    joins["keras"] = "ops.concatenate([data, deeper])"
    bodies = {
        library: body.replace("result =", "deeper =").replace("data", "deeper") + f"\nresult = {joins[library]}"
        for library, body in made.items()
    }
    return snippet({"data": first, "deeper": second}, **bodies)


def sample(values: Values) -> dict[str, str]:
    """Return the programs of bilinear interpolation at points."""
    data, points = array(values["data"], "--data"), array(values["points"], "--points")
    height, width = data.shape[-2:]
    order = "y, x" if values["x"] == "right" else "x, y"
    drop = "[..., 0]" if len(points) == 1 else ""
    lead = "None, None" if data.ndim == 2 else "None"
    made = snippet(
        {"data": data, "points": points},
        numpy=f"""
x, y = points.T
row, column = {order}
row, column = row.clip(0, {height - 1}), column.clip(0, {width - 1})
top, left = row.astype(int), column.astype(int)
bottom, right = np.minimum(top + 1, {height - 1}), np.minimum(left + 1, {width - 1})
down, across = row - top, column - left
upper = data[..., top, left] * (1 - across) + data[..., top, right] * across
lower = data[..., bottom, left] * (1 - across) + data[..., bottom, right] * across
result = (upper * (1 - down) + lower * down){drop}
""",
        torch=f"""
x, y = points.T
row, column = {order}
places = torch.stack([2 * column / {max(width - 1, 1)} - 1, 2 * row / {max(height - 1, 1)} - 1], -1)[None, None]
made = functional.grid_sample(data[{lead}], places, padding_mode="border", align_corners=True)
result = made[0, {"0, 0" if data.ndim == 2 else ":, 0"}]{drop}
""",
        keras=f"""
x, y = ops.transpose(points)
row, column = {order}
result = ops.image.map_coordinates(data, ops.stack([row, column]), order=1, fill_mode="nearest"){drop}
""",
    )
    return made if data.ndim == 2 else {library: made[library] for library in ("numpy", "torch")}


def interpolate(values: Values) -> dict[str, str]:
    """Return the programs of interpolation between samples on a line."""
    samples = row(values["data"], "--data")
    known = np.arange(len(samples)) if values["positions"] is None else row(values["positions"], "--positions")
    order = np.argsort(known)
    arrays = {"positions": known[order], "data": samples[order], "at": row(values["at"], "--at")}
    last = len(samples) - 1
    if last == 0:
        return snippet(arrays, numpy="result = data[0] + 0 * at", torch="result = data[0] + 0 * at")
    found = f"after = torch.searchsorted(positions, at, right=True).clamp(1, {last})"
    part = "part = ((at - positions[before]) / (positions[after] - positions[before]))"
    nearest = values["method"] == "nearest"
    numpy_line = (
        f'after = np.searchsorted(positions, at, side="right").clip(1, {last})\nbefore = after - 1\n{part}.clip(0, 1)\n'
        "result = np.where(part < 0.5, data[before], data[after])"
        if nearest
        else "result = np.interp(at, positions, data)"
    )
    mixed = "torch.where(part < 0.5, data[before], data[after])" if nearest else (
        "data[before] * (1 - part) + data[after] * part"
    )  # fmt: skip
    keras_mixed = mixed.replace("torch.where", "ops.where").replace("data[before]", "ops.take(data, before)")
    keras_part = part.replace("positions[before]", "ops.take(positions, before)").replace(
        "positions[after]", "ops.take(positions, after)"
    )
    return snippet(
        arrays,
        numpy=numpy_line,
        torch=f"{found}\nbefore = after - 1\n{part}.clamp(0, 1)\nresult = {mixed}",
        keras=f'after = ops.clip(ops.searchsorted(positions, at, side="right"), 1, {last})\nbefore = after - 1\n'
        f"{keras_part}\npart = ops.clip(part, 0, 1)\n"
        f"result = {keras_mixed.replace('data[after]', 'ops.take(data, after)')}",
    )
