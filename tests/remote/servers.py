"""Servers for tests, as processes on this machine: one that speaks like S3, and OpenSSH's for SFTP."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SSHD = Path("/usr/sbin/sshd")


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of moto's server."""
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.remote.s3_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.communicate()


@dataclass(frozen=True)
class SftpServer:
    """A running sshd with one user and one key."""

    folder: Path
    """What tests may write below."""
    home: Path
    """A home folder with the user's key, and the server among the known hosts."""
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: Path) -> str:
        return f"sftp://{self.host}{path}"


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """OpenSSH's server on a free port, as this user, with keys made for it."""
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True)
    _make_key(folder / "host")
    _make_key(home / ".ssh" / "id_ed25519")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {home}/.ssh/id_ed25519.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "Subsystem sftp internal-sftp\n"
    )
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    with _separation_folder():
        process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", folder / "config"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            said = process.stderr.readline()  # "Server listening": it takes connections
            assert b"listening" in said, said
            yield SftpServer(folder, home, port)
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def _separation_folder() -> Iterator[None]:
    """The empty folder that sshd wants when root starts it; the system's service makes it, where it runs."""
    folder = Path("/run/sshd")
    if os.getuid() != 0 or folder.exists():
        yield
        return
    folder.mkdir(mode=0o755)
    try:
        yield
    finally:
        folder.rmdir()


def _make_key(path: Path) -> None:
    keygen = shutil.which("ssh-keygen") or "ssh-keygen"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
