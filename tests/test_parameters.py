"""Parameters: what an annotation says is held in Python, on the command line, and in texts."""

from typing import Annotated, Literal

import numpy as np
import pytest

from repix.errors import RepixError, WrongUse
from repix.parameters import Bounds, checked, parameters


@checked
def sample(
    picture: np.ndarray,
    rng: np.random.Generator,
    size: Annotated[int, "side of the window", Bounds(1, odd=True)] = 3,
    share: Annotated[float, "share of the whole", Bounds(0, 1)] = 0.5,
    style: Annotated[Literal["plain", "fancy"], "how it looks"] = "plain",
    count: Annotated[int | None, "how many, or left out", Bounds(above=0)] = None,
    loud: Annotated[bool, "whether it is loud"] = False,
) -> np.ndarray:
    return picture


PICTURE = np.zeros((2, 3))
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"size": np.int64(5)},
        {"share": 1},
        {"share": np.float32(0.5)},
        {"style": "fancy"},
        {"count": 4},
        {"loud": True},
    ],
)
def test_good_values_pass(good):
    assert sample(PICTURE, RNG, **good) is PICTURE


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"size": 4}, "size is 4; it must be odd, at least 1."),
        ({"size": 3.0}, "size is 3.0; it must be a whole number."),
        ({"size": True}, "size is True; it must be a whole number."),
        ({"share": 1.5}, "share is 1.5; it must be from 0 to 1."),
        ({"share": "half"}, "share is 'half'; it must be a number."),
        ({"share": float("nan")}, "share is nan; it must be a finite number."),
        ({"style": "loud"}, "style is 'loud'; choose from plain, fancy."),
        ({"count": 0}, "count is 0; it must be more than 0."),
        ({"loud": 1}, "loud is 1; it must be true or false."),
        ({"rng": 3}, r"rng is 3; it must be a generator: numpy.random.default_rng(seed)."),
    ],
)
def test_a_wrong_value_is_one_sentence(bad, sentence):
    with pytest.raises(WrongUse) as caught:
        sample(PICTURE, **({"rng": RNG} | bad))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("picture", "part"),
    [
        ([[1.0]], "picture is a list; it must be a numpy array"),
        (np.zeros((2, 2), np.uint8), "picture is uint8"),
        (np.zeros((2, 2), np.float16), "picture is float16"),
        (np.zeros(3), r"picture has shape \(3,\)"),
        (np.zeros((0, 3)), r"picture has shape \(0, 3\)"),
        (np.full((2, 2), np.nan), r"picture holds nan at \(0, 0\)"),
        (np.array([[0.0, np.inf]]), r"picture holds inf at \(0, 1\)"),
    ],
)
def test_what_is_no_picture_is_one_sentence(picture, part):
    with pytest.raises(RepixError, match=part):
        sample(picture, RNG)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("size", "5", 5), ("share", "1e-1", 0.1), ("style", "fancy", "fancy"), ("count", "2", 2), ("loud", "yes", True)],
)
def test_texts_are_read_by_kind(name, text, value):
    assert parameters(sample)[name].read(text) == value


def several(widths: Annotated[tuple[int, ...], "channels of each level", Bounds(1)] = (8, 16)) -> tuple[int, ...]:
    return widths


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ((), "widths is (); it must be a tuple of at least one number."),
        ([8], "widths is [8]; it must be a tuple of at least one number."),
        ((8, 0), "A number of widths is 0; it must be at least 1."),
        ((8, 1.5), "A number of widths is 1.5; it must be a whole number."),
    ],
)
def test_several_numbers_are_each_held_to_the_range(bad, sentence):
    parameters(several)["widths"].check((8, 16))
    with pytest.raises(WrongUse) as caught:
        parameters(several)["widths"].check(bad)
    assert str(caught.value) == sentence


def test_several_numbers_are_read_from_one_text():
    assert parameters(several)["widths"].read("8 16,32") == (8, 16, 32)
    with pytest.raises(WrongUse, match="widths is 'x'; it must be a whole number"):
        parameters(several)["widths"].read("8 x")


def test_true_and_false_are_read_in_two_spellings():
    assert [parameters(sample)["loud"].read(word) for word in ("yes", "true", "no", "false")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("size", "5.5", "size is '5.5'; it must be a whole number."),
        ("size", "", "size is ''; it must be a whole number."),
        ("size", "6", "size is 6; it must be odd, at least 1."),
        ("share", "inf", "share is inf; it must be a finite number."),
        ("style", "x", "style is 'x'; choose from plain, fancy."),
        ("loud", "maybe", "loud is 'maybe'; write yes or no."),
    ],
)
def test_wrong_texts_are_one_sentence(name, text, sentence):
    with pytest.raises(WrongUse) as caught:
        parameters(sample)[name].read(text)
    assert str(caught.value) == sentence


def test_the_callers_own_parameters_are_no_options():
    assert list(parameters(sample)) == ["size", "share", "style", "count", "loud"]
