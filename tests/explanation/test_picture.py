import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from repix.arithmetic import conv2d, conv_transpose2d, max_pool2d, pixel_shuffle, resize, softmax
from repix.errors import WrongUse
from repix.explanation import dilated, picture
from tests.explanation.traces import convolution, transposed

SVG = "{http://www.w3.org/2000/svg}"


def drawn(trace):
    return ET.fromstring(picture(trace))  # noqa: S314


def words(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def boxes(root, **attributes):
    return [box for box in root.iter(f"{SVG}rect") if all(box.get(key) == value for key, value in attributes.items())]


def test_every_number_of_data_kernel_and_output_is_in_the_picture():
    trace = transposed()
    counts = Counter(words(drawn(trace)))
    expected = Counter(f"{v:g}" for array in (*trace.inputs.values(), trace.output) for v in array.ravel())
    assert all(counts[number] >= expected[number] for number in expected)


def test_a_window_and_the_number_it_gives_are_framed_in_one_colour():
    frames = Counter(box.get("stroke") for box in boxes(drawn(convolution()), **{"stroke-width": "3"}))
    assert set(frames.values()) == {2}
    assert len(frames) == 3


def test_boxes_are_shaded_by_how_many_kernels_touch_them():
    trace = transposed()
    root = drawn(trace)
    chips = [box.get("fill") for box in boxes(root, width="13")]
    legend = [text for text in words(root) if re.fullmatch(r"\d kernels?", text)]
    assert legend == ["1 kernel", "2 kernels", "4 kernels"]
    fills = Counter(box.get("fill") for box in boxes(root, stroke="#b8c0c8"))
    touches = Counter()
    for step in trace.steps:
        touches.update((y, x) for y in range(5)[step.index[0]] for x in range(5)[step.index[1]])
    for text, shade in zip(legend, chips, strict=True):
        assert fills[shade] == sum(times == int(text[0]) for times in touches.values())


@pytest.mark.parametrize(
    "trace",
    [
        max_pool2d.trace(np.arange(16.0).reshape(4, 4), 2),
        pixel_shuffle.trace(np.arange(16.0).reshape(4, 2, 2), 2),
        resize.trace(np.arange(4.0).reshape(2, 2), scale_factor=2),
    ],
)
def test_what_moves_keeps_its_colour(trace):
    fills = Counter(box.get("fill") for box in boxes(drawn(trace), stroke="#b8c0c8"))
    del fills["#ffffff"]
    assert len(fills) == 4
    assert len(set(fills.values())) == 1


def test_the_sheet_holds_everything_that_is_drawn_on_it():
    for trace in (convolution(), transposed(), conv_transpose2d.trace(np.ones((6, 6)), np.ones((3, 3)), stride=2)):
        root = drawn(trace)
        width, height = float(root.get("width")), float(root.get("height"))
        for box in boxes(root)[1:]:
            assert 0 <= float(box.get("x")) <= width - float(box.get("width"))
            assert 0 <= float(box.get("y")) <= height - float(box.get("height"))
        for text in root.iter(f"{SVG}text"):
            length = 0.5 * float(text.get("font-size")) * len(text.text)
            centred = text.get("text-anchor") == "middle"
            assert float(text.get("x")) + length * (0.5 if centred else 1) <= width


def test_the_picture_has_a_title_a_description_and_a_white_ground():
    root = drawn(convolution())
    assert root.find(f"{SVG}title").text == "Convolution"
    assert "output: 3 -3 -1; -2 3 -3; -3 2 3" in root.find(f"{SVG}desc").text
    assert boxes(root)[0].get("fill") == "#ffffff"
    assert root.get("role") == "img"


def test_names_with_angle_brackets_and_ampersands_are_escaped():
    trace = convolution()
    odd = replace(trace, operation='<a> & "b"', inputs={"<&>": trace.inputs["data"], "kernel": trace.inputs["kernel"]})
    assert "<&>" in words(drawn(odd))


def test_what_has_no_room_is_refused():
    with pytest.raises(WrongUse, match="give less data"):
        picture(resize.trace(np.ones((2, 30)), scale_factor=1))


@pytest.mark.parametrize(
    "trace",
    [
        conv2d.trace(np.ones((4, 4)), np.ones((2, 2)), 0.25),
        conv_transpose2d.trace(np.ones((2, 2)), np.ones((2, 2)), 0.25, view="insert"),
    ],
)
def test_a_working_with_a_bias_ends_in_the_number_of_the_output(trace):
    shown = words(drawn(trace))
    ends = [shown[i + 1] for i, word in enumerate(shown) if word == "=" and shown[i - 1] == "0.25"]
    steps = [step for step in trace.steps if step.rule == "dot"]
    assert {float(end) for end in ends} <= {float(step.result) + 0.25 for step in steps}
    assert len(ends) == 3


@pytest.mark.parametrize(
    "trace",
    [
        softmax.trace(np.arange(1.0, 14.0)),
        resize.trace(np.arange(8.0).reshape(1, 8), scale_factor=0.5, mode="lanczos", antialias=True),
    ],
)
def test_a_long_working_is_broken_into_lines_that_fit_a_slide(trace):
    assert float(drawn(trace).get("width")) <= 1300


def test_a_comparison_too_large_to_draw_is_left_out():
    trace = dilated(np.ones((12, 12)), np.ones((3, 3)), dilation=3)
    shown = " ".join(words(drawn(trace)))
    assert "The kernel, spread" in shown
    assert "Not this" not in shown
