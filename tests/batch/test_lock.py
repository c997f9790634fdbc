"""One run at a time in a folder: who is refused, who takes over, and what is said."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from repix.batch import lock
from repix.batch.lock import NAME, Holder, lock_folder, start_of
from repix.errors import Unwritable


@pytest.fixture(scope="module")
def ended():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def leave(folder, **changes):
    """A lock as somebody else left it."""
    (folder / NAME).write_text(json.dumps(asdict(replace(Holder.here(), **changes))))


def test_the_second_is_refused_and_told_who_is_there(tmp_path):
    with lock_folder(tmp_path), pytest.raises(Unwritable) as refused, lock_folder(tmp_path):
        pass
    here = Holder.here()
    assert f"another repix: process {os.getpid()} on {here.host}, since 2" in str(refused.value)
    assert str(refused.value).endswith("Wait until it ends, or name another folder.")


def test_afterwards_nothing_is_left(tmp_path):
    for _ in range(2):
        with lock_folder(tmp_path):
            assert [file.name for file in tmp_path.iterdir()] == [NAME]
        assert not list(tmp_path.iterdir())


def test_one_that_ended_is_followed(tmp_path, ended):
    leave(tmp_path, pid=ended)
    with lock_folder(tmp_path):
        assert Holder.read((tmp_path / NAME).read_bytes()).pid == os.getpid()
    assert not list(tmp_path.iterdir())


def test_another_process_that_got_the_same_number_is_not_taken_for_it(tmp_path):
    leave(tmp_path, started="1")
    with lock_folder(tmp_path):
        pass


def test_one_from_before_the_machine_was_started_again_is_followed(tmp_path):
    leave(tmp_path, boot="another")
    with lock_folder(tmp_path):
        pass


@pytest.mark.parametrize("other", [{"host": "elsewhere"}, {"machine": "another"}, {"space": "pid:[1]"}])
def test_what_cannot_be_seen_is_believed(other, tmp_path, ended):
    leave(tmp_path, pid=ended, **other)
    said = f"If that run has ended, delete {tmp_path / NAME} and try again"
    with pytest.raises(Unwritable, match=said), lock_folder(tmp_path):
        pass
    assert (tmp_path / NAME).exists()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff"])
def test_a_lock_that_makes_no_sense(text, tmp_path):
    (tmp_path / NAME).write_bytes(text)
    with pytest.raises(Unwritable, match="has no valid content; if no other repix writes to"), lock_folder(tmp_path):
        pass


def test_a_lock_that_somebody_else_holds_open_is_never_broken(tmp_path, ended):
    leave(tmp_path, pid=ended)
    with (tmp_path / NAME).open("r+b") as file:
        lock.lock_file(file.fileno())
        with pytest.raises(Unwritable, match="another repix"), lock_folder(tmp_path):
            pass


def test_a_disk_that_can_neither_link_nor_take(tmp_path, monkeypatch, ended):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(lock, "lock_file", lambda _: refuse())
    with lock_folder(tmp_path), pytest.raises(Unwritable, match="another repix"), lock_folder(tmp_path):
        pass
    leave(tmp_path, pid=ended)
    with lock_folder(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_of_many_that_find_an_old_lock_one_gets_in(tmp_path, ended):
    leave(tmp_path, pid=ended)
    words = (
        "import sys, pathlib\n"
        "from repix.batch.lock import lock_folder\n"
        "from repix.errors import Unwritable\n"
        "sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        "try:\n"
        "    with lock_folder(pathlib.Path(sys.argv[1])):\n"
        "        sys.stdout.write('in\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        "except Unwritable:\n"
        "    sys.stdout.write('out\\n'); sys.stdout.flush()\n"
    )
    pipe = subprocess.PIPE
    several = [
        subprocess.Popen([sys.executable, "-c", words, str(tmp_path)], stdin=pipe, stdout=pipe, text=True)
        for _ in range(4)
    ]
    for step in ("ready", None):
        said = [one.stdout.readline().strip() for one in several]
        if step:
            assert said == [step] * 4
            for one in several:
                one.stdin.write("\n")
                one.stdin.flush()
    assert sorted(said) == ["in", "out", "out", "out"]
    for one in several:
        one.communicate("\n")
    assert not list(tmp_path.iterdir())


def test_when_a_process_began(ended):
    assert start_of(os.getpid()) == Holder.here().started != ""
    assert start_of(ended) == ""


def test_when_a_process_began_where_there_is_no_proc(ended):
    assert lock._start_by_command(os.getpid()) == lock._start_by_command(os.getpid()) != ""
    assert lock._start_by_command(ended) == ""


def test_what_was_cleared_away_by_another_is_written_again(tmp_path, monkeypatch):
    link, cleared = os.link, []

    def link_late(beside, path):
        if not cleared:
            beside.unlink()
            cleared.append(beside)
        link(beside, path)

    monkeypatch.setattr(os, "link", link_late)
    with lock_folder(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [NAME]
    assert cleared


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(Unwritable, match="the folder does not exist"), lock_folder(tmp_path / "none"):
        pass
