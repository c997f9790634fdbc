"""The deadline: whatever steps and validations take, all ends when it should. The tests say how time passes."""

import re
import shutil
import signal
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from repix.training import calibration, checkpoint, deadline, resume, train
from repix.training.deadline import (
    COMPARING,
    EXPORT,
    FEWEST_COMPARED,
    FEWEST_STEPS,
    MOST_VALIDATIONS,
    VALIDATING,
    Costs,
    Deadline,
)
from repix.training.ema import ExponentialMovingAverage
from repix.training.loop import Loop
from repix.training.objectives.supervised import Supervised
from repix.training.run_folder import RunFolder
from repix.training.schedule import Schedule
from repix.training.state import TrainingState
from repix.training.validation import Validator, validation_steps
from tests.training.making import Told, recipe

CASES, MANY = 60, 2000
MOST_PLANS = 25
"""Each one costs seconds, which a simulated training does not know of."""
DRAWN = 5000
"""Durations; after so many they come again."""


@dataclass
class Simulated:
    """A training without a network: the order of what the loop does after each step, and what it took."""

    seconds: float
    costs: Costs
    step: object
    """Gives the seconds that a step takes, by its number."""
    validation: object
    passed: float = 0.0
    steps: list[float] = field(default_factory=list)
    validations: list[float] = field(default_factory=list)
    plans: list[int] = field(default_factory=list)

    def run(self):
        self.budget = Deadline(self.seconds, lambda: self.passed, self.costs)
        self.begun = self.passed
        planned, times = self.budget.plan()
        self.plans.append(planned)
        self.budget.began()
        step, validated = 0, -1
        while True:
            step += 1
            self._pass(self.steps, self.step(step))
            self.budget.stepped()
            left = {one for one in validation_steps(planned, times) if one >= step}
            ends = step >= planned or self.budget.over
            if ends or (step in left and self.budget.affords_validation):
                with self.budget.validation():
                    self._pass(self.validations, self.validation(step))
                validated = step
            if ends or self.budget.over:
                assert validated == step  # the last weights are always validated
                return self
            planned = self.budget.replanned(step, planned, len(left - {step, planned})) or planned
            if planned != self.plans[-1]:
                assert planned > step
                self.plans.append(planned)

    def _pass(self, kept, seconds):
        kept.append(seconds)
        self.passed += seconds


def drawn(seed):
    """A machine and its moods: right or wrong about what a step takes, steady, uneven, or slower from a step on."""
    rng = np.random.default_rng(seed)
    step, validation = 10 ** rng.uniform(-1.5, 0.7), 10 ** rng.uniform(-1, 1)
    truth, uneven, later = 2 ** rng.uniform(-2, 2), rng.choice([0, 0.3, 1]), 2 ** rng.uniform(0, 2)
    turn = int(rng.integers(1, 400))
    lengths = step * truth * np.exp(uneven * rng.standard_normal(DRAWN))
    judging = validation * np.exp(rng.choice([0, 0.5]) * rng.standard_normal(DRAWN))
    costs = Costs(step, validation, rng.uniform(0, 3), rng.uniform(0, 60), int(rng.integers(0, 33)))
    return Simulated(
        float(10 ** rng.uniform(1, 2.8)),
        costs,
        lambda number: float(lengths[number % DRAWN]) * (later if number > turn else 1),
        lambda number: float(judging[number % DRAWN]),
        passed=float(rng.uniform(0, 20)),
    )


def surprise(made):
    """How much longer a validation took than all before it, and than was expected."""
    longest, most = made.costs.validation, 0.0
    for seconds in made.validations:
        most, longest = max(most, seconds - longest), max(longest, seconds)
    return most


