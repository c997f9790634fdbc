"""The server: binds the address, prints it, and runs until Ctrl-C."""

import socket
from collections.abc import Callable

import uvicorn

from repix.errors import RepixError
from repix.studio.app import make_app
from repix.studio.patience import PatientProtocol
from repix.studio.settings import StudioSettings

GRACE = 5
"""Seconds that open connections have when the server ends."""
HEADER_BYTES = 2**16
"""The largest request line with headers."""


def serve(settings: StudioSettings, message: Callable[[str], None]) -> None:
    """Run the server until it is interrupted; `message` gets the address."""
    listening = bound(settings.host, settings.port)
    listening.listen()  # so that the address that is printed can be opened at once
    name = "localhost" if settings.is_local else settings.host
    query = f"/?token={settings.token}" if settings.token else ""
    message(f"the studio is at http://{name}:{settings.port}{query} until Ctrl-C")
    config = uvicorn.Config(
        make_app(settings),
        http=PatientProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=HEADER_BYTES,
        limit_concurrency=200,
    )
    uvicorn.Server(config).run(sockets=[listening])


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address; port 0 is a free one."""
    made = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except UnicodeError:
        raise RepixError(
            f"{host} is no name of an address; give one such as 127.0.0.1, localhost or 0.0.0.0."
        ) from None
    except OSError as problem:
        if made is not None:
            made.close()
        raise RepixError(
            f"The address {host}:{port} cannot be used ({problem.strerror}); choose another --port, or end the program "
            "that has it."
        ) from None
    return made
