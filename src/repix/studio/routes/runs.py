"""Training runs below the studio's folder: their states, curves, pictures and files."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from repix.studio.answers import File, Png
from repix.studio.folder import NotServed
from repix.studio.routes._state import NO_FOLDER, served_folder, trainings_of
from repix.studio.run_search import search
from repix.studio.runs import FILES, Run

router = APIRouter()
LARGEST = 2**30
"""The most bytes of a file that is sent."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RunName = Annotated[str, Path(description="The run's folder, relative to the studio's folder.")]


@router.get("/runs")
def runs(request: Request) -> dict[str, Any]:
    """Return the runs below the studio's folder, and whether trainings can be started; sentences say why not."""
    if request.app.state.folder is None:
        return {"folder": None, "refusal": NO_FOLDER, "note": "", "runs": [], "pictures": []}
    folder, trainings = served_folder(request), trainings_of(request)
    found = search(folder)
    return {
        "folder": folder.name,
        "refusal": trainings.refusal,
        "note": found.note,
        "runs": [trainings.run(name).summary() for name in found.runs],
        "pictures": found.pictures,
    }


@router.get("/runs/{name:path}")
def run(name: RunName, request: Request) -> dict[str, Any]:
    """Return settings, state, curves as numbers, steps with sample sheets, and messages of a run."""
    return _found(name, request).detail()


@router.get("/run-samples/{step}/{name:path}", response_class=Png)
def sample(step: Annotated[int, Path(ge=0, lt=10**12)], name: RunName, request: Request) -> Png:
    """Return a sample sheet: source, result and target side by side, a row for each picture, as PNG."""
    content = served_folder(request).read(f"{_found(name, request).name}/samples/step-{step:07}.png", LARGEST)
    if not content.startswith(SIGNATURE):
        raise NotServed("This sample sheet is damaged.", 409)
    return Png(content)


@router.get("/run-files/{file}/{name:path}", response_class=File)
def file(file: Annotated[str, Path(description=", ".join(FILES))], name: RunName, request: Request) -> Response:
    """Return a file of a run, to be saved."""
    if file not in FILES:
        raise NotServed(f"A run has no such file; it may have {', '.join(FILES)}.")
    content = served_folder(request).read(f"{_found(name, request).name}/{file}", LARGEST)
    save = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type="application/octet-stream", headers=save)


def _found(name: str, request: Request) -> Run:
    """Return a run; refuse folders that are none."""
    found = trainings_of(request).run(name)
    if not found.path.recipe.is_file() and not found.path.asked.is_file():
        raise NotServed("There is no such run; it may have been moved or removed.")
    return found
