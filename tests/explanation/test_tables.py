import io
import re

import numpy as np
import pytest
from rich.console import Console

from repix.arithmetic import conv2d, resize, softmax
from repix.explanation import print_trace, tables, to_text
from tests.explanation.traces import convolution, transposed


def test_a_step_shows_window_weights_products_sum_and_place():
    lines = [line.rstrip() for line in to_text(convolution()).splitlines()]
    start = lines.index("Step 2 of 9. The window at row 0, column 1 gives -3.")
    assert lines[start + 1 : start + 7] == [
        "  data            weights        products               so far",
        "   0[1 0 1]1        0  1  0        0  0  0                3[-3] ·",
        "   0[0 1 1]0   ×    1 -4  1   =    0 -4  1   sum -3  →    ·  ·  ·",
        "   1[1 0 1]0        0  1  0        0  0  0                ·  ·  ·",
        "   0 1 0 0 1",
        "   0 0 1 1 0",
    ]


def test_a_scaled_kernel_is_shown_where_it_lands_on_what_is_there_already():
    text = to_text(transposed())
    assert "3  0[ 4  0 -4]" in text
    assert text.count("Step ") == 4
    assert "more of the same kind" not in text


@pytest.mark.parametrize(("steps", "shown"), [(1, 1), (2, 2), (8, 9), (9, 9), (100, 9), (None, 9)])
def test_so_many_steps_are_shown_and_never_is_one_left_out_alone(steps, shown):
    text = to_text(convolution(), steps)
    assert text.count("\nStep ") == shown
    assert (f"… and {9 - shown} more" in text) == (shown < 9)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_are_no_wider_than_the_terminal(width):
    assert max(len(line) for line in to_text(convolution(), None, width).splitlines()) <= width


def test_color_is_for_terminals_that_want_it(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    colored, plain = io.StringIO(), io.StringIO()
    print_trace(convolution(), Console(file=colored, force_terminal=True, color_system="standard", width=80))
    monkeypatch.setenv("NO_COLOR", "1")
    print_trace(convolution(), Console(file=plain, force_terminal=True, width=80))
    assert "\x1b[1;36m" in colored.getvalue()
    assert "36m" not in plain.getvalue()


def test_tall_and_wide_arrays_are_cut():
    text = to_text(resize.trace(np.ones((2, 1)), (100, 60)), 1)
    lines = text.splitlines()
    assert "70 more rows" in text
    assert "30 more columns" in text
    assert len(lines) < 90
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [12, 20, 40, 80])
def test_an_answer_wider_than_the_terminal_goes_on_below(width):
    scores = np.linspace(-3.0, 3.0, 13)
    text = to_text(softmax.trace(scores), width=width)
    answer = [line for line in text.partition("\nResult\n")[2].splitlines() if "output" not in line]
    shown = [float(word) for line in answer for word in line.split()]
    np.testing.assert_allclose(shown, softmax(scores), atol=1e-4)


def test_a_bracket_stays_with_its_number_where_a_row_is_broken():
    picture = np.arange(24.0).reshape(1, 24)
    text = to_text(conv2d.trace(picture, np.ones((1, 3))), steps=None, width=40)
    assert text.count("[") == text.count("]")
    assert not [line for line in text.splitlines() if line.rstrip().endswith("[") or line.lstrip().startswith("]")]


def test_what_was_cut_is_said_once_below_the_last_columns():
    text = to_text(resize.trace(np.arange(1.0, 4.0).reshape(3, 1) / 7, (40, 50)), 1)
    answer = text.partition("\nResult\n")[2].splitlines()
    notes = [line.strip() for line in answer if "…" in line]
    assert notes == ["… 10 more rows", "… 20 more columns"]
    assert [line.strip() for line in answer if "output" in line][-1] == "output, columns 22-29"
    assert answer[-2:] == ["   … 10 more rows", "   … 20 more columns"]


def test_numbers_that_are_not_shown_are_not_written_out(monkeypatch):
    """Or a few steps on a large padded array would take half a minute."""
    written = []
    monkeypatch.setattr(tables, "format_value", lambda value: written.append(value) or f"{value:g}")
    text = to_text(conv2d.trace(np.ones((2, 2)), np.ones((2, 2)), padding=200, stride=200), 1)
    assert "372 more rows" in text
    assert len(written) < 10 * tables.LARGEST**2


def test_the_axes_of_a_kernel_have_torchs_names_in_tables_too():
    text = to_text(conv2d.trace(np.ones((3, 2, 2)), np.ones((2, 3, 1, 1))), width=200)
    assert "kernel, filter 1, channel 2" in text
    assert "sample" not in text


def test_in_color_is_only_the_channel_that_the_step_writes():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=120)
    print_trace(conv2d.trace(np.full((1, 1, 2), 3.0), np.full((2, 1, 1, 1), 2.0)), console, 1)
    step = out.getvalue().partition("Step 1 of 4")[2].partition("more of the same kind")[0]
    assert "".join(re.findall(r"\x1b\[1;32m(.*?)\x1b", step)).split() == ["[6]"]
