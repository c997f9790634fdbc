import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from repix.errors import WrongShape, WrongUse
from repix.explanation.array_text import format_value, parse_array, parse_row

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=50)
@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=3, max_side=4), elements=FINITE))
def test_what_is_written_out_is_read_back(array):
    channels = array if array.ndim == 3 else array[np.newaxis]
    text = " | ".join("; ".join(" ".join(map(repr, row)) for row in channel) for channel in channels.tolist())
    expected = channels if len(channels) > 1 else channels[0]
    np.testing.assert_array_equal(parse_array(text, "--data"), expected)


@pytest.mark.parametrize("text", ["1,2;3,4", "1, 2 ; 3, 4;", " 1  2;\n3 4 ", "1 2\n3 4\n"])
def test_commas_spaces_lines_and_a_last_semicolon_are_all_the_same(text):
    assert parse_array(text, "--data").tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 2; x 4", '"x" is not a number'),
        ("1 2; 3", "row 1 has 1 number, but row 0 has 2"),
        ("1 2; 3 4 | 1 2", "channel 1 is 1×2, but channel 0 is 2×2"),
        ("1 2 | 1 2 | 3", "channel 2 is 1×1, but channel 0 is 1×2"),
        ("", "holds no numbers"),
        (" ; ", "holds no numbers"),
        ("1 2;; 3 4", "row 1 has no numbers"),
        ("1 |", "holds no numbers"),
        ("1 nan", '"nan" is not a number'),
        ("-inf", '"-inf" is not a number'),
        ("1_000", '"1_000" is not a number'),
        ("1e999", "too large"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_with_their_place(text, sentence):
    with pytest.raises(WrongUse, match="--data") as refused:
        parse_array(text, "--data")
    assert sentence in str(refused.value)


def test_a_list_is_one_row():
    with pytest.raises(WrongShape, match="one row"):
        parse_row("1 2; 3 4", "--data")


@settings(max_examples=50)
@given(st.floats(1e-3, 1e6, exclude_min=True) | st.floats(-1e6, -1e-3, exclude_max=True))
def test_a_written_number_is_the_number_to_four_decimals(value):
    assert float(format_value(value)) == pytest.approx(value, abs=0.5001e-4)
