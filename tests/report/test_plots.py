"""Plots: vector graphics with their text as text, equal bytes for equal data, and nothing changed in matplotlib."""

import base64
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl

from repix.report.plots import COLORS, Axes, Line, Values, curves, spreads

AXES = Axes("PSNR of $x$", "steps", "dB")


def svg(embedded) -> str:
    kind, _, content = embedded.uri.partition(";base64,")
    assert kind == "data:image/svg+xml"
    text = base64.b64decode(content).decode()
    ET.fromstring(text)  # noqa: S314 (our own plot)
    return text


def lines(count):
    return [Line(f"member {number}", [(1, number), (2, number + 1)]) for number in range(count)]


def test_curves_are_vectors_with_text():
    drawn = svg(curves(AXES, lines(3)))
    assert "<image" not in drawn
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert {"PSNR of $x$", "steps", "dB", "member 0", "member 2"} <= set(texts)
    assert "http" not in re.sub(r'(xmlns(:\w+)?|rdf:resource)="[^"]*"|<!DOCTYPE[^>]*>', "", drawn)


def test_seeds_of_a_member_have_one_color_and_one_entry_in_the_legend():
    several = [Line("a", [(1, 1), (2, 2)]), Line("b", [(1, 3), (2, 3)]), Line("a", [(1, 2), (2, 1)])]
    drawn = svg(curves(AXES, several))
    assert drawn.count(">a</text>") == drawn.count(">b</text>") == 1
    assert COLORS[2] not in drawn


def test_more_members_than_colors_have_other_dashes():
    many = svg(curves(AXES, lines(len(COLORS) + 1)))
    assert many.count("stroke-dasharray") > svg(curves(AXES, lines(len(COLORS)))).count("stroke-dasharray")


def test_spreads_show_each_value_and_name():
    drawn = svg(spreads(AXES, [Values("a", [1.0, 2.0]), Values("nothing", [0.5], quiet=True)]))
    assert {"a", "nothing"} <= set(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))


def test_equal_data_make_equal_bytes_and_options_stay():
    before = dict(mpl.rcParams)
    assert curves(AXES, lines(2)) == curves(AXES, lines(2))
    assert dict(mpl.rcParams) == before
