"""The contract: what it may hold, its way through JSON, padding and cropping."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from repix.conversion import Contract, MeasuredPrecision, SideInput, Slices, Windows
from repix.errors import UnknownName, WrongDtype, WrongShape, WrongUse

HINTS = SideInput("hints", "color-hints", channels=2, range=(-1, 1))
WHOLE = Contract(
    task="upscale",
    settings={"scale": 3},
    network="unet",
    network_settings={"widths": [8, 16]},
    parameters=1234,
    channels=(3, 3),
    scale=3,
    step=16,
    halo=21,
    size=None,
    bytes_per_pixel=800,
    export_error=1e-6,
    halo_measured=20,
    data="9f86d0",
    trained={"steps": 10, "device": "cpu", "precision": None},
    metrics=({"metric": "psnr-rgb", "value": 31.5, "settings": {}},),
    precisions=(MeasuredPrecision("bf16", psnr=61.5, worse=0.01, unit="dB"),),
    side_inputs=(HINTS,),
    dimensions=3,
    slices=Slices(2, 5),
)

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
objects = st.dictionaries(st.text(), json_values, max_size=3)
counts = st.integers(0, 10**12)


@st.composite
def contracts(draw) -> Contract:
    step, slices = draw(st.integers(1, 64)), draw(st.sampled_from([None, Slices(), Slices(4, 9)]))
    return Contract(
        task=draw(st.text()),
        settings=draw(objects),
        network=draw(st.text()),
        network_settings=draw(objects),
        parameters=draw(counts),
        channels=(draw(st.integers(1, 4096)), draw(st.integers(1, 4096))),
        scale=draw(st.integers(1, 64)),
        step=step,
        halo=draw(st.none() | counts),
        size=draw(st.none() | st.integers(1, 100).map(lambda blocks: blocks * step)),
        bytes_per_pixel=draw(st.none() | st.integers(1, 10**9)),
        export_error=draw(st.floats(0, 1)),
        halo_measured=draw(st.none() | counts),
        data=draw(st.text()),
        trained=draw(objects),
        metrics=tuple(draw(st.lists(objects, max_size=2))),
        dimensions=2 if slices is None else 3,
        slices=slices,
        side_inputs=draw(st.sampled_from([(), WHOLE.side_inputs])),
        precisions=draw(st.sampled_from([(), WHOLE.precisions])),
    )


@given(contracts())
def test_json_gives_the_contract_back(contract):
    assert Contract.from_dict(json.loads(json.dumps(contract.to_dict()))) == contract


def test_the_whole_one_sets_every_part():
    """Otherwise the refusals below would miss a part that is new."""
    empty = Contract("")
    same = [f.name for f in fields(Contract) if getattr(WHOLE, f.name) == getattr(empty, f.name)]
    assert same == ["size", "windows"]


@pytest.mark.parametrize("name", [f.name for f in fields(Contract)])
def test_every_part_must_be_there(name):
    left = WHOLE.to_dict()
    del left[name]
    with pytest.raises(WrongUse, match=f"lacks '{name}'"):
        Contract.from_dict(left)


@pytest.mark.parametrize("name", [f.name for f in fields(Contract)])
@pytest.mark.parametrize("value", [object(), b"x", {1: 2}, [[1]], float("nan"), -1.5, "³", True])
def test_every_part_refuses_wrong_kinds(name, value):
    if isinstance(value, str) and name in ("task", "network", "data"):
        return
    with pytest.raises(WrongUse) as caught:
        Contract.from_dict(WHOLE.to_dict() | {name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given_", [None, [], "x", 3])
def test_what_is_no_object_is_refused(given_):
    with pytest.raises(WrongUse, match="not a JSON object"):
        Contract.from_dict(given_)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SideInput("", "noise-level"), "an empty name"),
        (lambda: SideInput("sigma", "noise"), "choose from color-hints, noise-level, noise-map, perception-map"),
        (lambda: SideInput("sigma", "noise-level", channels=3), "'sigma' has 3 channels; a noise level has 1"),
        (lambda: SideInput("sigma", "noise-map", range=(0, 55), default=60), "default 60; its range is 0 to 55"),
        (lambda: Windows(64, 65), "stride of the windows is 65; it must be at most their size, 64"),
        (lambda: Windows(64, 32, "cosine"), "choose from uniform, triangular, hann"),
    ],
)
def test_parts_that_make_no_sense_are_refused(make, words):
    with pytest.raises(WrongUse, match=words):
        make()


def test_windows_fit_a_model_that_looks_everywhere():
    contract = replace(WHOLE, halo=None, windows=Windows(64, 32))
    assert Contract.from_dict(json.loads(json.dumps(contract.to_dict()))) == contract


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channels": (3,)}, "channels is .3,.; it must be 2 numbers"),
        ({"channels": (0, 3)}, "channels"),
        ({"scale": 0}, "scale"),
        ({"step": 2.0}, "step"),
        ({"halo": -1}, "halo"),
        ({"size": 40}, "multiple of the step, which is 16"),
        ({"trained": {"rate": float("inf")}}, "JSON"),
        ({"metrics": {}}, "a tuple of at least one"),
        ({"metrics": ("psnr-rgb",)}, "A part of metrics is 'psnr-rgb'; it must be a table"),
        ({"dimensions": 4}, "dimensions is 4; it must be from 2 to 3"),
        ({"side_inputs": (HINTS, HINTS)}, "'hints', 'hints'; each name must be given once"),
        ({"windows": Windows(64, 64)}, "windows and a halo of 21"),
        ({"halo": None, "windows": Windows(72, 48)}, "size 72 and stride 48; both must be multiples of the step"),
        ({"halo": None, "size": 32, "windows": Windows(64, 32)}, "size 64, but the model takes 32×32 only"),
        ({"settings": {"a": {1, 2}}}, "JSON"),
    ],
)
def test_what_makes_no_sense_is_refused(change, words):
    with pytest.raises(WrongUse, match=words):
        replace(WHOLE, **change)


def mirrored(place: int, length: int) -> int:
    """Where a place beyond the end lies in the picture: c b a | a b c | c b a …"""
    place %= 2 * length
    return min(place, 2 * length - 1 - place)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 8, 32])
def test_padding_mirrors_to_the_next_multiple(step):
    contract = Contract("denoise", step=step)
    for height in range(1, 41):
        width = 41 - height
        x = np.random.default_rng(height).random((2, 1, height, width), np.float32)
        padded = contract.pad(x)
        tall, wide = padded.shape[2:]
        assert (tall % step, wide % step) == (0, 0)
        assert 0 <= tall - height < step
        assert 0 <= wide - width < step
        rows = [mirrored(i, height) for i in range(tall)]
        columns = [mirrored(i, width) for i in range(wide)]
        np.testing.assert_array_equal(padded, x[:, :, rows][:, :, :, columns])
        np.testing.assert_array_equal(contract.crop(padded, (height, width)), x)


def test_what_fits_is_not_copied():
    x = np.zeros((1, 1, 8, 16), np.float32)
    assert Contract("denoise", step=8).pad(x) is x


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(1, 16))
def test_the_blank_takes_the_crop_of_every_size(height, width, scale, step):
    contract = Contract("upscale", channels=(2, 3), scale=scale, step=step)
    x = np.zeros((2, 2, height, width), np.float32)
    assert contract.crop(contract.blank(contract.pad(x)), (height, width)).shape == (
        2,
        3,
        scale * height,
        scale * width,
    )


def test_a_fixed_size_refuses_others_with_the_reason():
    contract = Contract("denoise", network="dense-reshape", step=128, size=128)
    x = np.zeros((1, 1, 128, 128), np.float32)
    assert contract.pad(x) is x
    with pytest.raises(WrongShape, match="128×128 only, not 128×5; crop or resize"):
        contract.pad(x[..., :5])
    with pytest.raises(WrongShape, match="128×128 only"):
        contract.require(x[..., :5])


@given(arrays(st.sampled_from([np.uint8, np.float64]), (1, 1, 2, 2)))
def test_other_numbers_are_refused(x):
    with pytest.raises(WrongDtype):
        Contract("denoise").pad(x)


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 3, 8, 8), (0, 1, 8, 8), (1, 1, 0, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(WrongShape, match="with 1 channels"):
        Contract("denoise", step=8).require(np.zeros(shape, np.float32))


@pytest.mark.parametrize("shape", [(1, 3, 15, 18), (1, 2, 16, 18), (3, 16, 18)])
def test_a_result_that_is_too_small_is_refused(shape):
    with pytest.raises(WrongShape, match="at least 16×18"):
        Contract("upscale", channels=(3, 3), scale=2).crop(np.zeros(shape, np.float32), (8, 9))


def test_an_unknown_task_is_named_when_it_is_needed():
    with pytest.raises(UnknownName, match="did you mean 'denoise'"):
        Contract("denois").make_task()
