"""Handwritten traces, so that drawing is tested separately from computing; and the trace of every operation."""

import inspect

import numpy as np
import pytest

from repix import registry
from repix.arithmetic.trace import Region, Stage, Step, Trace
from repix.explanation.operations import OPERATIONS


def convolution() -> Trace:
    """The 5x5 binary picture under the Laplacian."""
    data = np.array([[0, 1, 0, 1, 1], [0, 0, 1, 1, 0], [1, 1, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 1, 1, 0]], float)
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
    output = np.zeros((3, 3))
    steps = []
    for row, column in np.ndindex(3, 3):
        window = (slice(row, row + 3), slice(column, column + 3))
        output[row, column] = np.sum(data[window] * kernel)
        steps.append(
            Step(
                "output",
                f"The window at row {row}, column {column} gives {output[row, column]:g}.",
                "dot",
                {"values": data[window], "weights": kernel},
                (slice(row, row + 1), slice(column, column + 1)),
                np.array(output[row, column]),
                reads={"values": Region("data", window), "weights": Region("kernel", (slice(0, 3), slice(0, 3)))},
            )
        )
    stages = (Stage("output", "output", np.zeros((3, 3))),)
    return Trace("conv", stages, tuple(steps), {"data": data, "kernel": kernel})


def transposed(stride: int = 2) -> Trace:
    """Scaled 3x3 kernels laid on the output."""
    data = np.array([[1.0, 2.0], [3.0, 4.0]])
    kernel = np.array([[3.0, 0, -2], [1, 1, 1], [-3, 0, 2]])
    side = stride + 3
    output = np.zeros((side, side))
    steps = []
    for row, column in np.ndindex(2, 2):
        place = (slice(row * stride, row * stride + 3), slice(column * stride, column * stride + 3))
        value = data[row : row + 1, column : column + 1]
        output[place] += value * kernel
        steps.append(
            Step(
                "output",
                f"{value.item():g} × kernel, added at row {row * stride}, column {column * stride}.",
                "scale",
                {"value": value, "kernel": kernel},
                place,
                value * kernel,
                adds=True,
                reads={
                    "value": Region("data", (slice(row, row + 1), slice(column, column + 1))),
                    "kernel": Region("kernel", (slice(0, 3), slice(0, 3))),
                },
            )
        )
    stages = (Stage("output", "output", np.zeros((side, side))),)
    return Trace("conv-transpose", stages, tuple(steps), {"data": data, "kernel": kernel})


def explained():
    """Every operation of the command line with its example, and every upsampler with its own."""
    for name, operation in OPERATIONS.items():
        defaults = {key: one.default for key, one in inspect.signature(operation).parameters.items()}
        yield pytest.param(operation(**defaults), id=name)
    for name in registry.available("upsampling"):
        yield pytest.param(registry.get("upsampling", name).explain(2), id=f"upsampling-{name}")


EXPLAINED = list(explained())
