"""Pictures to look at: their levels, tiles and parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, UploadFile

from repix.errors import RepixError
from repix.studio.answers import Png
from repix.studio.jobs import Job
from repix.studio.opened import OpenedPicture
from repix.studio.pyramid import Pyramid
from repix.studio.routes._state import done_job, folder_of_job, found_job, hold_job, jobs_of, uploads_of
from repix.studio.tiles import Side

router = APIRouter()
CACHED = {"Cache-Control": "private, max-age=3600"}

Of = Annotated[Side, Query(description="The source, or the result.")]
LevelNumber = Annotated[int, Query(ge=0, le=32, description="0 is the full size, each further one half of it.")]
Place = Annotated[int, Query(ge=0, lt=2**31)]
Length = Annotated[int, Query(ge=1, lt=2**31)]


@router.post("/pictures", status_code=201)
def open_picture(file: UploadFile, request: Request) -> dict[str, Any]:
    """Store a picture to look at; conversions take the id as their `source`."""
    with folder_of_job(request) as folder:
        return hold_job(OpenedPicture(uploads_of(request).keep(file, folder)), request).to_dict()


@router.get("/jobs/{id}/levels")
def levels(id: str, request: Request, of: Of = "after") -> dict[str, Any]:  # noqa: A002 (the name in the path)
    """Return width and height of a picture, the side of its tiles, and the number of its levels."""
    with _pyramid(id, request, of) as found:
        return found.to_dict()


@router.get("/jobs/{id}/tile", response_class=Png)
def tile(
    id: str,  # noqa: A002
    request: Request,
    level: LevelNumber,
    x: Place,
    y: Place,
    of: Of = "after",
) -> Png:
    """Return a tile as PNG: column `x` and row `y` of the tiles of a level."""
    with _pyramid(id, request, of) as found:
        return Png(found.tile(level, x, y), headers=CACHED)


@router.get("/jobs/{id}/part", response_class=Png)
def part(
    id: str,  # noqa: A002
    request: Request,
    left: Place,
    top: Place,
    width: Length,
    height: Length,
    of: Of = "after",
) -> Png:
    """Return a rectangle of the picture as PNG, in 8 bits, with its profile."""
    with _pyramid(id, request, of) as found:
        return Png(found.part(0, left, top, width, height), headers=CACHED)


@contextmanager
def _pyramid(id_: str, request: Request, side: Side) -> Iterator[Pyramid]:
    """Give the pyramid of a job's picture; errors become answers."""
    job = found_job(id_, request) if side == "before" else done_job(id_, request)
    if side == "before" and not job.work.uploads:
        raise HTTPException(409, "This job was sent no picture.")
    try:
        yield jobs_of(request).pyramid(job, side)
    except RepixError as problem:
        raise HTTPException(422, _spoken(job, str(problem))) from None
    except OSError as problem:
        raise HTTPException(507, f"The tiles cannot be stored or read: {problem.strerror}.") from None


def _spoken(job: Job, sentence: str) -> str:
    """Return a sentence without the server's paths."""
    for upload in job.work.uploads:
        sentence = upload.without_path(sentence)
    return sentence.replace(f"{job.work.folder}/", "")
