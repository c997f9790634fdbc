"""Which file becomes which: folders mirrored, links followed once, collisions found before anything is done."""

import os
import unicodedata
from pathlib import Path

import pytest

from repix.batch.jobs import Jobs, Naming, find
from repix.errors import Unreadable, Unwritable, WrongUse


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def pairs(jobs: Jobs) -> dict[str, str]:
    return {str(job.source): str(job.target) for job in jobs.each}


def test_a_folder_is_mirrored(here):
    files("in/b.jpg", "in/a/b.jpg", "in/a/deep/c.TIF", "in/a/old.gif")
    assert pairs(find([Path("in")], Path("out"), recursive=True)) == {
        "in/b.jpg": "out/b.jpg",
        "in/a/b.jpg": "out/a/b.jpg",
        "in/a/deep/c.TIF": "out/a/deep/c.TIF",
        "in/a/old.gif": "out/a/old.png",
    }


def test_without_recursive_only_the_folder_itself(here):
    files("in/b.jpg", "in/a/c.jpg")
    assert pairs(find([Path("in")], Path("out"))) == {"in/b.jpg": "out/b.jpg"}


def test_only_pictures_are_taken_from_folders_but_any_file_that_is_named(here):
    files("in/a.jpg", "in/notes.txt", "in/.hidden.jpg", "in/.repix-0123456789abcdef.tmp", "in/.git/x.png", "notes")
    jobs = find([Path("in"), Path("notes")], Path("out"), recursive=True)
    assert pairs(jobs) == {"in/a.jpg": "out/a.jpg", "notes": "out/notes.png"}
    assert jobs.skipped == (Path("in/notes.txt"),)
    assert jobs.folder == Path("out")


@pytest.mark.parametrize("deeper", ["", "; --recursive includes subfolders"])
def test_a_folder_without_pictures(deeper, here):
    files("in/notes.txt")
    with pytest.raises(Unreadable, match=f"^in: no pictures that repix can read{deeper}\\.$"):
        find([Path("in")], Path("out"), recursive=not deeper)


def test_the_output_folder_is_no_input(here):
    files("in/a.jpg", "in/out/a.jpg", "in/out/sub/b.jpg")
    Path("in/link").symlink_to("out/sub")
    assert pairs(find([Path("in")], Path("in/out"), recursive=True)) == {"in/a.jpg": "in/out/a.jpg"}


def test_an_input_within_the_output_folder_is_one(here):
    files("out/in/a.jpg")
    assert pairs(find([Path("out/in")], Path("out"))) == {"out/in/a.jpg": "out/a.jpg"}


def test_links_to_files_are_followed(here):
    files("elsewhere/a.jpg", "in/b.jpg")
    Path("in/a.jpg").symlink_to(here / "elsewhere/a.jpg")
    Path("in/lost.jpg").symlink_to("nowhere.jpg")
    found = pairs(find([Path("in")], Path("out")))
    assert found == {f"in/{name}.jpg": f"out/{name}.jpg" for name in ("a", "b", "lost")}


def test_links_to_folders_are_followed_once_and_never_in_a_circle(here):
    files("in/z/a.jpg", "elsewhere/b.jpg")
    Path("in/first").symlink_to("z")  # z itself has it already, though its name comes later
    Path("in/other").symlink_to(here / "elsewhere")
    Path("in/again").symlink_to(here / "elsewhere")
    Path("in/z/up").symlink_to(here / "in")
    Path("elsewhere/self").symlink_to(".")
    found = pairs(find([Path("in")], Path("out"), recursive=True))
    assert found == {"in/z/a.jpg": "out/z/a.jpg", "in/again/b.jpg": "out/again/b.jpg"}


def test_a_link_to_itself_and_a_fifo_become_jobs_that_will_fail(here):
    Path("in").mkdir()
    Path("in/loop.jpg").symlink_to("loop.jpg")
    os.mkfifo("in/pipe.png")
    assert len(find([Path("in")], Path("out")).each) == 2


def test_a_file_is_taken_once_however_often_it_is_named(here):
    files("in/a.jpg")
    assert len(find([Path("in"), Path("in/a.jpg"), Path("in/../in/a.jpg")], Path("out")).each) == 1


@pytest.mark.parametrize(
    ("one", "other", "naming"),
    [
        ("1/a.jpg", "2/a.jpg", Naming()),
        ("1/a.jpg", "2/A.JPG", Naming()),
        ("1/a.jpg", "1/a.png", Naming(format="png")),
        ("1/a.gif", "1/a.png", Naming()),
        (f"1/{unicodedata.normalize('NFC', 'é')}.jpg", f"2/{unicodedata.normalize('NFD', 'é')}.jpg", Naming()),
        ("1/straße.jpg", "2/STRASSE.jpg", Naming()),
    ],
)
def test_two_files_for_one_name(one, other, naming, here):
    files(one, other)
    with pytest.raises(WrongUse, match="would both be written to"):
        find([Path(one), Path(other)], Path("out"), naming)


