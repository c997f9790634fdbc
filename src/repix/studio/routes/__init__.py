"""Routes of the API, version 1: a module for each kind of request."""

from fastapi import APIRouter

from repix.studio.routes import conversions, inspection, jobs, models, pictures

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (models.router, inspection.router, conversions.router, pictures.router, jobs.router)
