"""Evaluation: whole pictures that a model has not seen, its numbers on them, and what others reach on the same ones.

    examples = Examples(dataset.root, split.validation, task)
    outcome = measure(convert, examples, task.metrics)
    outcome.totals                                  # {"grey": 30.36, "ssim-wang (border 0)": 0.86}
    measure(nothing(task).convert, examples, task.metrics)

No torch here: a converter is any function of a picture that returns one.
"""

from repix.evaluation.baselines import Baseline, classical, filtered, nothing
from repix.evaluation.examples import Example, Examples, class_pixels
from repix.evaluation.measurement import Measurement, Score
from repix.evaluation.measuring import Convert, Outcome, measure
from repix.evaluation.precision import measured_precisions

__all__ = [
    "Baseline",
    "Convert",
    "Example",
    "Examples",
    "Measurement",
    "Outcome",
    "Score",
    "class_pixels",
    "classical",
    "filtered",
    "measure",
    "measured_precisions",
    "nothing",
]
