"""Every figure of the models that come with repix, rerun: python -m benchmarks.models DATA, or `make bench-models`.

DATA holds the usual sets as people have them (Set12, BSD68, CBSD68, Set5, Set14, BSD100, Urban100, Kodak24, McMaster),
CamVid as `camvid/test` or `camvid/val` with `-labels`, and `pets` as Oxford-IIIT Pet; missing sets are left out.
Held-out photos of the training (a run's split.json names them) are a set if they are in a folder `held-out`. Each model
is compared on the same pictures with BM3D with known noise, bicubic, Wiener with known blur, or the gray photo.

- Noise: Gaussian, not clipped, from the generator of the picture's place in its set; `psnr-gray`, `psnr-rgb`.
- Impulses: salt and pepper, and speckle, rounded to 8 bits, on held-out photos of denoise-impulse; `psnr-rgb`.
- Photographs: cameras, JPEG and real pairs of noisy and clean; see `benchmarks.photographs`.
- Enlarging: MATLAB's bicubic shrink, or the small pictures of the set; metric `psnr-y`, results rounded to 8 bits.
- Blur: on the gray set with 1 % noise; motion at 45 degrees; metric `psnr-gray`.
- Color: on the color sets, metric `psnr-rgb`, the gain over the gray picture, and the colorfulness over the truth's.

--only reruns some parts; what is not measured again, stays, with the commit that it was measured at. The time of the
models: `benchmarks.speeds`.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import photographs, sets
from benchmarks.rows import Make, Row, as_kind, eight_bits, have, row, takes_level, through
from benchmarks.timing import RESULTS, commit, save
from repix import filters, metrics, models
from repix.arithmetic.arrays import Array
from repix.conversion import convert, open_model
from repix.data import find
from repix.degradations import gaussian, gaussian_blur, motion_blur, salt_and_pepper, speckle
from repix.degradations.gray import gray
from repix.evaluation import Examples, measure
from repix.metrics.colorfulness import colorfulness
from repix.pictures import read

SIGMAS = (15, 25, 50)
DENSITIES, SPECKLES = (0.02, 0.1, 0.3, 0.5), (0.1, 0.4)
GRAY, COLOR = ("BSD68", "Set12", "Held out"), ("CBSD68", "Kodak24", "McMaster", "Held out")
LARGE = ("Set5", "Set14", "BSD100", "Urban100", "Held out")
BLURS = ("gaussian 1.0", "gaussian 1.6", "gaussian 2.0", "gaussian 3.0", "motion 9 45", "motion 15 45")
LITTLE_NOISE = 2.55
COMPARED = 40
"""Pictures of a color set that are colored."""

PARTS = ("denoise", "impulses", "photographs", "upscale", "deblur", "colors", "scene", "street", "pets")
"""The parts that can be rerun alone."""


def denoising(found: dict[str, sets.Set], with_bm3d: bool) -> Iterator[Row]:
    """Gaussian noise, and none."""
    for name, metric, kind, measured in (
        ("denoise-gray", metrics.psnr_gray, "psnr-gray", GRAY),
        ("denoise-color", metrics.psnr_rgb, "psnr-rgb", COLOR),
    ):
        if not have(name):
            continue
        model = through(name)
        for one in (found[key] for key in measured if key in found):
            clean = [as_kind(read(file).colors(), kind.removeprefix("psnr-")) for file in one.files]
            yield row(f"{one.name} clean", name, kind, (metric(model(x), x) for x in clean))
            for sigma in SIGMAS:
                noisy = [gaussian(x, np.random.default_rng(i), sigma=sigma) for i, x in enumerate(clean)]
                makers: dict[str, Make] = {"nothing": lambda x: x, name: model}
                if takes_level(name):
                    makers[f"{name}, σ known"] = through(name, level=sigma / 255)
                    makers[f"{name}, told half of σ"] = through(name, level=sigma / 2 / 255)
                if with_bm3d:
                    makers["bm3d"] = partial(filters.bm3d, sigma=sigma)
                for maker, make in makers.items():
                    scores = (metric(make(y), x) for x, y in zip(clean, noisy, strict=True))
                    yield row(f"{one.name} σ {sigma}", maker, kind, scores)


def impulses(found: dict[str, sets.Set]) -> Iterator[Row]:
    """Salt and pepper of several densities, and speckle, on photos that denoise-impulse was not trained on."""
    one = found.get("Held out")
    if one is None or not have("denoise-impulse"):
        return
    clean = [as_kind(read(file).colors(), "rgb") for file in one.files]
    noises = {f"salt and pepper {d:.0%}": partial(salt_and_pepper, density=d) for d in DENSITIES}
    noises |= {f"speckle {factor}": partial(speckle, sigma=factor) for factor in SPECKLES}
    for what, noise in noises.items():
        noisy = [eight_bits(noise(x, np.random.default_rng(i))) for i, x in enumerate(clean)]
        makers: dict[str, Make] = {"nothing": lambda x: x, "median": filters.median}
        makers["denoise-impulse"] = through("denoise-impulse")
        for maker, make in makers.items():
            scores = (metrics.psnr_rgb(eight_bits(make(y)), x) for x, y in zip(clean, noisy, strict=True))
            yield row(f"{one.name} {what}", maker, "psnr-rgb", scores)


def enlarging(found: dict[str, sets.Set]) -> Iterator[Row]:
    """Two, three and four times."""
    for scale in (2, 3, 4):
        name = f"upscale-x{scale}-clean"
        if not have(name):
            continue
        makers = {"bicubic": partial(filters.bicubic, scale=scale), name: through(name)}
        for one in (found[key] for key in LARGE if key in found):
            pairs = one.pairs(scale)
            for maker, make in makers.items():
                scores = [metrics.psnr_y(eight_bits(make(small)), truth, scale=scale) for _, small, truth in pairs]
                yield row(f"{one.name} ×{scale}", maker, f"psnr-y (scale {scale})", scores)


def sharpening(found: dict[str, sets.Set]) -> Iterator[Row]:
    """Known kinds of blur with a little noise; Wiener knows which, the model does not."""
    one = next((found[key] for key in ("BSD68", "Held out", *GRAY, *COLOR) if key in found), None)
    if one is None or not have("deblur"):
        return
    clean = [as_kind(read(file).colors(), "gray") for file in one.files]
    model = through("deblur")
    for words in BLURS:
        blurred = [_blurred(x, words, np.random.default_rng(i)) for i, x in enumerate(clean)]
        makers: dict[str, Make] = {
            "nothing": lambda x: x,
            "wiener-deblur": partial(filters.wiener_deblur, blur=words, sigma=LITTLE_NOISE),
            "deblur": model,
        }
        for maker, make in makers.items():
            scores = (metrics.psnr_gray(make(y), x) for x, y in zip(clean, blurred, strict=True))
            yield row(f"{one.name} {words}", maker, "psnr-gray", scores)


def coloring(found: dict[str, sets.Set]) -> Iterator[Row]:
    """Gray photos, and noisy gray ones: of σ 25, and of a camera, as JPEG of quality 80."""
    for one in (found[key] for key in ("BSD100", *COLOR) if key in found):
        truths = [as_kind(read(file).colors(), "rgb") for file in one.files[:COMPARED]]
        grays = [gray(x) for x in truths]
        noisy = {
            "noise σ 25": [gaussian(x, np.random.default_rng(i), sigma=25) for i, x in enumerate(grays)],
            "camera noise": [gray(photographs.taken(x, i, 80)[0]) for i, x in enumerate(truths)],
        }
        denoiser = {"noise σ 25": "denoise-gray", "camera noise": "denoise-photo"}
        cases: list[tuple[str, str, list[Array], Make]] = [("colors", "gray", grays, lambda x: x)]
        if have("colorize"):
            cases.append(("colors", "colorize", grays, through("colorize")))
        for noise, sources in noisy.items():
            if have("restore"):
                cases.append((f"{noise} and colors", "restore", sources, through("restore")))
            if have(denoiser[noise], "colorize"):
                both = through(denoiser[noise], "colorize")
                cases.append((f"{noise} and colors", f"{denoiser[noise]}, colorize", sources, both))
        for what, maker, sources, make in cases:
            results = [as_kind(make(x), "rgb") for x in sources]
            scores = (metrics.psnr_rgb(y, x) for x, y in zip(truths, results, strict=True))
            yield row(f"{one.name} {what}", maker, "psnr-rgb", scores)
            if maker != "gray":
                ratios = (colorfulness(y, x) for x, y in zip(truths, results, strict=True))
                yield row(f"{one.name} {what}", maker, "colorfulness", ratios)


def scenes(found: dict[str, sets.Set]) -> Iterator[Row]:
    """Drawings made of photos: whether the lines are found again in the scene."""
    if not have("scene"):
        return
    engine = open_model(models.model_named("scene"))
    task = engine.contract.make_task()
    for one in (found[key] for key in ("BSD100", *COLOR) if key in found):
        scores = []
        for file in one.files[:COMPARED]:
            drawing, truth = task.make_pair(read(file), np.random.default_rng(0))  # type: ignore[misc]
            scores.append(metrics.edges_f1(convert(drawing, engine).colors(), truth.colors()))
        yield row(f"{one.name} lines found again", "scene", "edges-f1", scores)


def classes(root: Path, model: str, name: str) -> Iterator[Row]:
    """The test split of a folder with masks, such as CamVid, or else its validation split."""
    folder = next(
        (path for path in [root, *root.glob("*")] if path.name.lower() == name.lower() and path.is_dir()), None
    )
    if folder is None or not have(model):
        return
    engine = open_model(models.model_named(model))
    parts = find(folder).parts
    part = next((one for one in ("test", "validation") if one in parts), None)
    if part is None:
        return
    task = engine.contract.make_task()
    examples = Examples(folder, parts[part].items, task, encoding=task.settings.encoding)  # type: ignore[attr-defined]
    outcome = measure(partial(convert, model=engine), examples, task.metrics)
    for label, value in outcome.totals.items():
        yield row(f"{name} {part}", model, label, [value] * len(examples))


def _blurred(x: Array, words: str, rng: np.random.Generator) -> Array:
    kind, first, *rest = words.split()
    blurred = gaussian_blur(x, float(first)) if kind == "gaussian" else motion_blur(x, float(first), float(rest[0]))
    return gaussian(blurred, rng, sigma=LITTLE_NOISE)


def table(rows: list[Row]) -> str:
    """Markdown: a line for each set and strength, with everybody's number."""
    lines = ["| pictures | metric | |", "|---|---|---|"]
    for what, metric in dict.fromkeys((one["what"], one["metric"]) for one in rows):
        same = [one for one in rows if (one["what"], one["metric"]) == (what, metric)]
        said = ", ".join(f"{one['by']} **{one['value']:.3f}**" for one in same)
        lines.append(f"| {what} ({same[0]['pictures']}) | {metric} | {said} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="the folder that holds the sets")
    parser.add_argument("--no-bm3d", action="store_true", help="leave out BM3D, which takes most of the time")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="rerun these")
    given = parser.parse_args()
    if given.data is None:
        print("needs a folder of test sets: python -m benchmarks.models DATA")
        return
    found = sets.find(given.data)
    print(f"Found: {', '.join(found) or 'no set that is known'}.", flush=True)
    runs: dict[str, Callable[[], Iterator[Row]]] = {
        "denoise": partial(denoising, found, not given.no_bm3d),
        "impulses": partial(impulses, found),
        "photographs": partial(photographs.rows, found, given.data, not given.no_bm3d),
        "upscale": partial(enlarging, found),
        "deblur": partial(sharpening, found),
        "colors": partial(coloring, found),
        "scene": partial(scenes, found),
        "street": partial(classes, given.data, "segment-street", "CamVid"),
        "pets": partial(classes, given.data, "segment-pets", "pets"),
    }
    measured: list[Row] = []
    for part in given.only:
        new = []
        for one in runs[part]():
            print(one, flush=True)
            new.append({"part": part, **one, "commit": commit()})
        if not new:
            print(f"{part}: no set for it in {given.data}; its rows stay as they were.")
        measured += new
    if measured:
        rows = _with_what_stood(measured)
        _keep("models", rows, table(rows))


def _with_what_stood(measured: list[Row]) -> list[Row]:
    """All rows in order: those measured now, and of the last time those that were not measured again."""
    file = RESULTS / "models.json"
    last = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"rows": []}
    stood = [{"commit": last["about"]["commit"], **row} for row in last["rows"]]
    again = {(row["what"], row["by"], row["metric"]) for row in measured}
    rows = [row for row in stood if (row["what"], row["by"], row["metric"]) not in again] + measured
    return sorted(rows, key=lambda row: PARTS.index(row["part"]))


def _keep(name: str, rows: list[Row], text: str) -> None:
    print(text)
    (RESULTS / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    save(name, rows, ("numpy", "openvino", "bm3d", "torch"))


if __name__ == "__main__":
    main()
