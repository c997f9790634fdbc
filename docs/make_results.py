"""Write measured tables into pages, from the data in benchmarks/results/*.json: `python docs/make_results.py`.

A page marks where a table belongs with `<!-- measured: NAME -->` and `<!-- end -->`. A benchmark that is run again
changes its data; this script then changes the pages, and a test compares them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, median
from typing import Any

from lecture_tables import GUIDE, LECTURES
from marked_tables import filled, table

DOCS = Path(__file__).parent
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"

DESIGNS = ("upscale-x2-clean", "denoise-gray", "denoise-color", "denoise-photo")
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
BEST = ", best"
"""The end of a filter's name in the data of photographs, where its strength is the best one."""
SHOWN: Mapping[str, tuple[str, str]] = {
    "noisy": ("noisy", "the noisy photo"),
    "denoise-photo": ("denoise-photo", "repix, `denoise-photo`"),
    "truth": ("truth", "the truth"),
    "bm3d": ("bm3d-usual", "BM3D, 1.5 × estimate"),
    "bm3d, best": ("bm3d", "BM3D, best σ"),
    "nl-means (OpenCV), best": ("nl-means-opencv", "NL-means, OpenCV, best"),
    "nl-means (scikit-image), best": ("nl-means-scikit-image", "NL-means, scikit-image, best"),
    "wavelets (scikit-image), best": ("wavelets", "wavelets, scikit-image, best"),
    "total variation (scikit-image), best": ("total-variation", "total variation, scikit-image, best"),
}
"""The results whose pictures are shown, by their names in the data: the picture's name, and the title."""
ACROSS = 3
"""Pictures in a row."""


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
        slower = "; ".join(f"{row['times_the_model']:.2g}" for row in others)
        lines.append([f"`{own['model']}`", f"{own['median_ms']:.0f} ms", said, slower])
    return table(["model", "repix", "compared with", "slowdown"], lines)


def audits() -> str:
    """Return the checkerboard scores of the bundled models."""
    lines = []
    for one in sorted(rows("audits"), key=lambda one: str(one["model"])):
        layers = "; ".join(f"{at['period']}: {at['predicted']} / {at['measured']}" for at in one["uneven"])
        kinds = ("predicted", "constant", "texture", "score")
        scores = [f"{one[kind] + 0.0:.1f}".replace("-", "−") for kind in kinds]  # -0.0 + 0.0 is 0.0
        lines.append([one["model"], *scores, layers])
    layers = "uneven layers: period, predicted / measured"
    return table(["bundled model", "predicted", "constant", "texture", "score", layers], lines)


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
    """Return the designs that were compared for a model, the best first."""
    lines = []
    for model in DESIGNS:
        for one in sorted(rows(f"designs-{model}"), key=lambda one: -one["value"]):
            name, muon, _ = one["design"].partition(", Muon")
            figures = [f"{one['value']:.2f}", f"{one['ms_per_megapixel']:.0f}", f"{one['parameters'] / 1e6:.2f} M"]
            lines.append([model, DESIGN_NAMES[name] + muon, *figures, f"{one['work'] / 1e3:.0f} k", str(one["steps"])])
    return table(["for", "design", "dB", "ms per megapixel", "parameters", "cost", "steps"], lines)


def shares() -> str:
    """Return the share of the matrix peak that each bundled model reaches, the largest first."""
    lines = []
    for one in sorted(rows("shares"), key=lambda one: -one["fp32"]["share"]):
        fastest = one.get("bf16", one["fp32"])
        total = sum(fastest["layers"].values())
        spent = ", ".join(f"{name} {taken / total:.0%}" for name, taken in sorted(fastest["layers"].items()) if taken)
        kinds = [one.get(kind) for kind in ("fp32", "bf16")]
        times = ["–" if each is None else f"{each['median_ms']:.0f} ms, {each['share']:.2f}" for each in kinds]
        lines.append([f"`{one['model']}`", *times, f"{one['gain']:.1f}" if "gain" in one else "–", spent])
    return table(["model", "float32: time, share", "bf16: time, share", "gain", "time in the faster one"], lines)


def photos() -> str:
    """Return the PSNR of each method on photos through the camera, and its time."""
    measured = rows("real_photos")
    value = {(one["photo"], one["by"]): one["psnr"] for one in measured}
    names = list(dict.fromkeys(one["photo"] for one in measured))
    lines = []
    for by in dict.fromkeys(one["by"] for one in measured):
        figures = [value[photo, by] for photo in names]
        name, best, _ = by.partition(BEST)
        strength = "best" if best else "usual" if f"{by}{BEST}" in {one["by"] for one in measured} else ""
        times = [1e6 * one["ms"] / one["pixels"] for one in measured if one["by"] == by and one["ms"] is not None]
        time = f"{median(times):,.0f}" if times else ""
        lines.append([name, strength, *(f"{figure:.2f}" for figure in [*figures, fmean(figures)]), time])
    return table(["method", "strength", *names, "mean", "ms per megapixel"], lines)


def crops() -> str:
    """Return a part of each method's result on each photo."""
    names = dict.fromkeys(one["photo"] for one in rows("real_photos"))
    return "\n\n".join(f"### {photo.capitalize()}\n\n{_crops_of(photo)}" for photo in names)


def _crops_of(photo: str) -> str:
    """Return a part of each method's result, with PSNR and time of the whole photo."""
    known = {one["by"]: one for one in rows("real_photos") if one["photo"] == photo}
    titles = [f"{title}{_figures(known, by)}" for by, (_, title) in SHOWN.items()]
    pictures = [f"![{photo}: {title}](pictures/real-{photo}-{name}.jpg)" for name, title in SHOWN.values()]
    lines = []
    for start in range(0, len(SHOWN), ACROSS):
        lines += [pictures[start : start + ACROSS], titles[start : start + ACROSS]]
    return table([""] * ACROSS, lines)


def _figures(known: Mapping[str, Mapping[str, Any]], by: str) -> str:
    """Return the PSNR and the time below a picture; a filter needs the same time with each strength."""
    if by not in known:
        return ""
    time = known[by]["ms"] or known[by.removesuffix(BEST)]["ms"]
    return f"<br>{known[by]['psnr']:.2f} dB" + (f", {time / 1000:.2f} s" if time else "")


def photo_sets() -> str:
    """Return the mean PSNR on whole sets of photos through the camera, and on real pairs."""
    measured = [one for one in rows("models") if one["what"] == "real pairs" or " camera, JPEG " in one["what"]]
    value = {(one["what"], one["by"]): f"{one['value']:.2f}" for one in measured}
    methods = list(dict.fromkeys(one["by"] for one in measured))
    sets = {one["what"]: one["pictures"] for one in measured}
    lines = [[what, str(count), *(value.get((what, by), "–") for by in methods)] for what, count in sets.items()]
    return table(["set", "pictures", *methods], lines)


PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "results.md": {
        "designs": designs,
        "filters": filters,
        "shares": shares,
        "speed": speed,
        "trained": trained,
        "upsamplers": upsamplers,
    },
    "real-photos.md": {
        "photos": photos,
        "photo-sets": photo_sets,
        "crops": crops,
    },
    "checkerboards.md": {"audits": audits},
    "lectures.md": LECTURES,
    "choosing-an-upsampler.md": GUIDE,
}
"""The tables of each page."""


def written(page: str, text: str) -> str:
    """Return the text of a page with every table written again."""
    return filled(text, "measured", PAGES[page])


if __name__ == "__main__":
    for name in PAGES:
        path = DOCS / name
        path.write_text(written(name, path.read_text(encoding="utf-8")), encoding="utf-8")
