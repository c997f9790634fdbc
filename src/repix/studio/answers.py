"""Answers of the API as its OpenAPI description has them: refusals, and what is not JSON."""

from typing import Any

from fastapi.responses import FileResponse, Response, StreamingResponse

_PROBLEM: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    }
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request is refused; `error` says why.", "content": _PROBLEM},
    "5XX": {"description": "There is no room now, or something failed; `error` says what.", "content": _PROBLEM},
}
"""The answers of every request that are no success."""


class Png(Response):
    """A picture."""

    media_type = "image/png"


class File(FileResponse):
    """A file to be saved."""

    media_type = "application/octet-stream"


class Zip(StreamingResponse):
    """A zip file, made while it is sent."""

    media_type = "application/zip"


class Events(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"
