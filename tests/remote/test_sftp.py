"""`sftp://` with OpenSSH's server, a process of this user on this machine."""

import shutil
import threading
from pathlib import Path

import pytest

from repix.cli._app import run
from repix.errors import Unreachable
from repix.remote import Stores
from tests.remote.test_batch import outputs

CONVERT = ["convert", "denoise-color", "--engine", "echo"]


def test_folders_from_server_to_server_and_again(sftp, photos, tmp_path, capsys):
    assert run([*CONVERT, str(photos), "-o", str(tmp_path / "local"), "-r"]) == 0
    (tmp_path / "far" / "sub").mkdir(parents=True)
    left = tmp_path / "far" / "sub" / ".repix-00ff.tmp"
    left.write_bytes(b"of a killed run")
    command = [*CONVERT, sftp.url(photos), "-o", sftp.url(tmp_path / "far"), "-r", "--workers", "3"]
    assert run(command) == 0
    assert f"{sftp.url(tmp_path)}/far/sub/c.png\n" in capsys.readouterr().out
    (tmp_path / "local" / ".repix-journal.jsonl").unlink()
    assert outputs(tmp_path / "far") == outputs(tmp_path / "local")
    assert run(command) == 0
    assert "up to date           3" in capsys.readouterr().err


def test_the_store(sftp, tmp_path):
    with Stores() as stores:
        path = stores.located(sftp.url(tmp_path / "new" / "deep" / "a"))
        (tmp_path / "x").write_bytes(b"2")
        assert not path.exists()
        assert not path.parent.is_dir()
        assert path.store.create(path.key, b"1")
        assert not path.store.create(path.key, b"2")
        with pytest.raises(FileExistsError):
            path.store.publish(tmp_path / "x", path.key, overwrite=False)
        assert path.store.read(path.key) == b"1"
        path.store.publish(tmp_path / "x", path.key, overwrite=True)
        assert path.store.read(path.key) == b"2"
        (tmp_path / "new" / "link").symlink_to(tmp_path / "x")
        (tmp_path / "new" / "broken").symlink_to(tmp_path / "nowhere")
        assert {one.key for one in path.parent.parent.files(recursive=True)} == {
            path.key,
            f"{path.parent.parent.key}/link",
        }
        assert [one.name for one in path.parent.parent.files(recursive=False)] == ["link"]
        path.store.remove(path.key, f"{path.key}-missing")
        assert list((tmp_path / "new" / "deep").iterdir()) == []


def test_many_threads_share_the_sessions(sftp, tmp_path):
    """OpenSSH refuses an eleventh session; more threads wait for a free one."""
    with Stores() as stores:
        folder = stores.located(sftp.url(tmp_path / "many"))
        start = threading.Barrier(20)

        def create(number: int) -> None:
            start.wait()
            folder.store.create((folder / str(number)).key, str(number).encode())

        threads = [threading.Thread(target=create, args=(number,)) for number in range(20)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert {file.name: file.read_text() for file in (tmp_path / "many").iterdir()} == {
        str(number): str(number) for number in range(20)
    }


def test_a_connection_that_ends(sftp, tmp_path):
    with Stores() as stores:
        path = stores.located(sftp.url(tmp_path / "a"))
        assert not path.exists()
        path.store._client.close()
        with pytest.raises(Unreachable, match=r"was lost .*; run the same command again"):
            path.exists()


def refused(capsys, tmp_path, url) -> str:
    assert run([*CONVERT, url, "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
    return said


def test_a_missing_file_and_a_missing_host(sftp, tmp_path, capsys):
    assert "/none.png: there is no such file." in refused(capsys, tmp_path, sftp.url(tmp_path / "none.png"))
    assert "cannot be reached" in refused(capsys, tmp_path, "sftp://127.0.0.1:1/a.png")
    assert "cannot be reached: " in refused(capsys, tmp_path, "sftp://host.invalid/a.png")
    assert "the port is 'x'; it must be a number" in refused(capsys, tmp_path, "sftp://host.invalid:x/a.png")


def home_with(sftp, folder: Path, monkeypatch, **files: str) -> None:
    """A home folder like the server's user's, with other files."""
    shutil.copytree(sftp.home / ".ssh", folder / ".ssh")
    for name, content in files.items():
        (folder / ".ssh" / name).write_text(content)
    monkeypatch.setenv("HOME", str(folder))


def test_a_wrong_host_key_an_unknown_host_and_a_wrong_key(sftp, tmp_path, monkeypatch, capsys):
    user = (sftp.home / ".ssh" / "id_ed25519.pub").read_text()
    home_with(sftp, tmp_path / "1", monkeypatch, known_hosts=f"[127.0.0.1]:{sftp.port} {user}")
    assert "shows another host key than ~/.ssh/known_hosts" in refused(capsys, tmp_path, sftp.url(tmp_path / "a.png"))
    home_with(sftp, tmp_path / "2", monkeypatch, known_hosts="")
    assert "is not in ~/.ssh/known_hosts" in refused(capsys, tmp_path, sftp.url(tmp_path / "a.png"))
    host = (sftp.folder / "host").read_text()
    home_with(sftp, tmp_path / "3", monkeypatch, id_ed25519=host)
    assert "accepts none of your keys" in refused(capsys, tmp_path, sftp.url(tmp_path / "a.png"))
    (tmp_path / "3" / ".ssh" / "id_ed25519").unlink()
    assert "accepts none of your keys" in refused(capsys, tmp_path, sftp.url(tmp_path / "a.png"))


def test_names_in_the_ssh_configuration(sftp, photos, tmp_path, monkeypatch):
    config = f"Host far\n  HostName 127.0.0.1\n  Port {sftp.port}\n  HostKeyAlias far\n"
    known = (sftp.home / ".ssh" / "known_hosts").read_text()
    home_with(sftp, tmp_path / "home", monkeypatch, config=config, known_hosts=known)
    assert run([*CONVERT, f"sftp://far{photos}/a.png", "-o", str(tmp_path / "a.png")]) == 0
