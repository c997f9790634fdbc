"""The code of docs/volumes.md runs, as far as it needs no files of others."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "volumes.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_code_from_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(BLOCKS[-1], names)  # noqa: S102 (the page's own code)
    assert names["volumes"].read("stack.tif").metadata.text == "spacing 50 × 4 × 4 nm"


def test_values_in_a_small_range_are_stored_from_0_to_1(tmp_path, monkeypatch):
    nibabel = pytest.importorskip("nibabel")
    import numpy as np

    monkeypatch.chdir(tmp_path)
    stored = np.array([[[-1500, -1000, 500, 2000, 3000]]], np.int16)
    nibabel.save(nibabel.Nifti1Image(stored.T, np.eye(4)), "ct.nii.gz")
    (code,) = (block for block in BLOCKS if "ct.nii.gz" in block)
    exec(code, {})  # noqa: S102
    from repix.volumes import read

    assert read("unit.nii.gz").voxels.ravel().tolist() == [0, 0, 0.5, 1, 1]
