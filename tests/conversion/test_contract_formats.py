"""Contracts of older formats: they open, give the same bytes, and mean the same."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repix import registry
from repix.conversion import (
    Contract,
    Slices,
    Windows,
    contract_formats,
    convert,
    open_model,
    read_model,
    write_model,
)
from repix.conversion.contract_formats import FORMAT, renamed, upgraded
from repix.conversion.model_file import without_contract
from repix.errors import Unreadable
from repix.models import FOLDER, catalog
from repix.pictures import Picture
from tests.conversion.models import mixing
from tests.data.drawing import photo
from tests.test_imports import WITHOUT_TORCH

OLD = Path(__file__).parent / "data" / "upscale-x2-format-1.onnx"
"""The bundled model as it was before format 2."""


def stored(path: Path) -> dict:
    """What a file's metadata holds, read by onnx."""
    import onnx

    return json.loads(next(one.value for one in onnx.load(path).metadata_props if one.key == "repix"))


def test_a_file_of_format_1_opens_as_the_same_model():
    assert stored(OLD)["format"] == 1
    old, new = read_model(OLD), read_model(FOLDER / "upscale-x2-clean.onnx")
    assert without_contract(old.content) == without_contract(new.content)
    assert (old.contract.dimensions, old.contract.windows, old.contract.side_inputs) == (2, None, ())
    fast = stored(OLD)["contract"]["fast"]
    assert fast == {"psnr": 62.59358, "worse": 0.00125, "protocol": "y-crop (scale 2)", "unit": "dB", "examples": 6}
    (measured,) = old.contract.precisions
    assert (measured.name, measured.psnr, measured.worse, measured.examples) == ("bf16", 62.59358, 0.00125, 6)
    assert (measured.unit, measured.verdict, measured.agreement) == ("dB", "accurate", None)
    assert renamed(old.contract.to_dict()) == new.contract.to_dict()


def test_it_gives_the_same_bytes():
    picture = Picture(photo(2, (37, 29)))
    results = [convert(picture, open_model(path, precision="exact", threads=1)) for path in (OLD, "upscale-x2-clean")]
    np.testing.assert_array_equal(results[0].pixels, results[1].pixels)


def test_a_file_that_says_no_format_has_format_1(tmp_path):
    import onnx

    model = onnx.load(OLD)
    (entry,) = model.metadata_props
    value = json.loads(entry.value)
    del value["format"]
    entry.value = json.dumps(value)
    (tmp_path / "model.onnx").write_bytes(without_contract(OLD.read_bytes()) + only(entry))
    assert read_model(tmp_path / "model.onnx").contract == read_model(OLD).contract


def only(entry) -> bytes:
    import onnx

    return onnx.ModelProto(metadata_props=[entry]).SerializeToString()


FORMAT_1 = {
    "task": "denoise",
    "settings": {"colour": True, "sigma": [], "rate": [0.0, 0.5]},
    "network": "compact",
    "network_settings": {"width": 8},
    "parameters": 5,
    "channels": [3, 3],
    "scale": 1,
    "step": 1,
    "halo": None,
    "size": None,
    "bytes_per_pixel": None,
    "export_error": 0.0,
    "halo_measured": None,
    "data": "",
    "trained": {"precision": None},
    "metrics": [{"protocol": "rgb (border 2)", "value": 1.0, "others": {"nothing": 0.5}}, {"protocol": 5}],
    "fast": {},
}


def test_what_had_no_value_has_none():
    contract = Contract.from_dict(upgraded(FORMAT_1, 1))
    assert (contract.halo, contract.size, contract.bytes_per_pixel, contract.halo_measured) == (None,) * 4
    assert contract.make_task().settings.sigma is None
    assert contract.trained == {"precision": None}
    assert contract.precisions == ()
    assert upgraded(contract.to_dict(), FORMAT) == contract.to_dict()


@pytest.mark.parametrize("broken", [None, [], 3, "x", {}, {"settings": 3, "metrics": {"a": 1}, "fast": [1]}])
def test_what_is_no_contract_is_left_for_the_contract_to_refuse(broken):
    upgraded(broken, 1)


