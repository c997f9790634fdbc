"""A trace as LaTeX for slides: the inputs, the first steps as formulas, the output."""

from collections.abc import Iterator

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Step, Trace
from repix.errors import WrongUse
from repix.explanation.array_text import format_value
from repix.explanation.captions import summary_of
from repix.explanation.planes import planes, step_sentence
from repix.explanation.selection import select_steps

LARGEST = 12
"""The most rows or columns of a matrix that fits on a slide."""

SPECIAL = {"\\": r"\textbackslash{}", "×": r"$\times$", "−": "$-$", "→": r"$\to$", "·": r"$\cdot$", "∞": r"$\infty$"}
SPECIAL |= {one: rf"\{one}" for one in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def to_tex(trace: Trace) -> str:
    r"""Return a trace as LaTeX; it needs the package amsmath and no other.

    >>> from repix.arithmetic import max_pool2d
    >>> print(to_tex(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).splitlines()[3])
    \[ \underset{\text{picture}}{\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}} \]
    """
    given = [part for name, array in trace.inputs.items() for part in _matrices(name.replace("-", " "), array)]
    output = _matrices(trace.stages[-1].title, trace.output)
    lines = ["% Needs \\usepackage{amsmath}", f"{_text(summary_of(trace))}", "", _display(r" \qquad ".join(given))]
    for step in select_steps(trace).chosen:
        lines += ["", f"{_text(step_sentence(step))}.", *_formula(step)]
    return "\n".join([*lines, "", _display(r" \qquad ".join(output)), ""])


def _formula(step: Step) -> Iterator[str]:
    """Yield the formula of a step that is a sum of products, written with its matrices; other steps are a sentence."""
    if step.rule != "dot" or np.ndim(step.inputs["values"]) > 2:
        return
    values, weights = (np.atleast_2d(step.inputs[name]) for name in ("values", "weights"))
    yield _display(rf"\sum {_matrix(values)} \odot {_matrix(weights)} = {format_value(np.asarray(step.result).item())}")


def _matrices(title: str, array: Array) -> list[str]:
    """Return an array as matrices with their titles below, one for each channel."""
    if max(np.shape(array)[-2:], default=1) > LARGEST:
        shape = "×".join(str(n) for n in np.shape(array))
        raise WrongUse(f"{title} is {shape}; LaTeX shows at most {LARGEST}×{LARGEST}. Give less data.")
    return [rf"\underset{{\text{{{_text(one.title)}}}}}{{{_matrix(one.numbers)}}}" for one in planes(title, array)]


def _matrix(numbers: Array) -> str:
    rows = r" \\ ".join(" & ".join(format_value(value) for value in row) for row in numbers.tolist())
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _display(formula: str) -> str:
    return rf"\[ {formula} \]"


def _text(words: str) -> str:
    r"""Return text with the characters that LaTeX gives a meaning escaped.

    >>> print(_text("50 % of r_1"))
    50 \% of r\_1
    """
    return "".join(SPECIAL.get(one, one) for one in words)
