"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter

from repix.studio.routes import (
    audits,
    changes,
    checkerboards,
    conversions,
    explanations,
    inspection,
    jobs,
    measurements,
    models,
    parts,
    pictures,
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
)
