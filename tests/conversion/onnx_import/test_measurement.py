"""Measurements of functions whose receptive field and step are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion.onnx_import.measurement import LARGEST_HALO, Probe, accepts_batches, measure_halo, smallest_step
from repix.conversion.onnx_import.receptive_field import MisalignedError, UnboundedError
from repix.conversion.onnx_import.signature import RestartingEngine
from repix.errors import RepixError


def blurred(left, right):
    """Sums of what lies so far to the left and right, above and below; nothing beyond the edges."""

    def run(x):
        wide = np.pad(x, ((0, 0), (0, 0), (left, right), (left, right)))
        rows = sum(wide[:, :, at : at + x.shape[2]] for at in range(left + right + 1))
        return sum(rows[:, :, :, at : at + x.shape[3]] for at in range(left + right + 1))

    return run


def in_blocks(block):
    """Each block of pixels gets its own average; other sizes do not run."""

    def run(x):
        n, c, h, w = x.shape
        if h % block or w % block:
            return None
        small = x.reshape(n, c, h // block, block, w // block, block).mean(axis=(3, 5))
        return small.repeat(block, axis=2).repeat(block, axis=3)

    return run


def in_blocks_of_any_size(block):
    """The same where edges are repeated first, so that every size runs."""

    def run(x):
        missing = [(0, -side % block) for side in x.shape[2:]]
        wide = np.pad(x, ((0, 0), (0, 0), *missing), mode="edge")
        return in_blocks(block)(wide)[:, :, : x.shape[2], : x.shape[3]]

    return run


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 9), st.integers(0, 9))
def test_the_reach_of_a_blur_is_found_to_the_pixel(left, right):
    probe = Probe(blurred(left, right), 1, 1)
    assert smallest_step(probe) == 1
    far = max(left, right)
    found = measure_halo(probe, 1, lambda _: far + 2)
    assert (found.step, found.measured, found.halo) == (1, far, far + 2)
    if far:
        found = measure_halo(probe, 1, lambda _: far - 1)
        assert found.measured == far > found.halo


@pytest.mark.parametrize("block", [2, 3, 5, 16])
def test_blocks_are_found(block):
    probe = Probe(in_blocks(block), 2, 1)
    assert smallest_step(probe) == block
    found = measure_halo(probe, block, lambda _: block - 1)
    assert (found.step, found.measured) == (block, block - 1)


@pytest.mark.parametrize("block", [2, 3, 8])
def test_blocks_that_sizes_do_not_show_are_found(block):
    probe = Probe(in_blocks_of_any_size(block), 1, 1)
    assert smallest_step(probe) == 1
    found = measure_halo(probe, 1, lambda _: block - 1)
    assert (found.step, found.measured) == (block, block - 1)


def test_what_is_not_the_same_everywhere_has_no_halo():
    def run(x):
        return x * np.linspace(0, 1, x.shape[3], dtype=np.float32)

    found = measure_halo(Probe(run, 1, 1), 1, lambda _: 0)
    assert (found.halo, found.reason) == (None, "a shifted picture has another result")


def test_an_average_is_seen_beyond_any_halo():
    found = measure_halo(Probe(lambda x: x - x.mean(axis=(2, 3), keepdims=True), 1, 1), 1, lambda _: 50)
    assert found.halo is None or found.measured > found.halo


@pytest.mark.parametrize("far", [LARGEST_HALO + 1, None])
def test_a_graph_without_a_halo_is_not_asked_for_one(far):
    def halo_of(step):
        if far is None:
            raise UnboundedError("Norm 'a' looks at all pixels at once")
        return far

    found = measure_halo(Probe(lambda x: x, 1, 1), 1, halo_of)
    assert found.halo is None
    assert found.reason == (f"its halo of {far} pixels is too large" if far else "Norm 'a' looks at all pixels at once")


def test_a_graph_may_repeat_itself_less_often_than_its_sizes_say():
    def halo_of(step):
        if step % 4:
            raise MisalignedError("Conv 'a' repeats itself only every 4 pixels")
        return 5

    assert measure_halo(Probe(lambda x: x, 1, 1), 1, halo_of).step == 4


def test_an_enlargement_counts_pixels_that_go_in():
    def run(x):
        return blurred(1, 2)(x).repeat(3, axis=2).repeat(3, axis=3)

    found = measure_halo(Probe(run, 1, 3), 1, lambda _: 2)
    assert (found.step, found.measured) == (1, 2)


def test_a_faint_influence_is_seen():
    def run(x):
        far = np.pad(x, ((0, 0), (0, 0), (0, 0), (7, 0)))[:, :, :, :-7]
        return x + np.float32(3e-8) * far

    assert measure_halo(Probe(run, 1, 1), 1, lambda _: 9).measured == 7


def test_pictures_that_mix_are_not_single():
    assert accepts_batches(lambda x: 2 * x, 1, 8, 9)
    assert not accepts_batches(lambda x: x - x.mean(axis=0), 1, 8, 9)
    assert not accepts_batches(lambda x: None if len(x) > 1 else x, 1, 8, 9)


def test_an_engine_that_failed_is_opened_anew():
    """As OpenVINO: after a failure the same compiled model gives garbage."""

    class Fragile:
        broken = False

        def run(self, x):
            if x.shape[2] == 7:
                self.broken = True
                raise RepixError("no 7")
            return x * (2 if self.broken else 1)

    opened = []

    def fresh():
        opened.append(Fragile())
        return opened[-1]

    runner = RestartingEngine(fresh)
    x = np.ones((1, 1, 8, 8), np.float32)
    runner.run(x)
    with pytest.raises(RepixError):
        runner.run(x[:, :, :7])
    np.testing.assert_array_equal(runner.run(x), x)
    assert len(opened) == 2
