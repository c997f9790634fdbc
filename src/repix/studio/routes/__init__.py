"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter

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
