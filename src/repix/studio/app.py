"""The application: pages, API and files behind the guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from repix._version import VERSION
from repix.report.step_page import asset, list_of_step_pages
from repix.studio.answers import PROBLEMS
from repix.studio.api_page import api_page
from repix.studio.explanation import page_of
from repix.studio.folder import NotServed, ServedFolder
from repix.studio.guard import Guard
from repix.studio.jobs import Jobs
from repix.studio.routes import API, ROUTERS, methods_of
from repix.studio.routes.explanations import answers, options_of
from repix.studio.settings import StudioSettings
from repix.studio.statistics import statistics
from repix.studio.trainings import Trainings
from repix.studio.uploads import Uploads

TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
STATIC = ("studio.js", "studio.css")
STEPPER = ("stepper.js", "stepper.css")


def make_app(settings: StudioSettings) -> Guard:
    """Return the ASGI application of the studio."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        app.state.uploads, app.state.jobs = Uploads(settings.limits), Jobs(settings)
        yield
        app.state.jobs.close()
        app.state.uploads.close()

    app = FastAPI(title="repix studio", version=VERSION, docs_url=None, redoc_url=None, lifespan=running)
    app.state.settings = settings
    app.state.folder = None if settings.folder is None else ServedFolder(settings.folder)
    app.state.trainings = (
        None if app.state.folder is None else Trainings(app.state.folder, settings.jobs, settings.read_only)
    )
    for router in ROUTERS:
        app.include_router(router, prefix=API, responses=PROBLEMS)
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(NotServed, _not_served)
    app.add_exception_handler(RequestValidationError, _invalid)

    @app.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(_static("index.html"))

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name in STATIC:
            return Response(_static(name), media_type=TYPES[name[name.rindex(".") :]])
        if name in STEPPER:
            return Response(asset(name), media_type=TYPES[name[name.rindex(".") :]])
        raise HTTPException(404, "There is no such file.")

    @app.get("/explain", include_in_schema=False)
    def explanations() -> HTMLResponse:
        return HTMLResponse(list_of_step_pages("/explain/{}", linked=True))

    @app.get("/explain/{operation}", include_in_schema=False)
    def explain(operation: str, request: Request) -> HTMLResponse:
        with answers():
            return HTMLResponse(page_of(operation, options_of(request)))

    @app.get("/api", include_in_schema=False)
    def api() -> HTMLResponse:
        return HTMLResponse(api_page(app.openapi()))

    @app.get("/health", response_class=PlainTextResponse, responses=PROBLEMS)
    def health() -> PlainTextResponse:
        """Answer that the server runs."""
        return PlainTextResponse("ok\n")

    @app.get("/metrics", response_class=PlainTextResponse, responses=PROBLEMS)
    def metrics() -> PlainTextResponse:
        """Return statistics of the jobs in the text format of Prometheus."""
        return PlainTextResponse(statistics(app.state.jobs), media_type="text/plain; version=0.0.4")

    return Guard(app, settings)


async def _refused(request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, AnyHTTPException)  # noqa: S101 (for the type checker)
    said = {404: "There is no such address; /api lists them.", 405: "This address does not take this method; see /api."}
    if isinstance(problem.__cause__, OSError):  # the body was not stored
        return JSONResponse({"error": f"The request cannot be stored: {problem.__cause__.strerror}."}, 507)
    is_routed = isinstance(problem, HTTPException)  # by a function of ours; the others are by the router
    sentence = problem.detail if is_routed else said.get(problem.status_code, f"{problem.detail}.")
    headers = dict(problem.headers or {})
    if problem.status_code == 405 and (methods := methods_of(request.url.path)):
        headers["Allow"] = ", ".join(methods)  # the router tells those of its first function only
    return JSONResponse({"error": sentence}, problem.status_code, headers)


async def _not_served(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, NotServed)  # noqa: S101 (for the type checker)
    return JSONResponse({"error": str(problem)}, problem.status)


async def _invalid(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, RequestValidationError)  # noqa: S101 (for the type checker)
    first = problem.errors()[0]
    place = ".".join(str(one) for one in first["loc"][1:])
    return JSONResponse({"error": f"{place}: {first['msg']}."}, 422)


def _static(name: str) -> str:
    return files("repix.studio").joinpath("static", name).read_text(encoding="utf-8")
