"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter

from repix.studio.routes import comparisons, conversions, inspection, jobs, models, runs, trainings

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    models.router,
    inspection.router,
    conversions.router,
    jobs.router,
    runs.router,
    trainings.router,
    comparisons.router,
)
