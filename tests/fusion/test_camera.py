"""The camera keeps the laws that back-projection rests on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.fusion.camera import Camera, Canvas

CAMERAS = st.builds(
    Camera,
    canvas=st.builds(
        Canvas, shape=st.tuples(st.integers(3, 9), st.integers(3, 9)), scale=st.integers(1, 4), margin=st.just(30)
    ),
    shift=st.tuples(st.floats(-2.5, 2.5), st.floats(-2.5, 2.5)),
    blur=st.floats(0, 0.6),
)


@settings(max_examples=40)
@given(camera=CAMERAS, channels=st.sampled_from([(), (3,)]), seed=st.integers(0, 99))
def test_laying_is_the_adjoint_of_shooting(camera, channels, seed):
    rng = np.random.default_rng(seed)
    fine = rng.standard_normal(camera.canvas.size + channels)
    shot = rng.standard_normal(camera.canvas.shape + channels)
    assert np.vdot(camera.project(fine), shot) == pytest.approx(
        np.vdot(fine, camera.back_project(shot)), rel=1e-10, abs=1e-10
    )


@settings(max_examples=40)
@given(camera=CAMERAS)
def test_a_shot_of_a_parabola_is_known_exactly(camera):
    """The mean of y² under a blur is y² + its variance; a pixel's square has scale²/12 of it."""
    scale, margin = camera.canvas.scale, camera.canvas.margin
    y, x = np.mgrid[0 : camera.canvas.size[0], 0 : camera.canvas.size[1]].astype(float)
    i, j = np.mgrid[0 : camera.canvas.shape[0], 0 : camera.canvas.shape[1]]
    down = (i + camera.shift[0] + 0.5) * scale - 0.5 + margin
    right = (j + camera.shift[1] + 0.5) * scale - 0.5 + margin
    variance = scale**2 / 12 + (camera.blur * scale) ** 2
    np.testing.assert_allclose(camera.project(y * y + 3 * x), down**2 + variance + 3 * right, rtol=2e-4)


def test_float32_stays_float32():
    camera = Camera(Canvas((5, 6), 2, 12), (0.3, -0.4))
    assert camera.back_project(camera.project(np.ones(camera.canvas.size, np.float32))).dtype == np.float32
