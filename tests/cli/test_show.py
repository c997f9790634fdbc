"""`repix show`: a card of any length, in time that grows with its length only."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.conversion.card import card
from tests.conversion.models import mixing

CONTRACT = Contract("denoise", {"color": True}, channels=(3, 3), halo=0)


def model(path, **more):
    contract = Contract(**{**vars(CONTRACT), **more})
    write_model(path, mixing(contract)[0], contract)
    return str(path)


def steps(words) -> int:
    """How many calls Python makes for a command: its work, however busy the machine is."""
    made = 0

    def count(frame, event, _):
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        assert run(words) == 0
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize("what", ["many metrics", "one long word"])
def test_work_grows_with_the_card_and_no_faster(what, tmp_path, capsys):
    def made(size: int) -> str:
        metrics = tuple({"metric": f"p{i}", "value": 1.5} for i in range(size if what == "many metrics" else 1))
        return model(tmp_path / f"{size}.onnx", metrics=metrics, data="x" * (200 * size))

    run(["show", made(10)])  # what is loaded once
    few, many = (steps(["show", made(size)]) for size in (1000, 5000))
    assert many < 6 * few
    assert many < 150 * 5000  # rich alone made 1200 for each line


def test_a_card_of_twenty_thousand_metrics(tmp_path, capsys):
    metrics = tuple({"metric": f"p{i}", "value": float(i)} for i in range(20_000))
    assert run(["show", model(tmp_path / "model.onnx", metrics=metrics)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("Metric") for line in printed) == 20_000
    assert "Metric        p19999: 2e+04" in printed


@given(st.lists(st.tuples(st.sampled_from(["Task", "Network"]), st.text()), min_size=1), st.integers(1, 100))
def test_nothing_of_a_text_is_lost_and_no_line_is_too_long(rows, width):
    from repix.printable import printable

    lines = card(rows, width).split("\n")
    assert all(len(line) <= max(width, 29) for line in lines)
    margin = max(len(name) for name, _ in rows) + 2
    shown = "".join(line[margin:] for line in lines)
    assert shown.replace(" ", "") == "".join(printable(text) for _, text in rows).replace(" ", "")
    assert [line[:margin].strip() for line in lines if line[:margin].strip()] == [name for name, _ in rows]
