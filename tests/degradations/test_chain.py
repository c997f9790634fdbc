"""Chains: steps in order, one generator, strict texts."""

import numpy as np
import pytest

from repix.degradations import chain, gaussian, gaussian_blur, gray, read_step, shrink, speckle
from repix.errors import RepixError, UnknownName, WrongUse

PICTURE = np.random.default_rng(2).random((20, 22, 3))


def test_a_chain_is_its_steps_in_order_with_one_generator():
    rng = np.random.default_rng(3)
    by_hand = speckle(gray(gaussian(gaussian_blur(PICTURE, 1.2), rng, 5)), rng)
    texts = ["gaussian-blur sigma=1.2", "gaussian sigma=5", "gray", "speckle"]
    np.testing.assert_array_equal(chain(PICTURE, np.random.default_rng(3), texts), by_hand)
    assert not np.array_equal(chain(PICTURE, np.random.default_rng(3), texts[::-1]), by_hand)


def test_only_the_first_step_is_given_levels():
    levels = np.rint(PICTURE * 255) / 255
    rng = np.random.default_rng(0)
    first = chain(levels, rng, ["shrink scale=2"], eight_bit=True)
    np.testing.assert_array_equal(first, shrink(levels, 2, eight_bit=True))
    second = chain(levels, rng, ["gaussian-blur sigma=1", "shrink scale=2"], eight_bit=True)
    np.testing.assert_array_equal(second, shrink(gaussian_blur(levels, 1), 2))


def test_float32_stays_float32():
    texts = ["defocus", "poisson photons=50", "jpeg quality=20", "edges style=pencil"]
    assert chain(PICTURE.astype(np.float32), np.random.default_rng(0), texts).dtype == np.float32


def test_settings_may_be_written_as_options_are():
    assert read_step("  edges   style=pencil contrast=3 ").draw(np.random.default_rng(0)).settings == {
        "style": "pencil",
        "contrast": 3.0,
    }


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("", WrongUse, "A step is empty; write a name and its settings, such as 'gaussian sigma=25'."),
        ("gausian", UnknownName, "In the step 'gausian': There is no 'gausian' among the degradations; did you mean"),
        ("chain", UnknownName, "In the step 'chain': There is no 'chain' among the degradations"),
        ("gaussian 25", WrongUse, "In the step 'gaussian 25': '25' is not a setting; write name=value."),
        ("gaussian sgma=25", WrongUse, "gaussian has no setting 'sgma'; did you mean 'sigma'?"),
        ("gaussian rng=1", WrongUse, "gaussian has no setting 'rng'; choose from sigma."),
        ("shrink eight-bit=yes", WrongUse, "shrink has no setting 'eight_bit'"),
        ("gray x=1", WrongUse, "gray has no setting 'x'; it has none."),
        ("gaussian sigma=1 sigma=2", WrongUse, "sigma is set twice."),
        ("gaussian sigma=", WrongUse, "sigma is ''; it must be a number."),
        ("gaussian sigma=-1", WrongUse, "In the step 'gaussian sigma=-1': sigma is -1; it must be from 0 to 10000."),
        ("gaussian sigma=nan", WrongUse, "sigma is nan; it must be a finite number."),
        ("mean-blur size=4", WrongUse, "size is 4; it must be odd, from 1 to 999."),
        ("mean-blur size=3.0", WrongUse, "size is '3.0'; it must be a whole number."),
        ("edges style=crayon", WrongUse, "style is 'crayon'; choose from canny, pencil."),
    ],
)
def test_a_wrong_step_is_one_sentence_that_names_it(text, kind, sentence):
    with pytest.raises(kind) as caught:
        chain(PICTURE, np.random.default_rng(0), ["gray", text])
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: chain(PICTURE, np.random.default_rng(0), []), "A chain needs at least one step"),
        (lambda: chain(PICTURE, np.random.default_rng(0), "gray"), "steps is the text 'gray'; it must be a list"),
        (lambda: chain(PICTURE, np.random.default_rng(0), [3]), "There is no '3' among the degradations"),
        (lambda: chain(PICTURE, 3, ["gaussian"]), "rng is 3; it must be a generator"),
        (lambda: chain(PICTURE * np.nan, np.random.default_rng(0), ["gray"]), "picture holds nan"),
    ],
)
def test_a_wrong_chain_is_one_sentence(call, sentence):
    with pytest.raises(RepixError, match=sentence):
        call()
