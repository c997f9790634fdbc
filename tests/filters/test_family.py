"""What every filter must do, found by name: a new file falls under this by existing."""

import sys
from functools import cache
from inspect import Parameter, getmodule, getsource, signature
from typing import get_type_hints

import numpy as np
import pytest

from repix import filters, registry
from repix.errors import MissingLibrary, RepixError, WrongUse
from repix.filters import Filter, NoiseLevel
from repix.parameters import parameters
from tests.given import NO_PICTURES, sample

NAMES = registry.available("filters")
REFUSED = NO_PICTURES | {"RGBA": np.zeros((5, 5, 4))}
SHAPES = [(1, 1), (1, 1, 1), (1, 1, 3), (1, 7), (6, 1, 3), (2, 2), (8, 8), (8, 9), (17, 6, 1), (13, 11, 3)]


def offered(name: str) -> Filter:
    found = registry.get("filters", name)
    assert isinstance(found, Filter)
    return found


def asks_for_noise(name: str) -> bool:
    return get_type_hints(offered(name).function, include_extras=True).get("sigma") == NoiseLevel


def apply(name: str, picture: np.ndarray) -> np.ndarray:
    """The filter with its defaults, told that the noise is 25 where it asks."""
    return offered(name).function(picture, **({"sigma": 25.0} if asks_for_noise(name) else {}))


@cache
def filtered(name: str, shape: tuple[int, ...], dtype: type = np.float64) -> np.ndarray:
    """The result for the sample of a shape, which several tests look at."""
    result = apply(name, sample(shape, dtype))
    result.flags.writeable = False
    return result


ASKING = [name for name in NAMES if asks_for_noise(name)]
WITH_LIBRARY = [name for name in NAMES if "library(" in getsource(getmodule(offered(name).function))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_and_dtype_are_as_declared_at_any_size(name, shape):
    for dtype in (np.float32, np.float64):
        result = filtered(name, shape, dtype)
        assert result.dtype == dtype
        assert result.ndim == len(shape)
        assert (result.shape[:2] == shape[:2]) is not offered(name).scales
        assert result.shape[2:] == shape[2:]
        assert np.isfinite(result).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_range_is_kept_exactly_where_that_is_declared(name):
    """Black and white blocks, whose edges make a filter overshoot that can."""
    picture = np.kron(np.random.default_rng(1).integers(0, 2, (6, 7)), np.ones((9, 9)))
    result = apply(name, picture)
    outside = max(-result.min(), result.max() - 1)
    assert bool(outside < 1e-6) is offered(name).stays_within


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(20, 17), (20, 17, 3)], ids=str)
def test_constant_in_constant_out_exactly_where_that_is_declared(name, shape):
    color = np.array([0.3, 0.6, 0.2])[: shape[2]] if len(shape) == 3 else 0.3
    result = apply(name, np.broadcast_to(color, shape))
    assert bool(np.abs(result - color).max() < 1e-6) is offered(name).keeps_constants


@pytest.mark.parametrize("name", NAMES)
def test_linear_is_declared_exactly_where_it_is_so(name):
    rng = np.random.default_rng(2)
    one, other = rng.random((2, 50, 41))
    together = apply(name, 2 * one - 3 * other)
    apart = 2 * apply(name, one) - 3 * apply(name, other)
    assert bool(np.abs(together - apart).max() < 1e-5) is offered(name).linear


