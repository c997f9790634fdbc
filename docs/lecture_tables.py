"""Tables of lectures.md and choosing-an-upsampler.md, from benchmarks/results/lectures-*.json, for make_results.py."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from marked_tables import table
from repix.printable import short

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    """Return the rows of an experiment."""
    found: list[Row] = json.loads((RESULTS / f"lectures-{name}.json").read_text(encoding="utf-8"))["rows"]
    return found


def quality(row: Row) -> str:
    """Return the quality with its spread; two digits for dB, three for others.

    >>> quality({"quality": 0.45678, "spread": 0.012, "unit": ""})
    '0.457 ± 0.012'
    >>> quality({"quality": 30, "spread": None, "unit": "dB"})
    '30.00'
    """
    digits = 2 if row["unit"] else 3
    spread = "" if row["spread"] is None else f" ± {row['spread']:.{digits}f}"
    return f"{row['quality']:.{digits}f}{spread}"


def score(value: float | None) -> str:
    """Return a checkerboard score as text."""
    return "–" if value is None else f"{value:.1f}"


def size(parameters: int | None) -> str:
    """Return a number of parameters as text."""
    return "–" if parameters is None else short(parameters)


def pets() -> str:
    """Return the networks for pets in the order of the lecture."""
    lines = [
        [
            one["name"],
            quality(one),
            f"{next(value for name, value in one['metrics'].items() if name.startswith('pixel-accuracy')):.3f}",
            size(one["parameters"]),
            "–" if not one["trained"] else "all" if one["halo"] is None else str(one["halo"]),
            f"{one['seconds']:.0f}" if one["trained"] else "–",
            str(one["seeds"]) if one["trained"] else "–",
        ]
        for one in rows("pets")
    ]
    return table(["network", "mean IoU", "pixel accuracy", "parameters", "halo", "seconds", "seeds"], lines)


def upsamplers(part: str) -> str:
    """Return all upsamplers with their quality and cost on a task, the best first."""
    trained = [one for one in rows("upsamplers") if one["part"] == part and one["trained"]]
    unit = trained[0]["unit"] or "mean IoU"
    lines = [
        [
            f"`{one['name']}`",
            quality(one),
            score(one["checkerboard_db"]),
            f"{one['cpu_ms_per_megapixel']:.0f}",
            size(one["parameters"]),
            str(one["seeds"]),
        ]
        for one in sorted(trained, key=lambda one: -one["quality"])
    ]
    return table(["upsampler", unit, "checkerboard (dB)", "CPU ms per megapixel", "parameters", "seeds"], lines)


def kernels() -> str:
    """Return the three layers before and after training."""
    found = rows("kernels")
    stages = {(one["name"], one["stage"]): one for one in found if "stage" in one}
    lines = []
    for one in (row for row in found if row.get("trained")):
        own = [stages[one["name"], stage] for stage in ("before training", "after training")]
        boards = [f"{row['checkerboard_db']:.1f}" for row in own]
        patterns = [f"{row['pattern_percent']:.1f} %" for row in own]
        lines.append([one["name"], *boards, *patterns, quality(one), str(one["seeds"])])
    source = next(row for row in found if row.get("trained") is False)
    lines.append([source["name"], *["–"] * 4, quality(source), "–"])
    head = ["layer", "checkerboard before (dB)", "after (dB)", "pattern before", "after", "psnr-y after (dB)", "seeds"]
    return table(head, lines)


def denoisers() -> str:
    """Return the methods in their order, with a column for each noise; the best of each is bold."""
    found = rows("denoisers")
    noises = list(dict.fromkeys(one["part"] for one in found))
    values = {(one["part"], one["name"]): one["quality"] for one in found}
    best = {noise: max(value for (part, _), value in values.items() if part == noise) for noise in noises}
    lines = []
    for name in dict.fromkeys(one["name"] for one in found):
        shown = [(values[noise, name], best[noise]) for noise in noises]
        lines.append([name, *(f"**{value:.2f}**" if value == most else f"{value:.2f}" for value, most in shown)])
    return table(["method", *noises], lines)


def losses() -> str:
    """Return the losses, with a column for each task; the last lines are conversions without training."""
    found = rows("losses")
    parts = list(dict.fromkeys(one["part"] for one in found))
    cells = {(one["part"], one["name"]): one for one in found}
    trained = dict.fromkeys(one["name"] for one in found if one["trained"])
    names = [*trained, *dict.fromkeys(one["name"] for one in found if not one["trained"])]
    lines = [
        [name, *(quality(cells[part, name]) if (part, name) in cells else "–" for part in parts)] for name in names
    ]
    metrics = {part: next(one["metric"] for one in found if one["part"] == part) for part in parts}
    return table(["loss", *(f"{part} ({metrics[part]}, dB)" for part in parts)], lines)


def frameworks() -> str:
    """Return the quality of each block in each framework."""
    trained = {tuple(one["name"].split(", ")): one for one in rows("frameworks") if one["trained"]}
    across = list(dict.fromkeys(framework for framework, _ in trained))
    down = list(dict.fromkeys(block for _, block in trained))
    return table(["block", *across], [[block, *(quality(trained[one, block]) for one in across)] for block in down])


def picture_unet() -> str:
    """Return the network on each task beside conversions without training."""
    found = rows("picture-unet")
    lines = []
    for part in dict.fromkeys(one["part"] for one in found):
        own = [one for one in found if one["part"] == part]
        network = next(one for one in own if one["trained"])
        others = "; ".join(f"{one['name']} {quality(one)}" for one in own if not one["trained"])
        lines.append([part, network["metric"], quality(network), others, f"{network['seconds']:.0f}"])
    return table(["task", "metric", "U-Net", "without training", "seconds"], lines)


LECTURES: Mapping[str, Callable[[], str]] = {
    "pets": pets,
    "kernels": kernels,
    "denoisers": denoisers,
    "losses": losses,
    "frameworks": frameworks,
    "picture-unet": picture_unet,
}
GUIDE: Mapping[str, Callable[[], str]] = {
    "upsamplers for denoise": partial(upsamplers, "Denoise, σ = 25"),
    "upsamplers for upscale": partial(upsamplers, "Upscale ×2"),
    "upsamplers for pets": partial(upsamplers, "Pets"),
}
