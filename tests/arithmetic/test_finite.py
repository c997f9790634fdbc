"""Every value that is not finite is found at any position, and no finite value is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.arithmetic.arrays import RUN, require_finite
from repix.errors import WrongUse

SIZES = st.sampled_from([1, 2, RUN - 1, RUN, RUN + 1, 3 * RUN + 5])


@given(SIZES, st.floats(0, 1), st.sampled_from([np.nan, np.inf, -np.inf]), st.sampled_from([np.float32, np.float64]))
def test_what_is_not_finite_is_found_and_named(size, place, bad, dtype):
    array = np.zeros(size, dtype)
    index = min(int(place * size), size - 1)
    array[index] = bad
    with pytest.raises(WrongUse, match=rf"holds {bad} at \({index},\)"):
        require_finite(array, "picture")


@given(SIZES, st.sampled_from([0.0, 1e-30, 3e38, -3e38]))
def test_what_is_finite_passes_also_where_its_square_is_not(size, value):
    require_finite(np.full(size, value, np.float32), "picture")