def test_each_table_of_names_is_used(monkeypatch):
    tables = {
        "TASKS": {"denoise": "clean"},
        "TASK_SETTINGS": {"colour": "color", "kind": "sort"},
        "TASK_VALUES": {("sort", "colours"): "colors"},
        "INVERTED_TASK_SETTINGS": {"upright": "rotations"},
        "NETWORKS": {"compact": "small"},
        "NETWORK_SETTINGS": {"width": "channels"},
        "METRICS": {"rgb": "psnr-rgb"},
        "METRIC_SETTINGS": {"border": "cut"},
        "BASELINES": {"nothing": "input"},
    }
    for name, table in tables.items():
        assert getattr(contract_formats, name) is not None
        monkeypatch.setattr(contract_formats, name, table)
    old = FORMAT_1 | {"settings": FORMAT_1["settings"] | {"kind": "colours", "upright": True}}
    found = upgraded(old | {"fast": {"psnr": 60.0, "worse": 0.0, "protocol": "rgb", "unit": "dB"}}, 1)
    assert (found["task"], found["network"], found["network_settings"]) == ("clean", "small", {"channels": 8})
    settings = {"color": True, "sigma": "none", "rate": [0.0, 0.5], "sort": "colors", "rotations": False}
    assert found["settings"] == settings
    assert found["metrics"][0] == {"metric": "psnr-rgb (cut 2)", "value": 1.0, "others": {"input": 0.5}}
    assert found["precisions"][0]["metric"] == "psnr-rgb"
    assert renamed(found) == found


@pytest.mark.parametrize("name", catalog())
def test_every_bundled_model_has_the_present_format_and_the_present_names(name):
    path = catalog()[name].path
    assert stored(path)["format"] == FORMAT
    contract = read_model(path).contract
    assert renamed(contract.to_dict()) == contract.to_dict()
    assert contract.make_task().name == contract.task
    assert contract.network in registry.available("networks")
    assert [one.name for one in contract.precisions] == ["bf16"]


def test_a_model_written_anew_has_the_present_format_and_its_old_graph(tmp_path):
    """What `python docs/rewrite_models.py` does to each of them; a second time changes nothing."""
    rewrite = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "rewrite_models.py"))["rewrite"]
    path = tmp_path / "model.onnx"
    path.write_bytes(OLD.read_bytes())
    for _ in range(2):
        rewrite(path)
        assert path.read_bytes() == (FOLDER / "upscale-x2-clean.onnx").read_bytes()


VOLUMES = {"dimensions": 3, "slices": Slices()}
BEYOND = {
    "windows": (VOLUMES | {"windows": Windows(8, 8)}, r"takes volumes \(3 dimensions\) with windows"),
    "scale": (VOLUMES | {"scale": 2}, r"takes volumes \(3 dimensions\) with another scale"),
}


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", "echo"])
@pytest.mark.parametrize(("change", "words"), BEYOND.values(), ids=BEYOND)
def test_what_no_engine_runs_yet_is_read_and_not_opened(tmp_path, change, words, engine):
    contract = Contract("denoise", channels=(3, 3), **change)
    path = tmp_path / "model.onnx"
    write_model(path, mixing(contract)[0], contract)
    assert read_model(path).contract == contract
    with pytest.raises(Unreadable, match=rf"model\.onnx {words}; this version of repix cannot run such models yet"):
        open_model(path, engine)


def test_without_onnx_models_open_and_writing_one_says_what_is_missing(tmp_path):
    """The base install."""
    code = f"""
import numpy as np
import repix
from repix.conversion import Contract, convert, open_model, read_model, write_model
from repix.conversion.onnx_import import import_model
print(read_model({str(OLD)!r}).contract.task, read_model("upscale-x2-clean").contract.scale)
print(convert(repix.Picture(np.zeros((5, 4, 3), np.uint8)), open_model("upscale-x2-clean", threads=1)).size)
for call in (
    lambda: import_model("x.onnx", "y.onnx", "denoise"),
    lambda: write_model("y.onnx", b"", Contract("denoise")),
    lambda: __import__("repix.cli._app").cli._app.run(["import", "x.onnx", "--task", "denoise"]),
):
    try:
        call()
    except repix.errors.MissingLibrary as problem:
        print(problem)
"""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH + code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    said = "This needs onnx, which is not installed: `pip install onnx` (extra import)."
    assert done.stdout.splitlines() == ["upscale 2", "(10, 8)", said, said]
    assert done.stderr.splitlines() == [f"repix: {said}"]
    assert list(tmp_path.iterdir()) == []
