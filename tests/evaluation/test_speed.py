"""Speed in turns: all converters in the same rounds, the fastest round counts, and failures do not stop the others."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import registry
from repix.data import find
from repix.errors import WrongUse
from repix.evaluation import Examples
from repix.evaluation.speed import FEWEST, PATIENCE, ROUNDS, in_turns, timed_source
from repix.pictures import Picture
from repix.tasks import Baseline
from tests.data.drawing import pictures

SOURCE = Picture(np.zeros((20, 30, 1), np.uint8))


class Machine:
    """A clock that goes on only while something is converted, and the order of the conversions."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def clock(self):
        return self.now

    def converter(self, name, seconds, scale=1):
        """A fake model that counts, and takes the next of these seconds in each round; the last ones for good."""
        left = list(seconds)

        def counted(picture):
            self.calls.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]
            return Picture(picture.pixels.repeat(scale, 0).repeat(scale, 1))

        return Baseline(name, counted)


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), st.floats(0.01, 1.0))
def test_all_converters_take_turns_in_the_same_rounds(names, seconds):
    machine, told = Machine(), []
    converters = [machine.converter(name, [seconds]) for name in names]
    found = in_turns(converters, SOURCE, lambda *done: told.append(done), machine.clock, machine.clock)
    assert machine.calls == names * found.rounds
    assert told == [(number, ROUNDS) for number in range(1, found.rounds + 1)]
    assert list(found.seconds) == names


def test_two_equal_networks_have_the_same_speed_while_the_machine_becomes_slower():
    machine = Machine()
    rounds = [9.0, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]  # a slow start, and another program begins in the third round
    found = in_turns(
        [machine.converter(name, rounds) for name in ("one", "same")],
        SOURCE,
        clock=machine.clock,
        processor=machine.clock,
    )
    assert found.of("one") == found.of("same") == pytest.approx(1.0 * 1e6 / (20 * 30))
    assert (found.source, found.rounds) == ((20, 30), 4)  # 2 × (9 + 1 + 2 + 4) s are too long for more


def test_the_speed_is_per_megapixel_of_the_result():
    machine = Machine()
    converters = [machine.converter("same size", [0.5]), machine.converter("twice", [0.5], scale=2)]
    found = in_turns(converters, SOURCE, clock=machine.clock, processor=machine.clock)
    assert found.of("same size") == pytest.approx(4 * found.of("twice"))


@pytest.mark.parametrize(("seconds", "rounds"), [(0.01, ROUNDS), (PATIENCE, FEWEST), (PATIENCE / 4.5, 5)])
def test_slow_converters_have_fewer_rounds(seconds, rounds):
    machine = Machine()
    assert (
        in_turns([machine.converter("slow", [seconds])], SOURCE, clock=machine.clock, processor=machine.clock).rounds
        == rounds
    )


@pytest.mark.parametrize(("share", "busy"), [(0.5, True), (1.0, False), (1.9, False)])
def test_a_busy_machine_is_said(share, busy):
    machine = Machine()
    found = in_turns([machine.converter("one", [1.0])], SOURCE, None, machine.clock, lambda: share * machine.now)
    assert found.busy == busy
    assert ("other programs used the processors" in found.protocol) == busy


def test_one_that_fails_has_no_speed_and_the_others_go_on():
    machine = Machine()

    def refusing(_):
        raise WrongUse("too hard.")

    found = in_turns(
        [Baseline("bad", refusing), machine.converter("good", [1.0])],
        SOURCE,
        clock=machine.clock,
        processor=machine.clock,
    )
    assert math.isnan(found.of("bad"))
    assert math.isnan(found.of("unknown"))
    assert machine.calls == ["good"] * ROUNDS


def damaged_first(place):
    """Examples of two pictures, the first one damaged."""
    pictures(place, 2)
    items = find(place).parts["train"].items
    (place / "00.png").write_bytes(b"no picture")
    return Examples(place, items, registry.get("tasks", "denoise")())


def test_the_picture_is_the_center_of_the_first_source_that_can_be_read(tmp_path):
    examples = damaged_first(tmp_path)
    whole = timed_source(examples, 1000)
    assert whole.pixels.tolist() == examples[1].source.pixels.tolist()
    part = timed_source(examples, 50)
    assert part.size == (50, 50)
    top, left = ((side - 50) // 2 for side in whole.size)
    assert part.pixels.tolist() == whole.pixels[top : top + 50, left : left + 50].tolist()


def test_without_a_readable_picture_there_is_no_source(tmp_path):
    assert timed_source(damaged_first(tmp_path)[:1], 50) is None
