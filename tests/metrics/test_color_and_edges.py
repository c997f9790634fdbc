"""Colorfulness and edges: by the formula in plain numpy, against SciPy's distances, and by laws."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from repix import degradations, metrics, registry
from repix.arithmetic.edges import canny
from repix.errors import WrongShape, WrongUse
from tests.metrics.scenes import noisy, scene


def hasler(picture):
    """The formula of the paper, with variances over all pixels."""
    r, g, b = 255 * picture.reshape(-1, 3).T
    rg, yb = r - g, 0.5 * (r + g) - b
    return np.sqrt(rg.var() + yb.var()) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2)


def test_colorfulness_is_the_papers_formula():
    truth, result = scene(seed=1), scene(seed=2)
    tally = registry.get("metrics", "colorfulness").tally(result, truth)
    assert tally.parts == {"result": pytest.approx(hasler(result)), "truth": pytest.approx(hasler(truth))}
    assert metrics.colorfulness(result, truth) == pytest.approx(hasler(result) / hasler(truth))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 2.0])
def test_fading_towards_gray_fades_the_ratio(share):
    truth = scene()
    gray = truth.mean(axis=2, keepdims=True)
    assert metrics.colorfulness(gray + share * (truth - gray), truth) == pytest.approx(share, abs=1e-12)


def test_lightness_alone_does_not_count():
    truth = scene()
    assert metrics.colorfulness(truth + 0.1, truth) == pytest.approx(1.0)


def test_many_pairs_are_ratio_of_the_sums():
    tally = registry.get("metrics", "colorfulness").tally
    one, two = tally(scene(seed=1), scene(seed=2)), tally(scene(seed=3), scene(seed=4))
    total = one + two
    assert total.value == pytest.approx((one.result + two.result) / (one.truth + two.truth))
    assert total.parts["truth"] == pytest.approx((one.truth + two.truth) / 2)


def test_a_truth_without_color_is_refused():
    with pytest.raises(WrongUse, match="the truth has no color"):
        metrics.colorfulness(scene(), np.full((200, 180, 3), 0.5))
    with pytest.raises(WrongShape, match="needs color pictures"):
        metrics.colorfulness(scene(channels=1), scene(channels=1))


def by_distances(first, second, tolerance):
    """Precision, recall and F1 from SciPy's exact distances."""
    precision = np.mean(distance_transform_edt(~second)[first] <= tolerance)
    recall = np.mean(distance_transform_edt(~first)[second] <= tolerance)
    return precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("tolerance", [0, 1, 2, 5, 20])
def test_matches_are_those_within_the_exact_distance(tolerance):
    truth = scene(channels=1)
    result = noisy(np.roll(truth, (1, 2), axis=(0, 1)), 12.0)
    first, second = (canny(a[:, :, 0], 1.4, 3.2, 8.0) for a in (result, truth))
    assert first.any()
    assert second.any()
    precision, recall, f1 = by_distances(first, second, tolerance)
    tally = registry.get("metrics", "edges-f1").tally(result, truth, tolerance)
    assert tally.parts == {"precision": pytest.approx(precision), "recall": pytest.approx(recall)}
    assert metrics.edges_f1(result, truth, tolerance) == pytest.approx(f1)


def test_a_drawing_of_thin_bright_lines_is_taken_as_it_is():
    photo = scene()
    truth = degradations.edges(photo)
    assert metrics.edges_f1(photo, truth, tolerance=0, drawing="bright") == 1.0
    assert metrics.edges_f1(photo, truth, tolerance=0, drawing="dark") < 0.2


def test_a_drawing_of_dark_strokes_is_taken_as_it_is():
    photo = scene()
    truth = 1 - degradations.edges(photo)
    assert metrics.edges_f1(photo, truth, tolerance=0, drawing="dark") == 1.0


def test_pictures_without_edges():
    flat, edged = np.full((20, 20), 0.5), np.repeat([[0.0] * 10 + [1.0] * 10], 20, axis=0)
    assert metrics.edges_f1(flat, flat) == 1.0
    assert metrics.edges_f1(flat, edged) == 0.0
    assert metrics.edges_f1(edged, flat) == 0.0


def test_a_wider_tolerance_never_lowers_the_number():
    truth = scene()
    values = [metrics.edges_f1(noisy(truth, 25.0), truth, tolerance=t) for t in range(5)]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_wrong_settings_are_refused():
    truth = scene(30, 40)
    with pytest.raises(WrongUse, match="drawing is 'light'; choose from dark, bright"):
        metrics.edges_f1(truth, truth, drawing="light")
    with pytest.raises(WrongUse, match="tolerance is -1; it must be at least 0"):
        metrics.edges_f1(truth, truth, tolerance=-1)
    with pytest.raises(WrongShape, match="tolerance is 30, but the pictures are 30×40"):
        metrics.edges_f1(truth, truth, tolerance=30)
    with pytest.raises(WrongShape, match="result is gray and truth is color"):
        metrics.edges_f1(scene(channels=1), scene())
