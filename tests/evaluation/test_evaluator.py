"""Measuring: numbers by the metrics' own rules, and pictures that fail without stopping the others."""

import math
from dataclasses import replace

import numpy as np
import pytest

from repix import Picture, registry
from repix.data import find
from repix.errors import WrongUse
from repix.evaluation import Examples, measure
from repix.tasks import MetricSpec
from tests.data.drawing import blobs, photo, pictures, put

DENOISE = registry.get("tasks", "denoise")({"color": False, "sigma": [20, 30]})


def examples_of(root, task=DENOISE, **settings):
    return Examples(root, find(root).parts["train"].items, task, **settings)


def segmented(root, sizes=((40, 30), (90, 70), (20, 20))):
    """Masks of four classes, one of them ignored, of very different sizes."""
    for number, size in enumerate(sizes):
        put(root / "images" / f"{number}.png", photo(number, size))
        mask = blobs(number, 4, size)
        put(root / "masks" / f"{number}.png", np.where(mask == 3, 255, mask).astype(np.uint8))
    return examples_of(root, registry.get("tasks", "segment")({"values": [0, 1, 2], "ignored": 255}))


def guess(source):
    """Classes out of the photo's brightness."""
    return Picture(np.digitize(source.pixels[:, :, 0], [80, 160]).astype(np.uint8))


def test_psnr_is_the_mean_of_the_pictures(tmp_path):
    examples = examples_of(pictures(tmp_path, 3))
    outcome = measure(lambda source: source, examples, [MetricSpec("psnr-gray")])
    expected = {
        example.name: -10 * math.log10(np.square(example.source.colors() - example.target.colors()).mean())
        for example in examples
    }
    assert {name: score.value for name, score in outcome.measurements[0].scores.items()} == pytest.approx(expected)
    assert outcome.totals == {"psnr-gray": pytest.approx(np.mean(list(expected.values())))}
    assert outcome.deciding == outcome.totals["psnr-gray"]
    assert outcome.failures == ()


def test_miou_is_that_of_one_confusion_matrix_of_all_pictures(tmp_path):
    examples = segmented(tmp_path)
    outcome = measure(guess, examples, examples.task.metrics)
    confusion, each = np.zeros((3, 3)), []
    for example in examples:
        truth, found = example.target.pixels[:, :, 0], guess(example.source).pixels[:, :, 0]
        own = np.zeros((3, 3))
        np.add.at(own, (truth[truth < 3], found[truth < 3]), 1)
        confusion += own
        each.append(np.mean(np.diag(own) / (own.sum(0) + own.sum(1) - np.diag(own))))
    agreed = np.diag(confusion)
    miou = np.mean(agreed / (confusion.sum(0) + confusion.sum(1) - agreed))
    assert list(outcome.totals.values()) == pytest.approx([miou, agreed.sum() / confusion.sum()])
    assert [score.value for score in outcome.measurements[0].scores.values()] == pytest.approx(each)
    assert abs(miou - np.mean(each)) > 0.001  # else this test could not tell the two rules apart


def test_one_that_fails_is_named_and_the_others_go_on(tmp_path):
    examples = examples_of(pictures(tmp_path, 4))
    (tmp_path / "01.png").write_bytes(b"no picture")
    told, kept = [], []

    def convert(source):
        if len(kept) == 1:
            kept.append(None)
            raise WrongUse("too hard.")
        return source

    outcome = measure(
        convert,
        examples,
        [MetricSpec("psnr-gray")],
        lambda *done: told.append(done),
        lambda one, _: kept.append(one.name),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert kept == ["00.png", None, "03.png"]
    assert list(outcome.measurements[0].scores) == ["00.png", "03.png"] == list(outcome.seconds_per_megapixel)
    unread, refused = outcome.failures
    assert "01.png" in unread
    assert refused == "02.png: too hard."


def test_a_result_of_another_size_is_a_failure(tmp_path):
    examples = examples_of(pictures(tmp_path, 1))
    outcome = measure(
        lambda source: Picture(source.pixels[1:]), examples, [MetricSpec("psnr-gray"), MetricSpec("ssim-wang")]
    )
    assert outcome.totals == {}
    assert math.isnan(outcome.deciding)
    assert [failure.startswith("00.png: not measured by") for failure in outcome.failures] == [True, True]


def test_a_metric_that_refuses_one_truth_measures_the_others(tmp_path):
    pictures(tmp_path, 2)
    put(tmp_path / "gray.png", photo(5, channels=1))
    examples = examples_of(tmp_path, registry.get("tasks", "colorize")())
    outcome = measure(
        lambda source: source.with_colors(np.repeat(source.colors(), 3, 2)), examples, examples.task.metrics
    )
    assert [len(one.scores) for one in outcome.measurements] == [3, 2]
    assert len(outcome.failures) == 1
    assert outcome.failures[0].startswith("gray.png: not measured by colorfulness")


def test_nothing_at_all_measured_is_no_number(tmp_path):
    examples = examples_of(pictures(tmp_path, 1))
    (tmp_path / "00.png").unlink()
    outcome = measure(lambda source: source, examples, [MetricSpec("psnr-gray")])
    assert (outcome.totals, len(outcome.failures)) == ({}, 1)
    assert math.isnan(outcome.deciding)
    assert math.isnan(outcome.speed)


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ([], "metrics is empty"),
        ([MetricSpec("miou")], "miou compares label maps, but denoise produces pictures"),
        ([MetricSpec("psnr-gray", {"scale": 2})], "psnr-gray has no setting 'scale'"),
        ([MetricSpec("psnr-y")], "psnr-y needs scale"),
        ([MetricSpec("psnr-y", {"scale": 0})], "scale is 0"),
        ([MetricSpec("psnr-gryy")], "did you mean 'psnr-gray'"),
    ],
)
def test_metrics_that_make_no_sense_are_refused_at_once(tmp_path, metrics, words):
    with pytest.raises(WrongUse, match=words):
        measure(lambda source: source, examples_of(pictures(tmp_path, 1)), metrics)


def test_the_time_is_that_of_a_megapixel_of_the_result(tmp_path, monkeypatch):
    clock = iter([0.0, 2.0, 10.0, 10.5])
    monkeypatch.setattr("repix.evaluation.evaluator.perf_counter", lambda: next(clock))
    examples = examples_of(pictures(tmp_path, 2))
    outcome = measure(lambda source: replace(source), examples, [MetricSpec("psnr-gray")])
    assert list(outcome.seconds_per_megapixel.values()) == pytest.approx([2e6 / (96 * 80), 0.5e6 / (96 * 80)])
    assert outcome.speed == pytest.approx(1.25e6 / (96 * 80))
