"""The options from which the numbers of a trace's inputs come, so that changed numbers become options again.

As in `step_data`, a *probe* shows it: the operation on numbers that are all different.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import RepixError
from repix.explanation.array_text import parse_array
from repix.explanation.operations import OPERATIONS

Origin = dict[str, Any]


def origins(name: str, values: Mapping[str, Any]) -> dict[str, Origin]:
    """Return the options that are arrays: the shape (C×H×W), and the input and place that have each number.

    Args:
        name: the operation, such as "conv".
        values: the values of its options by name.

    >>> values = {"data": "1 2; 3 4", "kernel_size": "2", "stride": None, "padding": "0", "dilation": "1"}
    >>> origins("max-pool", values)
    {'data': {'shape': [1, 2, 2], 'from': [['picture', 0], ['picture', 1], ['picture', 2], ['picture', 3]]}}
    """
    found = {key: _origin(name, values, key) for key in values}
    return {key: one for key, one in found.items() if one is not None}


def _origin(name: str, values: Mapping[str, Any], key: str) -> Origin | None:
    """Return the origin of one option; None if it has no array, or one that is not an input as it is."""
    own = _array(values[key])
    if own is None:
        return None
    probe = np.random.default_rng(1).uniform(0.1, 0.9, own.shape)
    try:
        trace = OPERATIONS[name](**{**values, key: _text(probe)})
    except RepixError:
        return None
    places = {
        float(value): [one, place]
        for one, array in reversed(trace.inputs.items())
        for place, value in zip(count(), np.ravel(array).tolist(), strict=False)
    }
    found = [places.get(float(value)) for value in np.ravel(probe)]
    return None if None in found else {"shape": list(own.shape), "from": found}


def _array(value: object) -> Array | None:
    """Return the array of an option's value as C×H×W; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        array = parse_array(value, "")
    except RepixError:
        return None
    return array if array.ndim == 3 else array[np.newaxis]


def _text(array: Array) -> str:
    return " | ".join(" ; ".join(" ".join(map(repr, row)) for row in plane.tolist()) for plane in array)
