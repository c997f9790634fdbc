"""Parts of the programs of `repix explain --code`: numbers as source code, and lines for several libraries."""

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Values = Mapping[str, Any]
"""The values of an operation's options, by the parameters' names."""

Snippet = Callable[[Values], dict[str, str]]
"""A function from options to the program's lines in each library; the last name is `result`."""

ARRAYS = {
    "numpy": "np.array({}, dtype=float)",
    "torch": "torch.tensor({}, dtype=torch.float64)",
    "keras": 'ops.convert_to_tensor({}, dtype="float64")',
}
"""The constructor of an array in double precision, in each library."""


def snippet(arrays: Mapping[str, Any], **bodies: str) -> dict[str, str]:
    """Return, for each library, the arrays as assignments and then the body.

    >>> print(snippet({"data": np.eye(1)}, torch="result = data")["torch"])
    data = torch.tensor([[1]], dtype=torch.float64)
    result = data
    """
    return {
        library: "\n".join(
            [f"{name} = {ARRAYS[library].format(nested(one))}" for name, one in arrays.items()]
            + [textwrap.dedent(body).strip()]
        )
        for library, body in bodies.items()
    }


def nested(array: Any) -> str:
    """Return numbers as nested lists; whole numbers without decimal point.

    >>> nested(np.array([[1.0, 0.5]]))
    '[[1, 0.5]]'
    """
    if np.ndim(array):
        return f"[{', '.join(nested(one) for one in array)}]"
    value = float(array)
    return str(int(value)) if value.is_integer() else repr(value)


def both(value: int | tuple[int, int]) -> tuple[int, int]:
    """Return a pair; one number counts for rows and columns."""
    return value if isinstance(value, tuple) else (value, value)


def short(value: tuple[int, int]) -> str:
    """Return a pair as source code; one number if both are equal.

    >>> short((2, 2)), short((2, 1))
    ('2', '(2, 1)')
    """
    return str(value[0]) if value[0] == value[1] else str(value)


def options(**given: Any) -> str:
    """Return keyword arguments as source code; those that are None are left out.

    >>> options(stride=2, bias=None)
    ', stride=2'
    """
    return "".join(f", {name}={value}" for name, value in given.items() if value is not None)
