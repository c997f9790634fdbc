"""Laws of every upsampler; a new file is tested automatically."""

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
import torch

from repix import upsampling
from repix.errors import MissingLibrary, WrongUse
from repix.parameters import parameters
from repix.upsampling import LayerSpec, ReferenceInput
from tests.arithmetic.test_traces import check

from .cases import ALL, DEFAULTS, NAMES, in_channels, larger, offered, picture, random_layer, run, scales

CLAIM_AN_ADJOINT = [case for case in ALL if offered(case[0]).adjoint]
STAY_FLAT = [case for case in ALL if offered(case[0]).preserves_constants]
LEARN = [case for case in ALL if offered(case[0]).has_weights]


@pytest.mark.parametrize(("name", "scale", "settings"), ALL)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 7)], ids=str)
def test_the_layer_gives_what_the_reference_gives(name, scale, settings, size):
    upsampler, layer = offered(name), random_layer(name, scale, settings)
    x, indices = picture(name, scale, size)
    expected = upsampler.reference(x, upsampler.weights(layer), scale, settings, indices)
    assert expected.shape == (2, 2, *larger(size, scale))
    np.testing.assert_allclose(run(layer, x, indices), expected, rtol=1e-10, atol=1e-12)

    single = layer.float()
    weights = upsampler.weights(single)
    expected = upsampler.reference(x.astype(np.float32), weights, scale, settings, indices)
    assert expected.dtype == np.float32
    unit = np.abs(expected).max()
    np.testing.assert_allclose(run(single, x.astype(np.float32), indices) / unit, expected / unit, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(("name", "scale", "settings"), CLAIM_AN_ADJOINT)
def test_the_adjoint_law_holds_where_it_is_claimed(name, scale, settings):
    upsampler = offered(name)
    weights = upsampler.weights(random_layer(name, scale, settings))
    weights = {key: values * ("bias" not in key) for key, values in weights.items()}
    x, indices = picture(name, scale, (4, 5))
    large = upsampler.reference(x, weights, scale, settings, indices)
    y = np.random.default_rng(1).normal(size=large.shape)
    back = upsampler.adjoint(ReferenceInput(y, weights, scale, settings, indices))
    assert back.shape == x.shape
    assert np.vdot(large, y) == pytest.approx(np.vdot(x, back), rel=1e-10)


def unevenness(name, scale, settings):
    """How far a layer's output is from flat when each channel is one number."""
    x, indices = picture(name, scale, (5, 4))
    flat = np.broadcast_to(np.cos(np.arange(x.shape[1])).reshape(-1, 1, 1), x.shape).copy()
    return np.ptp(run(random_layer(name, scale, settings), flat, indices), axis=(2, 3)).max()


@pytest.mark.parametrize(("name", "scale", "settings"), STAY_FLAT)
def test_flat_channels_stay_flat_up_to_the_border_where_that_is_declared(name, scale, settings):
    assert unevenness(name, scale, settings) < 1e-12


@pytest.mark.parametrize(("name", "scale", "settings"), [case for case in DEFAULTS if case not in STAY_FLAT])
def test_flat_channels_do_not_stay_flat_where_that_is_not_declared(name, scale, settings):
    assert unevenness(name, scale, settings) > 0.1


def influence(name, scale, settings, pixel):
    """How far from an input pixel the output changes with it, in input pixels."""
    layer = random_layer(name, scale, settings)
    x, indices = picture(name, scale, (25, 27))
    other = x.copy()
    other[:, :, pixel[0], pixel[1]] += 1
    changed = np.nonzero((run(layer, x, indices) != run(layer, other, indices)).any((0, 1)))
    own = [np.floor((lines + 0.5) / scale) for lines in changed]
    return int(max(np.abs(lines - at).max() for lines, at in zip(own, pixel, strict=True)))


@pytest.mark.parametrize(("name", "scale", "settings"), ALL)
def test_the_declared_halo_is_the_measured_influence(name, scale, settings):
    measured = max(influence(name, scale, settings, (10 + i, 14 - i)) for i in range(4))
    declared = offered(name).halo(scale, settings)
    assert measured == declared if declared is not None else measured > 4


@pytest.mark.parametrize(("name", "scale", "settings"), LEARN)
def test_the_gradient_reaches_every_weight_and_every_pixel(name, scale, settings):
    layer = random_layer(name, scale, settings)
    x = torch.from_numpy(picture(name, scale, (5, 7))[0]).requires_grad_()
    y = layer(x)
    (y * torch.rand(y.shape, generator=torch.Generator().manual_seed(0))).sum().backward()
    assert all((values.grad != 0).all() for values in [x, *layer.parameters()])


@pytest.mark.parametrize(("name", "scale", "settings"), [case for case in DEFAULTS if case in LEARN])
def test_a_layer_starts_as_lively_as_a_convolution(name, scale, settings):
    torch.manual_seed(0)
    x = torch.randn(2, 48, 24, 24)  # so large that borders count little
    with torch.no_grad():
        found, plain = offered(name).layer(48, 48, scale, settings)(x).std(), torch.nn.Conv2d(48, 48, 3)(x).std()
    assert 0.8 < found / plain < 1.25


@pytest.mark.parametrize("name", [name for name in NAMES if not offered(name).has_weights])
def test_what_learns_nothing_has_no_weights_and_passes_the_gradient_on(name):
    layer = random_layer(name, 2, None)
    assert layer.state_dict() == {}
    x, indices = picture(name, 2, (5, 7))
    x = torch.from_numpy(x).requires_grad_()
    layer(x, None if indices is None else torch.from_numpy(indices)).sum().backward()
    assert (x.grad != 0).all()


@pytest.mark.parametrize(("name", "scale", "settings"), ALL)
def test_the_shapes_of_the_weights_are_known_without_torch(name, scale, settings):
    place = LayerSpec(in_channels(name, 2, scale), 2, scale, settings)
    state = random_layer(name, scale, settings).state_dict()
    assert offered(name).shapes(place) == {key: tuple(values.shape) for key, values in state.items()}


@pytest.mark.parametrize(("name", "scale", "settings"), [case for case in ALL if case[1] < 4])
def test_the_explanation_is_the_computation(name, scale, settings):
    upsampler = offered(name)
    trace, given = upsampler.explain(scale, settings), upsampler.example(scale, settings)
    check(trace)
    expected = upsampler.reference(given.x, given.weights, scale, settings, given.indices)
    np.testing.assert_allclose(trace.replay(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [0.5, 1, 1.2, 1.5, 2, 3])
def test_fits_says_what_the_layer_can_do(name, scale):
    upsampler = offered(name)
    x, indices = picture(name, 2, (3, 2))
    for taken in (1, 2, 4, 8, 9, 18):
        for given in (1, 2, 4):
            reason = upsampler.fits(taken, given, scale, has_indices=True)
            if reason is None:
                x, indices = np.ones((1, taken, 3, 2)), np.zeros((1, taken, 3, 2), np.int64)
                y = run(upsampler.layer(taken, given, scale).double(), x, indices)
                assert y.shape == (1, given, *larger((3, 2), scale))
            else:
                assert reason.endswith(".")
                with pytest.raises(WrongUse) as caught:
                    upsampler.layer(taken, given, scale)
                assert str(caught.value) == reason


@pytest.mark.parametrize("name", [name for name in NAMES if offered(name).channels != "any"])
def test_the_channels_that_fits_refuses_do_not_come_out(name):
    upsampler = offered(name)
    assert upsampler.fits(8, 4, 2, has_indices=True) is not None
    layer = upsampler.build(LayerSpec(8, 4, 2, upsampler.settings())).double()
    y = run(layer, np.ones((1, 8, 3, 3)), np.zeros((1, 8, 3, 3), np.int64))
    assert y.shape[1] != 4


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_what_it_says_it_takes(name):
    upsampler = offered(name)
    for scale in scales(name):
        taken = upsampler.required_channels(6, scale)
        assert upsampler.fits(taken or 5, 6, scale, has_indices=True) is None
        assert taken is None or "input channels" in upsampler.fits(taken + 1, 6, scale, has_indices=True)


@pytest.mark.parametrize("name", [name for name in NAMES if offered(name).needs_indices])
def test_without_indices_it_is_refused_everywhere(name):
    upsampler = offered(name)
    assert "indices" in upsampler.fits(2, 2, 2)
    with pytest.raises(WrongUse, match="indices"):
        upsampler.layer(2, 2, 2)(torch.ones(1, 2, 3, 3))
    with pytest.raises(WrongUse, match="indices"):
        upsampler.reference(np.ones((1, 2, 3, 3)), {}, 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [float("nan"), float("inf"), 0, -2, "2", True, (2, 3), None, 65])
def test_what_is_no_scale_is_refused_in_one_line(name, scale):
    for ask in (
        lambda: offered(name).layer(4, 4, scale),
        lambda: offered(name).halo(scale),
        lambda: offered(name).reference(np.ones((1, 4, 2, 2)), {}, scale),
        lambda: offered(name).fits(4, 4, scale),
    ):
        with pytest.raises(WrongUse, match=r"^scale is ") as caught:
            ask()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_of_channels_is_refused(name):
    for wrong in (0, -1, 2.5, None):
        with pytest.raises(WrongUse, match=r"^channels in is"):
            offered(name).fits(wrong, 4, 2)
        with pytest.raises(WrongUse, match=r"^channels out is"):
            offered(name).fits(4, wrong, 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wrong",
    [
        [[0.5]],
        np.zeros((1, 4, 3, 3), np.uint8),
        np.zeros((4, 3, 3)),
        np.zeros((1, 4, 0, 3)),
        np.full((1, 4, 3, 3), np.nan),
    ],
    ids=["list", "uint8", "3-D", "empty", "nan"],
)
def test_what_is_no_picture_is_refused_in_one_line(name, wrong):
    upsampler = offered(name)
    weights = {
        key: np.zeros(shape) for key, shape in upsampler.shapes(LayerSpec(4, 1, 2, upsampler.settings())).items()
    }
    with pytest.raises(WrongUse, match=r"^x ") as caught:
        upsampler.reference(wrong, weights, 2, None, np.zeros((1, 4, 3, 3), np.int64))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_wrong_weights_and_settings_are_refused(name):
    upsampler = offered(name)
    with pytest.raises(WrongUse, match=rf"^{name} needs the weights .*, but was given scale."):
        upsampler.reference(np.ones((1, 4, 2, 2)), {"scale": np.ones(1)}, 2, None, np.zeros((1, 4, 2, 2), np.int64))
    with pytest.raises(WrongUse, match=rf"^The settings are .*; {name} needs "):
        upsampler.halo(2, {"kernel": 3})
    for key, parameter in parameters(upsampler.settings).items():
        assert parameter.text
        with pytest.raises(WrongUse, match=rf"^{key} is "):
            upsampler.halo(2, upsampler.settings(**{key: -1}))


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_copies_that_numpy_can_hold(name):
    layer = random_layer(name, 2, None).bfloat16()
    taken = offered(name).weights(layer)
    assert all(values.dtype == np.float32 for values in taken.values())
    for values in taken.values():
        values += 1
    assert all((offered(name).weights(layer)[key] != values).all() for key, values in taken.items())


@pytest.mark.parametrize("name", NAMES)
def test_channels_last_and_bf16_stay_so(name):
    x, indices = picture(name, 2, (4, 6))
    layer = random_layer(name, 2, None).bfloat16().to(memory_format=torch.channels_last)
    small = torch.from_numpy(x).bfloat16().to(memory_format=torch.channels_last)
    y = layer(small, None if indices is None else torch.from_numpy(indices))
    expected = run(random_layer(name, 2, None), x, indices)
    assert y.dtype == torch.bfloat16
    np.testing.assert_allclose(y.detach().float().numpy(), expected, atol=0.03 * np.abs(expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_the_files_and_without_torch_one_sentence_says_what_to_install(name, monkeypatch):
    assert offered(name).name == name
    taken = in_channels(name, 1, 2)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingLibrary, match=r"torch, which is not installed: `pip install torch` \(extra train\)\.$"):
        offered(name).layer(taken, 1, 2)


def test_importing_every_upsampler_loads_no_torch():
    code = (
        "from repix import registry, upsampling\n"
        "for name in registry.available('upsampling'):\n"
        "    found = registry.get('upsampling', name)\n"
        "    found.explain(2), found.halo(2)\n"
        "import sys\nprint('torch' in sys.modules, 'repix.upsampling.unpool' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("name", NAMES)
def test_the_packages_function_makes_the_layer_and_the_reference_computes_the_same(name):
    """By name, with every setting as a parameter; what is left out has its default."""
    upsampler, attribute = offered(name), name.replace("-", "_")
    settings = {field.name: getattr(upsampler.settings(), field.name) for field in fields(upsampler.settings)}
    layer = getattr(upsampling, attribute)(in_channels(name, 2, 2), 2, scale=2, **settings).double()
    x, indices = picture(name, 2, (5, 7))
    places = {} if indices is None else {"indices": indices}
    weights = {"weights": upsampler.weights(layer)} if upsampler.has_weights else {}
    found = getattr(upsampling.reference, attribute)(x, **weights, **places, scale=2, **settings)
    np.testing.assert_allclose(found, run(layer, x, indices), rtol=1e-12, atol=1e-12)
    assert getattr(upsampling.reference, attribute)(x, **weights, **places).shape == found.shape


@pytest.mark.parametrize("name", NAMES)
def test_channels_that_are_left_out_are_what_comes_out(name):
    layer = getattr(upsampling, name.replace("-", "_"))(8)
    y = run(layer.double(), np.ones((1, 8, 2, 2)), np.zeros((1, 8, 2, 2), np.int64))
    assert y.shape == (1, 2 if offered(name).channels == "blocks" else 8, 4, 4)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_parameter_of_the_functions_gets_the_nearest_name(name):
    for home in (upsampling, upsampling.reference):
        function = getattr(home, name.replace("-", "_"))
        for key in (*parameters(offered(name).settings), "scale"):
            with pytest.raises(WrongUse, match=rf"has no parameter '{key}q'; did you mean '{key}'\?"):
                function(1, **{f"{key}q": 1})
        with pytest.raises(WrongUse, match="missing a required argument"):
            function()
    with pytest.raises(WrongUse, match=r"^scale is "):
        getattr(upsampling, name.replace("-", "_"))(4, scale="2")


def test_an_unknown_upsampler_is_an_attribute_error_with_the_nearest_name():
    with pytest.raises(AttributeError, match=r"repix.upsampling' has no attribute 'neerest'; did you mean 'nearest'\?"):
        _ = upsampling.neerest
    with pytest.raises(AttributeError, match="reference' has no attribute 'neerest'"):
        _ = upsampling.reference.neerest
