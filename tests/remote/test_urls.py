"""URLs: what they mean, what is refused, and that nothing loads before one is used."""

import subprocess
import sys
from pathlib import Path

import pytest

import repix
from repix.cli._app import run
from repix.errors import MissingLibrary, WrongUse
from repix.remote import RemotePath, Stores
from repix.remote.stores import is_url

CONVERT = ["convert", "denoise-color", "--engine", "echo"]


@pytest.fixture
def memory():
    system = pytest.importorskip("fsspec").filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def test_memory(memory, photos, tmp_path):
    """A store that has no more than fsspec asks of it, in this process only."""
    assert run([*CONVERT, str(photos), "-o", "memory://photos/set", "-r"]) == 0
    assert run([*CONVERT, "memory://photos/set", "-o", str(tmp_path / "out"), "-r"]) == 0
    assert (tmp_path / "out" / "sub" / "c.png").read_bytes() == memory.cat_file("/photos/set/sub/c.png")
    assert run([*CONVERT, "memory://photos/set", "-o", "memory://photos/set", "--overwrite"]) == 2


def test_a_file_url_is_a_local_path(photos, tmp_path, capsys):
    assert run([*CONVERT, f"file://{photos}/a.png", "-o", f"file://{tmp_path}/x.png"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/x.png\n"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("s3://bucket/a b/ä%20#?.png", "s3://bucket/a b/ä%20#?.png"),
        ("S3://bucket//a/./b/", "s3://bucket/a/b"),
        (Path("s3://bucket/a.png"), "s3://bucket/a.png"),
        ("sftp://user@host:2222/home/a.png", "sftp://user@host:2222/home/a.png"),
        ("sftp://host", "sftp://host/"),
    ],
)
def test_urls_are_kept(given, url):
    for library in ("s3fs", "paramiko"):
        pytest.importorskip(library)
    path = Stores().located(given)
    assert isinstance(path, RemotePath)
    assert str(path) == url
    assert Stores().located(url) == path


@pytest.mark.parametrize("name", ["C:/a.png", "a.png", "a:b.png", "./s3/a.png", "x", "-"])
def test_paths_stay_paths(name):
    assert not is_url(name)
    assert Stores().located(name) == Path(name)


def test_a_folder_with_a_colon_in_its_name_is_a_folder(tmp_path, monkeypatch, photos):
    monkeypatch.chdir(tmp_path)
    (photos).rename(tmp_path / "day:")
    assert run([*CONVERT, "day:/a.png", "-o", "x.png"]) == 0


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "http://host/a.png",
            "'http://host/a.png': repix does not know URLs of http://; it knows file://, gs://, s3://",
        ),
        ("s3://", "'s3://' names no bucket; write s3://BUCKET/PATH."),
        ("sftp://", "'sftp://' names no host"),
        ("s3://bucket/../a.png", "a URL cannot contain the part '..'"),
        ("sftp://user:secret@host/a.png", "sftp://host: other users of this machine could see a password"),
    ],
)
def test_urls_that_are_refused(url, sentence, tmp_path, capsys):
    pytest.importorskip("paramiko")
    assert run([*CONVERT, url, "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "secret" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["s3://b/set", "-o", "out", "--watch"], "--watch is for files of this machine, not for the URL s3://b/set"),
        (["set", "-o", "s3://b/out", "--stack"], "--stack is for files of this machine, not for the URL s3://b/out"),
        (["s3://b/a.png", "-o", "-"], "- is for files of this machine, not for the URL s3://b/a.png"),
        (["s3://b/set", "-o", "out", "--cluster", "local"], "--cluster is for folders that all machines share"),
        (["set", "-o", "s3://b/out", "--cluster", "local"], "not for the URL s3://b/out"),
    ],
)
def test_options_for_local_files_only(words, sentence, capsys):
    assert run([*CONVERT, *words]) == 2
    assert sentence in capsys.readouterr().err


def test_a_noise_level_needs_a_model_for_urls(capsys):
    assert run(["denoise", "--sigma", "25", "s3://b/a.png", "-o", "s3://b/out.png"]) == 2
    assert "not opened for the URL s3://b/a.png; name the model: --model denoise-gray" in capsys.readouterr().err


@pytest.mark.parametrize(("scheme", "library"), [("s3", "s3fs"), ("sftp", "paramiko"), ("memory", "fsspec")])
def test_a_missing_library_is_named_with_its_extra(scheme, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingLibrary, match=rf"This needs {library}, .* \(extra remote\)"):
        Stores().located(f"{scheme}://place/a.png")


def test_gs_needs_gcsfs(monkeypatch):
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(MissingLibrary, match="pip install gcsfs"):
        Stores().located("gs://bucket/a.png")


def test_a_list_on_a_cluster_names_no_url(tmp_path):
    (tmp_path / "list.jsonl").write_text('{"source": "s3://b/a.png"}')
    with pytest.raises(WrongUse, match=r"line 1: the source 's3://b/a.png' is a URL, which this command does not read"):
        repix.batch.listed(tmp_path / "list.jsonl", tmp_path / "out")


def test_local_commands_load_no_remote_library(photos, tmp_path):
    code = (
        "import sys\nfrom repix.cli._app import run\n"
        f"assert run([*{CONVERT}, {str(photos)!r}, '-o', {str(tmp_path / 'out')!r}]) == 0\n"
        "assert not {'fsspec', 's3fs', 'paramiko', 'botocore', 'aiohttp'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
