"""The report of tests that do not pass in each order: `python -m release.flakes`."""

import pytest
from release import flakes

ORDERED = """
from pathlib import Path
import pytest

ran = []

@pytest.fixture(autouse=True)
def order(request):
    ran.append(request.node.name)
    Path(__file__).with_name(str(request.config.getoption("randomly_seed"))).write_text(" ".join(ran))

def test_one():
    assert "test_other" in ran

@pytest.fixture
def one_before():
    yield
    assert "test_one" in ran

def test_other(one_before):
    pass

def test_skipped():
    pytest.skip("always")
"""
QUICKLY = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:anyio"]


def test_tests_that_need_an_order_are_in_the_table_with_the_seeds_that_repeat_it(tmp_path, capsys):
    """Of two tests that each need the other one before, exactly the first one has another outcome."""
    file = tmp_path / "test_ordered.py"
    file.write_text(ORDERED, encoding="utf-8")
    assert flakes.main(["--runs", "2", "--first-seed", "5", "--", *QUICKLY, str(file)]) == 1
    out = capsys.readouterr().out
    orders = {seed: (tmp_path / str(seed)).read_text(encoding="utf-8").split() for seed in (5, 6)}
    first = {seed: min(("test_one", "test_other"), key=order.index) for seed, order in orders.items()}
    for test, outcome in (("test_one", "failed"), ("test_other", "error")):
        seeds = [seed for seed in first if first[seed] == test]
        row = f"test_ordered.py::{test}` | {2 - len(seeds)} of 2 | {', '.join(f'{outcome} {one}' for one in seeds)} |"
        assert (row in out) == bool(seeds)
    assert out.count("| `") == len(set(first.values()))


def test_a_run_without_end_is_no_report(tmp_path, capfd):
    file = tmp_path / "test_dies.py"
    file.write_text("import os\n\ndef test_dies():\n    os._exit(7)\n", encoding="utf-8")
    assert flakes.main(["--runs", "2", "--", *QUICKLY, str(file)]) == 2
    said = capfd.readouterr()
    assert said.err.strip().endswith("The run with seed 1 did not reach its end: pytest's exit code is 7.")
    assert "seed 2" not in said.out
    assert "had the same outcome" not in said.out


@pytest.mark.parametrize("words", [["--runs", "0", "--", "tests"], ["--runs", "2"]], ids=["no runs", "no tests"])
def test_wrong_usage_is_refused(words):
    with pytest.raises(SystemExit) as refused:
        flakes.main(words)
    assert refused.value.code == 2
