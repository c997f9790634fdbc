"""Studios for the tests in a browser: real servers on free ports of this computer."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repix.studio.server import bound


def free_port() -> int:
    with bound("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


@contextmanager
def studio_of(folder: Path | None = None, port: int = 0, end: int = signal.SIGINT) -> Iterator[str]:
    """The address of a studio, of a folder if one is given; `end` is the signal that ends it."""
    port = port or free_port()
    command = [sys.executable, "-m", "repix", "studio", "--port", str(port)]
    command += ["--folder", str(folder)] if folder else []
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    assert f"http://localhost:{port}" in server.stderr.readline()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(end)
        code = server.wait(60)
        server.stderr.close()
    assert code in ((0, 130) if end == signal.SIGINT else (-end,))
