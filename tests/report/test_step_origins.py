"""Changed numbers of a page are options of the command: the command then computes what the page shows."""

from inspect import signature

import numpy as np
import pytest

from repix.explanation.operations import OPERATIONS
from repix.report.step_data import explanation
from repix.report.step_origins import origins

PADDED = {"data": "1 2 0; 4 5 6; 7 8 9", "padding": "1", "stride": "2"}
VARIANTS = [
    *((name, {}) for name in OPERATIONS),
    ("conv", PADDED),
    ("conv-dilated", PADDED),
    ("conv", {"data": "1 2; 3 4 | 5 6; 7 8", "kernel": "1 | 2"}),
    ("conv-transpose", {"view": "insert", "stride": "2", "bias": 1.5}),
    ("carafe", {"data": "0 2 | 9 5", "compress": "1 -0.5"}),
    ("interpolate", {"positions": "0 1 4"}),
]


@pytest.mark.parametrize(("name", "given"), VARIANTS)
def test_every_number_that_can_be_changed_is_one_of_an_option(name, given):
    values = {key: one.default for key, one in signature(OPERATIONS[name]).parameters.items()} | given
    editable = [one["name"] for one in explanation(name, values, "")["inputs"] if one["editable"]]
    rng = np.random.default_rng(5)
    trace = OPERATIONS[name](**values)
    wanted = {key: rng.uniform(-2, 2, np.shape(trace.inputs[key])) for key in editable}
    texts = {}
    now = trace.inputs | wanted
    for option, origin in origins(name, values).items():
        if not any(key in editable for key, _ in origin["from"]):
            continue  # the page keeps the text of an option that did not change
        numbers = np.array([np.ravel(now[key])[place] for key, place in origin["from"]]).reshape(origin["shape"])
        texts[option] = " | ".join("; ".join(" ".join(map(str, row)) for row in plane.tolist()) for plane in numbers)
    made = OPERATIONS[name](**values | texts)
    for key, array in wanted.items():
        np.testing.assert_array_equal(made.inputs[key], array, err_msg=key)
