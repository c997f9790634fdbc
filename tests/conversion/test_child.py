"""Processes that convert: the same bytes as threads, and never another model."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from repix import batch
from repix.batch import BatchOptions, find, turns
from repix.batch.journal import NAME
from repix.batch.measured_place import MeasuredPlace
from repix.conversion import open_model
from repix.conversion.budget import Budget
from repix.conversion.child_settings import opened, settings_of
from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.errors import WrongUse
from repix.pictures import Picture, write


def made(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name != NAME}


@pytest.mark.parametrize("precision", ["exact", "auto"])
def test_threads_and_processes_make_the_same_bytes(precision, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(turns.__file__).parents[2])]))
    monkeypatch.setattr(turns, "SECONDS", 0)
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(24):
        suffix = (".png", ".jpg")[number % 2]
        write(Picture(rng.integers(0, 255, (20 + number, 40, 3), np.uint8)), tmp_path / "in" / f"{number:02}{suffix}")
    model = open_model("denoise-gray", precision=precision)
    work = model_work(model, FileOptions(strength=0.5, quality=80, stamp=True))
    place = MeasuredPlace(work.function, 1, work.program)
    place.begin()
    place.children.wait()
    jobs = find([tmp_path / "in"], tmp_path / "out")
    report = batch.run(jobs, work, BatchOptions(place=place))
    assert (report.count("done"), report.choice.reason) == (24, "")
    batch.run(find([tmp_path / "in"], tmp_path / "alone"), replace(work, program=None))
    assert made(tmp_path / "out") == made(tmp_path / "alone")


def test_what_was_opened_is_opened_again():
    model = open_model("denoise-gray", "echo", threads=3)
    options = FileOptions(Budget(10**9, 64), strength=0.5, quality=7, strict=True)
    again, same = opened(settings_of(model, options), workers=2)
    assert (same, again.checksum, again.name) == (options, model.checksum, "echo")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"version": "0.0"}, "another version of repix"), ({"checksum": "0"}, "denoise-gray.onnx was changed")],
)
def test_another_model_is_refused(change, said):
    settings = settings_of(open_model("denoise-gray", "echo"), FileOptions())
    with pytest.raises(WrongUse, match=said):
        opened({**settings, **change}, workers=2)


def test_work_for_one_process_only():
    model = open_model("denoise-gray", "echo")
    assert model_work(model, FileOptions()).program is not None
    for options in (FileOptions(crop=Crop(0, 0, 1, 1)), FileOptions(compare=True), FileOptions(Budget(None))):
        assert model_work(model, options).program is None
    assert model_work(replace(model, device="cuda"), FileOptions()).program is None
