"""Guard: refuses requests of other sites, without the token, or with too much data, before anything reads them."""

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import HTTPException

from repix.studio.patience import patient
from repix.studio.settings import StudioSettings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

COOKIE = "repix-token"
HEALTH = "/health"
"""The only address without a token: it says that the server runs, and no more."""
SAFE = ("GET", "HEAD", "OPTIONS")
FORM = 2**16
"""Bytes that the fields of a form may have besides its file."""
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The sources that a page may load: its own files, no inline script, nothing of other sites."""
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""Headers of every response."""


class Guard:
    """ASGI middleware around the application."""

    def __init__(self, application: Application, settings: StudioSettings) -> None:
        self._application, self._settings = application, settings

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        refused = self._refusal(scope["method"], scope["path"], headers, query)
        if refused is not None:
            await _answer(send, *refused)
            return
        given = query.get("token", [""])[0]
        cookie = self._settings.token if given and self._settings.token else ""
        await self._application(scope, patient(_limited(receive, self._length(headers))), _with_headers(send, cookie))

    def _refusal(
        self, method: str, path: str, headers: dict[bytes, str], query: dict[str, list[str]]
    ) -> tuple[int, str] | None:
        """Return the status and the sentence of a refusal; None if the request is passed on."""
        host = headers.get(b"host", "")
        if not self._settings.accepts_host(host):
            return 421, "This server is not meant by that Host; open the address that `repix studio` prints."
        if path != HEALTH and not self._has_token(headers, query):
            return 401, "This server needs its token: open the address with ?token=..., or send Authorization: Bearer."
        if method not in SAFE:
            origin = headers.get(b"origin")
            other = origin is not None and urlsplit(origin).netloc != host
            if other or headers.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return 403, "This server takes no requests from other sites."
            length = headers.get(b"content-length")
            if method == "POST" and (length is None or not length.isdecimal()):
                return 411, "The request must announce its length: Content-Length is missing."
        is_upload = headers.get(b"content-type", "").lower().startswith("multipart/form-data")
        if not is_upload and FORM < self._length(headers) <= self._settings.limits.bytes:
            return 413, f"A request without a file has at most {FORM:,} bytes."
        if self._length(headers) > self._settings.limits.bytes + FORM:
            return 413, f"The file is larger than the {self._settings.limits.bytes:,} bytes allowed here."
        return None

    def _length(self, headers: dict[bytes, str]) -> int:
        length = headers.get(b"content-length", "0")
        return int(length) if length.isdecimal() and len(length) < 20 else 2**62

    def _has_token(self, headers: dict[bytes, str], query: dict[str, list[str]]) -> bool:
        wanted = self._settings.token
        if not wanted:
            return True
        try:
            cookies = SimpleCookie(headers.get(b"cookie", ""))
        except CookieError:
            cookies = SimpleCookie()
        bearer = headers.get(b"authorization", "").removeprefix("Bearer ")
        given = [bearer, query.get("token", [""])[0], cookies[COOKIE].value if COOKIE in cookies else ""]
        return any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given)


def _limited(receive: Receive, length: int) -> Receive:
    """Return `receive`, which fails if more arrives than was announced."""
    arrived = 0

    async def limited() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > length:
            raise HTTPException(413, "The request has more data than it announced.")
        return message

    return limited


def _with_headers(send: Send, cookie: str) -> Send:
    """Return `send`, which adds the headers of every response, and the token as a cookie if it was in the address.

    A response may have a policy of its own instead: that of a report page.
    """
    added = list(HEADERS)
    if cookie:
        added.append((b"set-cookie", f"{COOKIE}={cookie}; HttpOnly; SameSite=Strict; Path=/".encode()))

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = message.get("headers", [])
            names = {name.lower() for name, _ in own}
            message["headers"] = [*own, *(one for one in added if one[0] not in names)]
        await send(message)

    return sending


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence}).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
