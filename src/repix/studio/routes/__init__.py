"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from repix.studio.routes import (
    audits,
    changes,
    checkerboards,
    comparisons,
    conversions,
    explanations,
    inspection,
    jobs,
    measurements,
    models,
    parts,
    pictures,
    runs,
    trainings,
)

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    models.router,
    inspection.router,
    conversions.router,
    pictures.router,
    changes.router,
    measurements.router,
    audits.router,
    checkerboards.router,
    explanations.router,
    parts.router,
    jobs.router,
    runs.router,
    trainings.router,
    comparisons.router,
)


def methods_of(path: str) -> list[str]:
    """Return the methods that an address of the API takes.

    >>> methods_of("/api/v1/jobs/a"), methods_of("/api/v1/nothing")
    (['DELETE', 'GET'], [])
    """
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute)]
    first = next((one.path for one in routes if one.path_regex.match(path.removeprefix(API))), None)
    return sorted({method for one in routes if one.path == first for method in one.methods or ()})
