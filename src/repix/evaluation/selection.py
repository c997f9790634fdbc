"""Selection of an evaluation: pictures, task, models and metrics."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from repix import registry
from repix.conversion import Engine, convert, open_model
from repix.data import Dataset, Item, Split, detect, find, split
from repix.data.cache import content_key
from repix.data.mask_scan import scan_mask
from repix.errors import FileProblem, WrongUse
from repix.evaluation.baselines import classical, filtered, nothing
from repix.evaluation.evaluator import Measured, Outcome, collected, empty_measurements, measured, planned
from repix.evaluation.examples import Example, Examples, class_pixels
from repix.evaluation.speed import SIDE, Speeds, in_turns, timed_source
from repix.masks import read_mask
from repix.models import catalog
from repix.parameters import read_settings
from repix.pictures import Picture
from repix.tasks import Baseline, MetricSpec, Task
from repix.volumes.stack import read_picture

STAND_IN = "denoise"
"""Task for filters if none is named; it keeps kind and size of the pictures."""
PARTS = ("all", "train", "validation", "test")


@dataclass(frozen=True)
class Selection:
    """The pictures of a folder to evaluate, and the degradation that makes their sources."""

    part: str | None = None
    """"all", "train", "validation" or "test"; default: the held-out part, or all."""
    holdout: int | str | None = None
    """Evaluate the pictures that training with this holdout holds out: a number, or a folder."""
    only: str | None = None
    """Pattern for file names, such as "*_x2_HR.png"."""
    degrade: tuple[str, ...] = ()
    """Chain of degradations instead of the task's, such as ("gaussian sigma=25",)."""
    seed: int = 0
    """Random seed; noise depends on it and the file name."""


@dataclass(frozen=True)
class EvaluationOptions:
    """Options as the user gave them; the rest follows from the folder and the models."""

    models: Sequence[str]
    """Model files or names, run folders, filters with their settings, "nothing" or "classical"."""
    folder: Path
    selection: Selection = Selection()
    task: str | None = None
    """Task for filters; a model has its own."""
    settings: Sequence[str] = ()
    """Settings of the task that differ from the model's, such as "sigma=25,25"."""
    metrics: Sequence[str] = ()
    """Metrics with their settings, such as "psnr-y scale=2"; default: those of the task."""
    threads: int | None = None
    """Threads of each model; None: one for each core."""


@dataclass(frozen=True)
class EvaluationTask:
    """An example to convert and measure."""

    contestant: int
    """The number of the model."""
    example: int
    """The number of the example."""
    with_pictures: bool = False
    """True if the example and its result are wanted, too."""


Each = Callable[[Iterable[EvaluationTask]], Iterator[Measured]]
"""Does tasks, and yields what they measured in their order."""


@dataclass(frozen=True)
class Evaluation:
    """Examples, metrics, and the models and baselines to compare."""

    examples: Examples
    part: str
    metrics: tuple[MetricSpec, ...]
    contestants: tuple[Baseline, ...]
    notes: tuple[str, ...]
    """Warnings, one sentence each."""
    timed_side: int = SIDE
    """Height and width of the source that measures the speed, at most."""

    def speeds(self, outcomes: Sequence[Outcome], progress: Callable[[str, int, int], None]) -> Speeds | None:
        """Return the speed of the models that measured a picture, in turns; None if there are none."""
        measured = [one for one, outcome in zip(self.contestants, outcomes, strict=True) if outcome.totals]
        source = timed_source(self.examples, self.timed_side) if measured else None
        return None if source is None else in_turns(measured, source, partial(progress, "speed, in turns"))

    def outcomes(
        self,
        progress: Callable[[str, int, int], None],
        on_result: Callable[[str, Example, Picture], None] | None = None,
        each: Each | None = None,
    ) -> list[Outcome]:
        """Return the outcome of each model.

        `progress` gets the model's name, finished examples, and the total; `on_result` gets the model's name, the
        example and its result. `each` does the tasks, if they are not done here, one after another.
        """
        count, with_pictures = len(self.examples), on_result is not None
        tasks = (
            EvaluationTask(contestant, example, with_pictures)
            for contestant in range(len(self.contestants))
            for example in range(count)
        )
        empty = [empty_measurements(self.metrics, self.examples.task) for _ in self.contestants]
        found = map(self.measured, tasks) if each is None else each(tasks)
        return [
            collected(
                islice(found, count),
                count,
                measurements,
                partial(progress, one.name),
                None if on_result is None else partial(on_result, one.name),
            )
            for one, measurements in zip(self.contestants, empty, strict=True)
        ]

    def name_of(self, task: EvaluationTask) -> str:
        """Return a task in words: the example and the model."""
        return f"{self.examples.items[task.example].picture} with {self.contestants[task.contestant].name}"

    def measured(self, task: EvaluationTask) -> Measured:
        """Return what one model's result for one example is measured to be."""
        convert, measurements = self.contestants[task.contestant].convert, map(planned, self.metrics)
        return measured(
            lambda example: convert(example.source), self.examples, task.example, list(measurements), task.with_pictures
        )


