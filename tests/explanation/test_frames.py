"""Frames: one for each step with what the tables print, in an animated GIF and in an SVG document with buttons."""

import inspect
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from functools import cache

import numpy as np
import pytest
from PIL import Image

from repix.arithmetic import conv2d, conv_transpose2d, max_pool2d, resize, softmax
from repix.errors import WrongUse
from repix.explanation import to_gif, to_step_svg, to_svg, to_text
from repix.explanation.array_text import format_value
from repix.explanation.frames import MOST, frames
from repix.explanation.gif import LONGEST, SCALE, drawings, frame_times
from repix.explanation.operations import OPERATIONS
from repix.pictures.rasterize import svg_to_png
from tests.explanation.traces import EXPLAINED, convolution, transposed

SVG = "{http://www.w3.org/2000/svg}"

ANIMATED = [one for one in EXPLAINED if len(one.values[0].steps) <= MOST]


def parsed(document):
    return ET.fromstring(document)  # noqa: S314


@cache
def document(trace):
    """The drawing with buttons; several tests look at it."""
    return parsed(to_step_svg(trace))


def words(element):
    return " ".join(text.text or "" for text in element.iter(f"{SVG}text")).split()


def groups(root):
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == "frame"]


@pytest.mark.parametrize("trace", ANIMATED)
def test_there_is_a_frame_for_each_step_and_one_for_the_result_all_of_one_size(trace):
    made = frames(trace)
    assert len(made) == len(trace.steps) + 1
    assert len({frame.item.size for frame in made}) == 1
    assert len({frame.label for frame in made}) == len(made)
    assert made[-1].label == "Result"


@pytest.mark.parametrize("trace", ANIMATED)
def test_the_svg_shows_the_result_and_its_buttons_go_to_the_other_frames(trace):
    found = groups(document(trace))
    names = [group.get("id") for group in found]
    assert names == [*(f"step-{n + 1}" for n in range(len(trace.steps))), "result"]
    assert [group.get("display") for group in found] == ["none"] * len(trace.steps) + [None]
    for number, group in enumerate(found):
        links = {" ".join(words(link)): link.get("href") for link in group.iter(f"{SVG}a")}
        assert links.get("Next") == (f"#{names[number + 1]}" if number + 1 < len(names) else None)
        assert links.get("Back") == (f"#{names[number - 1]}" if number else None)
        assert set(links.values()) <= {f"#{name}" for name in names}
    answer = Counter(format_value(value) for value in np.ravel(trace.output).tolist())
    assert not answer - Counter(words(found[-1]))


@pytest.mark.parametrize("trace", ANIMATED)
def test_a_frame_has_the_words_and_numbers_of_the_printed_step(trace):
    printed = re.split(r"\n\nStep \d+ of \d+\. ", to_text(trace, None, width=4000))[1:]
    for block, frame in zip(printed, groups(document(trace))[:-1], strict=True):
        body = re.split(r"\n\n", block)[0]  # after it the heading of the next stage, or the result
        expected = bare(re.sub("[][·]", " ", "\n".join(body.splitlines()[1:])).split())
        shown = bare(words(frame))
        assert not expected - shown, block


def bare(found):
    """Words without a comma: in frames, the columns of a wide array are named after its title."""
    return Counter(word.rstrip(",") for word in found)


def test_every_operation_of_the_command_line_has_frames():
    assert set(OPERATIONS) <= {one.id for one in ANIMATED}


def test_no_array_moves_or_grows_from_one_step_to_the_next():
    for trace in (convolution(), transposed(), resize.trace(np.array([[1.0, 5.0], [4.25, 8.0]]), scale_factor=2)):
        last = trace.stages[-1].name
        steps = sum(step.stage == last for step in trace.steps)
        places = []
        for drawing in drawings(trace)[-steps - 1 : -1]:
            boxes = [box for box in parsed(drawing).iter(f"{SVG}rect") if box.get("stroke") == "#b8c0c8"]
            places.append([tuple(box.get(key) for key in ("x", "y", "width", "height")) for box in boxes])
        assert len(places) == steps
        assert len(set(map(tuple, places))) == 1, trace.operation


def test_what_is_read_is_blue_and_what_is_written_is_orange():
    second = parsed(drawings(convolution())[1])
    frame = {box.get("stroke"): box for box in second.iter(f"{SVG}rect") if box.get("stroke-width") == "3"}
    assert set(frame) == {"#0072b2", "#d55e00"}
    assert float(frame["#0072b2"].get("width")) > 2 * float(frame["#d55e00"].get("width"))


