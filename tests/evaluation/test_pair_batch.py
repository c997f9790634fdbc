"""Pairs of files as a batch: what is read again of each pair's file is what was measured."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repix import registry
from repix.batch import BatchOptions, run
from repix.errors import Unreadable, WrongUse
from repix.evaluation.pair_batch import PairBatch, plan_all, plan_named
from repix.evaluation.pairs import find_pairs
from repix.pictures import Picture, write
from tests.metrics.scenes import label_map, mistaken, noisy, scene

PLANS = {
    "pictures": lambda: plan_all({"scale": 2}, 2),
    "labels": lambda: plan_all({"classes": 5}, 2),
    "one": lambda: plan_named(["psnr-rgb"], {}, 2),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Folders of pictures and of label maps, one pair deeper, one pair equal."""
    monkeypatch.chdir(tmp_path)
    for number, place in enumerate(["a", "b", "deep/a", "deep/c.d"]):
        truth = scene(60, 50, seed=number)
        put(f"truth/{place}.png", truth)
        put(f"result/{place}.bmp", truth if place == "b" else noisy(truth, 9.0, seed=number))
        put(f"label-truth/{place}.png", label_map(seed=number))
        put(f"label-result/{place}.png", mistaken(label_map(seed=number), 0.1 * number, seed=number))
    return tmp_path


def put(name, array):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    write(Picture(array if array.dtype == np.uint8 else np.rint(255 * array).astype(np.uint8)), Path(name))


def measured(plan: str, workers: int = 1, folder: str = "numbers"):
    kind = "label-" if plan == "labels" else ""
    batch = PairBatch([Path(f"{kind}result"), Path(f"{kind}truth")], PLANS[plan](), Path(folder), recursive=True)
    report = run(batch.find(), batch.work, BatchOptions(workers=workers))
    return report, batch.outcome(report)


@pytest.mark.parametrize("plan", PLANS)
def test_numbers_are_the_same_measured_now_or_earlier_by_any_number_of_workers(plan, here):
    report, outcome = measured(plan)
    assert report.count("done") == 4
    again, same = measured(plan)
    assert again.count("kept") == 4
    _, elsewhere = measured(plan, workers=3, folder="others")
    said = json.dumps(outcome.as_json())
    assert said == json.dumps(same.as_json()) == json.dumps(elsewhere.as_json())
    assert outcome.rows() == same.rows()


def test_they_are_those_of_the_functions(here):
    _, outcome = measured("one")
    values = [score.value for score in outcome.measured[0].scores.values()]
    assert math.isinf(values[1])
    assert [pair.name for pair in outcome.measured[0].scores] == ["a", "b", "deep/a", "deep/c.d"]


def test_other_settings_are_measured_again(here):
    measured("one")
    batch = PairBatch([Path("result"), Path("truth")], plan_named(["ssim-wang"], {"border": 2}, 2), Path("numbers"))
    assert run(batch.find(), batch.work).count("done") == 2


def test_pairs_of_folders_in_folders(here):
    pairs, alone = find_pairs([Path("result"), Path("truth")], recursive=True)
    assert [pair.name for pair in pairs] == ["a", "b", "deep/a", "deep/c.d"]
    assert alone == []
    Path("truth/deep/a.png").unlink()
    assert find_pairs([Path("result"), Path("truth")], recursive=True)[1] == [Path("result/deep/a.bmp")]
    put("truth/deep/c.d.bmp", scene(60, 50))
    with pytest.raises(WrongUse, match="differ only in their suffix"):
        find_pairs([Path("result"), Path("truth")], recursive=True)
    (here / "empty").mkdir()
    with pytest.raises(Unreadable, match="empty contains no pictures"):
        find_pairs([Path("empty"), Path("truth")])


TALLYING = [name for name in registry.available("metrics") if registry.get("metrics", name).tally]


@pytest.mark.parametrize("name", TALLYING)
def test_a_tally_comes_back_from_json(name):
    metric = registry.get("metrics", name)
    first, second = (
        (mistaken(label_map(), 0.2), label_map()) if metric.labels else (noisy(scene(), 8.0, seed=s), scene(seed=s))
        for s in (1, 2)
    )
    tallies = [metric.tally(*pair) for pair in (first, second)]
    back = [metric.read_tally(**json.loads(json.dumps(dict(tally.as_json())))) for tally in tallies]
    assert (back[0] + back[1]).value == (tallies[0] + tallies[1]).value
    assert dict((back[0] + back[1]).parts) == dict((tallies[0] + tallies[1]).parts)


def test_a_metric_that_counts_must_read_its_counts():
    from repix.metrics import Metric

    with pytest.raises(WrongUse, match="must offer both `tally` and `read_tally`"):
        Metric(max, tally=max)


def test_a_temporary_folder_has_no_journal_and_nothing_in_it_is_flushed(here, monkeypatch):
    _, outcome = measured("one")
    flushed = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    paths = [Path("result"), Path("truth")]
    batch = PairBatch(paths, PLANS["one"](), Path("passing"), recursive=True, temporary=True)
    report = run(batch.find(), batch.work)
    assert batch.outcome(report).as_json() == outcome.as_json()
    assert flushed == []
    assert sorted(path.name for path in Path("passing").rglob("*.*")) == ["a.json", "a.json", "b.json", "c.d.json"]


def test_measuring_pairs_imports_neither_models_nor_tasks():
    code = "import sys, repix.evaluation.pair_batch; print([name for name in sys.modules if name.startswith('repix.')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "repix.evaluation.pairs" in said
    assert not any(f"'repix.{room}'" in said for room in ("conversion", "models", "tasks", "data", "report"))