def test_names_that_only_links_of_folders_make_one(here):
    files("1/a.jpg", "2/a.jpg")
    Path("out/real").mkdir(parents=True)
    Path("out/link").symlink_to("real")
    jobs = {"1": "real", "2": "link"}
    for source, folder in jobs.items():
        Path("in", folder).mkdir(parents=True)
        Path("in", folder, "a.jpg").symlink_to(here / source / "a.jpg")
    with pytest.raises(WrongUse, match="would both be written to"):
        find([Path("in")], Path("out"), recursive=True)


def test_a_result_that_would_replace_another_source(here):
    files("a.jpg", "a-x.jpg")
    with pytest.raises(WrongUse, match=r"a\.jpg would be written to a-x\.jpg, which is a source too"):
        find([Path("a.jpg"), Path("a-x.jpg")], None, Naming(suffix="-x"))


def test_earlier_results_beside_their_sources_are_not_converted_again(here):
    files("in/a.jpg", "in/a-x.jpg", "in/a-x-x.jpg", "in/b.jpg")
    assert pairs(find([Path("in")], None, Naming(beside="-x"))) == {
        "in/a.jpg": "in/a-x.jpg",
        "in/b.jpg": "in/b-x.jpg",
    }


def test_a_result_where_a_folder_is(here):
    files("a.jpg", "out/a.jpg/x")
    with pytest.raises(Unwritable, match=r"a\.jpg would be written to out/a\.jpg, which is a folder"):
        find([Path("a.jpg")], Path("out"))


def test_a_result_below_a_file(here):
    files("in/sub/a.jpg", "out/sub")
    with pytest.raises(Unwritable, match=r"The folder out/sub cannot be created: a file of that name exists\."):
        find([Path("in")], Path("out"), recursive=True)


def test_a_result_below_another_result(here):
    files("1/x.jpg", "2/x.jpg/y.png")
    with pytest.raises(WrongUse, match=r"1/x\.jpg would be written to out/x\.jpg, but out/x\.jpg/y\.png needs"):
        find([Path("1"), Path("2")], Path("out"), recursive=True)


def test_a_folder_that_cannot_be_read(here, monkeypatch):
    files("in/a.jpg", "in/closed/b.jpg")
    scan = os.scandir

    def scan_but_one(folder):
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scan_but_one)
    jobs = find([Path("in")], Path("out"), recursive=True)
    assert pairs(jobs) == {"in/a.jpg": "out/a.jpg"}
    assert jobs.unread == ((Path("in/closed"), "The folder in/closed cannot be read: permission denied."),)


@pytest.mark.parametrize(
    ("output", "naming", "said"),
    [
        ("one.jpg", Naming(suffix="-x"), "is the name of the file; leave out --suffix -x"),
        ("one.jpg", Naming(format="png"), "are different formats"),
        ("-", Naming(), "does not write to the standard output"),
    ],
)
def test_an_output_that_contradicts_itself(output, naming, said, here):
    with pytest.raises(WrongUse, match=said):
        find([Path("a.jpg")], Path(output), naming)


def test_one_file_that_is_named_has_no_journal(here):
    assert find([Path("a.jpg")], Path("b.jpg")).folder is None
    assert find([Path("a.jpg")]).folder is None


def test_many_files_need_a_folder(here):
    files("in/a.jpg")
    with pytest.raises(WrongUse, match=r"-o b\.jpg names one file"):
        find([Path("in")], Path("b.jpg"))


@pytest.mark.parametrize("suffix", ["/../x", "a\0b"])
def test_a_suffix_stays_in_the_folder(suffix):
    with pytest.raises(WrongUse, match="separator"):
        Naming(suffix=suffix)


@pytest.mark.parametrize("form", ["gif", "docx", ".."])
def test_a_format_that_is_not_written(form):
    with pytest.raises(WrongUse, match=r"choose from jpg .*png"):
        Naming(format=form)


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("a.jpg", "a-x.jpg"),
        ("scan.2024-01-05", "scan.2024-01-05-x.png"),
        ("two.dots.webp", "two.dots-x.webp"),
        (".jpg", ".jpg-x.png"),
        ("a\nb.png", "a\nb-x.png"),
        ("-rf.png", "-rf-x.png"),
        ("\udcff.png", "\udcff-x.png"),
    ],
)
def test_names(name, becomes):
    assert Naming().name(name, "-x") == becomes


def test_files_keep_their_order_and_a_missing_one_is_a_job(here):
    files("b.jpg")
    jobs = find([Path("b.jpg"), Path("a.jpg")], Path("out"))
    assert [job.source.name for job in jobs.each] == ["b.jpg", "a.jpg"]
