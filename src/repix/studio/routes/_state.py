"""Access of the routes to the jobs and uploads of the application."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import HTTPException, Request

from repix.errors import RepixError
from repix.studio.folder import NotServed, ServedFolder
from repix.studio.jobs import Busy, Job, Jobs
from repix.studio.trainings import Trainings
from repix.studio.uploads import Uploads
from repix.studio.work import Work

RETRY_SECONDS = "5"


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the server."""
    found: Jobs = request.app.state.jobs
    return found


def uploads_of(request: Request) -> Uploads:
    """Return the uploads of the server."""
    found: Uploads = request.app.state.uploads
    return found


NO_FOLDER = "Start the studio with a folder of trainings: repix studio --folder DIR."


def served_folder(request: Request) -> ServedFolder:
    """Return the folder of --folder; without one, the request is refused."""
    found: ServedFolder | None = request.app.state.folder
    if found is None:
        raise NotServed(NO_FOLDER)
    return found


def trainings_of(request: Request) -> Trainings:
    """Return the trainings of the server."""
    served_folder(request)
    found: Trainings = request.app.state.trainings
    return found


@contextmanager
def folder_of_job(request: Request) -> Iterator[Path]:
    """Give a new folder for the files of a job; errors become answers, and the folder is removed then."""
    folder = uploads_of(request).new_folder()
    try:
        yield folder
    except RepixError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise HTTPException(422, str(problem).replace(f"{folder}/", "")) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def folder_of_request(request: Request) -> Iterator[Path]:
    """Give a new folder for the files of a request, which is removed at its end."""
    with folder_of_job(request) as folder:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def add_job(work: Work, request: Request) -> Job:
    """Put work into the queue; a full queue becomes an answer."""
    try:
        return jobs_of(request).add(work, request.client.host if request.client else "")
    except Busy as problem:
        raise HTTPException(503, str(problem), {"Retry-After": RETRY_SECONDS}) from None