def require_in_time(seed):
    made = drawn(seed).run()
    tail = EXPORT + min(made.costs.comparison, COMPARING * made.seconds)
    step, last = max(made.steps), made.validations[-1]
    if made.begun + made.costs.validation + tail + made.costs.step < made.seconds:
        assert made.passed + tail <= made.seconds + step + 2 * surprise(made)
    else:  # too late before it began: one step, and the validation that is made in any case
        assert made.passed <= made.begun + made.steps[0] + last + 1e-9
    others = sum(made.validations[:-1])
    assert others <= VALIDATING * made.passed + surprise(made)
    assert len(made.validations) <= max(made.plans)
    assert len(made.plans) <= MOST_PLANS


def test_it_ends_in_time_and_validates_little():
    for seed in range(CASES):
        require_in_time(seed)


@pytest.mark.long
def test_it_ends_in_time_and_validates_little_in_many_cases():
    for seed in range(CASES, MANY):
        require_in_time(seed)


@pytest.mark.parametrize("truth", [0.3, 1, 3])
@pytest.mark.parametrize("uneven", [0, 0.2])
def test_the_time_is_used_and_there_are_few_plans(truth, uneven):
    """Where steps take less or more than was measured, there are more or fewer of them."""
    rng = np.random.default_rng(7)
    lengths = 0.5 * truth * np.exp(uneven * rng.standard_normal(20_000))
    made = Simulated(600, Costs(0.5, 2.0), lambda number: float(lengths[number]), lambda _: 2.0).run()
    assert made.passed + EXPORT >= 0.93 * made.seconds
    assert len(made.plans) <= 12
    assert len(made.validations) >= 5
    if truth == 1 and not uneven:
        assert made.plans == [len(made.steps)]
        assert len(made.validations) == MOST_VALIDATIONS


@pytest.mark.parametrize("seed", range(20))
def test_the_time_is_used_where_steps_were_thought_to_be_so_slow_that_only_a_few_fit(seed):
    """A busy machine, or a first step that compiles: what was measured before the training says nothing then."""
    rng = np.random.default_rng(seed)
    truth, planned = rng.uniform(0.1, 0.8), rng.uniform(2, 5)
    costs = Costs(100 / planned, 0.5)
    made = Simulated(120, costs, lambda _: truth, lambda _: 0.5, passed=120 - 100 - EXPORT - 0.5).run()
    assert made.plans[0] < FEWEST_STEPS
    assert made.passed + EXPORT >= 0.9 * made.seconds


@pytest.mark.parametrize("seed", range(30))
def test_the_least_time_is_what_one_step_fits_into(seed):
    made = drawn(seed)

    def budget(seconds):
        return Deadline(seconds, lambda: made.passed, made.costs)

    least = budget(made.seconds).least
    assert not budget(1.001 * least).over
    assert not budget(made.seconds).over or made.seconds <= least


@pytest.mark.parametrize("seed", range(40))
def test_the_last_weights_are_validated_however_the_clock_moves(seed):
    """Time also passes between two looks at the clock."""
    rng, now = np.random.default_rng(seed), [0.0]

    def clock():
        now[0] += rng.exponential(0.1)
        return now[0]

    found = Deadline(20, clock, Costs(0.5, 0.5, export=1))
    steps, times = found.plan()
    training = SimpleNamespace(contract=None, config=SimpleNamespace(validations=times), checkerboards=None)
    made = Loop(training, None, print, found)
    made.validator, made._since = SimpleNamespace(validate=lambda _: "a record"), 0.0
    objective = SimpleNamespace(set_lr=lambda _: None, step=lambda *_: {"loss": 0.0}, model=None)
    ema = SimpleNamespace(update_parameters=lambda _: None)
    state = TrainingState(objective, ema, Schedule.of(steps, 8, 1, 1, 8))
    while not made.ended:
        made.step(state, (range(8), range(8)))  # a batch, of which only the number of patches counts
        record = made.validate_when_due(state)
        made.replan_when_late(state)
    assert record


