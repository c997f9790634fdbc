import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.arithmetic import conv2d, conv_transpose2d, max_pool2d, pixel_shuffle, resize, softmax
from repix.errors import WrongUse
from repix.explanation import dilated_trace, to_svg
from repix.explanation.captions import SUMMARIES
from repix.explanation.operations import OPERATIONS
from repix.explanation.selection import select_steps
from tests.explanation.traces import EXPLAINED, convolution, transposed

SVG = "{http://www.w3.org/2000/svg}"


def drawn(trace):
    return ET.fromstring(to_svg(trace))  # noqa: S314


def words(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def boxes(root, **attributes):
    return [box for box in root.iter(f"{SVG}rect") if all(box.get(key) == value for key, value in attributes.items())]


def test_every_number_of_data_kernel_and_output_is_in_the_picture():
    trace = transposed()
    counts = Counter(words(drawn(trace)))
    expected = Counter(f"{v:g}" for array in (*trace.inputs.values(), trace.output) for v in array.ravel())
    assert all(counts[number] >= expected[number] for number in expected)


def test_a_window_and_the_number_it_gives_are_framed_in_one_color():
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
def test_what_moves_keeps_its_color(trace):
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
            centerd = text.get("text-anchor") == "middle"
            assert float(text.get("x")) + length * (0.5 if centerd else 1) <= width


def test_the_picture_has_a_title_a_description_and_a_white_ground():
    root = drawn(convolution())
    assert root.find(f"{SVG}title").text == "Convolution"
    assert "output: 3 -3 -1; -2 3 -3; -3 2 3" in root.find(f"{SVG}desc").text
    assert boxes(root)[0].get("fill") == "#ffffff"
    assert root.get("role") == "img"


def test_names_with_angle_brackets_and_ampersands_are_escaped():
    trace = convolution()
    odd = replace(trace, operation='<a> & "b"', stages=(replace(trace.stages[0], title="<&>"),))
    assert "<&>" in words(drawn(odd))


def test_what_has_no_room_is_refused():
    with pytest.raises(WrongUse, match="Give less data"):
        to_svg(resize.trace(np.ones((2, 30)), scale_factor=1))


@pytest.mark.parametrize(
    "trace",
    [
        conv2d.trace(np.ones((4, 4)), np.ones((2, 2)), 0.25),
        conv_transpose2d.trace(np.ones((2, 2)), np.ones((2, 2)), 0.25, view="insert"),
    ],
)
def test_a_step_with_a_bias_ends_in_the_value_of_the_output(trace):
    shown = words(drawn(trace))
    ends = [shown[i + 1] for i, word in enumerate(shown) if word == "=" and shown[i - 1] == "0.25"]
    steps = [step for step in trace.steps if step.rule == "dot"]
    assert {float(end) for end in ends} <= {float(step.result) + 0.25 for step in steps}
    assert len(ends) == 3


@pytest.mark.parametrize(
    "trace",
    [
        softmax.trace(np.arange(1.0, 14.0)),
        resize.trace(np.arange(8.0).reshape(1, 8), (1, 4), mode="lanczos", antialias=True),
    ],
)
def test_a_long_step_is_wrapped_to_the_width_of_a_slide(trace):
    assert float(drawn(trace).get("width")) <= 1300


def test_a_comparison_too_large_to_draw_is_left_out():
    trace = dilated_trace(np.ones((12, 12)), np.ones((3, 3)), dilation=3)
    shown = " ".join(words(drawn(trace)))
    assert "The kernel with zeros inserted" in shown
    assert "Not used" not in shown


@pytest.mark.parametrize("trace", EXPLAINED)
def test_titles_of_a_trace_are_unique_and_only_the_result_is_the_output(trace):
    titles = [*trace.inputs, *(stage.title for stage in trace.stages)]
    assert len(set(titles)) == len(titles)
    assert "Output" not in titles[:-1]
    assert words(drawn(trace)).count("Output") <= 1


@pytest.mark.parametrize("trace", EXPLAINED)
def test_a_drawing_says_what_it_is(trace):
    assert trace.summary or trace.operation in SUMMARIES or trace.operation in OPERATIONS
    root = drawn(trace)
    assert root.find(f"{SVG}title").text != trace.operation


@pytest.mark.parametrize("trace", EXPLAINED)
def test_an_equation_is_drawn_completely(trace):
    shown = words(drawn(trace))
    assert not [text for text in shown if re.search(r"\bmore\b", text)]
    laid = sum(step.rule == "scale" and step.adds for step in trace.steps)
    kernels = sum(bool(re.fullmatch(r"-?[\d.]+ × kernel( of.*)?", text)) for text in shown)
    heads = {laid: "The sum:", 3: f"3 of the {laid} scaled kernels in the sum:"}
    assert not kernels or heads[kernels] in shown


@pytest.mark.parametrize("trace", EXPLAINED)
def test_channels_and_filters_are_called_so(trace):
    """`picture 0` says nothing; `picture, channel 0` does."""
    names = [*trace.inputs, *(stage.title for stage in trace.stages)]
    shown = words(drawn(trace))
    assert not [text for text in shown for name in names if re.fullmatch(rf"{re.escape(name)} [\d ]+", text)]


def test_the_axes_of_a_kernel_have_torchs_order():
    kernel = np.ones((2, 3, 1, 1))
    there = words(drawn(conv_transpose2d.trace(np.ones((2, 2, 2)), kernel)))
    back = words(drawn(conv2d.trace(np.ones((3, 2, 2)), kernel)))
    assert {"channel 1,", "filter 2"} <= set(there)
    assert {"filter 1,", "channel 2"} <= set(back)


@pytest.mark.parametrize("trace", EXPLAINED)
def test_only_sums_of_products_are_drawn_as_values_times_weights(trace):
    root = drawn(trace)
    if "×" not in words(root):
        return
    assert any(step.rule in ("dot", "product", "scale") for step in select_steps(trace).chosen)
    if trace.operation in ("softmax", "cross-entropy"):
        pytest.fail("softmax and cross-entropy multiply nothing")


@pytest.mark.parametrize("trace", EXPLAINED)
def test_labels_are_of_inputs_that_are_there(trace):
    for step in trace.steps:
        assert set(step.labels) <= set(step.inputs)


small = st.integers(3, 6)


@settings(max_examples=40)
@given(
    small, small, st.integers(1, 3), st.integers(0, 1), st.integers(0, 999), st.sampled_from(["conv", "laid", "pool"])
)
def test_chosen_steps_have_different_results_where_there_are_different_ones(rows, columns, side, padding, seed, kind):
    """Small whole numbers, so that many results are alike."""
    rng = np.random.default_rng(seed)
    picture_, kernel = rng.integers(0, 2, (rows, columns)) * 1.0, rng.integers(-1, 2, (side, side)) * 1.0
    trace = {
        "conv": lambda: conv2d.trace(picture_, kernel, padding=padding),
        "laid": lambda: conv_transpose2d.trace(picture_, kernel, padding=0),
        "pool": lambda: max_pool2d.trace(picture_, 2, stride=1, padding=padding),
    }[kind]()
    selected = select_steps(trace)
    steps = [step for step in selected.chosen if step.rule != "copy"]
    if selected.layout == "pieces" or len(steps) > 3:
        return
    results = {tuple(np.ravel(step.result)) for step in steps}
    possible = {tuple(np.ravel(step.result)) for step in selected.siblings(steps[0])}
    assert len(results) == min(3, len(possible)) or (len(possible) == 1 and len(results) == 1)
    assert len(results) == len(steps) or len(possible) == 1


def test_the_lectures_convolution_is_explained_by_three_different_sums():
    assert sorted(float(step.result) for step in select_steps(convolution()).chosen) == [-3, 2, 3]


def test_with_zeros_around_a_border_case_is_among_the_chosen():
    trace = conv2d.trace(np.arange(25.0).reshape(5, 5), np.ones((3, 3)), padding=1)
    assert any(step.index[0].start == step.index[1].start == 0 for step in select_steps(trace).chosen)


def test_a_step_that_reads_the_border_twice_says_so():
    shown = words(drawn(resize.trace(np.arange(4.0).reshape(2, 2), scale_factor=2, mode="bilinear")))
    assert "Step 1 of 16: row 0, column 0; outside the picture its border is repeated" in shown


def test_what_flips_the_kernel_stands_in_a_line_before_it_is_used():
    shown = words(drawn(conv_transpose2d.trace(np.eye(2), np.array([[1.0, 2], [3, 4]]), stride=2, view="insert")))
    titles = [text for text in shown if text in ("kernel", "picture", "Padded with zeros", "Output")]
    assert titles[:4] == ["kernel", "picture", "Padded with zeros", "Output"]
    assert shown.count("∗") == 1


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("side", [1, 2])
def test_every_square_of_the_legend_can_be_seen(stride, side):
    """Where kernels leave gaps, untouched numbers are white, as the paper is."""
    root = drawn(conv_transpose2d.trace(np.ones((2, 2)), np.ones((side, side)), stride=stride))
    chips = boxes(root, width="13", height="13")
    assert any(chip.get("fill") == "#ffffff" for chip in chips) == (stride > side)
    assert all(chip.get("stroke") != "#ffffff" for chip in chips)


@given(st.integers(0, 99), st.integers(1, 2), st.integers(1, 3))
def test_as_many_numbers_are_bold_as_maxima_were_picked(seed, channels, size):
    """Of equal numbers only the one whose place is remembered."""
    data = np.random.default_rng(seed).integers(0, 3, (channels, 2 * size, 2)).astype(float)
    bold = [one for one in drawn(max_pool2d.trace(data, 2)).iter(f"{SVG}text") if one.get("font-weight") == "bold"]
    assert len(bold) == 1 + channels * size  # the heading


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_distances_are_not_said_to_equal_the_weights_that_are_made_of_them(mode):
    """The trace of one pixel is so short that its weights are shown as steps."""
    shown = words(drawn(resize.trace(np.ones((1, 2)), (1, 1), mode=mode)))
    assert any(text.lower() == f"{mode.removeprefix('bi')} weights of" for text in shown)
    assert any(text.endswith("; outside the picture its border is repeated") for text in shown)


def test_a_laid_kernel_says_of_which_channel_it_is():
    shown = words(drawn(conv_transpose2d.trace(np.ones((2, 1, 1)), np.ones((2, 1, 2, 2)))))
    assert {"1 × kernel of", "channel 0", "channel 1"} <= set(shown)


@pytest.mark.parametrize(("value", "sign"), [(np.nan, "NaN"), (np.inf, "∞"), (-np.inf, "-∞")])
def test_what_is_no_number_is_called_so_in_pictures_tables_and_sentences(value, sign):
    trace = pixel_shuffle.trace(np.array([1.0, 2.0, value, 3.0]).reshape(4, 1, 1), 2)
    assert words(drawn(trace)).count(sign) == 2
    assert f"1, 2, {sign}, 3 from channels" in trace.steps[0].text
