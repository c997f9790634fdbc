"""What every metric must do, found by being in the folder."""

import inspect

import numpy as np
import pytest

from repix import metrics, registry
from repix.errors import RepixError, WrongDtype, WrongShape, WrongUse
from tests.metrics.scenes import label_map, mistaken, noisy, scene

NAMES = registry.available("metrics")
GIVEN = {"scale": 2}
"""Values for the settings that have no default."""


def metric(name):
    return registry.get("metrics", name)


def measure(name, result, truth):
    """The metric's number, with what it needs and no more."""
    found = metric(name)
    settings = {key: GIVEN[key] for key, setting in found.settings.items() if setting.default is inspect._empty}
    arrays = {"result": result, "truth": truth}
    return found.function(**{key: arrays[key] for key in found.arrays}, **settings)


def pair(name, spoil=0.0):
    """A result and a truth that suit the metric."""
    if metric(name).labels:
        truth = label_map()
        return mistaken(truth, spoil / 50), truth
    truth = scene(width=200 if name == "niqe" else 180, channels=1 if name == "psnr-gray" else 3)
    return noisy(truth, spoil), truth


FOR_ONE_PIXEL = ("psnr-rgb", "psnr-gray", "miou", "pixel-accuracy", "dice")

COMPARING = [name for name in NAMES if len(metric(name).arrays) == 2]
OF_PICTURES = [name for name in NAMES if not metric(name).labels]


def test_the_metrics_are_those_of_the_docs():
    assert set(NAMES) >= {
        "psnr-rgb", "psnr-gray", "psnr-y", "psnr-y-bicubic", "ssim-wang", "ssim-skimage", "ms-ssim", "miou",
        "pixel-accuracy", "dice", "colorfulness", "edges-f1", "niqe",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_function_is_reachable_by_the_name(name):
    assert getattr(metrics, name.replace("-", "_")) is metric(name).function


@pytest.mark.parametrize("name", COMPARING)
def test_a_result_equal_to_the_truth_gets_the_best(name):
    _, truth = pair(name)
    assert measure(name, truth.copy(), truth) == pytest.approx(metric(name).best, abs=1e-12)


@pytest.mark.parametrize("name", COMPARING)
def test_a_worse_result_gets_a_worse_number(name):
    values = [metric(name).goodness(measure(name, *pair(name, spoil))) for spoil in (2.0, 10.0, 40.0)]
    assert values[0] > values[1] > values[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_arrays_are_left_as_they_were(name):
    result, truth = pair(name, 5.0)
    before = result.copy(), truth.copy()
    measure(name, result, truth)
    assert np.array_equal(before[0], result)
    assert np.array_equal(before[1], truth)


@pytest.mark.parametrize("name", COMPARING)
def test_turning_and_mirroring_both_changes_nothing(name):
    result, truth = (array[:176, :176] for array in pair(name, 8.0))
    value = measure(name, result, truth)
    tolerance = 2e-3 if name == "edges-f1" else 1e-9  # of two equal neighbors, Canny keeps the first
    turned = measure(name, np.rot90(result), np.rot90(truth))
    assert turned == pytest.approx(value, rel=tolerance)
    assert measure(name, result[:, ::-1], truth[:, ::-1]) == pytest.approx(value, rel=tolerance)


@pytest.mark.parametrize("name", COMPARING)
def test_results_of_another_size_are_refused(name):
    result, truth = pair(name)
    with pytest.raises(WrongShape, match=r"result is \d+×\d+ and truth is \d+×\d+ \(height × width\)"):
        measure(name, result[:-1], truth)


@pytest.mark.parametrize("name", OF_PICTURES)
def test_what_is_no_picture_is_refused(name):
    result, truth = pair(name)
    hole = truth.copy()
    hole[3, 4] = np.nan
    last = metric(name).arrays[-1]

    def with_last(array):
        return measure(name, *((result, array) if last == "truth" else (array, truth)))

    with pytest.raises(WrongUse, match=rf"{last} .*nan.*3, 4"):
        with_last(hole)
    with pytest.raises(WrongDtype, match=rf"{last} is uint8.*divide pixels by 255"):
        with_last(np.zeros(truth.shape, np.uint8))
    for shape in [(0, 5, 3), (5, 5, 2), (5, 5, 4), (5,), (2, 5, 5, 3)]:
        with pytest.raises(WrongShape, match="has shape"):
            measure(name, np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("name", NAMES)
def test_one_pixel_is_a_number_or_a_sentence(name):
    one = np.zeros((1, 1), np.uint8) if metric(name).labels else np.zeros((1, 1, 1 if name == "psnr-gray" else 3))
    if name in FOR_ONE_PIXEL:
        assert measure(name, one, one) == metric(name).best
    else:
        with pytest.raises(RepixError, match=r"^[^\n]{20,200}\.$"):
            measure(name, one, one)


@pytest.mark.parametrize("name", [name for name in COMPARING if name not in ("psnr-gray", "edges-f1", "psnr-rgb")])
def test_gray_against_color_is_refused(name):
    if metric(name).labels:
        with pytest.raises(WrongShape, match="a label map is H×W"):
            measure(name, label_map(), np.zeros((40, 50, 3), np.uint8))
    else:
        with pytest.raises(WrongShape, match="result is gray and truth is color"):
            measure(name, scene(channels=1), scene(channels=3))


@pytest.mark.parametrize("name", [name for name in NAMES if metric(name).tally])
def test_the_function_is_its_tally_and_tallies_add_up(name):
    found = metric(name)
    first, second = pair(name, 5.0), pair(name, 30.0)
    tallies = [found.tally(*first), found.tally(*second)]
    assert found.function(*first) == tallies[0].value
    stacked = [np.concatenate(arrays) for arrays in zip(first, second, strict=True)]
    total = (tallies[0] + tallies[1]).value
    assert min(t.value for t in tallies) <= total <= max(t.value for t in tallies)
    if found.labels:
        assert total == pytest.approx(found.function(*stacked), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_description(name):
    assert all(setting.text for setting in metric(name).settings.values())
    parameters = set(inspect.signature(metric(name).function).parameters)
    assert parameters == {*metric(name).settings, *metric(name).arrays}
    assert metric(name).arrays