@pytest.mark.parametrize("seed", range(20))
def test_the_comparison_gets_what_is_left(seed):
    rng = np.random.default_rng(seed)
    costs = Costs(1, 1, rng.uniform(0.1, 5), float(rng.choice([0, rng.uniform(0, 50)])), int(rng.integers(1, 33)))
    now = rng.uniform(0, 130)
    count, classical = Deadline(120, lambda: now, costs).compared()
    assert 1 <= count <= costs.pictures
    each = costs.compared + classical * costs.classical
    assert count == 1 or count * each <= 120 - now
    if classical:
        assert count >= min(FEWEST_COMPARED, costs.pictures)
    elif now <= 120:
        assert min(FEWEST_COMPARED, costs.pictures) * (costs.compared + costs.classical) > 120 - now


@pytest.mark.parametrize("seed", range(30))
def test_a_new_plan_takes_no_crop_twice_and_goes_on_from_its_record(seed):
    rng = np.random.default_rng(seed)
    base = schedule = Schedule.of(int(rng.integers(1, 300)), 16, int(rng.integers(1, 9)), 2, int(rng.integers(16, 40)))
    taken, step = [], 0
    while step < schedule.steps:
        phase = schedule.phase(step)
        first = phase.before + (step - phase.first) * phase.count
        taken += range(first, first + phase.count)
        assert 0 < schedule.lr_factor(step) <= 1
        step += 1
        if rng.random() < 0.05:
            schedule = schedule.replanned(step, step + int(rng.integers(0, 200 if step < 500 else 2)))
            if step < schedule.steps:
                assert base.as_saved(schedule.to_dict()) == schedule
    assert taken == list(range(len(taken)))


@pytest.mark.parametrize(
    "saved", [{}, {"steps": 3}, {"steps": "3", "late": 0}, {"steps": 3, "late": 3}, {"late": True}]
)
def test_a_damaged_record_of_a_schedule_is_refused(saved):
    with pytest.raises(ValueError, match="not the state of a schedule"):
        Schedule.of(10, 8, 1, 1, 16).as_saved(saved)


class Slow:
    """A clock that only moves by what is done: a step takes `expected` seconds while it is timed, then `truth`."""

    def __init__(self, patch, expected, truth):
        self.seconds, self.expected, self.truth = 5.0, expected, truth
        update, timed = ExponentialMovingAverage.update_parameters, calibration.seconds_per_step
        validate, step = Validator.validate, Supervised.step
        self.timing = False

        def stepping(made, network):
            self.seconds += self.truth
            return update(made, network)

        def timing(*given):
            self.timing = True
            try:
                return timed(*given)
            finally:
                self.timing = False

        def learning(made, batch, number):
            self.seconds += self.expected * self.timing
            return step(made, batch, number)

        def validating(made, state):
            self.seconds += 0.1
            return validate(made, state)

        patch.setattr(ExponentialMovingAverage, "update_parameters", stepping)
        patch.setattr(calibration, "seconds_per_step", timing)
        patch.setattr(Supervised, "step", learning)
        patch.setattr(Validator, "validate", validating)
        patch.setattr(calibration, "busy", lambda: 1.0)

    def __call__(self):
        return self.seconds


@pytest.mark.parametrize("truth", [0.4, 1.0, 2.5])
def test_a_training_ends_at_its_deadline_with_a_model(truth, photos, lean, monkeypatch, tmp_path):
    clock, told = Slow(monkeypatch, 1.0, truth), Told()
    made = recipe(photos, steps=None, validations=None, minutes=1)
    trained = train(made, tmp_path / "run", told.reporter(), clock)
    assert trained.complete
    kept, record = RunFolder(tmp_path / "run").read_recipe()
    steps = record["trained"]["steps"]
    assert kept.steps == steps
    assert kept.minutes is None
    assert clock() + EXPORT <= 60 + truth + 0.1
    assert clock() + EXPORT >= 60 - 8 * truth
    assert not (tmp_path / "run" / "resume.ckpt").exists()
    assert "1 minute, of which" in told.text
    if truth == 1:
        assert " steps of 1000 ms" in told.text
    validated = [line for line in told if line.startswith("step ")]
    assert validated[-1].startswith(f"step {steps} of ")
    assert sum(0.1 for _ in validated[:-1]) <= VALIDATING * clock()


