"""Remote stores for tests. Servers start once, when the first test asks for them."""

import shutil
from collections.abc import Iterator

import numpy as np
import pytest

import repix
from repix.pictures import Picture
from tests.remote.folder_store import FolderStore
from tests.remote.servers import SSHD, SftpServer, s3_server, sftp_server


@pytest.fixture
def store(tmp_path) -> FolderStore:
    (tmp_path / "store").mkdir()
    return FolderStore(tmp_path / "store")


@pytest.fixture
def photos(tmp_path):
    """A folder with a few small pictures, and what is none."""
    folder, rng = tmp_path / "photos", np.random.default_rng(7)
    for name in ("a.png", "b.jpg", "sub/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        repix.write(Picture(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)), folder / name)
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    for library in ("moto", "flask_cors", "s3fs"):
        pytest.importorskip(library)
    with s3_server() as address:
        yield address


@pytest.fixture
def s3(s3_address, monkeypatch, tmp_path):
    """The file system of s3fs on the server, with an empty bucket; repix finds the server through the environment."""
    from s3fs import S3FileSystem

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    system = S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    system.call_s3("create_bucket", Bucket="photos")
    yield system
    system.rm("photos", recursive=True)


@pytest.fixture(scope="session")
def sftp_process(tmp_path_factory) -> Iterator[SftpServer]:
    pytest.importorskip("paramiko")
    if not SSHD.exists() or shutil.which("ssh-keygen") is None:
        pytest.skip(f"{SSHD} is not on this machine: Debian's package openssh-server has it")
    with sftp_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def sftp(sftp_process, monkeypatch) -> SftpServer:
    """The server; repix finds key and host key in the home folder."""
    monkeypatch.setenv("HOME", str(sftp_process.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return sftp_process
