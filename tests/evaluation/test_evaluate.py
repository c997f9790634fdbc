"""`repix.evaluate`: what `repix evaluate` does, from Python, and as a table in a notebook."""

import json

import numpy as np
import pytest

import repix
from repix.cli._app import run
from repix.errors import RepixError, Unreadable, WrongUse
from repix.evaluation import Selection


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pictures")
    for number in range(3):
        repix.write(_picture(number), place / f"{number}.png")
    return place


def _picture(seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:40, :56] / 40
    pixels = np.stack([x, y, (x * y) ** 0.5], -1) / 1.5 + 0.2 * rng.random((1, 1, 3))
    return repix.Picture((np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def test_it_gives_the_numbers_of_the_command(folder, capsys):
    results = repix.evaluate(
        ["median size=3", "nothing"],
        folder,
        task="denoise",
        settings={"sigma": [15, 15], "density": None},
        metrics=["psnr-rgb"],
        selection=Selection(only="[01].png", seed=3),
    )
    options = [
        "--task",
        "denoise",
        "--set",
        "sigma=15,15",
        "--metric",
        "psnr-rgb",
        "--only",
        "[01].png",
        "--seed",
        "3",
    ]
    assert run(["evaluate", "median size=3", "nothing", str(folder), *options, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = json.loads(json.dumps(results.as_json()))
    for report in (said, found):
        for model in report["models"]:
            assert model.pop("seconds_per_megapixel") > 0
        assert report.pop("speed").startswith("one picture of 56×40 pixels, the fastest of ")
    assert found == said
    assert found["pictures"] == 2
    assert results.failures == []


def test_chains_of_degradations_are_taken(folder):
    results = repix.evaluate("median", folder, selection=Selection(degrade=("salt-and-pepper density=0.1",)))
    assert results.sources == "salt-and-pepper density=0.1"
    assert len(results.outcomes) == 1


def test_a_notebook_shows_a_row_for_each_model(folder):
    results = repix.evaluate(["median", "nothing"], folder, task="denoise", metrics=["psnr-rgb", "psnr-gray"])
    html = results._repr_html_()
    assert html.count("<tr>") == 3
    assert "<th>model</th><th>psnr-rgb</th><th>psnr-gray</th><th>seconds per megapixel</th>" in html
    assert f"denoise, 3 pictures (all) of {folder}" in html
    for outcome in results.outcomes:
        assert f"{outcome.totals['psnr-rgb']:.2f} dB" in html


@pytest.mark.parametrize(
    ("models", "more", "kind", "said"),
    [
        ([], {}, WrongUse, "models is empty; name at least one"),
        (["median", "median"], {"task": "denoise"}, WrongUse, "A model is named twice"),
        ("medain", {"task": "denoise"}, WrongUse, "did you mean 'median'"),
        ("median", {}, WrongUse, "Filters need a task"),
        ("median", {"task": "denoise", "settings": {"sigmas": 3}}, WrongUse, "did you mean 'sigma'"),
        ("median", {"task": "denoise", "metrics": ["psnr-rbg"]}, WrongUse, "did you mean 'psnr-rgb'"),
        ("median", {"task": "denoise", "selection": Selection(part="tests")}, WrongUse, "did you mean 'test'"),
    ],
)
def test_what_is_wrong_is_one_sentence(folder, models, more, kind, said):
    with pytest.raises(kind, match=said):
        repix.evaluate(models, folder, **more)


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(RepixError, match="nowhere") as caught:
        repix.evaluate("median", "nowhere", task="denoise")
    assert isinstance(caught.value, Unreadable | WrongUse)


def test_a_metric_without_truth_measures_the_results(tmp_path):
    picture = repix.Picture(np.random.default_rng(0).integers(0, 256, (192, 200, 3), np.uint8))
    repix.write(picture, tmp_path / "large.png")
    repix.write(_picture(1), tmp_path / "small.png")
    results = repix.evaluate("gaussian sigma=2", tmp_path, metrics=["niqe"], selection=Selection(degrade=("gray",)))
    blurred = repix.filters.gaussian(repix.degradations.gray(picture.colors()), sigma=2)
    measured = results.outcomes[0].measurements[0]
    assert measured.scores["large.png"].value == pytest.approx(repix.metrics.niqe(blurred), rel=1e-3)
    assert len(results.failures) == 1
    assert "small.png: not measured by niqe: the picture is 40×56" in results.failures[0]
