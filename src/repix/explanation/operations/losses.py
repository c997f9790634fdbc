"""From scores to probabilities, and errors between a prediction and its target."""

from typing import TYPE_CHECKING, Annotated

from repix.errors import WrongUse
from repix.explanation.option_values import array, row, whole_numbers
from repix.explanation.options import Data, Values, option

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

Target = Annotated[str, option("NUMBERS", "The true values, as many as in --data.")]
PREDICTION, TRUTH = "2.06 -4.36 -0.65", "11.18 11.66 8.97"


def softmax(data: Values = "0.07 -0.65 0.81") -> "Trace":
    """Softmax: scores become probabilities with the sum 1.

    repix explain softmax --data "0.07 -0.65 0.81"
    """
    from repix import arithmetic

    return arithmetic.softmax.trace(row(data, "--data"))


def cross_entropy(
    data: Data = "0.60 0.13 0.27",
    target: Annotated[str, option("CLASSES", "The true class, counted from 0; of a map, rows of classes.")] = "0",
) -> "Trace":
    """Cross-entropy of probabilities and the true class, also over a map.

    The data are one row with a probability for each class, or a map with a channel for each class.

    repix explain cross-entropy --data "0.60 0.13 0.27" --target 0
    repix explain cross-entropy --data "0.9 0.2; 0.6 0.5 | 0.1 0.8; 0.4 0.5" --target "0 1; 1 1"
    """
    from repix import arithmetic

    probabilities, classes = array(data, "--data"), whole_numbers(target, "--target")
    if probabilities.ndim == 3:
        return arithmetic.cross_entropy.trace(probabilities, classes)
    if classes.size != 1:
        raise WrongUse(f"--target {target}: give one class for a row of probabilities, or data with a `|` per class.")
    return arithmetic.cross_entropy.trace(row(data, "--data"), int(classes.item()))


def mae(data: Values = PREDICTION, target: Target = TRUTH) -> "Trace":
    """Mean absolute error (L1) of a prediction.

    repix explain mae --data "2.06 -4.36 -0.65" --target "11.18 11.66 8.97"
    """
    from repix.explanation.compositions import error_trace

    return error_trace(row(data, "--data"), row(target, "--target"), "mae")


def mse(data: Values = PREDICTION, target: Target = TRUTH) -> "Trace":
    """Mean squared error (L2) of a prediction.

    repix explain mse --data "2.06 -4.36 -0.65" --target "11.18 11.66 8.97"
    """
    from repix.explanation.compositions import error_trace

    return error_trace(row(data, "--data"), row(target, "--target"), "mse")
