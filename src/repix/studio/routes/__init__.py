"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter

from repix.studio.routes import changes, conversions, inspection, jobs, measurements, models, parts

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    models.router,
    inspection.router,
    conversions.router,
    changes.router,
    measurements.router,
    parts.router,
    jobs.router,
)
