"""Access of the routes to the jobs and uploads of the application."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Form, HTTPException, Request, UploadFile

from repix.errors import RepixError
from repix.parameters import require_plain
from repix.studio.folder import NotServed, ServedFolder
from repix.studio.jobs import Busy, Job, Jobs
from repix.studio.opened import shared
from repix.studio.trainings import Trainings
from repix.studio.uploads import Upload, Uploads
from repix.studio.work import Work

RETRY_SECONDS = "5"
Source = Annotated[str, Form(description="Instead of a file: the id of a job whose picture is used again.")]


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


def add_job(work: Work, request: Request, first: bool = False) -> Job:
    """Put work into the line, or before it; a full line becomes an answer."""
    try:
        return jobs_of(request).add(work, request.client.host if request.client else "", first)
    except Busy as problem:
        raise HTTPException(503, str(problem), {"Retry-After": RETRY_SECONDS}) from None


def read_options(text: str) -> dict[str, Any]:
    """Return the options of a JSON object; raise an HTTPException if the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HTTPException(422, 'options is no JSON object; send one such as {"sigma": 25}.')
    require_plain(found, "options")
    return found


def hold_job(work: Work, request: Request) -> Job:
    """Keep work that is done already; too little room becomes an answer."""
    try:
        return jobs_of(request).hold(work, request.client.host if request.client else "")
    except Busy as problem:
        raise HTTPException(503, str(problem), {"Retry-After": RETRY_SECONDS}) from None


def found_job(id_: str, request: Request) -> Job:
    """Return a job; an unknown id becomes an answer."""
    found = jobs_of(request).find(id_)
    if found is None:
        raise HTTPException(404, "There is no such job; the server may have been started again.")
    return found


def done_job(id_: str, request: Request) -> Job:
    """Return a job that is done; others become an answer."""
    found = found_job(id_, request)
    if found.state != "done":
        raise HTTPException(409, f"The job is {found.state}; it has no result.")
    return found


def kept_source(file: UploadFile | None, source: str, folder: Path, request: Request) -> Upload:
    """Return the picture of a request in a folder: the sent file, or the source of a job."""
    if (file is None) == (source == ""):
        raise HTTPException(422, "Send a file, or the id of a job as source, whose picture is used again.")
    if file is not None:
        return uploads_of(request).keep(file, folder)
    uploads = found_job(source, request).work.uploads
    if not uploads:
        raise HTTPException(422, "This job was sent no file; send the file.")
    try:
        return shared(uploads[0], folder)
    except OSError:
        raise HTTPException(404, "The files of this job are gone; send the file.") from None
