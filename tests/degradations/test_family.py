"""What every degradation must do, found by name: a new file falls under this by existing."""

import hashlib
import inspect

import numpy as np
import pytest

from repix import degradations, registry
from repix.errors import RepixError, WrongUse
from repix.parameters import parameters
from tests.given import NO_PICTURES, sample

NAMES = registry.available("degradations")
RANDOM = [name for name in NAMES if registry.get("degradations", name).random]
SHAPES = [(1, 1), (1, 1, 3), (1, 7), (8, 9), (17, 6, 1), (13, 11, 3)]


def degrade(name: str, picture: np.ndarray, seed: int = 0) -> np.ndarray:
    offered = registry.get("degradations", name)
    return offered.function(picture, np.random.default_rng(seed)) if offered.random else offered.function(picture)


def digest(picture: np.ndarray) -> str:
    """A fingerprint of the first four digits or so, on any machine."""
    return hashlib.sha256(np.rint(picture * 10000).astype("<i4").tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_dtype_and_range_are_as_declared(name, shape):
    offered = registry.get("degradations", name)
    for dtype in (np.float32, np.float64):
        result = degrade(name, sample(shape, dtype))
        assert result.dtype == dtype
        assert result.ndim == len(shape)
        assert (result.shape[:2] == shape[:2]) is (not offered.scales or shape[:2] == (1, 1))
        assert result.shape[2:] == (tuple(min(side, 1) for side in shape[2:]) if offered.gray else shape[2:])
        assert np.isfinite(result).all()
        assert not offered.bounded or (result.min() > -1e-6 and result.max() < 1 + 1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_unbounded_is_declared_only_where_it_is_so(name):
    extremes = np.kron(np.random.default_rng(1).integers(0, 2, (9, 9)), np.ones((5, 5)))
    result = degrade(name, extremes)
    leaves = result.min() < -1e-3 or result.max() > 1 + 1e-3
    assert leaves is not registry.get("degradations", name).bounded


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(9, 8), (13, 11, 3)], ids=str)
def test_float32_agrees_with_float64(name, shape):
    single, double = (degrade(name, sample(shape, dtype)) for dtype in (np.float32, np.float64))
    np.testing.assert_allclose(single, double, atol=3e-7, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_not_modified_nor_handed_back(name):
    picture = sample((13, 11))
    before = picture.copy()
    result = degrade(name, picture)
    np.testing.assert_array_equal(picture, before)
    assert not np.shares_memory(result, picture)


@pytest.mark.parametrize("name", NAMES)
def test_a_view_of_a_larger_array_is_a_picture_too(name):
    large = sample((26, 33, 3))
    np.testing.assert_array_equal(degrade(name, large[::2, ::-3]), degrade(name, large[::2, ::-3].copy()))


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_result(name):
    np.testing.assert_array_equal(degrade(name, sample((13, 11, 3)), 3), degrade(name, sample((13, 11, 3)), 3))


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_another_result(name):
    assert (degrade(name, sample((30, 30)), 3) != degrade(name, sample((30, 30)), 4)).any()


def test_random_is_declared_where_there_is_a_generator():
    taking = [n for n in NAMES if "rng" in inspect.signature(registry.get("degradations", n).function).parameters]
    assert (
        taking
        == RANDOM
        == ["camera", "gaussian", "motion-path", "poisson", "random-valued", "salt-and-pepper", "speckle"]
    )


GOLDEN = {
    # no fingerprint: powers differ in their last bit between processors, which may reach the fourth digit
    "camera": (None, [[0.500079, 0.52319, 0.49418], [0.484614, 0.49464, 0.479715]]),
    "gaussian": ("b6ee24271cb5ee8e", [[0.512326, 0.487049, 0.562787], [0.510284, 0.447483, 0.53545]]),
    "motion-path": ("6ebcc9096141728a", [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]),
    "poisson": ("7d51569ce9f065b9", [[0.53, 0.32, 0.52], [0.51, 0.57, 0.59]]),
    "random-valued": ("2225ab8f89a9601d", [[0.5, 0.5, 0.543625], [0.935072, 0.5, 0.5]]),
    "salt-and-pepper": ("81d10a0a2238e4ca", [[0.5, 0.5, 0.0], [1.0, 0.5, 0.5]]),
    "speckle": ("243e1c05f4e3d150", [[0.512573, 0.48679, 0.564042], [0.51049, 0.446433, 0.53616]]),
}


@pytest.mark.parametrize("name", RANDOM)
def test_D01_a_seed_gives_these_numbers_on_every_machine(name):
    fingerprint, numbers = GOLDEN[name]
    assert degrade(name, np.full((2, 3), 0.5)).round(6).tolist() == numbers
    assert fingerprint in (None, digest(degrade(name, sample((40, 31, 3)), seed=20)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_no_picture_is_refused_in_one_line(name, wrong):
    with pytest.raises(RepixError, match=r"^picture ") as caught:
        degrade(name, wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_refuses_what_is_out_of_its_range(name):
    for key, parameter in parameters(registry.get("degradations", name).function).items():
        assert parameter.text
        with pytest.raises(WrongUse, match=f"^{key} is "):
            parameter.check(float("nan"))
        with pytest.raises(WrongUse, match=f"^{key} is "):
            parameter.check(-1e12 if parameter.bounds.low is not None else None)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_is_no_generator(name):
    with pytest.raises(WrongUse, match=r"rng is 3; it must be a generator: numpy.random.default_rng\(seed\)"):
        registry.get("degradations", name).function(np.zeros((2, 2)), 3)


def test_the_package_offers_each_function_by_name():
    for name in NAMES:
        function = getattr(degradations, name.replace("-", "_"))
        assert function is registry.get("degradations", name).function
