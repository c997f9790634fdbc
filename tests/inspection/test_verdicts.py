"""Verdicts on drawn pictures: at least 95 % are right, of each kind nearly as many."""

from collections import Counter

import pytest

from tests.given import count, drawn_seeds
from tests.inspection.cases import drawn

RIGHT, RIGHT_OF_EACH = 0.95, 0.85


@pytest.mark.drawn
def test_verdicts_are_right():
    """10 pictures in `make test`, 1,000 in `make test-long`; the rate of each verdict is printed (pytest -s)."""
    number = count(10, 1000)
    cases = [case for seed in drawn_seeds(number, __name__) for case in drawn(seed)]
    total, right = (Counter(case.verdict for case in cases if case.right or every) for every in (True, False))
    for verdict in sorted(total):
        print(f"{verdict:28} {right[verdict]:5} of {total[verdict]:5}  {right[verdict] / total[verdict]:.1%}")
    wrong = [case for case in cases if not case.right]
    allowed = (1 - RIGHT) * len(cases) + (0 if number >= 1000 else 3)  # of few cases, chance makes a larger share wrong
    assert len(wrong) <= allowed, wrong
    if number >= 1000:
        assert not {verdict for verdict in total if right[verdict] < RIGHT_OF_EACH * total[verdict]}, wrong
