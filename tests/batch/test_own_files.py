"""Journal, lock and the place for unfinished results: never a link, a pipe or a folder that somebody put there."""

import json
import os
import random
import subprocess
import sys
import zlib
from dataclasses import asdict
from pathlib import Path

import pytest

from repix.batch import journal, lock
from repix.batch.journal import UNFINISHED, opened, read_record
from repix.batch.lock import Holder, lock_folder
from repix.batch.record import BEGINNING, Record, beginning, line
from repix.errors import RepixError, Unwritable
from tests.batch.test_journal import ONE, journal_of
from tests.given import seeds
from tests.pictures.damage import damaged, hand_made

SECRET = b"what stands behind the link"


def link(path: Path, target: Path) -> None:
    target.write_bytes(SECRET)
    path.symlink_to(target)


def link_to_nothing(path: Path, target: Path) -> None:
    path.symlink_to(target)


def link_to_folder(path: Path, target: Path) -> None:
    target.mkdir()
    path.symlink_to(target)


def links_in_a_circle(path: Path, target: Path) -> None:
    target.symlink_to(path)
    path.symlink_to(target)


def folder(path: Path, target: Path) -> None:
    path.mkdir()


def pipe(path: Path, target: Path) -> None:
    os.mkfifo(path)


LINKS = (link, link_to_nothing, link_to_folder, links_in_a_circle)
KINDS = [*((one, "a link") for one in LINKS), (folder, "a folder"), (pipe, "not a regular file")]
CALLS = {
    "opened": ("from repix.batch.journal import opened as call", journal.NAME),
    "lock_folder": ("from repix.batch.lock import lock_folder as call", lock.NAME),
    "read_record": ("from repix.batch.journal import read_record as call", journal.NAME),
    "locked": (
        "from repix.training.run_folder import RunFolder; call = lambda path: RunFolder(path).locked()",
        ".lock",
    ),
    "note": (
        "from repix.training.run_folder import RunFolder; call = lambda path: RunFolder(path).note('a')",
        "log.txt",
    ),
}
ASKED = """
import sys
from pathlib import Path
{imports}
from repix.errors import Unwritable
for path in map(Path, sys.argv[1:]):
    try:
        found = call(path)
        getattr(type(found), "__enter__", lambda _: None)(found)
        print("nothing is said of", path)
    except Unwritable as problem:
        print(problem)
"""


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_file_of_repix_is_refused_and_stays(name, tmp_path):
    """In a process of its own, because a pipe could be waited for without end; a minute is generous for six."""
    imports, own = CALLS[name]
    places = [tmp_path / make.__name__ for make, _ in KINDS]
    for place, (make, _) in zip(places, KINDS, strict=True):
        (place / "results").mkdir(parents=True)
        make(place / "results" / own, place / "target")
    before = [(place, looks(place)) for place in places]
    said = subprocess.run(
        [sys.executable, "-c", ASKED.format(imports=imports), *(place / "results" for place in places)],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout.splitlines()  # fmt: skip
    for line_, place, (_, word) in zip(said, places, KINDS, strict=True):
        path = place / "results" / own
        assert line_ == f"{path} is {word}, but repix stores an internal file there; remove it, or name another folder."
    assert [(place, looks(place)) for place in places] == before


def looks(place: Path) -> list:
    """All that is in a folder, links as they are."""
    return sorted(
        (str(one), one.lstat().st_mode, one.lstat().st_size, one.lstat().st_mtime_ns if not one.is_dir() else 0)
        for one in place.rglob("*")
    )


@pytest.mark.parametrize("make", [link_to_folder, link_to_nothing])
def test_unfinished_results_are_not_made_behind_a_link(make, tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    make(results / UNFINISHED, tmp_path / "target")
    with pytest.raises(Unwritable, match="is a link; repix needs a folder there"), opened(results):
        pass
    assert [one.name for one in results.iterdir()] == [UNFINISHED]


@pytest.mark.parametrize("text", [b"precious, without a line's end", b"{", b'{"repix-journey": 1', b"\0"])
def test_a_file_of_somebody_else_is_not_cut_off(text, tmp_path):
    (tmp_path / journal.NAME).write_bytes(text)
    if BEGINNING.startswith(text):  # a journal that was cut off at its very beginning
        with opened(tmp_path):
            pass
        return
    with pytest.raises(Unwritable, match="is damaged in line 1"), opened(tmp_path):
        pass
    assert (tmp_path / journal.NAME).read_bytes() == text


@seeds(40, 5000)
def test_damaged_journals_and_locks_are_refused_in_a_sentence(seed, tmp_path):
    rng = random.Random(seed)  # noqa: S311
    sound = journal_of(ONE, ONE) + line({"key": "k", "of": {"model": [1, {"a": None}]}})
    by_hand = rng.random() < 0.5
    broken = checked(hand_made(ONE.as_json(), rng)) if by_hand else damaged(sound, [sound, beginning()], rng)
    (tmp_path / journal.NAME).write_bytes(broken)
    assert in_a_sentence(read_record, tmp_path) == in_a_sentence(entered(opened), tmp_path)
    holder = json.dumps(asdict(Holder.here())).encode()
    broken = hand_made(asdict(Holder.here()), rng).encode() if by_hand else damaged(holder, [holder], rng)
    (tmp_path / lock.NAME).write_bytes(broken)
    in_a_sentence(entered(lock_folder), tmp_path)


def test_a_lock_of_a_host_without_end_is_refused_in_a_sentence(tmp_path):
    holder = asdict(Holder.here()) | {"host": "(" * 3000 + "\n", "machine": "another", "since": "\x1b[31m"}
    (tmp_path / lock.NAME).write_text(json.dumps(holder))
    assert not in_a_sentence(entered(lock_folder), tmp_path)


def entered(manager):
    def enter(path: Path) -> None:
        with manager(path):
            pass

    return enter


def checked(made: str) -> bytes:
    """A journal with such a line, whose checksum is right."""
    body = f'{{"made": {made}'.encode()
    return beginning() + body + f', "check": "{zlib.crc32(body):08x}"}}\n'.encode()


def in_a_sentence(asked, place: Path) -> bool:
    """Whether it works; if not, an error of repix says in one short sentence why, and of which file."""
    said = None
    try:
        asked(place)
    except RepixError as problem:
        said = str(problem)
    assert said is None or ("\n" not in said and str(place) in said and len(said) < 1000)
    return said is None


@pytest.mark.parametrize("made", ["[" * 100_000, "9" * 5000, '{"a":' * 5000, '"a"', "null"], ids=lambda made: made[:5])
def test_a_line_that_nobody_writes_by_accident(made):
    with pytest.raises(Unwritable, match="j is damaged in line 2"):
        Record.read(checked(made), Path("j"))
