"""Patience: how long a connection may take to say what it wants, and to send it."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEADER_SECONDS = 20.0
"""A connection without a request is closed after one to two times as long."""
BODY_SECONDS = 30.0
"""The longest wait for the next piece of an upload."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class PatientProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, which itself waits for headers without end."""

    _was_silent = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look at the connection again and again."""
        super().connection_made(transport)
        self.loop.call_later(HEADER_SECONDS, self._look)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        is_silent = cycle is None or cycle.response_complete  # no request yet, or between two
        if is_silent and self._was_silent:
            self.transport.close()
            return
        self._was_silent = is_silent
        self.loop.call_later(HEADER_SECONDS, self._look)


def patient(receive: Receive) -> Receive:
    """Return `receive`, which raises an HTTPException if an upload stops; after its end it waits without limit."""
    has_more = True

    async def waiting() -> MutableMapping[str, Any]:
        nonlocal has_more
        if not has_more:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), BODY_SECONDS)
        except TimeoutError:
            raise HTTPException(
                408, f"No data arrived for {BODY_SECONDS:.0f} seconds; the request is given up."
            ) from None
        has_more = bool(message.get("more_body", False))
        return message

    return waiting
