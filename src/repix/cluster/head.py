"""Head of a cluster: its address, and a watch that notices when it is gone.

Ray waits a minute for a lost head, in any call, and then ends the process without a word of ours. A TCP connection
tells it sooner.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from repix.errors import WrongUse

CLIENT_PORT = 10001
"""Ray's default port for `ray://`."""
ANSWER = 5.0
"""Seconds within which the head must accept a connection."""
PAUSE = 1.0
"""Seconds between two connections."""
MISSED = 5
"""Connections in a row that fail before the head counts as lost."""


@dataclass(frozen=True)
class Head:
    """The address of a cluster's head."""

    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> "Head":
        """Return the head in an address: ray://HOST:PORT, or HOST:PORT.

        >>> Head.of("ray://example.org"), str(Head.of("[::1]:6379"))
        (Head(host='example.org', port=10001), '::1:6379')
        >>> Head.of("ray://example.org:x")
        Traceback (most recent call last):
        repix.errors.WrongUse: --cluster ray://example.org:x is not an address; write auto, local or ray://HOST:PORT.
        """
        try:
            parts = urlsplit(address if "//" in address else f"//{address}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host:
            raise WrongUse(f"--cluster {address} is not an address; write auto, local or ray://HOST:PORT.")
        return cls(host, port or CLIENT_PORT)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def answers(self) -> bool:
        """Return True if the head accepts a connection."""
        try:
            socket.create_connection((self.host, self.port), ANSWER).close()
        except OSError:
            return False
        return True


class HeadWatch:
    """A thread that calls a function once if the head does not answer any more."""

    def __init__(self, head: Head, on_loss: Callable[[], None]) -> None:
        self._head, self._on_loss = head, on_loss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._until_over, daemon=True, name="repix-cluster-head")
        self._thread.start()

    def end(self) -> None:
        """End the watch; it does not wait for a connection that is being tried."""
        self._over.set()

    def _until_over(self) -> None:
        missed = 0
        while not self._over.wait(PAUSE):
            missed = 0 if self._head.answers() else missed + 1
            if missed == MISSED:
                self._on_loss()
                return
