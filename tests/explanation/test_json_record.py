import json

import numpy as np

from repix.arithmetic.trace import RULES
from repix.explanation import to_json
from tests.explanation.traces import convolution, transposed


def test_the_record_alone_gives_the_answer_again():
    for trace in (convolution(), transposed(1), transposed(2)):
        recorded = json.loads(json.dumps(to_json(trace), allow_nan=False))
        assert list(recorded) == ["operation", "steps", "output"]
        start, *steps = recorded["steps"]
        array = np.array(start["result"], dtype=float)
        for step in steps:
            result = RULES[step["rule"]](**{name: np.array(values) for name, values in step["inputs"].items()})
            index = tuple(slice(*axis) for axis in step["index"])
            array[index] = array[index] * step["adds"] + result
        np.testing.assert_array_equal(array, trace.output)
        np.testing.assert_array_equal(array, recorded["output"])


def test_where_a_step_reads_is_recorded_as_numbers():
    step = to_json(convolution())["steps"][2]
    assert step["reads"]["values"] == {"array": "data", "index": [[0, 3, 1], [1, 4, 1]]}
