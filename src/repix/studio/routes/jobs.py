"""Jobs: their states, events, results and previews."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from repix.pictures.formats import READ_SUFFIXES
from repix.studio.jobs import ENDED, Job
from repix.studio.preview import preview_of
from repix.studio.routes._state import jobs_of

router = APIRouter()
POLL = 0.1
"""Seconds between two looks at a job whose events are sent."""


@router.get("/jobs")
def jobs(request: Request) -> list[dict[str, Any]]:
    """Return all jobs, the oldest first."""
    return [one.to_dict() for one in jobs_of(request).all()]


@router.get("/jobs/{id}")
def job(id: str, request: Request) -> dict[str, Any]:  # noqa: A002 (the name in the path)
    """Return the state of a job."""
    return _found(id, request).to_dict()


@router.get("/jobs/{id}/events")
def events(id: str, request: Request) -> StreamingResponse:  # noqa: A002
    """Send the state of a job whenever it changes, as server-sent events, until it ends."""
    found = _found(id, request)

    async def stream() -> AsyncIterator[str]:
        last: dict[str, Any] = {}
        while last.get("state") not in ENDED and not await request.is_disconnected():
            now = found.to_dict()
            if now != last:
                yield f"data: {json.dumps(now)}\n\n"
                last = now
            await asyncio.sleep(POLL)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get("/jobs/{id}/result")
def result(id: str, request: Request) -> FileResponse:  # noqa: A002
    """Return the file of a result."""
    found = _done(id, request)
    return FileResponse(found.work.result, media_type="application/octet-stream", filename=found.work.name)


@router.get("/jobs/{id}/preview")
def preview(
    id: str,  # noqa: A002
    request: Request,
    of: Annotated[str, Query(pattern="^(before|after)$", description="The source, or the result.")] = "after",
) -> Response:
    """Return a picture that a browser can show: the source or the result, as PNG of at most 4096 pixels a side."""
    found = _done(id, request)
    shown = found.work.uploads[0].path if of == "before" and found.work.uploads else found.work.result
    if shown.suffix.lower() not in READ_SUFFIXES:
        raise HTTPException(409, f"{found.work.name} is not a picture, so it has no preview.")
    return Response(preview_of(shown), media_type="image/png")


@router.delete("/jobs/{id}", status_code=204)
def remove(id: str, request: Request) -> None:  # noqa: A002
    """Cancel a job, or remove its result."""
    jobs_of(request).remove(_found(id, request))


def _found(id_: str, request: Request) -> Job:
    found = jobs_of(request).find(id_)
    if found is None:
        raise HTTPException(404, "There is no such job; the server may have been started again.")
    return found


def _done(id_: str, request: Request) -> Job:
    found = _found(id_, request)
    if found.state != "done":
        raise HTTPException(409, f"The job is {found.state}; it has no result.")
    return found
