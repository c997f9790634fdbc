"""Tasks of the crew besides files: an ordered map, single long tasks, and what is made of them, without Ray."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import repix
from repix import batch
from repix.batch import BatchOptions, find
from repix.batch.place import PlaceLost
from repix.cluster.band_place import BandPlace
from repix.cluster.crew import ATTEMPTS, Crew
from repix.cluster.evaluation_tasks import evaluation_of
from repix.cluster.model_parcel import ModelParcel
from repix.cluster.shipment import Shipment, files_of
from repix.conversion import open_model
from repix.conversion.budget import Budget
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.errors import Unreadable
from repix.evaluation.pair_batch import PairBatch, plan_named
from repix.evaluation.results import Results
from repix.evaluation.selection import EvaluationOptions, prepare
from repix.models import model_named
from repix.pictures import Picture
from tests.cluster.members import ThreadMember, crew_of


def square(task, _):
    if task < 0:
        raise Unreadable(f"{task} has no root.")
    return task * task


SQUARES = Shipment(lambda: square)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Six small photos, some of them with alpha; the folder is relative, as a user gives it."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        channels = (1, 3, 4)[number % 3]
        pixels = rng.integers(60, 200, (400 + 7 * number, 90 + number, channels), dtype=np.uint8)
        if channels == 4:
            pixels[40:60, 10:70, 3] = 0
        repix.write(Picture(pixels), f"in/{number}.png")
    return Path("in")


def test_answers_come_in_the_order_of_their_tasks():
    members = [ThreadMember(SQUARES, slots=1), ThreadMember(SQUARES, slots=2)]
    assert list(crew_of(*members).each(range(50), str)) == [one * one for one in range(50)]
    assert all(member.done for member in members)


def test_tasks_of_lost_workers_are_done_again():
    members = [ThreadMember(SQUARES, lives=3), ThreadMember(SQUARES, lives=5), ThreadMember(SQUARES)]
    assert list(crew_of(*members).each(range(40), str)) == [one * one for one in range(40)]
    assert [member.ended for member in members] == [True, True, False]


def test_tasks_are_read_as_there_is_room():
    read = []

    def reading():
        for one in range(20):
            read.append(one)
            yield one

    answers = crew_of(ThreadMember(SQUARES)).each(reading(), str, most=3)
    assert next(answers) == 0
    assert len(read) <= 4
    assert len(list(answers)) == 19


def test_a_task_that_ends_every_worker_is_given_up():
    crew = crew_of(*(ThreadMember(SQUARES, lives=0) for _ in range(ATTEMPTS)))
    with pytest.raises(Unreadable, match=f"task 7 was given up: {ATTEMPTS} worker processes ended"):
        list(crew.each([7], lambda task: f"task {task}"))


def test_errors_and_the_end_of_the_cluster_end_a_map():
    crew = crew_of(ThreadMember(SQUARES))
    answers = crew.each([2, -3, 4], str)
    assert next(answers) == 4
    with pytest.raises(Unreadable, match="-3 has no root"):
        next(answers)
    crew.end("It is over.")
    with pytest.raises(PlaceLost, match="It is over"):
        list(crew.each([1], str))


def test_a_request_to_stop_ends_a_map_that_waits_for_a_worker():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Crew().each([1], str, stop))


def test_a_long_task_ends_early_when_asked():
    begun, stop, answers = threading.Event(), threading.Event(), []

    def ends_when_asked(_, advance):
        while True:
            try:
                advance()
            except KeyboardInterrupt:
                return "early"
            begun.set()

    crew = crew_of(ThreadMember(Shipment(lambda: ends_when_asked)))
    asking = threading.Thread(target=lambda: answers.append(crew.ask("run", "a run", stop)))
    asking.start()
    assert begun.wait(60)
    stop.set()
    asking.join(60)
    assert answers == ["early"]
    with pytest.raises(KeyboardInterrupt):
        Crew().ask("run", "a run", stop)  # no worker has begun it


@pytest.mark.parametrize(
    ("model", "change"),
    [
        ("denoise-gray", {}),
        ("denoise-color", {"strength": 0.6}),
        ("denoise-color", {"keep_colors": True}),
        ("upscale-x2", {}),
    ],
)
def test_bands_on_a_cluster_are_joined_to_the_same_bytes(model, change, photos):
    options = FileOptions(budget=Budget(tile=48), **change)
    opened = open_model(model, "echo", threads=1)
    parcel = ModelParcel.of(model_named(model), opened, options)
    members = [ThreadMember(parcel.bands(), lives=4), ThreadMember(parcel.bands())]
    crew = crew_of(*members)
    work, seen = model_work(opened, options), []
    place = BandPlace(crew, opened, options)
    together = batch.run(find([photos], Path("together")), work, BatchOptions(place=place), seen.append)
    alone = batch.run(find([photos], Path("alone")), work)
    assert [one.state for one in together.outcomes] == [one.state for one in alone.outcomes] == ["done"] * 6
    assert [one.fidelity for one in together.outcomes] == [one.fidelity for one in alone.outcomes]
    for number in range(6):
        assert Path(f"together/{number}.png").read_bytes() == Path(f"alone/{number}.png").read_bytes()
    assert seen[-1].converted == seen[-1].pixels
    assert sum(member.done for member in members) > 12  # several bands for each picture
    assert {one.state for one in batch.run(find([photos], Path("together")), work).outcomes} == {"kept"}


def test_a_bad_picture_in_bands_leaves_no_result(photos):
    whole = Path("in/0.png").read_bytes()
    Path("in/0.png").write_bytes(whole[: len(whole) // 2])
    options = FileOptions(budget=Budget(tile=64))
    opened = open_model("denoise-gray", "echo", threads=1)
    crew = crew_of(ThreadMember(ModelParcel.of(model_named("denoise-gray"), opened, options).bands()))
    place = BandPlace(crew, opened, options)
    report = batch.run(find([photos], Path("together")), model_work(opened, options), BatchOptions(place=place))
    assert [one.state for one in report.outcomes].count("failed") == 1
    assert "in/0.png" in report.outcomes[0].reason
    assert not Path("together/0.png").exists()


def test_pairs_are_measured_to_the_same_bytes(photos):
    rng = np.random.default_rng(1)
    Path("truth").mkdir()
    for number in range(6):
        picture = repix.read(f"in/{number}.png")
        noisy = np.clip(picture.pixels[:, :, :3] + rng.integers(-9, 9, picture.pixels[:, :, :3].shape), 0, 255)
        repix.write(replace(picture, pixels=noisy.astype(np.uint8)), f"truth/{number}.png")
    plan = plan_named(["psnr-rgb"], {}, paths=2)
    made = []
    for output in ("together", "alone"):
        pairs = PairBatch([Path("in"), Path("truth")], plan_named(["psnr-rgb"], {}, paths=2), Path(output))
        jobs = pairs.find()
        shipment = files_of(pairs.work, str(Path.cwd()))
        place = crew_of(ThreadMember(shipment), ThreadMember(shipment)) if output == "together" else None
        made.append(pairs.outcome(batch.run(jobs, pairs.work, BatchOptions(place=place))))
    assert made[0].as_json() == made[1].as_json()
    assert len(made[0].failures) == 4  # two have alpha, two are gray
    names = sorted(one.name for one in Path("alone").glob("*.json"))
    assert len(names) == 4
    assert plan.measurements[0].scores == {}
    for name in names:
        assert Path("together", name).read_bytes() == Path("alone", name).read_bytes()


def test_an_evaluation_has_the_values_of_one_process(photos):
    options = EvaluationOptions(
        ["median size=3", "nothing"],
        photos,
        task="denoise",
        settings=["sigma=25,25"],
        metrics=["psnr-rgb", "ssim-wang"],
    )
    evaluation, shown = prepare(options), [[], []]
    crew = crew_of(ThreadMember(evaluation_of(options), lives=3), ThreadMember(evaluation_of(options)))

    def each(tasks):
        return crew.each(tasks, evaluation.name_of)

    found = []
    for place, seen in zip((each, None), shown, strict=True):
        results = Results.of(
            evaluation, lambda *_: None, lambda *one, seen=seen: seen.append((one[0], one[1].name)), place
        )
        found.append([(one.totals, one.failures, one.measurements) for one in results.outcomes])
    assert [one[:2] for one in found[0]] == [one[:2] for one in found[1]]
    for (_, _, ours), (_, _, theirs) in zip(*found, strict=True):
        assert [one.scores for one in ours] == [one.scores for one in theirs]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 12
