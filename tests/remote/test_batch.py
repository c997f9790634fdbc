"""Batches over a store: same bytes as on this machine's disk, whatever happened before."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from repix import batch
from repix.batch.fingerprint import fetched
from repix.batch.jobs import find
from repix.batch.journal import NAME
from repix.batch.lock import NAME as LOCK
from repix.batch.remote_journal import read_remote_record
from repix.errors import Unreachable, Unreadable, Unwritable, WrongUse
from repix.pictures import Fidelity
from tests.remote.folder_store import FolderStore


def work_of(key: str = "1") -> batch.Work:
    """Each file and the key, behind one another."""

    def work(source: Path, target: Path, advance) -> Fidelity:
        advance()
        target.write_bytes(source.read_bytes() + key.encode())
        return Fidelity()

    return batch.Work(work, {"key": key}, pixels=lambda path: path.stat().st_size)


def filled(store: FolderStore, photos: Path) -> FolderStore:
    shutil.copytree(photos, store._folder / "in")
    return store


def outputs(folder: Path) -> dict[str, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".jsonl")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def states(report) -> list[str]:
    return [one.state for one in report.outcomes]


@pytest.mark.parametrize(("remote_source", "remote_target"), [(True, True), (True, False), (False, True)])
def test_results_are_those_of_the_local_run(store, photos, tmp_path, remote_source, remote_target):
    filled(store, photos)
    local = batch.run(find([photos], tmp_path / "local", recursive=True), work_of())
    source = store.path("in") if remote_source else photos
    target = store.path("out") if remote_target else tmp_path / "out"
    report = batch.run(find([source], target, recursive=True), work_of(), batch.BatchOptions(workers=3))
    assert states(report) == states(local) == ["done"] * 3
    made = outputs(tmp_path / "store" / "out" if remote_target else tmp_path / "out")
    assert made == outputs(tmp_path / "local")
    assert [str(one.source).removeprefix(str(source)) for one in report.outcomes] == [
        str(one.source).removeprefix(str(photos)) for one in local.outcomes
    ]
    again = batch.run(find([source], target, recursive=True), work_of())
    assert states(again) == ["kept"] * 3
    renewed = batch.run(find([source], target, recursive=True), work_of("2"))
    assert states(renewed) == ["done"] * 3


def test_a_run_with_nothing_to_do_asks_for_listings_and_the_journal_only(store, photos):
    filled(store, photos)
    batch.run(find([store.path("in")], store.path("out"), recursive=True), work_of())
    store.requests.clear()
    jobs = find([store.path("in")], store.path("out"), recursive=True)
    assert states(batch.run(jobs, work_of())) == ["kept"] * 3
    looked = {"is_folder": 2, "listing": 2}  # one more for the output
    lock = {"create": 2, "read": 1, "remove": 1}
    assert store.requests == {**looked, **lock, "read": 2}  # the lock's end, and one segment


def test_a_dry_run_of_a_listed_folder_reads_no_file(store, photos):
    filled(store, photos)
    jobs = find([store.path("in")], store.path("out"), recursive=True)
    assert states(batch.dry_run(jobs, work_of())) == ["new"] * 3
    assert not {"status", "fetch", "create", "publish"} & store.requests.keys()


def test_a_changed_source_of_the_same_size_and_time_is_made_again(store, photos, tmp_path):
    """The entity tag tells what size and time do not."""
    filled(store, photos)
    batch.run(find([store.path("in")], store.path("out")), work_of())
    file = tmp_path / "store" / "in" / "a.png"
    before, content = file.stat(), file.read_bytes()
    file.write_bytes(content[:-1] + b"?")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    report = batch.run(find([store.path("in")], store.path("out")), work_of())
    assert states(report) == ["done", "kept"]


def test_a_source_that_changed_after_it_was_listed_is_fetched_as_it_is_now(store, photos, tmp_path):
    filled(store, photos)
    jobs = find([store.path("in")], store.path("out"))
    (tmp_path / "store" / "in" / "a.png").write_bytes(b"new")
    batch.run(jobs, work_of())
    assert outputs(tmp_path / "store" / "out")["a.png"] == b"new1"
    again = batch.run(find([store.path("in")], store.path("out")), work_of())
    assert states(again) == ["kept", "kept"]


def test_a_source_that_changes_while_it_is_fetched_is_refused(store, tmp_path):
    (tmp_path / "store" / "a").write_bytes(b"old")

    class Changing(FolderStore):
        def fetch(self, key, path):
            super().fetch(key, path)
            (self._folder / key).write_bytes(path.read_bytes() + b"+")

    with pytest.raises(Unreadable, match="test://a changed while it was read"):
        fetched(Changing(tmp_path / "store").path("a"), tmp_path / "copy", lambda: None)


def test_foreign_files_are_replaced_only_when_asked(store, photos, tmp_path):
    filled(store, photos)
    (tmp_path / "store" / "out").mkdir()
    (tmp_path / "store" / "out" / "a.png").write_bytes(b"mine")
    jobs = find([store.path("in")], store.path("out"))
    report = batch.run(jobs, work_of())
    assert states(report) == ["failed", "done"]
    assert report.outcomes[0].reason == (
        "test://out/a.png is not in the journal of its folder; use --overwrite to replace it, or name another folder."
    )
    assert outputs(tmp_path / "store" / "out")["a.png"] == b"mine"
    assert states(batch.run(jobs, work_of(), batch.BatchOptions(overwrite=True))) == ["done", "kept"]
    (tmp_path / "store" / "out" / "b.jpg").write_bytes(b"changed")
    report = batch.run(find([store.path("in")], store.path("out")), work_of())
    assert "test://out/b.jpg was changed after repix wrote it" in report.outcomes[1].reason


def test_a_file_that_appears_meanwhile_is_not_replaced(store, photos, tmp_path):
    """Publishing is conditional: the listing is older."""
    filled(store, photos)

    def work(source: Path, target: Path, advance) -> Fidelity:
        (tmp_path / "store" / "out" / "a.png").write_bytes(b"foreign")
        target.write_bytes(b"ours")
        return Fidelity()

    jobs = find([store.path("in/a.png")], store.path("out"))
    report = batch.run(jobs, batch.Work(work))
    assert report.outcomes[0].reason.startswith("test://out/a.png exists already")
    assert outputs(tmp_path / "store" / "out") == {"a.png": b"foreign"}


def test_a_single_file_has_no_journal(store, photos, tmp_path):
    filled(store, photos)
    jobs = find([store.path("in/a.png")], store.path("out/x.png"))
    assert states(batch.run(jobs, work_of())) == ["done"]
    assert outputs(tmp_path / "store" / "out").keys() == {"x.png"}
    report = batch.run(jobs, work_of())
    assert report.outcomes[0].reason.startswith("test://out/x.png exists already; use --overwrite")
    assert states(batch.run(jobs, work_of(), batch.BatchOptions(overwrite=True))) == ["done"]
    beside = find([store.path("in/a.png")])
    assert str(beside.each[0].target) == "test://in/a-converted.png"


def test_names_in_errors_are_urls(store, photos, tmp_path):
    filled(store, photos)

    def work(source: Path, target: Path, advance) -> Fidelity:
        raise Unreadable(f"{source} is damaged, {target} was not written.")

    report = batch.run(find([store.path("in/a.png")], store.path("out")), batch.Work(work))
    assert report.outcomes[0].reason == "test://in/a.png is damaged, test://out/a.png was not written."


def test_no_copies_are_left(store, photos, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    filled(store, photos)
    batch.run(find([store.path("in")], store.path("out")), work_of())
    assert not list((tmp_path / "tmp").iterdir())


def test_a_lost_store_stops_the_run(store, photos):
    filled(store, photos)

    class Lost(FolderStore):
        is_gone = False

        def _count(self, request):
            super()._count(request)
            if self.is_gone:
                raise Unreachable(f"{self.root} is gone.")

        def fetch(self, key, path):
            self.is_gone = True
            raise Unreachable(f"{self.root} is gone, {key} is not at {path.name}.")

    lost = Lost(store._folder)
    report = batch.run(find([lost.path("in")], lost.path("out"), recursive=True), work_of())
    assert report.stopped.startswith("test:// is gone")
    assert set(states(report)) == {"left"}
    assert report.exit_code == 1
    (store._folder / "out" / LOCK).unlink()  # the lost store could not be asked to, and this process lives on
    assert states(batch.run(find([store.path("in")], store.path("out")), work_of())) == ["done", "done"]


def test_the_output_folder_within_the_sources_is_not_searched(store, photos):
    filled(store, photos)
    for _ in range(2):
        jobs = find([store.path("in")], store.path("in/out"), recursive=True)
        assert [one.source.key for one in jobs.each] == ["in/a.png", "in/b.jpg", "in/sub/c.png"]
        batch.run(jobs, work_of())
    assert [str(one) for one in jobs.skipped] == ["test://in/notes.txt"]


def test_two_results_of_one_key_are_refused(store, photos):
    filled(store, photos)
    shutil.copy(photos / "a.png", store._folder / "in" / "b.png")
    with pytest.raises(
        WrongUse, match=r"test://in/b.jpg and test://in/b.png would both be written to test://out/b.png"
    ):
        find([store.path("in")], store.path("out"), batch.Naming(format="png"))
    same = find([store.path("in")], store.path("in"))
    with pytest.raises(WrongUse, match="would be replaced by its result"):
        batch.run(same, work_of())


def test_a_folder_is_written_by_one_run_at_a_time(store, photos):
    filled(store, photos)
    running, go_on = threading.Event(), threading.Event()

    def work(source: Path, target: Path, advance) -> Fidelity:
        running.set()
        go_on.wait()
        target.write_bytes(b"1")
        return Fidelity()

    jobs = find([store.path("in/a.png")], store.path("out"))
    first = threading.Thread(target=batch.run, args=(jobs, batch.Work(work)))
    first.start()
    running.wait()
    try:
        with pytest.raises(Unwritable, match=f"test://out is being written to by another repix: process {os.getpid()}"):
            batch.run(jobs, work_of())
    finally:
        go_on.set()
        first.join()
    assert states(batch.run(jobs, work_of("other"))) == ["done"]


def test_a_local_journal_serves_remote_sources_and_the_other_way(store, photos, tmp_path):
    """Same content, same work: where the source lies does not matter."""
    filled(store, photos)
    batch.run(find([photos], tmp_path / "out"), work_of())
    assert (tmp_path / "out" / NAME).exists()
    assert states(batch.run(find([store.path("in")], tmp_path / "out"), work_of())) == ["kept", "kept"]


def test_watching_is_for_local_folders(store, photos):
    filled(store, photos)
    with pytest.raises(WrongUse, match="-o test://out is a URL"):
        batch.watch(lambda: find([photos], store.path("out")), work_of())


def test_a_kill_at_any_request_does_no_harm(tmp_path):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.remote.every_request", tmp_path]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    *wrong, kept = said.stdout.splitlines()
    assert [line.partition(" ")[2] for line in wrong] == ["steps, after None", "steps, after old"], said.stdout
    assert int(kept.split()[0]) > 5


def test_the_journal_of_a_killed_run_is_whole(store, photos):
    filled(store, photos)
    batch.run(find([store.path("in")], store.path("out"), recursive=True), work_of())
    record = read_remote_record(store.path("out"))
    assert sorted(record.made) == ["a.png", "b.jpg", "sub/c.png"]
    assert all(entry.output.inode for entries in record.made.values() for entry in entries)
