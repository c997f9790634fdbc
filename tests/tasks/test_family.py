"""What every task must do; a new one must stand among the variants."""

import json
import tomllib
from dataclasses import fields

import numpy as np
import pytest
import torch

from repix import Picture, metrics, registry
from repix.errors import RepixError, WrongShape, WrongUse
from tests.tasks.drawn import MASKS, PICTURES, VARIANTS, drawn, drawn_mask, task_of

MEMBERS = registry.available("tasks")


def source_of(task, target):
    """A source of the right size for a target."""
    return Picture(target.pixels[:: task.scale, :: task.scale])


def planes_out(task):
    """Channels of the picture that a model returns, without a mask."""
    return task.channels[1] - (task.corrupted is not None)


def perfect(task, target):
    """The output of a model that returns the target; its mask, if any, calls every pixel corrupted."""
    y = task.encode_target(target)
    return y if task.corrupted is None else np.concatenate([y, np.ones_like(y[:, :1])], axis=1)


def enlarged(x, scale):
    return x.repeat(scale, axis=2).repeat(scale, axis=3)


def test_every_task_is_among_the_variants():
    assert {name for name, _ in VARIANTS.values()} == set(MEMBERS)
    assert {task_of(variant).name for variant in VARIANTS} == set(MEMBERS)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", ["8", "16", "float"])
@pytest.mark.parametrize("variant", PICTURES)
def test_a_model_that_gives_the_target_gives_the_target_back(variant, depth, channels):
    task = task_of(variant)
    target = drawn((36, 24), channels, depth)
    result = task.decode(perfect(task, target), source_of(task, target))
    expected = target.colors()
    if target.is_gray and planes_out(task) > task.picture_channels:
        expected = np.repeat(expected, 3, axis=2)
    alpha = None if task.name == "scene" else target.alpha()
    wanted = target.with_colors(expected, alpha)
    assert result.depth == depth
    assert result.pixels.shape == wanted.pixels.shape
    np.testing.assert_allclose(result.pixels, wanted.pixels, rtol=0, atol=1e-6 if depth == "float" else 0)


