"""Swap: a trained network gets another upsampler, is fine-tuned, and is compared with what it was before."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import nn

from repix.arithmetic.step_text import plural
from repix.comparison.holdout_scores import HeldOut, Progress
from repix.comparison.results import Protocol
from repix.comparison.speeds import measured_speeds, opened
from repix.comparison.swap_progress import REPORT, is_begun, load_initial, train_on
from repix.comparison.swap_report import BEFORE, CONTROL, SWAPPED, TUNED, Stage, SwapReport
from repix.comparison.swap_source import default_output, swap_source
from repix.conversion import Provenance
from repix.evaluation.evaluator import planned as empty_measurement
from repix.evaluation.speed import Speeds
from repix.printable import json_text
from repix.training import Reporter
from repix.training.build import Training
from repix.training.export import export
from repix.training.run_folder import RunFolder

CONTROL_FOLDER = "control"
"""The folder of the control's run, in that of the new run."""


def swap(
    run: Path | str,
    upsampler: str,
    output: Path | str | None = None,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    control: bool = False,
    reporter: Reporter | None = None,
    progress: Progress | None = None,
) -> SwapReport:
    """Replace the upsamplers of a trained network, fine-tune it as a new run, and report what that changed.

    All other layers keep their weights. The new upsampler gets weights with which it computes the same as the old one,
    if it can; otherwise those closest by least squares. If it has none, the convolution after it is fitted.

    The same call continues an interrupted swap.

    Args:
        run: the folder of a complete run.
        upsampler: the new upsampler, with its settings: "transposed kernel=4".
        output: the new run's folder; by default beside the run.
        minutes: time of the fine-tuning.
        steps: steps of the fine-tuning, instead of minutes; by default a tenth of the run's.
        control: fine-tune the old network, too, for the same steps, into OUTPUT/control. The difference between both is
            the effect of the swap alone.
        reporter: where messages go; left out, they are printed.
        progress: gets the name of a measured model, the number of measured pictures, and their total.

    Returns:
        Quality on the held-out pictures, speed, size and checkerboard score of the old model, of the new one before
        fine-tuning, after it, and of the control. It is also written to OUTPUT/swap.json.

    Raises:
        WrongUse: the network has no upsampler to replace, has this one already, or cannot have it; the run's pictures
            have changed; or the output is another swap.
        Unreadable: the folder contains no run.
        Unwritable: the output is not empty.

    >>> report = swap("run", "bilinear", minutes=5)                          # doctest: +SKIP
    """
    reporter = reporter or Reporter()
    source = swap_source(run, upsampler)
    folder = RunFolder(Path(output) if output is not None else default_output(run, upsampler))
    recipe = source.fine_tuning(folder.path, minutes, steps)
    is_begun(folder, recipe, control)
    training = source.training(recipe, reporter.progress)
    reporter.message(f"{source.replaced} → {upsampler}:")
    module, conversions = source.swapped(training)
    with folder.locked():
        message = folder.logged(reporter.message)
        if is_begun(folder, recipe, control):  # another swap may have ended in between
            load_initial(module, folder)
            message(f"{folder.path} is continued.")
        else:
            folder.write_weights(module.state_dict(), folder.initial)
            for one in conversions:
                message(str(one))
        tuning = replace(reporter, progress=None)
        complete = train_on(recipe, folder, tuning)
        made = _steps(folder)
        beside = RunFolder(folder.path / CONTROL_FOLDER) if control and complete else None
        if beside is not None:
            message(f"The control: {source.replaced}, {plural(made, 'step')}.")
            with beside.locked():
                complete = train_on(source.unchanged(recipe, made), beside, tuning)
        held_out = HeldOut(training.config, training.findings, training.network.fixed(training.network_config))
        with TemporaryDirectory(prefix="repix-") as place:
            swapped = Path(place, "model.onnx")
            _export(swapped, training, module)
            models = {BEFORE: source.folder.model, SWAPPED: swapped, TUNED: folder.model}
            models |= {} if beside is None else {CONTROL: beside.model}
            stages, speeds = _measured(models, held_out, progress or _silent)
        metric = empty_measurement(held_out.task.metrics[0])
        report = SwapReport(
            str(run),
            str(folder.path),
            source.replaced,
            upsampler,
            conversions,
            made,
            complete,
            Protocol(metric.metric, metric.label, len(held_out.examples), held_out.independent),
            stages,
            held_out,
            None if beside is None else _steps(beside),
            speeds,
        )
        folder.write(folder.path / REPORT, json_text(report.to_dict()).encode())
    return report


def _steps(folder: RunFolder) -> int:
    """Return the number of steps that a run has made, by its record."""
    return int(folder.read_recipe()[1].get("trained", {}).get("steps", 0))


def _silent(_name: str, _done: int, _total: int) -> None:
    """Show nothing."""


def _export(path: Path, training: Training, module: nn.Module) -> None:
    """Write the model with converted weights, before its fine-tuning."""
    plain, config = training.network.reparameterize(module, training.network_config)
    export(path, plain, training.network, config, training.task, Provenance(training.cache.key, {}))


def _measured(models: Mapping[str, Path], held_out: HeldOut, progress: Progress) -> tuple[list[Stage], Speeds | None]:
    """Measure the models by their names, one after another; then their speed, in turns."""
    stages = [_stage(name, model, held_out, progress) for name, model in models.items()]
    converters = {one.name: partial(opened, one.name, models[one.name]) for one in stages if one.scores.totals}
    speeds = measured_speeds(converters, held_out.timed_source(), progress)
    return stages if speeds is None else [replace(one, speed=speeds.of(one.name)) for one in stages], speeds


def _stage(name: str, model: Path, held_out: HeldOut, progress: Progress) -> Stage:
    scores = held_out.of_run(name, model, progress, shown=True)
    parameters = 0 if scores.contract is None else scores.contract.parameters
    return Stage(name, scores, parameters, model.stat().st_size)
