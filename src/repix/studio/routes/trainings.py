"""Trainings: start, stop and continue them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from repix import registry
from repix.errors import DiskFull, RepixError
from repix.studio.folder import NotServed
from repix.studio.network_schemas import network_schemas
from repix.studio.routes._state import NO_FOLDER, served_folder, trainings_of
from repix.studio.training_form import TrainingForm, suited_networks, task_schemas, task_summaries
from repix.studio.trainings import Trainings

router = APIRouter()


class NamedRun(BaseModel):
    """A run by its name."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=1024, description="The run's folder, relative to the studio's folder.")]


@router.get("/training-form")
def form() -> dict[str, Any]:
    """Return the tasks with the JSON Schema of their settings, and the network that each takes by default."""
    names = registry.available("networks")
    return {"tasks": task_schemas(), "summaries": task_summaries(), "suited": suited_networks(), "networks": names}


@router.get("/networks")
def networks() -> dict[str, Any]:
    """Return the JSON Schema of each network's settings."""
    try:
        return dict(network_schemas())
    except RepixError as problem:
        raise HTTPException(503, str(problem)) from None


@router.post("/trainings", status_code=202)
def start(form: TrainingForm, request: Request) -> dict[str, Any]:
    """Start a training in a new folder; the answer is its run."""
    with _allowed(request) as trainings:
        trainings.start(form)
        return trainings.run(form.name).summary()


@router.post("/trainings/stop", status_code=202)
def stop(named: NamedRun, request: Request) -> dict[str, Any]:
    """Stop a training as Ctrl-C does: after the current step, with a checkpoint and a model."""
    with _allowed(request) as trainings:
        trainings.stop(named.name)
        return trainings.run(named.name).summary()


@router.post("/trainings/resume", status_code=202)
def resume(named: NamedRun, request: Request) -> dict[str, Any]:
    """Continue a training that was stopped."""
    with _allowed(request) as trainings:
        trainings.resume(named.name)
        return trainings.run(named.name).summary()


@contextmanager
def _allowed(request: Request) -> Iterator[Trainings]:
    """Give the trainings where they may be changed; errors become answers without the server's paths."""
    if request.app.state.folder is None:
        raise NotServed(NO_FOLDER, 403)
    trainings = trainings_of(request)
    if trainings.refusal:
        raise NotServed(trainings.refusal, 403)
    try:
        yield trainings
    except NotServed:
        raise
    except RepixError as problem:
        said = served_folder(request).spoken(str(problem))
        raise HTTPException(507 if isinstance(problem, DiskFull) else 422, said) from None