@pytest.mark.parametrize("variant", MASKS)
def test_a_mask_comes_back_as_it_was_written(variant):
    task = task_of(variant)
    mask = drawn_mask(task)
    labels = task.encode_target(mask)
    assert labels.shape == (1, 35, 27)
    assert labels.dtype == np.uint8
    probabilities = np.eye(256, dtype=np.float32)[labels].transpose(0, 3, 1, 2)[:, : task.channels[1]]
    kept = labels[0] != 255
    for depth in ("8", "16", "float"):
        result = task.decode(probabilities, drawn(depth=depth, channels=4))
        np.testing.assert_array_equal(result.pixels[kept], mask.pixels[kept])
        assert result.depth == "8"


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("variant", VARIANTS)
def test_encode_gives_planes_that_the_model_takes(variant, channels):
    task = task_of(variant)
    x = task.encode(drawn((5, 7), channels))
    assert x.dtype == np.float32
    assert x.shape[1:] == (task.channels[0], 5, 7)
    assert x.flags.c_contiguous
    assert 0 <= x.min() <= x.max() <= 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_side_inputs_are_drawn_within_their_range_and_repeat_for_a_seed(variant):
    task = task_of(variant)
    assert task.picture_channels >= 1
    assert len(task.side.factors) in (0, sum(one.channels for one in task.side.inputs))
    if not task.side.inputs:
        assert task.side.draw(drawn(), drawn(), np.random.default_rng(0)).shape == (*drawn().size, 0)
        return
    source, target = task.make_pair(drawn(), np.random.default_rng(0))
    start, x = task.picture_channels, task.encode(source)
    draws = [task.side.draw(source, target, np.random.default_rng(seed)) for seed in (*range(20), 7)]
    np.testing.assert_array_equal(draws[7], draws[-1])
    assert any((draws[0] != one).any() for one in draws)
    for one in task.side.inputs:
        end = start + one.channels
        assert (x[:, start:end] == np.float32(one.default)).all()
        for made in (*draws, *(draw(source, target, np.random.default_rng(0)) for draw in task.side.examples.values())):
            values = made[:, :, start - task.picture_channels : end - task.picture_channels]
            assert values.shape == (*source.size, one.channels)
            one.require_inside(values)
        start = end
    assert start == task.channels[0]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_band_is_the_band_of_the_whole(variant, channels):
    task = task_of(variant)
    picture = drawn((11, 6), channels)
    band = Picture(picture.pixels[3:8])
    x = task.encode(picture)
    np.testing.assert_array_equal(task.encode(band), x[:, :, 3:8])
    k = task.scale
    y = np.random.default_rng(1).random((len(x), task.channels[1], 11 * k, 6 * k), np.float32)
    whole = task.decode(y, picture)
    np.testing.assert_array_equal(task.decode(y[:, :, 3 * k : 8 * k], band).pixels, whole.pixels[3 * k : 8 * k])


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(35, 27), (5, 4), (4, 9)], ids=str)
@pytest.mark.parametrize("variant", PICTURES)
def test_a_pair_repeats_for_a_seed_and_has_the_declared_scale(variant, size, channels):
    task = task_of(variant)
    clean = drawn(size, channels)
    before = clean.pixels.copy()
    pairs = [task.make_pair(clean, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    (source, target), (again, target_again), (other, other_target) = pairs
    np.testing.assert_array_equal(source.pixels, again.pixels)
    np.testing.assert_array_equal(target.pixels, target_again.pixels)
    np.testing.assert_array_equal(target.pixels, other_target.pixels)
    assert (source.pixels != other.pixels).any() == task.random
    assert target.size == tuple(side - side % task.scale for side in size)
    assert target.size == tuple(task.scale * side for side in source.size)
    assert target.depth == ("float" if getattr(task.settings, "degradations", ()) else "8")
    x, t = task.encode(source), task.encode_target(target)
    assert t.shape == (len(x), planes_out(task), *(task.scale * side for side in x.shape[2:]))
    np.testing.assert_array_equal(clean.pixels, before)


@pytest.mark.parametrize("variant", PICTURES)
def test_the_target_is_nearer_to_the_target_than_the_source_or_chance(variant):
    task = task_of(variant)
    source, target = task.make_pair(drawn(), np.random.default_rng(0))
    truth = torch.from_numpy(task.encode_target(target))
    guesses = [np.random.default_rng(1).random(truth.shape, np.float32)]
    if task.channels[0] == planes_out(task):
        guesses.append(enlarged(task.encode(source), task.scale))
    for guess in guesses:
        prediction = torch.from_numpy(guess).requires_grad_()
        loss = task.loss(prediction, truth)
        loss.backward()
        assert loss > task.loss(truth, truth)
        assert prediction.grad.isfinite().all()
        assert prediction.grad.any()


@pytest.mark.parametrize("variant", MASKS)
def test_the_true_classes_cost_less_than_chance(variant):
    task = task_of(variant)
    labels = torch.from_numpy(task.encode_target(drawn_mask(task)))
    true = 9 * torch.eye(256)[labels.long()].movedim(-1, 1)[:, : task.channels[1]]
    scores = torch.randn(true.shape, generator=torch.Generator().manual_seed(0), requires_grad=True)
    loss = task.loss(scores, labels)
    loss.backward()
    assert loss > 10 * task.loss(true, labels)
    assert scores.grad.isfinite().all()
    assert (scores.grad.abs().sum(1) > 0).eq(labels != 255).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_are_finite_at_the_target_and_in_bf16(variant):
    task = task_of(variant)
    target = drawn_mask(task) if variant in MASKS else task.make_pair(drawn(), np.random.default_rng(0))[1]
    truth = torch.from_numpy(task.encode_target(target))
    exact = truth if truth.ndim == 4 else torch.zeros(1, task.channels[1], *truth.shape[1:])
    for prediction in (exact.clone().requires_grad_(), exact.bfloat16().requires_grad_()):
        loss = task.loss(prediction, truth)
        loss.backward()
        assert loss.dtype == torch.float32
        assert prediction.grad.isfinite().all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_metrics_exist_and_are_best_at_the_target(variant):
    task = task_of(variant)
    source = drawn((96, 60))
    target = drawn_mask(task) if variant in MASKS else task.make_pair(source, np.random.default_rng(0))[1]
    assert task.metrics
    for spec in task.metrics:
        metric = registry.get("metrics", spec.name)
        assert spec.settings.keys() <= metric.settings.keys()
        found = task.encode_target(target)[0] if metric.labels else target.colors()
        function = getattr(metrics, spec.name.replace("-", "_"))
        assert function(found, found, **spec.settings) == pytest.approx(metric.best)


@pytest.mark.parametrize("variant", VARIANTS)
def test_settings_travel_as_json(variant):
    task = task_of(variant)
    text = json.dumps(task.settings.to_dict(), allow_nan=False)
    again = registry.get("tasks", task.name)(json.loads(text))
    assert again.settings == task.settings
    assert again.settings.to_dict() == json.loads(text)
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in json.loads(text).items())
    assert registry.get("tasks", task.name)(tomllib.loads(toml)).settings == task.settings
    assert task.settings.loss in registry.available("losses")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_setting_that_is_unknown_or_wrong_is_refused_in_one_sentence(variant):
    name, good = VARIANTS[variant]
    make = registry.get("tasks", name)
    with pytest.raises(WrongUse, match=rf"^{name} has no setting 'looss'; did you mean 'loss'\?$"):
        make({**good, "looss": "l1"})
    for key in (field.name for field in fields(make.settings)):
        with pytest.raises(WrongUse, match=rf"^{key} ") as caught:
            make({**good, key: {"a": 1}})
        assert "\n" not in str(caught.value)
    with pytest.raises(WrongUse, match="must be a dictionary or"):
        make([1])


@pytest.mark.parametrize("variant", VARIANTS)
def test_profile_and_exif_are_kept(variant):
    task = task_of(variant)
    pixels = drawn((4, 5)).pixels
    source = Picture(pixels, profile=b"profile", exif=b"exif", resolution=(3.0, 3.0))
    y = np.full((len(task.encode(source)), task.channels[1], 4 * task.scale, 5 * task.scale), 0.5, np.float32)
    result = task.decode(y, source)
    assert result.exif == b"exif"
    assert result.resolution == (3.0, 3.0)
    assert result.profile == (None if variant in MASKS else b"profile")


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_no_model_gives_is_refused(variant):
    task = task_of(variant)
    source = drawn((4, 5))
    y = np.full((len(task.encode(source)), task.channels[1], 4 * task.scale, 5 * task.scale), 0.5, np.float32)
    task.decode(y, source)
    for wrong in (y[:, :, 1:], y[:, :, :, 1:], y[:, 1:], y[0], y[:0], np.concatenate((y, y))):
        with pytest.raises(WrongShape, match=r"^The model's output has shape .* must be .*\.$"):
            task.decode(wrong, source)
    with pytest.raises(WrongUse, match="not finite"):
        task.decode(np.full_like(y, np.nan), source)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_picture_with_nan_is_refused(variant):
    source = drawn((4, 5), depth="float")
    source.pixels[1, 2] = np.nan
    with pytest.raises(RepixError, match="holds nan"):
        task_of(variant).encode(source)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_pixel_is_a_picture(variant):
    task = task_of(variant)
    source = drawn((1, 1), 4)
    y = np.full((len(task.encode(source)), task.channels[1], task.scale, task.scale), 0.5, np.float32)
    assert task.decode(y, source).size == (task.scale, task.scale)
