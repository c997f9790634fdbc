"""Chains of degradations as a setting of tasks whose target is another picture than the source."""

from collections.abc import Sequence

from repix.degradations import read_steps
from repix.errors import WrongUse


def require_same_size(task: str, steps: Sequence[str]) -> None:
    """Refuse a chain with an invalid step or one that changes the size.

    >>> require_same_size("denoise", ["gaussian sigma=5..50", "shrink"])
    Traceback (most recent call last):
    repix.errors.WrongUse: The step shrink changes the size; in degradations of denoise, none may.
    """
    for step in read_steps(steps) if steps else ():
        if step.scales:
            raise WrongUse(f"The step {step.name} changes the size; in degradations of {task}, none may.")
