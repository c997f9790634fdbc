"""The journal: lines that are whole or nothing, damage that is noticed, and what follows from what it says."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.batch import fingerprint as fingerprints
from repix.batch.fingerprint import Fingerprint, file_status, fingerprint, require_unchanged
from repix.batch.journal import NAME, UNFINISHED, opened, read_record
from repix.batch.record import Entry, Record, beginning, digest, line
from repix.errors import DiskFull, Unreadable, Unwritable

BEFORE = Fingerprint(3, 10**18, 7, "ab" * 32)
AFTER = Fingerprint(5, None, 8, "cd" * 32)
ONE = Entry("a/b.png", "/in/b.jpg", BEFORE, digest({"model": "m"}), AFTER, 12, ("turned",), ("alpha",))


def journal_of(*made: Entry) -> bytes:
    return beginning() + b"".join(line({"made": one.as_json()}) for one in made)


def test_there_and_back(tmp_path):
    odd = replace(ONE, target="\udcff\n – é.png", pixels=None, output=replace(AFTER, sha256="ef" * 32))
    with opened(tmp_path) as journal:
        journal.add(ONE)
        journal.add(odd)
    assert read_record(tmp_path).made == {ONE.target: [ONE], odd.target: [odd]}


def test_every_line_is_json_that_others_can_read(tmp_path):
    with opened(tmp_path) as journal:
        key = journal.key({"model": "m", "quality": 90})
        journal.key({"model": "m", "quality": 90})
        journal.add(replace(ONE, key=key))
    first, second, third = map(json.loads, (tmp_path / NAME).read_text().splitlines())
    assert first["repix-journal"] == 1
    assert second["of"] == {"model": "m", "quality": 90}
    assert third["made"]["key"] == second["key"]


@given(st.integers(0, len(journal_of(ONE, ONE))))
@settings(deadline=None)
def test_cut_anywhere_all_whole_lines_count(length):
    text = journal_of(ONE, ONE)
    record, whole = Record.read(text[:length], Path("j"))
    assert whole == text[:length].rfind(b"\n") + 1
    assert bool(record.made) == (text[:length].count(b"\n") > 1)


@given(st.integers(0, len(journal_of(ONE)) - 2), st.integers(1, 255))
@settings(deadline=None)
def test_any_other_damage_is_noticed(at, change):
    text = bytearray(journal_of(ONE) + line({"key": "k", "of": {}}))
    text[at] ^= change
    with pytest.raises(Unwritable, match=r"j is damaged in line \d; restore a copy, or delete it|newer repix"):
        Record.read(bytes(text), Path("j"))


@pytest.mark.parametrize(
    "content",
    [
        {"made": ONE.as_json() | {"more": 1}},
        {"made": ONE.as_json() | {"pixels": "12"}},
        {"made": ONE.as_json() | {"input": {}}},
        {"made": ONE.as_json() | {"target": 1}},
        {"made": []},
        {"unknown": 1},
        {},
    ],
)
def test_lines_that_are_whole_but_make_no_sense(content):
    with pytest.raises(Unwritable, match="j is damaged in line 2"):
        Record.read(beginning() + line(content), Path("j"))


def test_a_journal_without_its_beginning():
    with pytest.raises(Unwritable, match="damaged in line 1"):
        Record.read(line({"made": ONE.as_json()}), Path("j"))


def test_a_newer_journal(tmp_path):
    (tmp_path / NAME).write_bytes(line({"repix-journal": 2, "version": "9"}) + line({"anything": 1}))
    with pytest.raises(Unwritable, match="was written by a newer repix; update this one"), opened(tmp_path):
        pass
    assert (tmp_path / NAME).read_bytes().count(b"\n") == 2


def test_a_cut_line_is_taken_away_before_the_next_is_added(tmp_path):
    (tmp_path / NAME).write_bytes(journal_of(ONE) + b'{"made": {"tar')
    other = replace(ONE, target="c.png")
    with opened(tmp_path) as journal:
        journal.add(other)
    assert (tmp_path / NAME).read_bytes() == journal_of(ONE, other)


def test_where_nothing_was_made_nothing_is_left(tmp_path):
    with opened(tmp_path / "new"):
        pass
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_cleared_away_and_nothing_else(tmp_path):
    (tmp_path / UNFINISHED).mkdir()
    (tmp_path / UNFINISHED / "0123.tmp.png").touch()
    (tmp_path / ".repix-0123456789abcdef.tmp").touch()  # perhaps another command's, at work now
    with opened(tmp_path):
        assert not (tmp_path / UNFINISHED).exists()
    assert [file.name for file in tmp_path.iterdir()] == [".repix-0123456789abcdef.tmp"]


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    write, written = os.write, []

    def write_a_part(file, text):
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(write(file, text[:10]))
        return written[0]

    with opened(tmp_path) as journal:
        journal.add(ONE)
        with monkeypatch.context() as full:
            full.setattr(os, "write", write_a_part)
            with pytest.raises(DiskFull, match="the disk is full"):
                journal.add(replace(ONE, target="c.png"))
        journal.add(replace(ONE, target="d.png"))
    assert list(read_record(tmp_path).made) == [ONE.target, "d.png"]


def test_a_journal_that_was_deleted_meanwhile(tmp_path):
    with opened(tmp_path) as journal:
        journal.add(ONE)
        (tmp_path / NAME).unlink()
        with pytest.raises(Unwritable, match="was deleted while repix wrote to the folder"):
            journal.add(ONE)


def test_a_closed_journal_takes_nothing_more(tmp_path):
    with opened(tmp_path) as journal:
        pass
    with pytest.raises(Unwritable, match="is closed"):
        journal.add(ONE)


def test_a_journal_that_may_not_be_written(tmp_path, monkeypatch):
    open_file = os.open

    def refuse(path, flags, *mode):
        if Path(path).name == NAME:
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_file(path, flags, *mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unwritable, match=f"{NAME} cannot be written: permission denied"), opened(tmp_path):
        pass


@pytest.mark.parametrize("where", ["file", "none/out"])
def test_a_folder_that_cannot_be_made(where, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable, match=r"The folder .* cannot be created"), opened(tmp_path / where):
        pass


@pytest.fixture
def standing(tmp_path):
    """A source and a result, and the record that knows them."""
    source, target = tmp_path / "a.jpg", tmp_path / "b.png"
    source.write_bytes(b"source")
    target.write_bytes(b"result")
    record = Record()
    record.add(Entry("b.png", str(source), fingerprint(source), "key", fingerprint(target, settled=True)))
    return record, source, target


def status(record, source, target, key="key"):
    return record.status_of("b.png", target, fingerprint(source), key)[0]


def rewrite(file, content, seconds):
    """As an editor does it, later."""
    file.write_bytes(content)
    os.utime(file, (seconds, seconds))


def test_each_status(standing):
    _, source, target = standing
    assert status(*standing) == "kept"
    assert status(*standing, key="other") == "renewed"
    source.write_bytes(b"SOURCE")
    assert status(*standing) == "renewed"
    rewrite(target, b"RESULT", 1)
    assert status(*standing) == "foreign"
    rewrite(target, b"somewhat longer", 2)
    assert status(*standing) == "foreign"
    target.unlink()
    assert status(*standing) == "new"
    target.symlink_to(source)
    assert status(*standing) == "foreign"
    assert status(Record(), source, target) == "foreign"


def test_a_result_that_was_only_touched_or_copied_is_the_same(standing):
    _, _, target = standing
    content = target.read_bytes()
    target.unlink()
    rewrite(target, content, 1)
    assert status(*standing) == "kept"


def test_a_result_noted_but_not_put_in_place_leaves_the_old_one_ours(standing):
    record, source, _ = standing
    source.write_bytes(b"changed")
    record.add(Entry("b.png", str(source), fingerprint(source), "key", replace(AFTER, size=99)))
    assert status(*standing) == "renewed"


def test_an_older_result_put_back_is_ours_but_not_the_latest(standing):
    record, source, target = standing
    old = target.read_bytes()
    source.write_bytes(b"changed")
    rewrite(target, b"new result", 1)
    record.add(Entry("b.png", str(source), fingerprint(source), "key", fingerprint(target, settled=True)))
    assert status(*standing) == "kept"
    rewrite(target, old, 2)
    assert status(*standing) == "renewed"


def test_a_source_is_read_again_only_when_it_looks_otherwise(standing, monkeypatch):
    record, source, _ = standing
    os.utime(source, ns=(10**18, 10**18))
    known = fingerprint(source)
    record.add(replace(record.made["b.png"][0], input=known))
    monkeypatch.setattr("repix.batch.record.fingerprint", lambda *_: "read")
    assert record.fingerprint_of(source, file_status(source), lambda: None) == known
    os.utime(source, ns=(10**18 + 1, 10**18 + 1))
    assert record.fingerprint_of(source, file_status(source), lambda: None) == "read"


@pytest.mark.parametrize("now", [10**18 + 1, 10**18 - 5])
def test_a_file_changed_just_now_or_in_the_future_is_not_judged_by_its_time(now, tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    os.utime(file, ns=(10**18, 10**18))
    monkeypatch.setattr(fingerprints.time, "time_ns", lambda: now)
    assert fingerprint(file).time is None
    assert not fingerprint(file).matches(file.stat())
    monkeypatch.setattr(fingerprints.time, "time_ns", lambda: 10**18 + fingerprints.TICK + 1)
    assert fingerprint(file).matches(file.stat())


def test_files_that_have_no_fingerprint(tmp_path):
    (tmp_path / "link").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("link", "is a link to nothing, which"), ("pipe", "not a regular file"), (".", "is a folder")):
        with pytest.raises(Unreadable, match=said):
            fingerprint(tmp_path / name)


def test_a_file_that_changes_while_it_is_read(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    with pytest.raises(Unreadable, match="changed while it was read"):
        fingerprint(file, lambda: file.write_bytes(b"abcd") and None)
    before = file_status(file)
    require_unchanged(file, before)
    file.unlink()
    with pytest.raises(Unreadable, match="no such file"):
        require_unchanged(file, before)


def test_an_interruption_reaches_the_reading_of_a_large_file(tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"abc")
    with pytest.raises(KeyboardInterrupt):
        fingerprint(tmp_path / "a", interrupt)
