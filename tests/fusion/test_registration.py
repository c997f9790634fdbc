"""Shifts are found to hundredths of a pixel, and what is no shot of the scene is told apart."""

import numpy as np
import pytest

from repix.errors import WrongDtype, WrongShape, WrongUse
from repix.fusion import register
from tests.fusion.scenes import drawn, shots_of


@pytest.mark.parametrize("camera", ["box", "cubic", "gaussian"])
@pytest.mark.parametrize("noise", [0, 5])
def test_r02_shifts_are_found_to_three_hundredths(camera, noise):
    shots, shifts = shots_of(drawn(), camera=camera, noise=noise, seed=3)
    found = register(shots)
    assert np.abs(found.shifts - shifts).max() < 0.03
    assert found.match.min() > 0.98


@pytest.mark.parametrize("shift", [(0, 0), (31, -17), (-20, 22), (7, 38)])
def test_large_shifts_are_found(shift):
    scene = drawn()
    first = scene[50:130, 50:150]
    other = scene[50 + shift[0] : 130 + shift[0], 50 + shift[1] : 150 + shift[1]]
    np.testing.assert_allclose(register([first, other]).shifts[1], shift, atol=0.01)


def test_another_scene_a_turned_and_a_flat_one_do_not_match():
    shots, _ = shots_of(drawn(), count=3)
    strangers = [np.rot90(shots[0], 2), np.random.default_rng(0).random(shots[0].shape), np.full_like(shots[0], 0.5)]
    assert register([*shots, *strangers]).good() == [0, 1, 2]


def test_color_is_registered_on_its_lightness():
    shots, shifts = shots_of(drawn(), count=3)
    colored = [np.stack([0.9 * shot, 0.5 * shot, 1 - shot], axis=2) for shot in shots]
    assert np.abs(register(colored).shifts - shifts).max() < 0.03


@pytest.mark.parametrize(
    ("shots", "error", "sentence"),
    [
        ([], WrongUse, "at least 2 shots of one scene, not 0"),
        ([np.ones((20, 20))], WrongUse, "at least 2 shots of one scene, not 1"),
        ([np.ones((20, 20)), np.ones((20, 21))], WrongShape, r"Shot 2 is 21×20 .*, Shot 1 is 20×20 .*"),
        (
            [np.ones((20, 20, 3)), np.ones((20, 20, 1))],
            WrongShape,
            r"Shot 2 is 20×20 \(gray\), Shot 1 is 20×20 \(RGB\)",
        ),
        ([np.ones((20, 20, 4))] * 2, WrongShape, "Shot 1 has 4 channels"),
        ([np.ones((15, 20))] * 2, WrongShape, "finding its shift needs 16×16 or more"),
        ([np.ones((20, 20), np.uint8)] * 2, WrongDtype, "Shot 1 is uint8"),
        ([np.ones((20, 20)), np.full((20, 20), np.nan)], WrongUse, "Shot 2 has values that are not finite"),
    ],
)
def test_what_cannot_be_registered_is_refused(shots, error, sentence):
    with pytest.raises(error, match=sentence):
        register(shots)


def test_names_must_be_as_many_as_shots():
    with pytest.raises(WrongUse, match="1 names for 2 shots"):
        register([np.ones((20, 20))] * 2, ["one"])
