"""Exact results of a graph for constant pictures, away from the border.

There, every tensor is periodic along rows and columns: a transposed convolution of stride 2 makes period 2 of a
constant, the next one period 4. So one period of each tensor is enough, and every operator that treats all places alike
is exact on it, also a nonlinear one. This is the steady state of the step response, for steps of any height.
"""

from repix.audit.periodic.evaluation import Evaluator, Run
from repix.audit.periodic.tensor import Periodic

__all__ = ["Evaluator", "Periodic", "Run"]
"""The class that evaluates a graph, one of its runs, and the tensors."""
