"""A journal in segments: what it says is what a file with the same lines says."""

import json
import threading
from dataclasses import asdict, replace
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from repix.batch.fingerprint import Fingerprint
from repix.batch.lock import NAME, Holder
from repix.batch.record import Entry, Record, beginning, line, merged_lines
from repix.batch.remote_journal import opened_remote, read_remote_record
from repix.batch.remote_lock import GUARD, lock_remote
from repix.batch.segments import FAN_OUT, FOLDER, Segment, SegmentLog, outermost, read_segments, to_merge
from repix.errors import Unwritable
from tests.remote.folder_store import FolderStore


def entry(target: str, content: int, time: int = 0) -> Entry:
    known = Fingerprint(1, time, 0, f"{content:064x}")
    return Entry(target, f"in/{target}", known, "key", known)


ENTRIES = st.lists(st.builds(entry, st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 3)), max_size=40)


def segments_of(store: FolderStore) -> list[Segment]:
    return outermost(filter(None, (Segment.read(name.rpartition("/")[2]) for name, _ in store.listing("j", True))))


@given(st.integers(1, 400), st.integers(2, 6))
def test_few_segments_remain(count, fan_out):
    segments: list[Segment] = []
    for number in range(1, count + 1):
        segments.append(Segment(number, number))
        merged = to_merge(segments, fan_out)
        if merged > 1:
            segments[-merged:] = [Segment(segments[-merged].first, number)]
    assert segments[0].first == 1
    assert segments[-1].last == count
    assert all(one.last + 1 == other.first for one, other in pairwise(segments))
    levels = 1
    while fan_out**levels <= count:
        levels += 1
    assert len(segments) <= levels * fan_out


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 8)), max_size=9))
def test_outermost_segments_cover_what_all_cover(ranges):
    given_ = [Segment(first, first + more) for first, more in ranges]
    kept = outermost(given_)
    assert {n for one in kept for n in range(one.first, one.last + 1)} == {
        n for one in given_ for n in range(one.first, one.last + 1)
    }
    inside = [(a, b) for a in kept for b in kept if a is not b and a.first <= b.first and b.last <= a.last]
    assert inside == []


@given(ENTRIES)
def test_merging_keeps_what_the_lines_say(entries):
    lines = [line({"made": one.as_json()}) for one in entries]
    whole = Record.read(beginning() + b"".join(lines), "whole")[0]
    half = len(lines) // 2
    merged = merged_lines([beginning() + b"".join(part) for part in (lines[:half], lines[half:])])
    found = Record.read(merged, "merged")[0]
    assert found == whole
    assert merged.count(b"\n") - 1 == len({(one.target, one.output.sha256) for one in entries})


def test_segments_say_what_a_file_with_these_lines_says(store):
    log = SegmentLog(store.path("j"), [])
    lines = [line({"made": entry(f"{number % 90}", number % 7).as_json()}) for number in range(3 * FAN_OUT)]
    for one in lines:
        log.append(one, forced=True)
    log.close()
    assert len(segments_of(store)) <= 3
    assert read_segments(store.path("j"), segments_of(store)) == Record.read(beginning() + b"".join(lines), "file")[0]


def test_threads_that_wait_share_a_segment(store):
    """One thread writes while the others wait; then one of them writes the lines of all."""
    writing, go_on = threading.Event(), threading.Event()

    class Slow(FolderStore):
        def create(self, key, content):
            writing.set()
            go_on.wait()
            return super().create(key, content)

    slow = Slow(store._folder)
    log = SegmentLog(slow.path("j"), [])
    threads = [threading.Thread(target=log.append, args=(line({"key": str(n), "of": {}}), True)) for n in range(9)]
    threads[0].start()
    writing.wait()
    for one in threads[1:]:
        one.start()
    while len(log._pending) < 8:  # they wait for the first
        writing.wait()
    go_on.set()
    for one in threads:
        one.join()
    assert segments_of(store) == [Segment(1, 1), Segment(2, 2)]
    assert read_segments(store.path("j"), segments_of(store)).keys == {str(n) for n in range(9)}


def test_lines_that_could_not_be_written_are_written_later(store):
    class Failing(FolderStore):
        fails = True

        def create(self, key, content):
            if self.fails:
                raise PermissionError(13, "Permission denied")
            return super().create(key, content)

    failing = Failing(store._folder)
    log = SegmentLog(failing.path("j"), [])
    with pytest.raises(Unwritable, match=r"test://j/.*permission denied"):
        log.append(line({"key": "a", "of": {}}), forced=True)
    failing.fails = False
    log.append(line({"key": "b", "of": {}}), forced=True)
    assert read_segments(store.path("j"), segments_of(store)).keys == {"a", "b"}


def test_another_run_that_writes_the_journal_is_noticed(store):
    """Both have lost or deleted the lock: the second one cannot have the number of the first."""
    first, second = SegmentLog(store.path("j"), []), SegmentLog(store.path("j"), [])
    first.append(line({"key": "a", "of": {}}), forced=True)
    with pytest.raises(Unwritable, match="was written by another repix meanwhile"):
        second.append(line({"key": "b", "of": {}}), forced=True)


