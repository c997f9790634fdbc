"""Time left, on runs whose seconds are made up: within a fifth after a tenth of the work."""

import heapq

import numpy as np
import pytest

from repix.batch.eta import Clock, Eta, Running


def simulated(pixels, seconds, workers):
    """Runs the files through so many workers: after each file, when it is, what is said to be left, what is done."""
    eta, said, done = Eta(workers), [], 0.0
    running = [(seconds[number], number, 0.0) for number in range(workers)]
    heapq.heapify(running)
    waiting = list(range(workers, len(pixels)))
    while running:
        now, number, start = heapq.heappop(running)
        eta.add(pixels[number], now - start, warming=number < workers)
        done += seconds[number]
        if waiting:
            following = waiting.pop(0)
            heapq.heappush(running, (now + seconds[following], following, now))
        sizes = [Running(pixels[number], now - start) for _, number, start in running]
        said.append(
            (now, eta.left(Clock(now, now), len(waiting), sum(pixels[number] for number in waiting), sizes), done)
        )
    return said


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize(
    ("each", "pixel", "order"),
    [
        (0.0, 1e-6, "mixed"),
        (1.0, 0.0, "mixed"),
        (0.1, 5e-7, "mixed"),
        (0.0, 1e-6, "rising"),
        (0.0, 1e-6, "falling"),
        (0.1, 5e-7, "falling"),
    ],
)
def test_within_a_fifth_after_a_tenth_of_the_work(workers, order, each, pixel):
    rng = np.random.default_rng(0)
    pixels = rng.choice([48_000, 300_000, 2_000_000, 12_000_000], 200)
    pixels = {"mixed": pixels, "rising": np.sort(pixels), "falling": -np.sort(-pixels)}[order]
    seconds = (each + pixel * pixels) * rng.normal(1, 0.1, 200).clip(0.5)
    seconds[:workers] += 2.0  # what comes first warms things up
    said = simulated(pixels.tolist(), seconds.tolist(), workers)
    end = said[-1][0]
    worst = max(abs(left - (end - now)) / (end - now) for now, left, done in said if 0.1 < done / seconds.sum() < 0.8)
    assert worst < 0.2


def test_nothing_is_said_before_anything_is_known():
    assert Eta(2).left(Clock(3.0, 3.0), 10, 100, []) is None


def test_a_single_file_is_judged_by_its_own_parts():
    running = [Running(1000, 3.5, converted=100, clock=Clock(3.5, 3.0))]
    assert Eta(2).left(Clock(3.5, 3.0), 0, 0, running) == pytest.approx(26.5)
    assert Eta(1).left(Clock(3.5, 3.0), 1, 500, running) == pytest.approx(26.5 + 15.0)
    slow = Eta(1)
    slow.add(100, 50.0)
    assert slow.left(Clock(53.5, 53.0), 0, 0, running) == pytest.approx(26.5)


@pytest.mark.parametrize("side_by_side", [True, False])
def test_first_files_that_wait_for_each_other_do_not_mislead(side_by_side):
    eta = Eta(3)
    for number in (1, 2, 3):
        eta.add(100, 3.0 if side_by_side else float(number), warming=True)
        others = [Running(100, 3.0, converted=100, clock=Clock(3.0, 3.0))] * (3 - number) if side_by_side else []
        begun = [Running(100, 0.0)] * (number if side_by_side else 3)
        passed = 3.0 if side_by_side else float(number)
        waiting = 30 - number - len(others) - len(begun)
        assert eta.left(Clock(passed, passed), waiting, 100 * waiting, [*others, *begun]) == pytest.approx(
            30 - number if not side_by_side else 27
        )


def test_files_of_unknown_size_count_one_by_one():
    eta = Eta(1)
    eta.add(0, 2.0, warming=True)
    assert eta.left(Clock(2.0, 2.0), 5, 0, []) == 10.0
    for _ in range(7):
        eta.add(0, 2.0)
    assert eta.left(Clock(16.0, 16.0), 5, 0, []) == 10.0


def test_a_file_that_takes_longer_than_expected_is_not_less_than_nothing():
    eta = Eta(2)
    for _ in range(5):
        eta.add(100, 1.0)
    assert eta.left(Clock(55.0, 5.0), 0, 0, [Running(100, 50.0)]) == 0.0
    assert eta.left(Clock(6.0, 6.0), 0, 0, [Running(300, 1.0), Running(100, 1.0)]) == pytest.approx(2.0)


@pytest.mark.parametrize("seconds", [(3, 2, 1), (1, 1.5, 3)])
def test_no_line_goes_below_nothing(seconds):
    eta = Eta(1)
    for pixels, second in zip((100, 200, 300) * 2, seconds * 2, strict=True):
        eta.add(pixels, second)
    assert eta.left(Clock(9.0, 9.0), 1, 1, []) >= 0
    assert eta.left(Clock(9.0, 9.0), 1, 10_000, []) >= eta.left(Clock(9.0, 9.0), 1, 1, [])