@pytest.mark.parametrize("name", [name for name in NAMES if offered(name).shifts])
def test_the_filter_of_a_shifted_picture_is_the_shifted_result(name):
    picture = sample((96, 90))
    whole, part = apply(name, picture), apply(name, picture[3:, 5:])
    inner = slice(36, -36)
    np.testing.assert_allclose(whole[3:, 5:][inner, inner], part[inner, inner], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_float64_is_computed_in_float64_exactly_where_that_is_declared(name):
    result = apply(name, np.random.default_rng(3).random((24, 21)))
    assert bool((result == result.astype(np.float32)).all()) is offered(name).single


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(24, 21), (24, 21, 3)], ids=str)
def test_float32_agrees_with_float64(name, shape):
    single, double = (filtered(name, shape, dtype) for dtype in (np.float32, np.float64))
    np.testing.assert_allclose(single, double, atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_one_channel_is_filtered_as_no_channel(name):
    picture = sample((24, 21))
    with_axis, without = apply(name, picture[:, :, np.newaxis])[:, :, 0], filtered(name, (24, 21))
    np.testing.assert_allclose(with_axis, without, atol=0 if offered(name).repeats else 1e-6, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_not_modified_nor_handed_back(name):
    picture = sample((13, 11), np.float32)
    before = picture.copy()
    result = apply(name, picture)
    np.testing.assert_array_equal(picture, before)
    assert not np.shares_memory(result, picture)


@pytest.mark.parametrize("name", NAMES)
def test_a_view_of_a_larger_array_is_a_picture_too(name):
    shape = (13, 11, 3)
    view = np.zeros((26, 33, 3))[::2, ::-3]
    view[...] = sample(shape)
    tolerance = 0 if offered(name).repeats else 1e-6
    np.testing.assert_allclose(apply(name, view), filtered(name, shape), atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_picture_gives_the_same_result(name):
    tolerance = 0 if offered(name).repeats else 1e-6
    first, second = filtered(name, (24, 21, 3)), apply(name, sample((24, 21, 3)))
    np.testing.assert_allclose(first, second, atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_picture_is_refused_in_one_line(name, wrong):
    with pytest.raises(RepixError, match=r"^picture ") as caught:
        apply(name, wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_refuses_what_is_out_of_its_range(name):
    for key, parameter in parameters(offered(name).function).items():
        assert parameter.text
        with pytest.raises(WrongUse, match=f"^{key} is "):
            parameter.check(float("nan"))


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_default_and_a_meaning(name):
    function = offered(name).function
    own = {key: p.default for key, p in signature(function).parameters.items() if key not in ("picture", "rng")}
    assert set(own) == set(parameters(function))
    assert Parameter.empty not in own.values()


@pytest.mark.parametrize("name", ASKING)
def test_no_noise_nothing_to_do(name):
    picture = sample((13, 11, 3))
    result = offered(name).function(picture, sigma=0)
    np.testing.assert_array_equal(result, picture)
    assert not np.shares_memory(result, picture)


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_picture_of_one_color_has_no_noise_to_estimate(name, dtype):
    picture = np.full((24, 21, 3), 0.3, dtype)
    np.testing.assert_allclose(offered(name).function(picture), picture, atol=1e-6)


@pytest.mark.parametrize("name", ASKING)
def test_left_out_the_noise_is_estimated(name):
    rng = np.random.default_rng(4)
    picture = np.add.outer(np.linspace(0.2, 0.5, 128), np.linspace(0, 0.3, 120)) + rng.normal(0, 25 / 255, (128, 120))
    told, found = offered(name).function(picture, sigma=25), offered(name).function(picture)
    assert 0 < np.abs(told - found).max() < 0.05


@pytest.mark.parametrize("name", [name for name in NAMES if offered(name).denoises])
def test_a_denoiser_brings_a_noisy_picture_nearer_to_the_clean_one(name):
    rng = np.random.default_rng(6)
    clean = np.kron(rng.integers(1, 5, (4, 4)) / 5, np.ones((16, 16)))
    noisy = clean + rng.normal(0, 25 / 255, clean.shape)
    before, after = (np.square(picture - clean).mean() for picture in (noisy, apply(name, noisy)))
    assert after < before / 1.4


@pytest.mark.parametrize("name", WITH_LIBRARY)
def test_a_missing_library_is_one_sentence_with_the_extra_that_brings_it(name, monkeypatch):
    loaded = {module for module in sys.modules if module.partition(".")[0] in registry.EXTRAS}
    for module in loaded | set(registry.EXTRAS):
        monkeypatch.setitem(sys.modules, module, None)
    extra = "bm3d" if name == "bm3d" else "filters"
    with pytest.raises(MissingLibrary, match=rf"is not installed: `pip install \S+` \(extra {extra}\)\.$"):
        apply(name, sample((13, 11)))


def test_the_package_offers_each_function_by_name():
    for name in NAMES:
        assert getattr(filters, name.replace("-", "_")) is offered(name).function


def test_these_are_the_denoisers_of_the_table():
    denoisers = {name for name in NAMES if offered(name).denoises}
    assert set(ASKING) <= denoisers
    assert denoisers - set(ASKING) >= {"mean", "median", "gaussian"}
