"""Evaluation of models and baselines on whole held-out pictures.

    examples = Examples(dataset.root, split.validation, task)
    outcome = measure(convert, examples, task.metrics)
    outcome.totals                                  # {"psnr-gray": 30.36, "ssim-wang (border 0)": 0.86}
    measure(nothing(task).convert, examples, task.metrics)

A converter is any function from picture to picture; torch is not needed.
"""

from typing import TYPE_CHECKING, Any

from repix.lazy_names import lazy_name

if TYPE_CHECKING:
    from repix.evaluation.baselines import classical, filtered, nothing
    from repix.evaluation.evaluator import Convert, Outcome, measure, measure_examples
    from repix.evaluation.examples import Example, Examples, class_pixels
    from repix.evaluation.measurement import Measurement, Score
    from repix.evaluation.precision import measured_precisions
    from repix.evaluation.results import Results, evaluate
    from repix.evaluation.selection import Selection

__all__ = [
    "Convert",
    "Example",
    "Examples",
    "Measurement",
    "Outcome",
    "Results",
    "Score",
    "Selection",
    "class_pixels",
    "classical",
    "evaluate",
    "filtered",
    "measure",
    "measure_examples",
    "measured_precisions",
    "nothing",
]

_HOMES = {
    "Convert": "evaluator",
    "Example": "examples",
    "Examples": "examples",
    "Measurement": "measurement",
    "Outcome": "evaluator",
    "Results": "results",
    "Score": "measurement",
    "Selection": "selection",
    "class_pixels": "examples",
    "classical": "baselines",
    "evaluate": "results",
    "filtered": "baselines",
    "measure": "evaluator",
    "measure_examples": "evaluator",
    "measured_precisions": "precision",
    "nothing": "baselines",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: measuring pairs of files needs neither models nor tasks."""
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
