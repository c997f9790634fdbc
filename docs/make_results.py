"""Write the tables of results.md from the benchmarks' data, benchmarks/results/*.json: `python docs/make_results.py`.

The page marks where a table belongs with `<!-- measured: NAME -->` and `<!-- end -->`. A benchmark that is run again
changes its data; this script then changes the page, and a test compares them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from marked_tables import filled, table

PAGE = Path(__file__).with_name("results.md")
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"

DESIGNS = ("upscale-x2-clean", "denoise-gray", "denoise-color")
DESIGN_NAMES: Mapping[str, str] = {
    "row of 48, 8 deep": "8 convolutions of 48 channels",
    "row of 32, 16 deep": "16 convolutions of 32 channels",
    "row of 64, 10 deep": "10 convolutions of 64 channels",
    "residual blocks of 48": "residual blocks of 48 channels",
    "U 48/96/160": "U-Net of 48/96/160 channels at half size",
    "U 32/64/128/192": "U-Net of 32/64/128/192 channels at half size",
    "row of 64 at half size": "blocks of 64 channels at half size",
    "row of 32 at full size": "32 channels at full size",
}
"""The name of a design on the page, by its name in the data."""


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a benchmark's data."""
    found: list[dict[str, Any]] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["rows"]
    return found


def speed() -> str:
    """Return the time of each bundled model beside that of other programs."""
    measured = rows("models_speed")
    lines = []
    for own in (row for row in measured if row["by"] == row["model"]):
        others = [row for row in measured if row["model"] == own["model"] and row is not own]
        said = "; ".join(f"{row['by']}: {row['median_ms']:.0f} ms" for row in others)
        slower = "; ".join(f"{row['times_the_model']:.0f}" for row in others)
        lines.append([f"`{own['model']}`", f"{own['median_ms']:.0f} ms", said, slower])
    return table(["model", "repix", "compared with", "slowdown"], lines)


def filters() -> str:
    """Return the denoising filters, the best first."""
    lines = []
    for one in sorted(rows("denoisers"), key=lambda one: -one["psnr"]):
        pictures = one["pictures"].values()
        times = [median(row["ms"] for row in pictures if row["size"] == f"{side}×{side}") for side in (256, 512)]
        lines.append([one["filter"], f"{one['psnr']:.2f}", *(f"{time:.1f}" for time in times)])
    return table(["filter", "PSNR in dB", "ms, 256×256", "ms, 512×512"], lines)


def trained() -> str:
    """Return what some minutes of training give."""
    lines = []
    for one in rows("trained"):
        others = ", ".join(f"{name} {value:.2f}" for name, value in one["others"].items())
        about = [
            one["task"],
            str(int(one["seconds"] / 60 + 0.5)),
            f"`{one['metric']}`",
            f"{one['model']:.2f}",
            others,
        ]
        lines.append(about)
    return table(["task", "minutes", "metric", "model", "compared with"], lines)


def upsamplers() -> str:
    """Return the U-Nets with and without skip connections, and with each upsampler."""
    measured = sorted(rows("segmentation"), key=lambda one: (-one["minutes"], -one["miou"]))
    lines = [
        [
            one["name"],
            f"{one['minutes']:g}",
            f"{one['miou']:.3f}",
            f"{one['pixel-accuracy']:.3f}",
            f"{one['parameters'] / 1e6:.1f} M",
            str(one["steps"]),
        ]
        for one in measured
    ]
    return table(["U-Net with", "minutes", "mean IoU", "pixel accuracy", "parameters", "steps"], lines)


def designs() -> str:
    """Return the designs that were compared for three models, the best first."""
    lines = []
    for model in DESIGNS:
        for one in sorted(rows(f"designs-{model}"), key=lambda one: -one["value"]):
            name, muon, _ = one["design"].partition(", Muon")
            figures = [f"{one['value']:.2f}", f"{one['ms_per_megapixel']:.0f}", f"{one['parameters'] / 1e6:.2f} M"]
            lines.append([model, DESIGN_NAMES[name] + muon, *figures, f"{one['work'] / 1e3:.0f} k", str(one["steps"])])
    return table(["for", "design", "dB", "ms per megapixel", "parameters", "cost", "steps"], lines)


TABLES: Mapping[str, Callable[[], str]] = {
    "designs": designs,
    "filters": filters,
    "speed": speed,
    "trained": trained,
    "upsamplers": upsamplers,
}


def written(page: str) -> str:
    """Return the page with every table written again."""
    return filled(page, "measured", TABLES)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
