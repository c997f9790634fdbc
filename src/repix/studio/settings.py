"""Settings of the studio's server."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from repix.errors import WrongUse
from repix.pictures.limits import Limits

LIMITS = Limits(pixels=200_000_000, bytes=2**30)
"""The largest picture that can be uploaded."""
SHORTEST_TOKEN = 16
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class StudioSettings:
    """Address and limits of the server."""

    host: str = "127.0.0.1"
    port: int = 8765
    token: str = ""
    """Requests must have it; empty: they need none."""
    memory: str = "2GB"
    """Memory limit of a conversion; conversions run one after the other."""
    folder: Path | None = None
    """Trainings and comparisons below it are shown, and trainings written into it."""
    read_only: bool = False
    """True if no training may be started, stopped or continued."""
    jobs: int = 1
    """Trainings at the same time."""
    waiting: int = 1024
    """The most jobs that wait."""
    results: int = 1024
    """The most ended jobs whose results are kept."""
    storage: int = 8 * 2**30
    """The most bytes of all files; the oldest results make room for new ones."""
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        if not self.is_local and not self.token:
            raise WrongUse(
                f"--host {self.host} lets other computers in; give a --token that they must have. The connection is "
                "not encrypted: that is the job of a reverse proxy with TLS."
            )
        if self.folder is not None and not self.folder.is_dir():
            raise WrongUse(f"--folder {self.folder} is not a folder; name one that exists.")
        if self.token and len(self.token) < SHORTEST_TOKEN:
            raise WrongUse(f"--token has {len(self.token)} letters; give at least {SHORTEST_TOKEN}.")

    @property
    def is_local(self) -> bool:
        """True if only this computer can connect.

        >>> StudioSettings().is_local, StudioSettings(host="localhost").is_local
        (True, True)
        """
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def waiting_per_client(self) -> int:
        """The most jobs of one address that wait; on this computer one program may fill the queue.

        >>> StudioSettings().waiting_per_client, StudioSettings(host="0.0.0.0", token="x" * 16).waiting_per_client
        (1024, 128)
        """
        return self.waiting if self.is_local else self.waiting // 8

    def accepts_host(self, header: str) -> bool:
        """Return True for a Host header by which this server is meant; others are attempts by rebound names.

        >>> StudioSettings().accepts_host("localhost:8765"), StudioSettings().accepts_host("evil.example:8765")
        (True, False)
        """
        name, _, port = header.rpartition(":") if not header.endswith("]") and ":" in header else (header, "", "")
        if not self.is_local:  # a reverse proxy or a container's port may have any name and port; the token decides
            return bool(name)
        return name in LOCAL_NAMES and port in ("", str(self.port))