def test_too_short_a_time_is_said_to_be_too_short(photos, lean, monkeypatch, tmp_path):
    clock, told = Slow(monkeypatch, 1.0, 1.0), Told()
    trained = train(recipe(photos, steps=None, validations=None, minutes=0.1), tmp_path / "run", told.reporter(), clock)
    assert trained.complete
    assert trained.model.exists()
    assert RunFolder(tmp_path / "run").read_recipe()[0].steps == 1
    seconds = re.search(r"0\.1 minutes is too short a time .* would end after (\d+) s\. One step is made", told.text)
    assert float(seconds[1]) > 6
    enough, told = Slow(monkeypatch, 1.0, 1.0), Told()
    minutes = (float(seconds[1]) + 5) / 60
    train(recipe(photos, steps=None, validations=None, minutes=minutes), tmp_path / "run2", told.reporter(), enough)
    assert "too short a time" not in told.text
    assert enough() + EXPORT <= 60 * minutes + 1.1


def test_a_run_that_is_ended_where_it_is_replanned_says_the_new_number_of_steps(photos, lean, monkeypatch, tmp_path):
    replan = Loop.replan_when_late

    def ending(made, state):
        replanned = replan(made, state)
        if replanned:
            signal.raise_signal(signal.SIGINT)
        return replanned

    monkeypatch.setattr(Loop, "replan_when_late", ending)
    told, folder = Told(), RunFolder(tmp_path / "run")
    made = recipe(photos, steps=None, validations=None, minutes=1)
    trained = train(made, folder.path, told.reporter(), Slow(monkeypatch, 1.0, 2.5))
    steps = checkpoint.Checkpoint(folder).read()["schedule"]["steps"]
    assert not trained.complete
    kept, record = folder.read_recipe()
    assert kept.steps == record["trained"]["of"] == steps
    assert f" of {steps} steps; add --resume" in told.text


def test_a_run_whose_steps_were_replanned_goes_on_by_the_new_plan(photos, lean, monkeypatch, tmp_path):
    """Bit for bit, and without the clock: a deadline is for the first go."""
    save, after, plans = checkpoint.Checkpoint.save, [0], {}

    def saving(made, state):
        save(made, state)
        saved = torch.load(made.folder.resume, weights_only=True)
        plans.setdefault(made.folder.path.name, []).append(saved["schedule"])
        if state.step == after[0]:
            shutil.copy(made.folder.resume, made.folder.path / "last.ckpt")
            raise Killed

    monkeypatch.setattr(checkpoint.Checkpoint, "save", saving)
    monkeypatch.setattr(checkpoint, "EVERY", -1)
    monkeypatch.setattr(deadline, "PRIOR", 1e-9)  # one new plan and no other
    made = recipe(photos, steps=None, validations=2, minutes=1)
    for name, stops in {"whole": [12], "stopped": [9, 12]}.items():
        with monkeypatch.context() as patch:
            clock = Slow(patch, 1.0, 2.5)
            for number, stop in enumerate(stops):
                after[0] = stop
                go = partial(resume, tmp_path / name) if number else partial(train, made, tmp_path / name, clock=clock)
                with pytest.raises(Killed):
                    go(reporter=Told().reporter())
    assert plans["whole"] == plans["stopped"]
    assert plans["whole"][-1]["steps"] < plans["whole"][0]["steps"]
    states = [torch.load(tmp_path / name / "last.ckpt", weights_only=True) for name in ("whole", "stopped")]
    assert states[0]["step"] == states[1]["step"] == 12
    networks = [state["objective"]["model"]["network"] for state in states]
    for key, weights in networks[0].items():
        assert torch.equal(weights, networks[1][key]), key
    after[0] = 0
    assert resume(tmp_path / "stopped", Told().reporter()).complete
    assert RunFolder(tmp_path / "stopped").read_recipe()[0].steps == plans["whole"][-1]["steps"]


class Killed(BaseException):
    """Stands for SIGKILL."""
