"""The crew without Ray: its members are threads here, which may be lost at any point."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from repix import batch
from repix.batch import BatchOptions, Work, find
from repix.batch.journal import NAME
from repix.batch.place import PlaceLost, make
from repix.cluster import crew as module
from repix.cluster.crew import ATTEMPTS, Crew, MemberLost
from repix.cluster.file_maker import FileMaker
from repix.cluster.head import Head, HeadWatch
from repix.cluster.model_parcel import ModelParcel
from repix.cluster.shipment import Shipment
from repix.cluster.worker_process import WorkerProcess
from repix.conversion import open_model
from repix.conversion.file import FileOptions
from repix.errors import RepixError, Unreadable, Unwritable
from repix.models import model_named
from repix.pictures import Fidelity

KEY = {"name": "double"}
ALL = [str(number) for number in range(10)]


def double(source, target, advance):
    advance()
    advance(5)
    if source.stem == "bad":
        raise Unreadable(f"{source} is bad, and {target} is not written.")
    target.write_bytes(2 * source.read_bytes())
    return Fidelity()


class Member:
    """A worker "process" that is lost with each file in `fatal`, after it wrote half a result."""

    def __init__(self, fatal=(), slots=2):
        self.slots, self.fatal, self.ended = slots, list(fatal), False
        self.made: list[str] = []
        self.tried: list[Path] = []

    def begin(self, order):
        return Call(self, order)

    def end(self):
        self.ended = True


class Call:
    def __init__(self, member, order):
        self.member, self.order, self.counted = member, order, 0

    def wait(self, _):
        name = self.order.source.stem
        self.member.tried.append(self.order.results[0])
        if name in self.member.fatal:
            self.counted = 3
            self.order.results[0].write_bytes(b"half")
            raise MemberLost("killed")
        made = make(double, self.order, self.advance, lambda: None)
        self.member.made.append(name)
        return made

    def advance(self, pixels=0):
        self.counted += pixels

    def pixels(self):
        return self.counted


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Ten small files; the folder is relative, as a user gives it."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for number in range(10):
        Path(f"in/{number}.npy").write_text(str(number))
    return find([Path("in")], Path("out"))


def crew_of(*members):
    crew = Crew()
    for member in members:
        crew.join(member)
    return crew


def go(jobs, crew, on_progress=lambda _: None):
    return batch.run(jobs, Work(double, KEY, lambda _: 5), BatchOptions(place=crew), on_progress)


def states(report):
    return [one.state for one in report.outcomes]


def standing(folder="out"):
    return {one.name: one.read_text() for one in Path(folder).iterdir() if one.name != NAME}


def test_the_results_and_the_journal_of_one_process(jobs):
    members = [Member(), Member()]
    report = go(jobs, crew_of(*members))
    assert states(report) == ["done"] * 10
    assert sorted(members[0].made + members[1].made) == ALL
    assert standing() == {f"{name}.npy": 2 * name for name in ALL}
    assert states(batch.run(jobs, Work(double, KEY))) == ["kept"] * 10


def test_files_of_a_lost_member_are_made_by_another(jobs):
    weak, strong = Member(fatal=ALL), Member()
    seen = []
    report = go(jobs, crew_of(weak, strong), seen.append)
    assert states(report) == ["done"] * 10
    assert weak.ended
    assert not strong.ended
    assert standing() == {f"{name}.npy": 2 * name for name in ALL}
    assert Path("out", NAME).read_bytes().count(b'{"made"') == 10
    assert seen[-1].converted == seen[-1].pixels == 50  # what was converted twice counts once


def test_a_lost_member_writes_only_into_its_own_folder(jobs):
    weak, strong = Member(fatal=ALL, slots=1), Member(slots=1)
    go(jobs, crew_of(weak, strong))
    folders = [one.parent for one in weak.tried + strong.tried]
    assert len(set(folders)) == len(folders)


def test_a_file_that_ends_every_member_is_given_up(jobs):
    members = [Member(fatal=["3"]) for _ in range(ATTEMPTS + 1)]
    report = go(jobs, crew_of(*members))
    assert sorted(states(report)) == ["done"] * 9 + ["failed"]
    assert f"in/3.npy was given up: {ATTEMPTS} worker processes ended" in report.outcomes[3].reason
    assert sum(member.ended for member in members) == ATTEMPTS


def test_errors_name_the_paths_as_they_were_given(jobs):
    Path("in/bad.npy").write_text("bad")
    report = go(find([Path("in")], Path("out")), crew_of(Member()))
    assert report.outcomes[10].reason == "in/bad.npy is bad, and out/bad.npy is not written."
    assert states(report).count("done") == 10


def test_members_that_join_later_are_used(jobs):
    crew, late = Crew(), Member()
    assert crew.room() == 0
    report = go(jobs, crew, lambda _: crew.join(late) if not crew.members() else None)
    assert (states(report), len(late.made)) == (["done"] * 10, 10)


def test_no_more_files_at_a_time_than_members_have_slots(jobs):
    class Full(Member):
        """Refuses more files than it has slots: a thread each, and none waits."""

        def __init__(self, slots):
            super().__init__(slots=slots)
            self.free = threading.Semaphore(slots)

        def begin(self, order):
            assert self.free.acquire(blocking=False)
            call = super().begin(order)
            wait = call.wait

            def counted(seconds):
                try:
                    return wait(seconds)
                finally:
                    self.free.release()

            call.wait = counted
            return call

    assert states(go(jobs, crew_of(Full(1), Full(2)))) == ["done"] * 10


def test_a_lost_cluster_stops_the_run_and_nothing_fails(jobs):
    crew = crew_of(Member())

    def on_progress(progress):
        if progress.finished == 4:
            crew.end("The head of the cluster is gone.", stranded=True)

    report = go(jobs, crew, on_progress)
    assert report.stopped == "The head of the cluster is gone."
    assert set(states(report)) == {"done", "left"}
    assert (report.exit_code, crew.is_stranded) == (1, True)
    done = states(report).count("done")
    assert states(go(jobs, crew_of(Member()))).count("kept") == done
    assert len(standing()) == 10


def test_an_interruption_leaves_a_folder_that_continues(jobs):
    def on_progress(progress):
        if progress.finished == 3:
            raise KeyboardInterrupt

    report = go(jobs, crew_of(Member()), on_progress)
    assert (report.interrupted, report.exit_code) == (True, 130)
    assert all(not name.endswith(".part") for name in standing())
    assert states(go(jobs, crew_of(Member()))).count("done") == 10 - states(report).count("done")


def test_waiting_for_a_free_member_ends_with_the_run(monkeypatch, jobs):
    monkeypatch.setattr(module, "PAUSE", 0.001)
    crew, looks = Crew(), iter(range(3))

    def check():
        if next(looks, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crew.make(batch.place.Order(Path("in/0.npy"), (Path("in/new.npy"),)), lambda *_: None, check)
    crew.end("It is over.")
    with pytest.raises(PlaceLost, match=r"It is over\."):
        crew.room()


def test_a_worker_process_tells_what_it_does_not_see(tmp_path):
    process = WorkerProcess()
    order = batch.place.Order(tmp_path / "a.png", (tmp_path / "none" / "b.png",))
    assert isinstance(process.do(0, order), RepixError)
    process._function = FileMaker(double)
    answer = process.do(0, order)
    assert isinstance(answer, Unreadable)
    assert "a.png does not exist on the machine" in str(answer)
    (tmp_path / "a.png").write_text("a")
    assert isinstance(process.do(1, order), Unwritable)
    made = process.do(2, batch.place.Order(tmp_path / "a.png", (tmp_path / "b.png",)))
    assert (tmp_path / "b.png").read_text() == "aa"
    assert made.results[0].size == 2
    assert process.progress() == {}


def test_a_head_that_is_gone_is_noticed(monkeypatch):
    monkeypatch.setattr("repix.cluster.head.PAUSE", 0.001)
    lost = threading.Event()
    answers = iter([True, False, True, *[False] * 5])
    monkeypatch.setattr(Head, "answers", lambda _: next(answers))
    watch = HeadWatch(Head("127.0.0.1", 1), lost.set)
    assert lost.wait(30)
    watch.end()
    assert next(answers, "all asked") == "all asked"


def test_nothing_answers_at_a_closed_port():
    assert not Head("127.0.0.1", 1).answers()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"precision": "fast"}, "it computes the model in precision exact; add --precision exact."),
        ({"content": b"no model"}, "is not an ONNX model, or is damaged."),
    ],
)
def test_a_worker_process_opens_the_same_model_or_none(change, said):
    model = open_model("denoise-gray", "echo", threads=1)
    parcel = ModelParcel.of(model_named("denoise-gray"), model, FileOptions())
    refusal = WorkerProcess().open(replace(parcel, **change).files())
    assert refusal.endswith(said)
    assert bool(refusal) == bool(said)
    assert parcel.opened().model == model.model


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "0.0"}, "but the run was started with 0.0; install one version."),
        (
            {"folder": "/nowhere"},
            "in which the command was started, does not exist there; start it in a folder that all machines share.",
        ),
    ],
)
def test_a_worker_process_that_differs_is_refused(change, said):
    assert WorkerProcess().open(replace(Shipment(lambda: len), **change)).endswith(said)
