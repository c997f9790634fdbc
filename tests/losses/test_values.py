"""The losses, against the decks' numbers, torch's own, NumPy, and our arithmetic."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter
from skimage.measure import block_reduce

from repix import metrics, registry
from repix.arithmetic import probabilities
from repix.errors import WrongShape
from repix.losses import charbonnier, cross_entropy, dice, l1, lines, log_mse, loss_named, mse
from repix.losses.log_mse import LEAST_ERROR

PREDICTION, TRUTH = torch.tensor([2.06, -4.36, -0.65]), torch.tensor([11.18, 11.66, 8.97])
SEEDS = st.integers(0, 1000)


def pictures(seed):
    return torch.rand(2, 3, 2, 4, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def classes(seed, ignored=0.2):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, 4, 5, 6, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, 4, (2, 5, 6), generator=generator, dtype=torch.uint8)
    labels[torch.rand(2, 5, 6, generator=generator) < ignored] = 255
    return scores, labels


def test_T09_mean_absolute_and_mean_squared_error_of_the_deck():
    assert l1(PREDICTION, TRUTH).item() == pytest.approx(11.587, abs=5e-4)
    assert mse(PREDICTION, TRUTH).item() == pytest.approx(144.12, abs=5e-3)


@settings(max_examples=20)
@given(SEEDS)
def test_T09_the_picture_losses_agree_with_torch_and_numpy(seed):
    prediction, target = pictures(seed)[:, 0], pictures(seed)[:, 1]
    difference = (prediction - target).numpy()
    torch.testing.assert_close(l1(prediction, target), torch.nn.functional.l1_loss(prediction, target))
    torch.testing.assert_close(mse(prediction, target), torch.nn.functional.mse_loss(prediction, target))
    per_picture = (difference**2).mean(axis=(1, 2, 3))
    assert log_mse(prediction, target).item() == pytest.approx(np.log(per_picture).mean(), abs=1e-5)
    rounded = np.sqrt(difference**2 + 1e-6) - 1e-3
    assert charbonnier(prediction, target).item() == pytest.approx(rounded.mean())


def test_charbonnier_is_the_absolute_error_from_afar_and_the_square_near_zero():
    zero = torch.zeros(4, dtype=torch.float64)
    assert charbonnier(zero + 5, zero).item() == pytest.approx(5, rel=1e-3)
    assert charbonnier(zero + 1e-5, zero).item() == pytest.approx((1e-5) ** 2 / 2e-3, rel=1e-3)
    assert charbonnier(zero, zero).item() == 0


def test_log_mse_counts_every_picture_alike():
    """Halving one picture's difference gains the same, however large it is: 2·log 2, shared by two pictures."""
    target = torch.zeros(2, 1, 3, 3, dtype=torch.float64)
    both = torch.stack([torch.full((1, 3, 3), size, dtype=torch.float64) for size in (0.5, 0.05)])
    for which in (0, 1):
        better = both.clone()
        better[which] /= 2
        assert (log_mse(both, target) - log_mse(better, target)).item() == pytest.approx(np.log(2), abs=1e-4)
    assert log_mse(target, target).item() == pytest.approx(np.log(LEAST_ERROR))


@settings(max_examples=20)
@given(SEEDS)
def test_lines_is_the_absolute_error_and_that_of_the_gradients_lengths_where_the_target_is_steep(seed):
    prediction, target = pictures(seed)[:, 0], pictures(seed)[:, 1]
    both = [picture.numpy().mean(1, keepdims=True) for picture in (prediction, target)]
    wrong = []
    for _ in range(4):
        one, other = (_lengths(picture) for picture in both)
        wrong.append((np.abs(one - other) * other).mean() / other.mean())
        both = [block_reduce(picture, (1, 1, 2, 2), np.nanmean, cval=np.nan) for picture in both]
    expected = np.abs((prediction - target).numpy()).mean() + 5 * np.mean(wrong)
    assert lines(prediction, target).item() == pytest.approx(expected, abs=1e-5)


def _lengths(picture):
    for _ in range(2):
        sums, counts = (uniform_filter(x, 3, mode="constant", axes=(2, 3)) for x in (picture, np.ones(picture.shape)))
        picture = sums / counts
    down, right = np.diff(picture, axis=2, append=picture[:, :, -1:]), np.diff(picture, append=picture[..., -1:])
    return np.sqrt(down**2 + right**2 + 1e-6)


