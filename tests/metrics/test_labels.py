"""The segmentation metrics against torchmetrics, and what happens to ignored labels."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_f1_score,
    multiclass_jaccard_index,
)

from repix import metrics, registry
from repix.errors import WrongDtype, WrongShape, WrongUse
from tests.metrics.scenes import label_map, mistaken

THEIRS = {
    "miou": lambda r, t, n, i: multiclass_jaccard_index(r, t, n, ignore_index=i),
    "dice": lambda r, t, n, i: multiclass_f1_score(r, t, n, average="macro", ignore_index=i),
    "pixel-accuracy": lambda r, t, n, i: multiclass_accuracy(r, t, n, average="micro", ignore_index=i),
}
NAMES = [name for name in registry.available("metrics") if registry.get("metrics", name).labels]


def ours(name, result, truth, **settings):
    return registry.get("metrics", name).function(result, truth, **settings)


def theirs(name, result, truth, classes, ignored):
    return THEIRS[name](torch.from_numpy(result.astype(np.int64)), torch.from_numpy(truth.astype(np.int64)),
                        classes, ignored).item()  # fmt: skip


def with_void(truth, void, seed=3):
    return np.where(np.random.default_rng(seed).random(truth.shape) < 0.2, void, truth).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("void", [None, 5, 255])
def test_numbers_are_torchmetrics(name, share, void):
    result = mistaken(label_map(), share)
    truth = label_map() if void is None else with_void(label_map(), void)
    value = ours(name, result, truth, classes=5, ignore_index=void)
    assert value == pytest.approx(theirs(name, result, truth, 5, void), abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_class_that_occurs_nowhere_is_left_out_of_the_mean(name):
    truth = 2 * label_map(classes=3)  # 0, 2 and 4
    result = 2 * mistaken(label_map(classes=3), 0.3, classes=3)
    assert ours(name, result, truth, classes=5) == pytest.approx(theirs(name, result, truth, 5, None), abs=1e-6)
    assert ours(name, result, truth) == ours(name, result, truth, classes=5)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_result_says_at_ignored_pixels_does_not_matter(name):
    truth = with_void(label_map(), 11)
    result = mistaken(label_map())
    other = np.where(truth == 11, np.random.default_rng(4).integers(0, 5, truth.shape), result)
    assert not np.array_equal(other, result)
    assert ours(name, result, truth, ignore_index=11) == ours(name, other, truth, ignore_index=11)


def test_the_ignored_label_is_never_a_right_answer():
    truth = np.array([[0, 0, 1, 1]])
    assert metrics.pixel_accuracy(np.array([[0, 9, 1, 1]]), truth, classes=2, ignore_index=9) == 0.75
    assert metrics.miou(np.array([[0, 9, 1, 1]]), truth, classes=2, ignore_index=9) == (1 / 2 + 1) / 2
    assert metrics.dice(np.array([[0, 9, 1, 1]]), truth, classes=2, ignore_index=9) == pytest.approx((2 / 3 + 1) / 2)


def test_minus_one_may_be_the_ignored_label():
    truth = np.array([[0, -1, 1, 1]])
    assert metrics.miou(np.array([[0, 1, 1, 1]]), truth, ignore_index=-1) == 1.0


def test_many_pairs_are_counted_together_and_not_averaged():
    tally = registry.get("metrics", "miou").tally
    common, rare = np.zeros((1, 98), int), np.array([[1, 0]])
    total = tally(common, common) + tally(np.zeros((1, 2), int), rare)
    assert total.parts == {"class 0": 99 / 100, "class 1": 0.0}
    assert total.value == pytest.approx(0.495)


@pytest.mark.parametrize("name", NAMES)
def test_wrong_label_maps_are_refused(name):
    good = label_map()
    with pytest.raises(WrongDtype, match="result is float64; a label map needs integers"):
        ours(name, good.astype(float), good)
    with pytest.raises(WrongShape, match="a label map is H×W"):
        ours(name, good[:, :, None], good[:, :, None])
    with pytest.raises(WrongDtype, match="result is a list; a label map needs"):
        ours(name, good.tolist(), good)
    with pytest.raises(WrongShape, match="a label map is H×W"):
        ours(name, good[:0], good[:0])
    with pytest.raises(WrongUse, match=r"truth has the label 4; labels must be from 0 to 3 for 4 classes"):
        ours(name, np.minimum(good, 3), good, classes=4)
    with pytest.raises(WrongUse, match="result has the label -1"):
        ours(name, good.astype(int) - 1, good)
    with pytest.raises(WrongUse, match="result has the label 70004"):
        ours(name, good.astype(int) + 70000, good)
    with pytest.raises(WrongUse, match="every pixel of the truth has the ignored label 3"):
        ours(name, good, np.full_like(good, 3), ignore_index=3)
    with pytest.raises(WrongUse, match="classes is 0; it must be at least 1"):
        ours(name, good, good, classes=0)


MAPS = arrays(np.uint8, (4, 6), elements=st.integers(0, 3))


@settings(max_examples=40)
@given(MAPS, MAPS, st.permutations(range(4)))
def test_classes_may_change_their_numbers(result, truth, order):
    renamed = np.array(order, np.uint8)
    for name in NAMES:
        value = ours(name, result, truth)
        assert ours(name, renamed[result], renamed[truth]) == pytest.approx(value, abs=1e-12)
        assert ours(name, truth, result) == pytest.approx(value, abs=1e-12)
        assert 0 <= value <= 1


@settings(max_examples=40)
@given(MAPS, MAPS)
def test_dice_follows_from_intersection_over_union_class_by_class(result, truth):
    shares = registry.get("metrics", "miou").tally(result, truth).parts
    dices = registry.get("metrics", "dice").tally(result, truth).parts
    assert dices.keys() == shares.keys()
    assert all(dices[c] == pytest.approx(2 * share / (1 + share)) for c, share in shares.items())