def prepare(options: EvaluationOptions) -> Evaluation:
    """Return the evaluation for these options; the folder and the models are checked, nothing is converted."""
    if len(set(options.models)) < len(options.models):
        raise WrongUse("A model is named twice; name each once.")
    chosen = options.selection
    engines = {text: engine_of(text, options.threads) for text in options.models}
    of_volumes = any(engine is not None and engine.contract.dimensions == 3 for engine in engines.values())
    dataset = find(options.folder, of_volumes)
    parts = split(dataset, chosen.holdout)
    part, items = _items(options, dataset, parts)
    task = _task(options, [engine for engine in engines.values() if engine is not None], dataset, items)
    if task.masks is None and dataset.kind == "masks":
        items = tuple(replace(item, partner=None) for item in items)
    examples = Examples(dataset.root, items, task, chosen.seed, task.masks, degrade=chosen.degrade)
    contestants = tuple(contestant(text, engine, dataset, parts, task) for text, engine in engines.items())
    metrics = tuple(_metric_spec(text, task) for text in options.metrics) or task.metrics
    sizes = [engine.contract.size for engine in engines.values() if engine is not None]
    side = next((size for size in sizes if size is not None), SIDE // task.scale)
    return Evaluation(examples, part, metrics, contestants, tuple(_notes(engines, dataset, parts, items)), side)


def _items(options: EvaluationOptions, dataset: Dataset, parts: Split) -> tuple[str, tuple[Item, ...]]:
    """Return the part to evaluate and its items: by default the part held out by the options, or by the layout."""
    part, only = options.selection.part, options.selection.only
    if part is None and options.selection.holdout is not None:
        part = "validation"
    if part is None:
        part = next((name for name in ("test", "validation") if name in dataset.parts), "all")
    if part not in PARTS:
        raise WrongUse(f"--part {part}: {registry.closest(part, PARTS)}")
    chosen = parts.parts.values() if part == "all" else [parts.parts[part]]
    items = tuple(sorted((item for some in chosen for item in some), key=lambda item: item.picture))
    if only is not None:
        items = tuple(item for item in items if fnmatch(Path(item.picture).name, only))
    if not items:
        which = "" if only is None else f" whose names match {only}"
        raise WrongUse(f"{options.folder} has no pictures{which} in its {part} part; its layout is: {dataset.layout}.")
    return part, items


def engine_of(text: str, threads: int | None = None) -> Engine | None:
    """Return the engine of a model, with so many threads; None for a baseline."""
    if not text.strip():
        raise WrongUse("A MODEL is empty; name a model file, a run folder, a filter, nothing or classical.")
    if text in ("nothing", "classical") or text.split()[0] in registry.available("filters"):
        return None
    path = Path(text)
    if registry.spelled(text, catalog()) in catalog():
        return open_model(text, threads=threads)
    if not path.exists() and path.suffix != ".onnx":
        known = ("nothing", "classical", *catalog(), *registry.available("filters"))
        raise WrongUse(f"'{text}' is not a file, folder, filter or bundled model; {registry.closest(text, known)}")
    return open_model(path, threads=threads)


def _task(options: EvaluationOptions, engines: Sequence[Engine], dataset: Dataset, items: Sequence[Item]) -> Task:
    """Return the task of the examples: the named one, or that of the models with the first one's settings."""
    names = [*([] if options.task is None else [options.task]), *(engine.contract.task for engine in engines)]
    if not names and not options.selection.degrade and dataset.kind != "pairs":
        raise WrongUse(
            "Filters need a task, --task denoise, or a degradation of the pictures, --degrade 'gaussian sigma=25'."
        )
    if len(set(names)) > 1:
        raise WrongUse(
            f"The models are for different tasks: {', '.join(dict.fromkeys(names))}; evaluate one at a time."
        )
    maker = registry.get("tasks", names[0] if names else STAND_IN)
    given = _read_settings(names[0] if names else STAND_IN, maker.settings, options.settings)
    before = engines[0].contract.settings if engines else _detected_settings(maker, given, dataset, items)
    task: Task = maker({**before, **given})
    for engine in engines:
        scale = engine.contract.scale
        if scale != task.scale:
            raise WrongUse(f"A model has scale {scale}, but the examples have {task.scale}; use --set scale={scale}.")
    return task


def _read_settings(name: str, described: Any, words: Sequence[str]) -> dict[str, Any]:
    """Return the settings of words such as `name=value`; `name=none` for optional ones."""
    nothing_there = [word.removesuffix("=none").replace("-", "_") for word in words if word.endswith("=none")]
    return read_settings(name, described, [word for word in words if not word.endswith("=none")]) | dict.fromkeys(
        nothing_there
    )


def _detected_settings(maker: Any, given: Mapping[str, Any], dataset: Dataset, items: Sequence[Item]) -> dict[str, Any]:
    """Return settings that follow from the data: color, and the encoding of masks."""
    settings = maker.settings.__dataclass_fields__
    found: dict[str, Any] = {}
    if "color" in settings and "color" not in given:
        found["color"] = _have_colors(dataset, items)
    if maker.mask_settings is not None and "values" not in given:
        masks = [
            dataset.root / file for part in dataset.parts.values() for item in part.items for file in item.files[1:]
        ]
        ignored = given.get("ignored", dataset.ignored)
        found |= maker.mask_settings(detect([scan_mask(read_mask(file)) for file in masks], ignored, dataset.classes))
    return found


def _have_colors(dataset: Dataset, items: Sequence[Item]) -> bool:
    """Return True if the first readable picture has color."""
    for item in items:
        with suppress(FileProblem):
            return not read_picture(dataset.root / item.picture).is_gray
    return True


def contestant(text: str, engine: Engine | None, dataset: Dataset, parts: Split, task: Task) -> Baseline:
    """Return the converter of a model or baseline with its name; `engine` is that of `engine_of`."""
    if engine is not None:
        return Baseline(text, partial(convert, model=engine))
    if text == "classical":
        best = classical(task)
        if best is None:
            raise WrongUse(
                f"There is no classical filter for {task.name}, or its library is missing; see `repix doctor`."
            )
        return best
    if text != "nothing":
        return filtered(text, task)
    if not task.logits:
        return nothing(task)
    masks = [dataset.root / item.partner for item in parts.train if item.partner is not None]
    return nothing(task, class_pixels(masks, task, task.masks))


def _metric_spec(text: str, task: Task) -> MetricSpec:
    """Return the metric of a text such as "psnr-y scale=2"; settings that are left out are those of the task."""
    name, *words = text.split() or [""]
    metric = registry.get("metrics", name)
    own = {key: value for spec in task.metrics for key, value in spec.settings.items() if key in metric.settings}
    return MetricSpec(name, own | read_settings(name, metric.function, words))


def _notes(engines: Mapping[str, Engine | None], dataset: Dataset, parts: Split, items: Sequence[Item]) -> list[str]:
    """Return a warning for each model that was trained on these pictures; only the same split is recognized."""
    hashes = {text: engine.contract.data for text, engine in engines.items() if engine is not None}
    learned = {item.picture for item in parts.train}
    seen = sum(item.picture in learned for item in items)
    if not seen or not any(hashes.values()):
        return []
    key = content_key(dataset.root, parts.train)
    return [
        f"{text} was trained on {seen} of these {len(items)} pictures; its values overestimate its quality."
        for text, data in hashes.items()
        if data == key
    ]
