"""Jobs: their states, events, results and previews."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from repix.pictures.formats import READ_SUFFIXES
from repix.studio.answers import Events, File, Png, Zip
from repix.studio.archive import zipped
from repix.studio.jobs import ENDED, Job
from repix.studio.preview import LONGEST, preview_of
from repix.studio.routes._state import done_job, found_job, jobs_of

router = APIRouter()
POLL = 0.1
"""Seconds between two looks at a job whose events are sent."""


@router.get("/jobs")
def jobs(request: Request) -> list[dict[str, Any]]:
    """Return all jobs, the oldest first."""
    return [one.to_dict() for one in jobs_of(request).all()]


@router.get("/jobs/events", response_class=Events)
def all_events(request: Request) -> Events:
    """Send the states of all jobs that have not ended, and each change, until none is waiting or running."""
    jobs, active, last = jobs_of(request), dict[str, Job](), dict[str, dict[str, Any]]()

    async def stream() -> AsyncIterator[str]:
        while not await request.is_disconnected():
            active.update((one.id, one) for one in jobs.all() if one.state not in ENDED)
            changed = [now for one in active.values() if (now := one.to_dict()) != last.get(one.id)]
            last.update((now["id"], now) for now in changed)
            for now in changed:
                if now["state"] in ENDED:
                    del active[now["id"]]
            if changed:
                yield f"data: {json.dumps(changed)}\n\n"
            if not active:
                return
            await asyncio.sleep(POLL)

    return Events(stream(), headers={"Cache-Control": "no-store"})


@router.get("/jobs/results.zip", response_class=Zip)
def results(request: Request, id: Annotated[list[str], Query(max_length=1024)]) -> Zip:  # noqa: A002
    """Return the results of several jobs as one zip file."""
    found = [done_job(one, request).work for one in id]
    return Zip(
        zipped((one.name, one.result) for one in found),
        headers={"Content-Disposition": 'attachment; filename="results.zip"'},
    )


@router.get("/jobs/{id}")
def job(id: str, request: Request) -> dict[str, Any]:  # noqa: A002 (the name in the path)
    """Return the state of a job."""
    return found_job(id, request).to_dict()


@router.get("/jobs/{id}/events", response_class=Events)
def events(id: str, request: Request) -> Events:  # noqa: A002
    """Send the state of a job whenever it changes, as server-sent events, until it ends."""
    found = found_job(id, request)

    async def stream() -> AsyncIterator[str]:
        last: dict[str, Any] = {}
        while last.get("state") not in ENDED and not await request.is_disconnected():
            now = found.to_dict()
            if now != last:
                yield f"data: {json.dumps(now)}\n\n"
                last = now
            await asyncio.sleep(POLL)

    return Events(stream(), headers={"Cache-Control": "no-store"})


@router.get("/jobs/{id}/result", response_class=File)
def result(id: str, request: Request) -> File:  # noqa: A002
    """Return the file of a result."""
    found = done_job(id, request)
    return File(found.work.result, filename=found.work.name)


@router.get("/jobs/{id}/preview", response_class=Png)
def preview(
    id: str,  # noqa: A002
    request: Request,
    of: Annotated[str, Query(pattern="^(before|after)$", description="The source, or the result.")] = "after",
    longest: Annotated[int, Query(ge=16, le=LONGEST, description="The most pixels a side.")] = LONGEST,
) -> Png:
    """Return a picture that a browser can show: the source or the result, as PNG, shrunk if it is large."""
    found = done_job(id, request)
    shown = found.work.uploads[0].path if of == "before" and found.work.uploads else found.work.result
    if shown.suffix.lower() not in READ_SUFFIXES:
        raise HTTPException(409, f"{found.work.name} is not a picture, so it has no preview.")
    return Png(preview_of(shown, longest))


@router.delete("/jobs/{id}", status_code=204)
def remove(id: str, request: Request) -> None:  # noqa: A002
    """Cancel a job, or remove its result."""
    jobs_of(request).remove(found_job(id, request))
