"""Comparisons of trainings: folders of `repix compare`, and their pages."""

import json
import math
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from repix.studio.folder import NotServed, ServedFolder
from repix.studio.routes._state import served_folder
from repix.studio.run_search import search

router = APIRouter()
RECORD, PAGE = 2**20, 2**28
"""The most bytes of the record, and of a page with its pictures."""
POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A report page has its script and style inside. It runs in an origin of its own, without cookies, and may load nothing
but its own pictures: whatever is in the file, it cannot ask the API."""


@router.get("/compare")
def comparisons(request: Request) -> list[dict[str, Any]]:
    """Return the comparisons below the studio's folder, with their runs."""
    if request.app.state.folder is None:
        return []
    folder = served_folder(request)
    found = search(folder)
    return [_comparison(folder, name, found.runs) for name in found.grids]


@router.get("/compare/{name:path}", response_class=HTMLResponse)
def page(name: str, request: Request) -> HTMLResponse:
    """Return the page of a comparison, which can reach nothing else of this server."""
    folder = served_folder(request)
    folder.read(f"{name}/grid.json", RECORD)  # a folder of `repix compare`, not any page
    try:
        content = folder.read(f"{name}/index.html", PAGE)
    except NotServed as problem:
        if problem.status != 404:
            raise
        raise NotServed("The comparison has no page yet; it is written when its runs have ended.") from None
    # with another opener policy, browsers refuse a page in a sandbox
    own = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}
    return HTMLResponse(content, headers=own)


def _comparison(folder: ServedFolder, name: str, runs: list[str]) -> dict[str, Any]:
    """Return the budget of a comparison, whether it has a page, and the names of its runs."""
    try:
        record = json.loads(folder.read(f"{name}/grid.json", RECORD))
    except (ValueError, RecursionError, NotServed):
        record = None
    known = record if isinstance(record, dict) else {}
    minutes, steps = known.get("minutes"), known.get("steps")
    return {
        "name": name,
        "task": known["task"] if isinstance(known.get("task"), str) else "",
        "minutes": minutes if isinstance(minutes, int | float) and math.isfinite(minutes) else None,
        "steps": steps if isinstance(steps, int) else None,
        "has_page": (folder.inside(name) / "index.html").is_file(),
        "runs": [one for one in runs if one.startswith(f"{name}/")],
        "problem": "" if known else "grid.json is damaged.",
    }
