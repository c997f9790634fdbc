"""metrics.csv is read as far as it is whole."""

import csv
import io
import math

from hypothesis import given
from hypothesis import strategies as st

from repix.studio.metric_table import read_table

VALUES = st.floats(allow_nan=False, width=32)


@given(st.lists(st.tuples(VALUES, st.none() | VALUES), max_size=8), st.integers(0, 400))
def test_every_cut_table_gives_a_beginning_of_its_rows(rows, cut):
    """A file of a disk that became full, or that is still copied."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["step", "loss", "psnr, rgb"])
    table.writerows([step, loss, "" if psnr is None else psnr] for step, (loss, psnr) in enumerate(rows, 1))
    content = text.getvalue().encode()
    whole = read_table(content)
    assert not whole.problem
    assert [row.get("psnr, rgb") for row in whole.rows] == [psnr for _, psnr in rows]
    part = read_table(content[:cut])
    assert [row["step"] for row in part.rows] == list(range(1, len(part.rows) + 1))
    assert len(part.rows) <= len(rows)
    assert all(value is None or math.isfinite(value) for curve in whole.curves().values() for value in curve)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_sentence(content):
    for start in (b"", b"step,loss\n1,2\n"):
        table = read_table(start + content)
        assert all("step" in row for row in table.rows)
        assert len(table.rows) <= len((start + content).splitlines()) - bool(table.rows) - bool(table.problem)


def test_a_damaged_row_is_named():
    table = read_table(b"step,loss\n1,0.5\n1,0.4\n")
    assert table.problem == "metrics.csv is damaged in line 3; the rows before it are shown."
    assert table.curves() == {"step": [1.0], "loss": [0.5]}
    assert "line 1" in read_table(b"no table\n").problem
    assert read_table(b"step,loss\n1,inf\n").curves() == {"step": [1.0], "loss": [None]}
    assert read_table(b"step,loss\n").problem == ""
