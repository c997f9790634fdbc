"""Lists of files: which jobs they give, which lines are refused, and that only what is used is made from them."""

import json
import os
import sys
from pathlib import Path

import pytest

from repix import batch
from repix.batch import Naming, Work, find, listed
from repix.errors import MissingLibrary, RepixError, Unreadable, Unwritable, WrongUse
from repix.pictures import Fidelity


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def manifest(*lines, name="list.jsonl"):
    """A manifest with these lines: texts as they are, dictionaries as JSON."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines))
    return path


def put(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
        os.utime(name, (1, 1))


def pairs(jobs):
    return {str(job.source): str(job.target) for job in jobs.each}


def copying(done):
    def work(source, target, advance):
        advance()
        if source.suffix == ".txt":
            raise Unreadable(f"{source} is not an image.")
        target.write_bytes(source.read_bytes())
        done.append(str(source))
        return Fidelity()

    return Work(work, {"name": "copy"})


def test_the_same_jobs_as_those_of_the_folder():
    put("in/a.jpg", "in/sub/b.heic", "in/sub/c.d.gif", "in/é.png")
    naming = Naming(suffix="-x", side_outputs=("-compare.png",))
    found = find([Path("in")], Path("out"), naming, recursive=True)
    names = [os.path.relpath(job.source, "in") for job in found.each]
    jobs = listed(manifest(*({"source": name} for name in names), name="in/list.jsonl"), Path("out"), naming)
    assert list(jobs.each) == list(found.each)
    assert jobs.each[1:3] == list(found.each[1:3])
    assert jobs.folder == Path("out")


def test_targets_and_places():
    lines = [
        {"source": "/data/x/a.jpg", "target": "2024/b.png", "label": 3},
        "",
        {"source": "/data/x/a.jpg"},
        {"source": "../up/c.png", "target": None},
    ]
    jobs = listed(manifest(*lines, name="lists/list.jsonl"), Path("out"))
    assert [(str(job.source), str(job.target)) for job in jobs.each] == [
        ("/data/x/a.jpg", "out/2024/b.png"),
        ("/data/x/a.jpg", "out/a.jpg"),
        ("lists/../up/c.png", "out/c.png"),
    ]
    assert [job.origin for job in jobs.each] == [f"lists/list.jsonl, line {number}" for number in (1, 3, 4)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("photo.jpg", "line 2 is not a JSON object such as .*, but 'photo.jpg'"),
        ("[1]", "line 2 is not a JSON object"),
        ("[" * 5000, "line 2 is not a JSON object"),
        ({"path": "a.png"}, "line 2: the source is 'None'"),
        ({"source": 7}, "line 2: the source is '7'"),
        ({"source": ""}, "line 2: the source is ''"),
        ({"source": "a\0.png"}, "line 2: the source is"),
        ({"source": "b.png", "target": "/b.png"}, "line 2: the target is '/b.png'; it must be a path within"),
        ({"source": "b.png", "target": "../b.png"}, "line 2: the target is"),
        ({"source": "b.png", "target": "."}, "line 2: the target is"),
        ({"source": "b.png", "target": 3}, "line 2: the target is '3'"),
        ({"source": "b.png", "target": "A.PNG"}, "lines 1 and 2 would both be written to out/A.PNG"),
        ({"source": "b.png", "target": "a.png/b.png"}, "line 1 would be written to out/a.png, but another line"),
        ({"source": "out/b.png", "target": "b.png"}, "line 2 would be written to out/b.png, which is the source of"),
        ({"source": "b.png", "target": "folder.png"}, "line 2: ./b.png would be written to out/folder.png, which is a"),
        ({"source": "b.png", "target": "same.png"}, "line 2: ./b.png would be replaced by its result"),
    ],
)
def test_lines_that_are_refused(line, said):
    put("b.png")
    Path("out/folder.png").mkdir(parents=True)
    Path("out/same.png").hardlink_to("b.png")
    with pytest.raises((WrongUse, Unwritable), match=said) as refusal:
        listed(manifest({"source": "a.png"}, line), Path("out"))
    assert str(refusal.value).startswith("list.jsonl")


def test_side_outputs_are_results_too():
    lines = [{"source": "a.jpg"}, {"source": "b.jpg", "target": "a-compare.png"}]
    with pytest.raises(WrongUse, match=r"lines 1 and 2 would both be written to out/a-compare\.png"):
        listed(manifest(*lines), Path("out"), Naming(side_outputs=("-compare.png",)))


def test_masks_are_not_written_with_loss():
    with pytest.raises(WrongUse, match=r"line 1: the target a\.jpg: JPEG would change the classes"):
        listed(manifest({"source": "a.jpg", "target": "a.jpg"}), Path("out"), Naming(mask=True))


def test_what_is_no_manifest():
    with pytest.raises(WrongUse, match=r"list\.txt is not a manifest"):
        listed(Path("list.txt"), Path("out"))
    with pytest.raises(Unreadable, match=r"list\.jsonl: there is no such file"):
        listed(Path("list.jsonl"), Path("out"))
    with pytest.raises(Unreadable, match=r"list\.jsonl lists no files"):
        listed(manifest(""), Path("out"))
    with pytest.raises(WrongUse, match="names one file"):
        listed(manifest({"source": "a.png"}), Path("out.png"))


def test_a_run_and_its_continuation():
    put("a.png", "notes.txt", "b.png")
    path = manifest(*({"source": name} for name in ("a.png", "notes.txt", "none.png", "b.png")))
    done: list[str] = []
    foreseen = [one.state for one in batch.foresee(listed(path, Path("out")), copying(done))]
    assert foreseen == ["new", "new", "failed", "new"]
    report = batch.run(listed(path, Path("out")), copying(done))
    assert [one.state for one in report.outcomes] == ["done", "failed", "failed", "done"]
    assert report.outcomes[1].reason == "list.jsonl, line 2: notes.txt is not an image."
    assert report.outcomes[2].reason == "list.jsonl, line 3: none.png: there is no such file."
    Path("out/b.png").unlink()
    again = batch.run(listed(path, Path("out")), copying(done))
    assert [one.state for one in again.outcomes] == ["kept", "failed", "failed", "done"]
    assert done == ["a.png", "b.png", "b.png"]


def test_parquet():
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    sources = [f"{number}.png" for number in range(5)]
    targets = [None, "x/1.png", None, None, None]
    columns = {"label": range(5), "source": sources, "target": targets}
    parquet.write_table(pyarrow.table(columns), "list.parquet", row_group_size=2)
    lines = [{"source": one, "target": other} for one, other in zip(sources, targets, strict=True)]
    assert pairs(listed(Path("list.parquet"), Path("out"))) == pairs(listed(manifest(*lines), Path("out")))
    parquet.write_table(pyarrow.table({"path": sources}), "list.parquet")
    with pytest.raises(RepixError, match=r"list\.parquet, line 1: the source is 'None'"):
        listed(Path("list.parquet"), Path("out"))
    Path("list.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(Unreadable, match=r"list\.parquet is not a Parquet file, or is damaged"):
        listed(Path("list.parquet"), Path("out"))


def test_parquet_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingLibrary, match=r"pip install pyarrow` \(extra parquet\)"):
        listed(Path("list.parquet"), Path("out"))