def test_S09_cross_entropy_of_the_deck():
    scores = torch.tensor([0.60, 0.13, 0.27]).log().reshape(1, 3, 1, 1)
    assert cross_entropy(scores, torch.zeros(1, 1, 1, dtype=torch.uint8)).item() == pytest.approx(0.511, abs=5e-4)


@settings(max_examples=20)
@given(SEEDS)
def test_S08_cross_entropy_is_the_mean_over_pixels_of_our_arithmetic(seed):
    scores, labels = classes(seed, ignored=0)
    one_hot = np.moveaxis(np.eye(4)[labels.numpy()], -1, 1)
    expected = probabilities.cross_entropy(probabilities.softmax(scores.numpy()), one_hot)
    assert cross_entropy(scores, labels).item() == pytest.approx(float(expected), rel=1e-6)


@settings(max_examples=20)
@given(SEEDS, st.lists(st.floats(0.1, 5), min_size=4, max_size=4))
def test_cross_entropy_with_weights_and_ignored_pixels_is_torchs(seed, weights):
    scores, labels = classes(seed)
    weight = torch.tensor(weights)
    expected = torch.nn.functional.cross_entropy(scores.float(), labels.long(), weight, ignore_index=255)
    torch.testing.assert_close(cross_entropy(scores, labels, weights), expected)


@settings(max_examples=20)
@given(SEEDS)
def test_dice_of_certain_predictions_is_our_metric(seed):
    scores, labels = classes(seed)
    predicted = scores.argmax(1)
    certain = 1000 * torch.nn.functional.one_hot(predicted, 4).movedim(-1, 1).double()
    maps = (array.reshape(10, 6).numpy() for array in (predicted, labels))
    assert 1 - dice(certain, labels).item() == pytest.approx(metrics.dice(*maps, classes=4, ignore_index=255))


def test_dice_leaves_out_classes_that_are_nowhere_true():
    labels = torch.zeros(1, 2, 2, dtype=torch.uint8)
    scores = torch.zeros(1, 3, 2, 2)
    assert dice(scores, labels).item() == pytest.approx(1 - 2 * (4 / 3) / (4 / 3 + 4))


@pytest.mark.parametrize("loss", [cross_entropy, dice])
def test_nothing_but_ignored_pixels_is_a_loss_without_a_pull(loss):
    scores = torch.randn(1, 3, 2, 2, requires_grad=True)
    value = loss(scores, torch.full((1, 2, 2), 255, dtype=torch.uint8))
    value.backward()
    assert value.isfinite()
    assert not scores.grad.any()


@pytest.mark.parametrize("name", ["l1", "mse", "charbonnier", "log-mse"])
def test_shapes_that_numpy_would_stretch_are_refused(name):
    with pytest.raises(
        WrongShape, match=r"\(1, 3, 2, 2\) and the target \(1, 1, 2, 2\); they must have the same shape"
    ):
        loss_named(name)(torch.zeros(1, 3, 2, 2), torch.zeros(1, 1, 2, 2))


@pytest.mark.parametrize("name", ["cross-entropy", "dice"])
def test_labels_with_channels_are_refused(name):
    with pytest.raises(WrongShape, match=r"they must be N×C×H×W and N×H×W"):
        loss_named(name)(torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2, dtype=torch.uint8))


@pytest.mark.parametrize("name", registry.available("losses"))
def test_gradients_are_those_of_the_function(name):
    if name in ("cross-entropy", "dice"):
        scores, labels = classes(3)
        loss, given_to = (lambda s: loss_named(name)(s, labels)), scores[:, :, :2, :2].clone().requires_grad_()
        labels = labels[:, :2, :2]
        step, tolerance = 1e-2, 1e-2  # these compute in float32
    else:
        prediction, target = pictures(3)[:, 0], pictures(3)[:, 1]
        more = (torch.nn.Softplus(),) if registry.get("losses", name).needs_features else ()
        loss, given_to = (lambda p: loss_named(name)(p, target, *more)), prediction.clone().requires_grad_()
        step, tolerance = 1e-6, 1e-4
    assert torch.autograd.gradcheck(loss, given_to, eps=step, atol=tolerance, rtol=tolerance, nondet_tol=1e-6)
