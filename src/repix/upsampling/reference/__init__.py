"""References: what the layers of the upsamplers compute, in NumPy alone.

`repix.upsampling.reference.nearest(x, scale=2)` takes N×C×H×W; those that learn take the weights of a layer too.
`repix explain` shows the same step by step.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from repix import registry

if TYPE_CHECKING:
    from repix.arithmetic.arrays import Array
    from repix.upsampling.reference._functions import *  # noqa: F403 (what `__getattr__` offers, generated)

if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Callable[..., "Array"]:
        """Return the reference of the upsampler with this name."""
        known = registry.available("upsampling")
        if name.replace("_", "-") not in known:
            raise AttributeError(f"module 'repix.upsampling.reference' has no attribute '{name}'")
        return registry.get("upsampling", name.replace("_", "-")).reference_function


def __dir__() -> list[str]:
    return [name.replace("-", "_") for name in registry.available("upsampling")]
