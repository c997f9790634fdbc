"""API v1: models, inspection, and conversions as jobs."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import FileResponse, Response, StreamingResponse

from repix.batch import Naming
from repix.conversion import read_model
from repix.conversion.file import FileOptions
from repix.errors import RepixError
from repix.inspection.files import inspect_files
from repix.models import catalog
from repix.pictures.band_reader import open_bands
from repix.pictures.formats import READ_SUFFIXES
from repix.studio.jobs import ENDED, Busy, Conversion, Job, Jobs
from repix.studio.preview import preview_of

router = APIRouter(prefix="/api/v1")
POLL = 0.1
"""Seconds between two looks at a job whose events are sent."""
CHUNK = 2**20

Strength = Annotated[float, Form(ge=0, le=1, description="1 is the result, 0 the source.")]
Quality = Annotated[int | None, Form(ge=1, le=100, description="Of JPEG, WebP and AVIF.")]
KeepColors = Annotated[bool, Form(description="Keep the low frequencies of the source's colors.")]
ModelName = Annotated[str, Form(description="A bundled model, see /models.")]


@router.get("/models")
def models() -> list[dict[str, Any]]:
    """Return the bundled models."""
    return [_model(name) for name in catalog()]


def _model(name: str) -> dict[str, Any]:
    found = catalog()[name]
    contract = read_model(found.path).contract
    return {
        "name": name,
        "task": found.task,
        "purpose": found.purpose,
        "limits": found.limits,
        "default": found.default,
        "scale": contract.scale,
        "classes": contract.make_task().logits,
    }


@router.post("/inspect")
def inspect(file: UploadFile, request: Request) -> dict[str, Any]:
    """Return what is wrong with a picture, and the models that help."""
    source = _kept(file, request)
    try:
        found = next(iter(inspect_files([source])))
    finally:
        shutil.rmtree(source.parent, ignore_errors=True)
    if found.found is None:
        raise HTTPException(422, found.error.replace(str(source), "The picture"))
    return {
        "findings": found.found.to_dict(),
        "table": [{"name": name, "text": text} for name, text in found.found.rows()],
        "advice": [{"text": str(one), "model": _model_of(one.command)} for one in found.advice],
    }


def _model_of(command: str) -> str | None:
    """Return the bundled model that a command uses.

    >>> _model_of("repix denoise --model denoise-impulse"), _model_of("repix denoise"), _model_of("")
    ('denoise-impulse', 'denoise-photo', None)
    """
    words = command.split()
    if "--model" in words:
        return words[words.index("--model") + 1]
    task = words[1] if len(words) > 1 else ""
    return next((one.name for one in catalog().values() if one.task == task and one.default), None)


@router.post("/jobs", status_code=202)
def start(
    file: UploadFile,
    request: Request,
    model: ModelName,
    strength: Strength = 1.0,
    keep_colors: KeepColors = False,
    quality: Quality = None,
) -> dict[str, Any]:
    """Start a conversion; the answer has its id."""
    if model not in catalog():
        raise HTTPException(422, f"There is no bundled model '{model[:60]}'; /api/v1/models lists them.")
    options = FileOptions(strength=strength, keep_colors=keep_colors, quality=quality)
    source = _kept(file, request)
    try:
        options.require(read_model(catalog()[model].path).contract)
        naming = Naming(mask=_model(model)["classes"])
        name = naming.name(Path(file.filename or source.name).name, f"-{catalog()[model].task}")
        target = source.with_name(naming.name(source.name, "-result"))
        return _jobs(request).add(Conversion(source, target, name, model, options)).to_dict()
    except Busy as problem:
        shutil.rmtree(source.parent, ignore_errors=True)
        raise HTTPException(503, str(problem), {"Retry-After": "5"}) from None
    except RepixError as problem:
        shutil.rmtree(source.parent, ignore_errors=True)
        raise HTTPException(422, str(problem)) from None


@router.get("/jobs")
def jobs(request: Request) -> list[dict[str, Any]]:
    """Return all jobs, the oldest first."""
    return [one.to_dict() for one in _jobs(request).all()]


@router.get("/jobs/{id}")
def job(id: str, request: Request) -> dict[str, Any]:  # noqa: A002 (the name in the path)
    """Return the state of a job."""
    return _found(id, request).to_dict()


@router.get("/jobs/{id}/events")
def events(id: str, request: Request) -> StreamingResponse:  # noqa: A002
    """Send the state of a job whenever it changes, as server-sent events, until it ends."""
    found = _found(id, request)

    async def stream() -> AsyncIterator[str]:
        last = ""
        while not await request.is_disconnected():
            now = json.dumps(found.to_dict())
            if now != last:
                yield f"data: {now}\n\n"
                last = now
            if found.state in ENDED:
                return
            await asyncio.sleep(POLL)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get("/jobs/{id}/result")
def result(id: str, request: Request) -> FileResponse:  # noqa: A002
    """Return the file of a result."""
    found = _done(id, request)
    return FileResponse(found.request.target, media_type="application/octet-stream", filename=found.request.name)


@router.get("/jobs/{id}/preview")
def preview(
    id: str,  # noqa: A002
    request: Request,
    of: Annotated[str, Query(pattern="^(before|after)$", description="The source, or the result.")] = "after",
) -> Response:
    """Return a picture that a browser can show: the source or the result, as PNG of at most 4096 pixels a side."""
    found = _done(id, request)
    return Response(
        preview_of(found.request.source if of == "before" else found.request.target), media_type="image/png"
    )


@router.delete("/jobs/{id}", status_code=204)
def remove(id: str, request: Request) -> None:  # noqa: A002
    """Cancel a job, or remove its result."""
    _jobs(request).remove(_found(id, request))


def _jobs(request: Request) -> Jobs:
    found: Jobs = request.app.state.jobs
    return found


def _found(id_: str, request: Request) -> Job:
    found = _jobs(request).find(id_)
    if found is None:
        raise HTTPException(404, "There is no such job; the server may have been started again.")
    return found


def _done(id_: str, request: Request) -> Job:
    found = _found(id_, request)
    if found.state != "done":
        raise HTTPException(409, f"The job is {found.state}; it has no result.")
    return found


def _kept(file: UploadFile, request: Request) -> Path:
    """Store an upload under a name of our own, and refuse what is too large, or no picture, by its header."""
    suffix = Path(file.filename or "").suffix.lower()
    if suffix not in READ_SUFFIXES:
        known = ", ".join(sorted(one[1:] for one in READ_SUFFIXES))
        raise HTTPException(415, f"Files of this name are not pictures that repix reads; it reads {known}.")
    path = _jobs(request).new_folder() / f"picture{suffix}"
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target, CHUNK)
        with open_bands(path) as bands:
            request.app.state.settings.limits.check_size("The picture", *bands.size)
    except RepixError as problem:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise HTTPException(422, str(problem).replace(str(path), "The picture")) from None
    except OSError as problem:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise HTTPException(507, f"The picture cannot be stored: {problem.strerror}.") from None
    return path
