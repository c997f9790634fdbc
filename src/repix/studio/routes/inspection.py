"""Inspection of a picture."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request, UploadFile

from repix.inspection.files import inspect_files
from repix.models import catalog
from repix.studio.routes._state import Source, folder_of_request, kept_source

router = APIRouter()


@router.post("/inspect")
def inspect(request: Request, file: UploadFile | None = None, source: Source = "") -> dict[str, Any]:
    """Return what is wrong with a picture, and the models that help."""
    with folder_of_request(request) as folder:
        picture = kept_source(file, source, folder, request)
        found = next(iter(inspect_files([picture.path])))
    if found.found is None:
        raise HTTPException(422, picture.without_path(found.error))
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