def test_a_value_is_blank_until_its_step():
    counts = [len(words(parsed(drawing))) for drawing in drawings(max_pool2d.trace(np.eye(4), 2))[-5:-1]]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


SMALL = {
    "bicubic": {"data": "1 2", "size": "1,3"},
    "lanczos": {"data": "1 2", "size": "1,3"},
    "nearest": {"data": "1 2"},
    "bilinear": {"data": "1 2", "size": "1,3"},
    "resize-conv": {"data": "1 2", "kernel": "1"},
    "hypercolumns": {"data": "1 2", "deeper": "10"},
    "icnr": {"data": "1", "kernel": "1"},
    "carafe": {"data": "1"},
    "dysample": {"data": "1"},
}
"""Data with few steps, where the example has many."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_U22_every_operation_is_an_animation_that_ends_with_the_answer(name):
    defaults = {key: one.default for key, one in inspect.signature(OPERATIONS[name]).parameters.items()}
    trace = OPERATIONS[name](**defaults | SMALL.get(name, {}))
    with Image.open(io.BytesIO(to_gif(trace))) as film:
        assert film.n_frames == len(trace.steps) + 1
        assert film.info["loop"] == 0
        seen = [pixels(film, number) for number in range(film.n_frames)]
        times = [film.seek(number) or film.info["duration"] for number in range(film.n_frames)]
    assert times == frame_times(len(trace.steps))
    assert len({frame.shape for frame in seen}) == 1
    answer = pixels(Image.open(io.BytesIO(svg_to_png(drawings(trace)[-1], SCALE))), 0)
    last, before = (np.abs(frame.astype(int) - answer).max() for frame in (seen[-1], seen[-2]))
    assert last < 32  # a GIF has 256 colors
    assert before > 100


def pixels(film, number):
    film.seek(number)
    return np.asarray(film.convert("RGB"))


def test_many_steps_are_shown_faster():
    assert frame_times(3) == [1500, 1500, 1500, 4000]
    assert sum(frame_times(100)[:-1]) == LONGEST
    assert frame_times(200) == [300] * 200 + [4000]


@pytest.mark.parametrize("draw", [to_gif, to_step_svg])
def test_too_many_steps_or_numbers_are_refused(draw):
    with pytest.raises(WrongUse, match="These are 225 steps; frames are drawn of at most 200"):
        draw(conv2d.trace(np.ones((15, 15)), np.ones((1, 1))))
    with pytest.raises(WrongUse, match=r"at most 24×24\. Give less data"):
        draw(softmax.trace(np.ones(25)))


def test_the_svg_needs_nothing_else():
    """No script, and no address but its own."""
    drawn = to_step_svg(conv_transpose2d.trace(np.eye(2), np.eye(2)))
    assert "<script" not in drawn
    assert set(re.findall(r'(?:href|src)="(.)', drawn)) == {"#"}
    assert "url(" not in drawn


SMALL_SCREEN = 420
"""Width of a phone, in pixels."""
LEGIBLE = 10
"""Height of the smallest letters that are read without an effort, in pixels."""


@pytest.mark.parametrize("trace", ANIMATED)
def test_a_small_screen_shows_legible_letters(trace):
    root = document(trace)
    assert smallest(root) * min(1, SMALL_SCREEN / float(root.get("width"))) >= LEGIBLE


@pytest.mark.parametrize("trace", EXPLAINED)
def test_the_letters_of_every_diagram_are_legible_in_its_own_size(trace):
    assert smallest(parsed(to_svg(trace))) >= LEGIBLE


def smallest(root):
    """The size of the smallest letters, in pixels of the picture's own size; nothing in it is scaled."""
    assert not [one for one in root.iter() if "scale" in one.get("transform", "")]
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    return min(float(text.get("font-size")) for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("columns", [9, 17, 24])
def test_a_wide_array_is_drawn_in_parts_that_have_all_its_columns(columns):
    data = np.arange(1000.0, 1000 + columns)[np.newaxis]
    result = groups(parsed(to_step_svg(max_pool2d.trace(data, 1))))[-1]
    shown = [text.text for text in result.iter(f"{SVG}text")]
    titles = [title for title in shown if title.startswith("output, columns ")]
    first = [int(title.split()[2]) for title in titles]
    last = [int(title.split()[4]) for title in titles]
    assert [*first[1:], columns] == [one + 1 for one in last]
    assert first[0] == 0
    assert [one for one in shown if one.isdigit()] == [f"{value:g}" for value in (*data[0], *data[0])]
