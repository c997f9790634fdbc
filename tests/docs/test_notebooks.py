"""The notebooks of the documentation run as they are."""

import re

import nbformat
import pytest

from make_notebooks import FOLDER, NOTEBOOKS, WIDGET, printed, run


def test_every_notebook_is_run():
    assert {file.stem for file in FOLDER.glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_prints_what_is_stored(name, monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    stored = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    found = run(FOLDER / f"{name}.ipynb")
    widgets = [one for cell in found.cells for one in cell.get("outputs", ()) if WIDGET in one.get("data", {})]
    assert widgets, "it shows something"
    for then, now in zip(stored.cells, printed(found).cells, strict=True):
        assert then.source == now.source
        if then.cell_type == "code":
            assert text_of(then) == text_of(now), then.source


def text_of(cell):
    """What a cell prints; of cells that measure, without the figures, which differ by processor and load."""
    printed_text = "".join(one.get("text", "") for one in cell.outputs if one.get("name") == "stdout")
    measures = "dB" in cell.source or "repix.train(" in cell.source
    return re.sub(r"\d+\.\d+(e-\d+)?", "#", printed_text) if measures else printed_text
