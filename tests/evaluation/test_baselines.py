"""Baselines: every task has its nothing; classical filters are the best that is installed."""

import numpy as np
import pytest

from repix import Picture, registry, write
from repix.data import Item, find
from repix.errors import UnknownName, WrongUse
from repix.evaluation import Examples, classical, filtered, measure, nothing
from repix.tasks import MetricSpec
from tests.tasks.drawn import PICTURES, VARIANTS, drawn, drawn_mask, task_of


@pytest.fixture
def examples_for(tmp_path):
    """Drawn examples of a variant of a task, color and gray."""

    def make(variant):
        task, items = task_of(variant), []
        for number, channels in enumerate((3, 3, 4)):
            write(drawn((72, 60), channels, seed=number), tmp_path / f"{number}.png")
            if task.logits:
                write(drawn_mask(task, (72, 60), number), tmp_path / f"{number}-mask.png")
            items.append(Item(f"{number}.png", f"{number}-mask.png" if task.logits else None))
        return Examples(tmp_path, items, task)

    return make


def nothing_for(task):
    return nothing(task, range(task.channels[1]) if task.logits else ())


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_task_has_a_nothing_that_all_its_metrics_measure(variant, examples_for):
    examples = examples_for(variant)
    outcome = measure(nothing_for(examples.task).convert, examples, examples.task.metrics)
    assert outcome.failures == ()
    assert len(outcome.totals) == len(examples.task.metrics)
    assert all(np.isfinite(value) for value in outcome.totals.values())


@pytest.mark.parametrize("variant", PICTURES)
def test_classical_filters_give_pictures_that_are_measured(variant, examples_for, monkeypatch):
    monkeypatch.setattr("repix.evaluation.baselines.find_spec", lambda name: None if name == "bm3d" else name)
    examples = examples_for(variant)
    best = classical(examples.task)
    if examples.task.name in ("colorize", "scene"):
        assert best is None
        return
    outcome = measure(best.convert, examples, examples.task.metrics)
    assert outcome.failures == ()
    before = measure(nothing(examples.task).convert, examples, examples.task.metrics)
    if variant != "upscale, degraded" and examples.task.name in ("denoise", "upscale"):  # grain is noise to a sharpener
        assert outcome.deciding > before.deciding


def test_nothing_is_the_source_itself_where_that_could_be_the_result():
    for name in ("denoise", "deblur"):
        source = drawn(depth="float")
        assert nothing(registry.get("tasks", name)()).convert(source) is source


@pytest.mark.parametrize("name", ["colorize", "restore", "scene"])
def test_nothing_has_no_color_and_keeps_the_lightness(name):
    source = drawn(channels=1)
    result = nothing(registry.get("tasks", name)()).convert(source)
    assert np.array_equal(result.pixels, np.repeat(source.pixels, 3, axis=2))


def test_the_paper_of_a_drawing_shows_through():
    strokes = Picture(np.array([[[0, 255], [0, 0]]], np.uint8))  # a black stroke, and nothing drawn
    result = nothing(registry.get("tasks", "scene")({"style": "pencil"})).convert(strokes)
    assert result.pixels.tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_the_commonest_class_stands_everywhere():
    task = registry.get("tasks", "segment")({"values": [10, 20, 30]})
    result = nothing(task, [5, 9, 2]).convert(drawn())
    assert (result.pixels == 20).all()
    with pytest.raises(WrongUse, match="class_pixels has 2 values; segment has 3 classes"):
        nothing(task, [5, 9])


def test_a_missing_library_makes_way_for_the_next_best_and_is_named(monkeypatch):
    denoise = registry.get("tasks", "denoise")
    missing = {"bm3d"}
    monkeypatch.setattr("repix.evaluation.baselines.find_spec", lambda name: None if name in missing else name)
    assert classical(denoise({"color": False})).name == "beltrami-patch (bm3d not installed)"
    assert classical(denoise()).name == "wavelet (bm3d not installed)"
    assert classical(denoise({"sigma": [25, 25]})).name == "wavelet sigma=25 (bm3d not installed)"
    assert classical(denoise({"sigma": None, "density": [0.1, 0.2]})).name == "median"
    assert classical(denoise({"sigma": None, "speckle": [0.1, 0.2]})).name == "total-variation"
    missing |= {"cv2", "pywt"}
    assert classical(denoise()) is None
    missing.clear()
    assert classical(denoise({"sigma": [25, 25]})).name == "bm3d sigma=25"
    assert classical(registry.get("tasks", "restore")()).name == "bm3d"


def test_a_filter_is_that_of_its_room():
    picture = drawn()
    expected = registry.get("filters", "median").function(picture.colors(), size=5)
    assert np.array_equal(filtered("median size=5").convert(picture).pixels, picture.with_colors(expected).pixels)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", WrongUse, "empty"),
        ("medain", UnknownName, "did you mean 'median'"),
        ("median size=4", WrongUse, "In the filter 'median size=4': size is 4"),
        ("median sise=3", WrongUse, "did you mean 'size'"),
    ],
)
def test_a_filter_that_does_not_exist_is_refused(text, kind, words):
    with pytest.raises(kind, match=words):
        filtered(text)


def test_bicubic_reaches_on_set5_what_the_distributed_files_do(shared):
    task = registry.get("tasks", "upscale")()
    items = [item for item in find(shared / "set5").parts["train"].items if item.picture.endswith("_x2_HR.png")]
    outcome = measure(nothing(task).convert, Examples(shared / "set5", items, task), task.metrics)
    assert list(outcome.totals.values()) == pytest.approx([33.679, 0.9304], abs=0.002)


def test_bm3d_reaches_what_is_published_for_cameraman(shared):
    pytest.importorskip("bm3d")
    task = registry.get("tasks", "denoise")({"color": False, "sigma": [25, 25]})
    examples = Examples(shared / "set12", [Item("01.png")], task)
    outcome = measure(filtered("bm3d sigma=25").convert, examples, [MetricSpec("psnr-gray")])
    assert outcome.deciding == pytest.approx(29.45, abs=0.15)
