"""The schedule: no crop twice, rates that rise and fall, patches that pictures hold."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.errors import WrongUse
from repix.training.schedule import LAST_RATE, Schedule

SCHEDULES = st.builds(
    lambda steps, size, batch, multiple, more: (steps, size, batch, multiple, multiple + more),
    st.integers(1, 400),
    st.integers(1, 300),
    st.integers(1, 64),
    st.integers(1, 32),
    st.integers(0, 300),
)


def crops(schedule, step):
    """The numbers of the crops of a step, as the dataset counts them."""
    phase = schedule.phase(step)
    first = phase.before + (step - phase.first) * phase.count
    return range(first, first + phase.count)


@given(SCHEDULES)
def test_everpsnr_y_is_taken_once(given):
    steps, size, _, multiple, largest = given
    if min(size, largest) < multiple:
        return
    schedule = Schedule.of(*given)
    taken = [number for step in range(steps) for number in crops(schedule, step)]
    assert taken == list(range(len(taken)))


@given(SCHEDULES)
def test_patches_are_multiples_that_the_pictures_hold(given):
    steps, size, _, multiple, largest = given
    if min(size, largest) < multiple:
        with pytest.raises(WrongUse, match=f"multiples of {multiple} pixels"):
            Schedule.of(*given)
        return
    phases = Schedule.of(*given).phases
    assert phases[0].first == 0
    assert phases[0].size == min(size, largest) // multiple * multiple
    for phase in phases:
        assert phase.size % multiple == 0
        assert multiple <= phase.size <= largest
        assert phase.count >= 1
    for early, late in pairwise(phases):
        assert 0 < late.first < steps
        assert early.size < late.size
        pixels = [phase.count * phase.size**2 for phase in (early, late)]
        assert abs(pixels[1] - pixels[0]) <= late.size**2  # about as much work in a step, to one patch


@given(SCHEDULES)
def test_a_step_belongs_to_the_last_phase_that_has_begun(given):
    if min(given[1], given[4]) < given[3]:
        return
    schedule = Schedule.of(*given)
    for step in range(schedule.steps):
        begun = [phase for phase in schedule.phases if phase.first <= step]
        assert schedule.phase(step) is begun[-1]


@given(st.integers(1, 3000))
def test_rates_rise_to_one_and_fall_to_a_hundredth(steps):
    schedule = Schedule.of(steps, 8, 1, 1, 8)
    rates = [schedule.lr_factor(step) for step in range(steps)]
    assert all(0 < rate <= 1 for rate in rates)
    top = rates.index(max(rates))
    assert rates[top] == 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top <= max(1, round(0.03 * steps))
    assert schedule.lr_factor(steps) >= LAST_RATE * 0.999  # what is logged after the last step


def test_the_fall_is_half_a_cosine():
    schedule = Schedule.of(1000, 8, 1, 1, 8)
    for step in (30, 200, 515, 999):
        expected = 0.01 + 0.99 * (1 + math.cos(math.pi * (step - 30) / 970)) / 2
        assert schedule.lr_factor(step) == pytest.approx(expected)
    assert [schedule.lr_factor(step) for step in (0, 14, 29)] == pytest.approx([1 / 30, 0.5, 1])
