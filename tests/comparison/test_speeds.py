"""Speeds of a grid: all members in the same rounds after the last training, and measured again only for a new one."""

import json
import math
import shutil
from functools import partial

import numpy as np
import pytest

from repix.comparison import speeds
from repix.comparison.speeds import key_of, measured_speeds, opened, recorded_speeds
from repix.errors import WrongUse
from repix.evaluation.speed import ROUNDS
from repix.pictures import Picture
from repix.tasks import Baseline
from tests.comparison.conftest import grid, trained

SOURCE = Picture(np.zeros((20, 30, 1), np.uint8))


class Counted:
    """Converters that count their calls."""

    def __init__(self):
        self.calls = []

    def open(self, *names):
        return {name: partial(Baseline, name, partial(self._call, name)) for name in names}

    def _call(self, name, picture):
        self.calls.append(name)
        return picture


def silent(*_):
    """Show nothing."""


def test_a_repeated_command_measures_only_if_a_model_is_new_and_then_all(tmp_path):
    file, counted = tmp_path / "speed.json", Counted()
    first = recorded_speeds(file, counted.open("a", "b"), SOURCE, silent)
    assert counted.calls == ["a", "b"] * ROUNDS
    assert recorded_speeds(file, counted.open("a", "b"), SOURCE, silent) == first
    assert recorded_speeds(file, counted.open("b"), SOURCE, silent) == first
    assert len(counted.calls) == 2 * ROUNDS
    recorded_speeds(file, counted.open("a", "b", "c"), SOURCE, silent)
    assert counted.calls[2 * ROUNDS :] == ["a", "b", "c"] * ROUNDS


@pytest.mark.parametrize("change", ["another picture", "another version", "another machine", "damaged", "a list"])
def test_what_was_measured_otherwise_is_measured_again(change, tmp_path, monkeypatch):
    file, counted = tmp_path / "speed.json", Counted()
    recorded_speeds(file, counted.open("a"), SOURCE, silent)
    source = Picture(SOURCE.pixels[1:]) if change == "another picture" else SOURCE
    if change == "another version":
        monkeypatch.setattr(speeds, "VERSION", "0")
    if change == "another machine":
        monkeypatch.setattr(speeds.platform, "platform", lambda: "another system")
    if change in ("damaged", "a list"):
        file.write_text("[]" if change == "a list" else file.read_text(encoding="utf-8")[:-9])
    recorded_speeds(file, counted.open("a"), source, silent)
    assert len(counted.calls) == 2 * ROUNDS
    recorded_speeds(file, counted.open("a"), source, silent)
    assert len(counted.calls) == 2 * ROUNDS


def test_a_model_that_cannot_be_opened_has_no_speed_and_is_not_tried_again(tmp_path):
    counted, tried = Counted(), []

    def refused():
        tried.append(None)
        raise WrongUse("no.")

    for _ in range(2):
        found = recorded_speeds(tmp_path / "speed.json", {"bad": refused, **counted.open("a")}, SOURCE, silent)
        assert math.isnan(found.of("bad"))
        assert found.of("a") > 0
    assert (len(tried), len(counted.calls)) == (1, ROUNDS)


def test_without_a_picture_or_a_model_nothing_is_measured(tmp_path):
    assert recorded_speeds(tmp_path / "speed.json", Counted().open("a"), None, silent) is None
    assert measured_speeds({}, SOURCE, silent) is None
    assert list(tmp_path.iterdir()) == []


def test_another_content_is_another_key(tmp_path):
    (tmp_path / "run").mkdir()
    model = tmp_path / "run" / "model.onnx"
    model.write_bytes(b"one")
    key = key_of("a", model)
    assert key == key_of("a", tmp_path / "run")
    model.write_bytes(b"two")
    assert key_of("a", model) not in (key, key_of("b", model))
    assert key_of("median size=3", tmp_path / "nothing") == "median size=3"


def test_a_grid_measures_members_and_others_in_the_same_rounds(finished, photos, tmp_path, monkeypatch):
    output, found = finished
    said = json.loads((output / "results.json").read_text(encoding="utf-8"))
    assert said["speed"] == found.speeds.protocol
    assert said["speed"] in (output / "index.html").read_text(encoding="utf-8")
    assert len(found.speeds.seconds) == 4  # two members, though each has two seeds; the source, and the filter
    rows = [*said["members"], *said["others"]]
    assert [row["ms_per_megapixel"] / 1000 for row in rows] == pytest.approx(
        [row.speed for row in (*found.members, *found.others)]
    )
    shutil.copytree(output, tmp_path / "grid")
    order = []

    def counted(name, model):
        one = opened(name, model)
        return Baseline(name, lambda picture: order.append(name) or one.convert(picture))

    monkeypatch.setattr("repix.comparison.run_grid.opened", counted)
    again = trained(grid(photos), tmp_path / "grid", others=("median size=3",))
    assert order == []
    assert again.speeds == found.speeds
    trained(grid(photos, settings={"widths": ("4", "5", "6")}), tmp_path / "grid", others=("median size=3",))
    assert order == ["widths 4", "widths 5", "widths 6"] * ROUNDS
