"""The projection of kernels: even afterwards, and the closest even kernel."""

import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.optimize import lsq_linear

from repix.audit import even_shuffled, even_transposed, shuffled_phases, transposed_phases
from repix.errors import WrongUse


def closest(values, phases):
    """The closest values to some in which all phases have the same sum; `phases` numbers the phase of each."""
    numbers = sorted(set(phases))
    sums = np.array([[float(one == number) for one in phases] for number in numbers])
    basis = null_space(sums[1:] - sums[:1])
    return basis @ lsq_linear(basis, values).x


GEOMETRIES = [
    ((3,), (2,), (1,)),
    ((7,), (3,), (1,)),
    ((3, 3), (2, 2), (1, 1)),
    ((4, 4), (2, 2), (1, 1)),
    ((5, 4), (3, 2), (1, 1)),
    ((3, 5), (1, 2), (1, 1)),
    ((3, 4), (2, 3), (3, 2)),
    ((3, 2, 3), (2, 1, 2), (1, 1, 1)),
]


@pytest.mark.parametrize(("sides", "strides", "dilations"), GEOMETRIES)
def test_an_even_kernel_is_the_closest_in_least_squares(sides, strides, dilations):
    rng = np.random.default_rng(4)
    kernel = rng.normal(size=(2, 3, *sides))
    made = even_transposed(kernel, strides, dilations)
    assert transposed_phases(made, strides, dilations).spread < 1e-15
    phases = [
        tuple(at * far % step for at, far, step in zip(one, dilations, strides, strict=True))
        for one in np.ndindex(*sides)
    ]
    for pair in np.ndindex(2, 3):
        np.testing.assert_allclose(made[pair].ravel(), closest(kernel[pair].ravel(), phases), atol=1e-9)
    np.testing.assert_allclose(even_transposed(made, strides, dilations), made, atol=1e-14)


def test_the_mean_of_the_sums_would_not_be_the_closest():
    """Phases of 2 and 1 values: weights 1/2 and 1, so the common sum is (2/2 + 1/1) / (3/2) = 4/3, not 3/2."""
    made = even_transposed(np.ones((1, 1, 3)), [2])
    np.testing.assert_allclose(made.ravel(), [2 / 3, 4 / 3, 2 / 3])


@pytest.mark.parametrize("columns_first", [True, False])
@pytest.mark.parametrize("block", [2, 3])
def test_a_shuffled_kernel_and_its_bias_are_the_closest(block, columns_first):
    rng = np.random.default_rng(5)
    kernel, bias = rng.normal(size=(2 * block**2, 2, 3, 2)), rng.normal(size=2 * block**2)
    made, offset = even_shuffled(kernel, bias, block, columns_first=columns_first)
    assert shuffled_phases(made, offset, block, columns_first=columns_first).spread < 1e-15
    order = [block**2 * c + p for c in range(2) for p in range(block**2)]
    if not columns_first:
        order = [c + 2 * p for c in range(2) for p in range(block**2)]
    phases = np.repeat(np.arange(block**2), 6)
    for channel in range(2):
        own = order[channel * block**2 : (channel + 1) * block**2]
        np.testing.assert_allclose(offset[own], bias[own].mean())
        for i in range(2):
            np.testing.assert_allclose(made[own, i].ravel(), closest(kernel[own, i].ravel(), phases), atol=1e-9)


@pytest.mark.parametrize(("sides", "strides", "dilations"), [((1, 1), (2, 2), (1, 1)), ((3, 3), (2, 2), (2, 2))])
def test_phases_without_weights_are_refused(sides, strides, dilations):
    with pytest.raises(WrongUse, match="has phases without weights"):
        even_transposed(np.ones((1, 1, *sides)), strides, dilations)
