"""(f) Classical denoisers against networks, for several kinds and levels of noise; nothing is trained."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from statistics import fmean, stdev

from benchmarks.lectures import pictures
from benchmarks.lectures.experiment import Experiment, Found, Given, Row
from repix import models, registry
from repix.conversion import convert, open_model
from repix.data import Item, find
from repix.evaluation import Example, Examples, filtered, measure, nothing
from repix.pictures import Picture
from repix.report import Number, Section, View, Views, embedded
from repix.report.crops import visible
from repix.tasks import Baseline, Task

SEEDS, PICTURES, SIDE = 1, 6, 128
NOISES: Mapping[str, str] = {
    "Gaussian, σ = 10": "gaussian sigma=10",
    "Gaussian, σ = 25": "gaussian sigma=25",
    "Gaussian, σ = 50": "gaussian sigma=50",
    "salt and pepper, 5 %": "salt-and-pepper density=0.05",
    "salt and pepper, 20 %": "salt-and-pepper density=0.2",
    "speckle, σ = 0.2": "speckle sigma=0.2",
    "Poisson, 30 photons": "poisson photons=30",
}
"""The steps of `repix degrade`, by the name on the page."""
FILTERS = (
    *("mean", "median", "gaussian", "bilateral", "nl-means", "total-variation", "wavelet", "wiener", "beltrami"),
    "bm3d",
)
NETWORKS = ("denoise-color", "denoise-impulse")
"""Bundled models: one for Gaussian noise, one for impulses and speckle."""
SHOWN = ("mean", "median", "bm3d", *NETWORKS)


def run(given: Given) -> Iterator[Found]:
    """Denoise every kind of noise by every method."""
    count = given.pictures or PICTURES
    folder = pictures.photos(given.photos, given.output / "photos", 1, count, SIDE)
    task: Task = registry.get("tasks", "denoise")({})
    items = find(folder).parts["validation"].items
    methods = [nothing(task), *(filtered(name, task) for name in FILTERS), *map(_network, NETWORKS)]
    rows, views = list[Row](), list[Views]()
    for title, step in NOISES.items():
        shown: dict[str, View] = {}
        for one in methods:
            values = []
            for seed in range(given.seeds or SEEDS):
                examples = Examples(folder, items, task, seed, degrade=(step,))
                keep = partial(_keep, shown, one.name, items[0]) if seed == 0 else None
                values.append(measure(one.convert, examples, task.metrics[:1], on_result=keep).deciding)
            rows.append(_row(title, one.name, values, len(items)))
            print(title, one.name, rows[-1]["quality"], flush=True)
        views.append(Views(title, list(shown.values()), first=(0, len(shown) - 1)))
    text = (
        f"psnr-rgb in dB on {len(items)} crops; filters with their default settings, which estimate the noise level if "
        "they need one. Every column has the same noisy pictures for all methods."
    )
    table = Section("All methods", text, header=["method", *NOISES], rows=_lines(rows, [one.name for one in methods]))
    yield Found(rows, [table, Section("Pictures", items=views)], [_answer(rows)])


def _network(name: str) -> Baseline:
    return Baseline(name, partial(convert, model=open_model(models.model_named(name))))


def _keep(shown: dict[str, View], name: str, item: Item, example: Example, result: Picture) -> None:
    if example.name != item.picture:
        return
    if not shown:
        shown["source"] = View("source", embedded(visible(example.source)))
        shown["truth"] = View("truth", embedded(visible(example.target)))
    if name in SHOWN:
        shown[name] = View(name, embedded(visible(result)))


def _row(part: str, name: str, values: Sequence[float], count: int) -> Row:
    kind = "filter" if name in FILTERS else "network" if name in NETWORKS else "nothing"
    return {
        "part": part,
        "name": name,
        "kind": kind,
        "metric": "psnr-rgb",
        "unit": "dB",
        "quality": round(fmean(values), 3),
        "spread": round(stdev(values), 3) if len(values) > 1 else None,
        "values": [round(value, 3) for value in values],
        "seeds": len(values),
        "pictures": count,
    }


def _lines(rows: Sequence[Row], names: Sequence[str]) -> list[list[Number | str]]:
    values = {(row["part"], row["name"]): row["quality"] for row in rows}
    return [
        [name, *(Number(f"{values[part, name]:.2f}", values[part, name]) for part in NOISES)]
        for name in names
    ]  # fmt: skip


def _answer(rows: Sequence[Row]) -> str:
    best = {part: max((row for row in rows if row["part"] == part), key=lambda row: row["quality"]) for part in NOISES}
    return "Best: " + "; ".join(f"{part}: {row['name']} ({row['quality']:.2f} dB)" for part, row in best.items()) + "."


EXPERIMENT = Experiment(
    "denoisers",
    "Classical denoisers against networks",
    "noise is Gaussian, salt and pepper or speckle; mean and median filters are the traditional methods, and networks "
    "learn to remove noise.",
    run,
)