def test_a_put_that_was_tried_twice_is_no_other_run(store):
    """The first answer was lost, the second says that the file exists."""

    class Repeating(FolderStore):
        def create(self, key, content):
            super().create(key, content)
            return False

    log = SegmentLog(Repeating(store._folder).path("j"), [])
    log.append(line({"key": "a", "of": {}}), forced=True)
    assert read_segments(store.path("j"), segments_of(store)).keys == {"a"}


def test_parts_of_a_merged_segment_are_ignored_and_deleted(store):
    with opened_remote(store.path("out")) as journal:
        for number in range(3):
            journal.add(entry("abc"[number], number))
    folder = store._folder / "out" / FOLDER
    (merged,) = folder.iterdir()
    (folder / Segment(2, 2).name).write_bytes(beginning() + line({"made": entry("old", 5).as_json()}))
    assert sorted(read_remote_record(store.path("out")).made) == ["a", "b", "c"]
    with opened_remote(store.path("out")) as journal:
        assert sorted(journal.record.made) == ["a", "b", "c"]
    assert list(folder.iterdir()) == [merged]


def test_a_run_without_results_leaves_nothing(store):
    with opened_remote(store.path("out")) as journal:
        journal.key({"a": 1})
    assert not [file for file in store._folder.rglob("*") if file.is_file()]


def test_a_damaged_segment_is_refused(store):
    with opened_remote(store.path("out")) as journal:
        journal.add(entry("a", 1))
    (file,) = (store._folder / "out" / FOLDER).iterdir()
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"a"', b'"b"'))
    with pytest.raises(Unwritable, match=r"test://out/\.repix-journal/.* is damaged in line 2"):
        read_remote_record(store.path("out"))
    file.write_bytes(content[:-3])
    with pytest.raises(Unwritable, match="is cut off"):
        read_remote_record(store.path("out"))


def test_unfinished_uploads_of_a_killed_run_are_deleted(store):
    left = store._folder / "out" / "sub" / ".repix-0123456789abcdef.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with opened_remote(store.path("out")):
        assert not left.exists()


def ended() -> Holder:
    """This machine's holder that has certainly ended."""
    return replace(Holder.here(), started="long ago")


def content(holder: Holder) -> bytes:
    return json.dumps(asdict(holder)).encode()


def test_the_lock_of_a_run_that_ended_is_taken_over(store):
    store.create(f"out/{NAME}", content(ended()))
    with lock_remote(store.path("out")):
        assert store.read(f"out/{NAME}") == content(Holder.here())
    assert not list((store._folder / "out").iterdir())


def test_the_lock_of_another_machine_is_not_taken_over(store):
    store.create(f"out/{NAME}", content(replace(ended(), machine="other", host="far")))
    said = f"on far.*If that run has ended, delete test://out/{NAME}"
    with pytest.raises(Unwritable, match=said), lock_remote(store.path("out")):
        pytest.fail("it was taken")
    store._folder.joinpath("out", NAME).write_bytes(b"?")
    with pytest.raises(Unwritable, match="has no valid content"), lock_remote(store.path("out")):
        pytest.fail("it was taken")


def test_one_run_at_a_time_takes_a_lock_over(store):
    store.create(f"out/{NAME}", content(ended()))
    store.create(f"out/{GUARD}", b"")
    with pytest.raises(Unwritable, match=f"delete test://out/{GUARD}"), lock_remote(store.path("out")):
        pytest.fail("it was taken")


def test_a_lock_that_another_run_took_over_first_is_its_own(store):
    """Both found that the holder had ended; when the second has the guard, the lock is new."""

    class Late(FolderStore):
        def create(self, key, content_):
            if key.endswith(GUARD):
                (self._folder / "out" / NAME).write_bytes(content(replace(Holder.here(), pid=1, started="now")))
            return super().create(key, content_)

    store.create(f"out/{NAME}", content(ended()))
    with pytest.raises(Unwritable, match="began just now"), lock_remote(Late(store._folder).path("out")):
        pytest.fail("it was taken")
    assert not (store._folder / "out" / GUARD).exists()


def test_the_lock_of_another_run_is_not_released(store):
    """Somebody deleted ours while we ran, and another run began."""
    other = content(replace(Holder.here(), machine="other"))
    with lock_remote(store.path("out")):
        (store._folder / "out" / NAME).write_bytes(other)
    assert store.read(f"out/{NAME}") == other


def test_a_store_that_ignores_conditions_is_refused(store):
    class Careless(FolderStore):
        def create(self, key, content_):
            self.remove(key)
            return super().create(key, content_)

    folder = Careless(store._folder).path("out")
    with pytest.raises(Unwritable, match="cannot keep two runs apart"), lock_remote(folder):
        pytest.fail("it was taken")
