"""Masks in the user's own encoding, in and out."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix import Picture, read, registry, write
from repix.errors import RepixError, WrongUse
from repix.masks import read_mask
from tests.tasks.drawn import drawn

make = registry.get("tasks", "segment")


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 255), min_size=3, max_size=9, unique=True),
    st.sampled_from(["levels", "palette", "colors"]),
    st.integers(0, 99),
)
def test_T07_any_encoding_comes_back(values, kind, seed):
    *values, ignored = values
    colors = [0x10101 * value for value in (*values, ignored)]
    if kind == "colors":
        values, ignored = colors[:-1], colors[-1]
    task = make({"values": values, "kind": kind, "ignored": ignored, "palette": colors if kind == "palette" else []})
    ids = np.random.default_rng(seed).integers(0, len(values), (5, 6))
    mask = task.decode(np.eye(len(values))[ids].transpose(2, 0, 1)[np.newaxis], drawn((5, 6)))
    assert mask.is_gray == (kind == "levels")
    np.testing.assert_array_equal(task.encode_target(mask)[0], ids)
    assert make(json.loads(json.dumps(task.settings.to_dict()))).settings == task.settings


def test_T07_the_likeliest_class_wins_and_of_equals_the_first():
    y = np.array([0.2, 0.5, 0.3, 0.4, 0.2, 0.4], np.float32).reshape(2, 3).T.reshape(1, 3, 1, 2)
    assert make({"values": [10, 20, 30]}).decode(y, drawn((1, 2))).pixels.ravel().tolist() == [20, 10]


def test_levels_above_255_make_a_16_bit_mask():
    task = make({"values": [0, 1000]})
    mask = Picture(np.array([[0, 1000]], np.uint16))
    assert task.encode_target(mask).tolist() == [[[0, 1]]]
    result = task.decode(np.array([1.0, 0, 0, 1]).reshape(1, 2, 1, 2), drawn((1, 2)))
    assert result.depth == "16"
    np.testing.assert_array_equal(result.pixels, mask.pixels)


def test_gray_saved_as_color_is_gray_and_gray_among_colors_is_a_color():
    levels = np.array([[0, 255], [255, 0]], np.uint8)
    as_color = Picture(np.repeat(levels[:, :, np.newaxis], 3, axis=2))
    ids = [[[0, 1], [1, 0]]]
    assert make({"values": [0, 255]}).encode_target(as_color).tolist() == ids
    assert make({"values": [0, 0xFFFFFF], "kind": "colors"}).encode_target(Picture(levels)).tolist() == ids


@pytest.mark.parametrize(
    ("given_settings", "mask", "sentence"),
    [
        ({"values": [0, 255]}, np.array([[0, 254]], np.uint8), "has the value 254 in row 0, column 1"),
        ({"values": [0, 255]}, np.zeros((2, 2), np.float32), "a mask needs integers"),
        ({"values": [0, 255]}, np.array([[[1, 2, 3]]], np.uint8), "has colors, but its classes are .* gray levels"),
        ({"values": [0, 1], "kind": "colors"}, np.zeros((2, 2), np.uint16), "has 16 bits"),
        ({"values": [0, 1], "kind": "colors"}, np.array([[[1, 2, 3]]], np.uint8), r"#010203 .* #000000, #000001\."),
    ],
)
def test_a_mask_of_another_kind_is_refused(given_settings, mask, sentence):
    with pytest.raises(RepixError, match=f"^The mask .*{sentence}"):
        make(given_settings).encode_target(Picture(mask))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "The setting values is missing: value of each class"),
        ({"values": [0]}, "values has 1 entries; there must be 2 to 255"),
        ({"values": [0, 0]}, "values has 2 classes; .* different values"),
        ({"values": [0, 1], "ignored": 1}, "values has 2 classes; .* different values"),
        ({"values": 2}, "values is 2; it must be a list"),
        ({"values": [0, "a"]}, "A number of values is 'a'; it must be a whole number"),
        ({"values": [0, -1]}, "A number of values is -1; it must be from 0 to 16777215"),
        ({"values": [0, 70000]}, "values or ignored has 70000; the largest of levels is 65535"),
        ({"values": [0, 300], "kind": "palette"}, "values or ignored has 300; the largest of palette is 255"),
        (
            {"values": [0, 1], "palette": [1, 2]},
            r"palette is #000001, #000002; it must have 0 different colors for levels",
        ),
        ({"values": [0, 1], "kind": "palette", "palette": [7, 7]}, r"palette is .* 2 different colors"),
        ({"values": [0, 1], "names": ["sky"]}, "names has 1 entries; there are 2 classes"),
        ({"values": [0, 1], "names": "ab"}, "names is 'ab'; it must be a list"),
        ({"values": [0, 1], "weights": [1, -1]}, "A number of weights is -1; it must be from 0 to 1000000"),
        ({"values": [0, 1], "weights": [0, 0]}, "weights need the loss cross-entropy, and one"),
        ({"values": [0, 1], "weights": [1, 2], "loss": "dice"}, "weights need the loss cross-entropy"),
        ({"values": [0, 1], "loss": "mse"}, "loss is 'mse'; choose from cross-entropy, dice"),
    ],
)
def test_wrong_settings_are_refused(wrong, sentence):
    with pytest.raises(WrongUse, match=f"^{sentence}"):
        make(wrong)


def test_S10_camvids_and_the_membranes_masks_come_back_byte_for_byte(shared, tmp_path):
    """Also through files: what is written is what the folder held."""
    cases = [
        (sorted((shared / "camvid/val-labels").iterdir())[:2], {"values": list(range(11)), "ignored": 11}),
        (sorted((shared / "membrane/train-labels").iterdir())[:2], {"values": [0, 255]}),
    ]
    for files, given_settings in cases:
        task = make(given_settings)
        for file in files:
            mask = read(file)
            labels = task.encode_target(mask)
            y = np.eye(256, dtype=np.float32)[labels].transpose(0, 3, 1, 2)[:, : task.channels[1]]
            write(task.decode(y, mask), tmp_path / file.name)
            again, kept = read_mask(tmp_path / file.name), labels[0] != 255
            np.testing.assert_array_equal(again.pixels[kept], mask.pixels[kept][:, 0])
            assert again.pixels.shape == mask.size


def test_another_light_leaves_shapes_and_order_within_each_channel():
    """Light, tint and contrast are straight lines per channel: what was darker stays darker, and 0 to 1 is kept."""
    photo = drawn((12, 9))
    for seed in range(20):
        varied = make({"values": [0, 1], "photometric_jitter": 0.3}).augment(photo, np.random.default_rng(seed))
        before, after = photo.colors().reshape(-1, 3), varied.colors().reshape(-1, 3)
        assert after.shape == before.shape
        assert 0 <= after.min() <= after.max() <= 1
        assert not np.allclose(before, after)
        for one, other in zip(before.T, after.T, strict=True):
            assert (np.diff(other[np.argsort(one)]) >= -1e-6).all()
    assert make({"values": [0, 1]}).augment is None


def test_pictures_with_a_top_and_a_bottom_are_not_rotated():
    assert not make({"values": [0, 1]}).rotations
    assert make({"values": [0, 1], "rotations": True}).rotations
    tasks = {name: registry.get("tasks", name)({}) for name in ("colorize", "scene", "denoise", "upscale", "restore")}
    assert [name for name, task in tasks.items() if not task.rotations] == ["colorize", "scene"]
