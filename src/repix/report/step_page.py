"""Pages that step through an operation: self-contained HTML, for a course's web site or from disk.

The script and the style are built from `web/` in the repository.
"""

import json
import shlex
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from inspect import getdoc, signature
from pathlib import Path
from typing import Any, get_args

from repix.errors import WrongUse
from repix.explanation.operations import OPERATIONS
from repix.pictures.atomic import atomic_file, check_replaceable, check_writable
from repix.report.step_data import explanation

MOST = 500
"""The most steps of a page."""
STYLE = '<link rel="stylesheet" href="/static/stepper.css">'


def step_page(name: str, values: Mapping[str, Any]) -> str:
    """Return the page of an operation.

    >>> "Max pooling" in step_page("max-pool", {"data": "1 2; 3 4", "kernel_size": "2"})
    True
    """
    style, script = f"<style>{asset('stepper.css')}</style>", f"<script>{asset('stepper.js')}</script>"
    return _page(_data(name, values), style, script)


def linked_step_page(name: str, values: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    """Return the page of an operation for a server, which has the script and the style as files.

    Args:
        name: the operation.
        values: the values of its options by name.
        server: what the page asks of the server, see `web/src/stepper/Server.tsx`.
    """
    data = _data(name, values) | {"server": server}
    return _page(data, STYLE, '<script src="/static/stepper.js"></script>')


def _data(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: one.default for key, one in signature(OPERATIONS[name]).parameters.items()} | dict(values)
    data = explanation(name, given, _command(name, given))
    if len(data["steps"]) > MOST:
        raise WrongUse(f"These are {len(data['steps'])} steps; a page has at most {MOST}. Give less data.")
    return data


def _page(data: Mapping[str, Any], style: str, script: str) -> str:
    body = (
        f'<div id="stepper"><noscript><h1>{escape(data["title"])}</h1><p>{escape(data["idea"])}</p>'
        "<p>The steps need JavaScript.</p></noscript></div>"
        f'<script type="application/json" id="trace">{_embedded(data)}</script>{script}'
    )
    return _html(escape(f"{data['title']}, step by step"), body, style)


def write_step_page(name: str, values: Mapping[str, Any], file: Path, overwrite: bool) -> None:
    """Write the page of an operation."""
    content = step_page(name, values).encode()
    with atomic_file(file, overwrite) as opened:
        opened.write(content)


def write_all_step_pages(folder: Path, overwrite: bool) -> Path:
    """Write a page of each operation into a folder, and return the page that lists them."""
    pages = {folder / f"{name}.html": name for name in OPERATIONS}
    index = folder / "index.html"
    check_writable(folder)
    for file in (*pages, index):
        check_replaceable(file, overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    for file, name in pages.items():
        write_step_page(name, {}, file, overwrite)
    with atomic_file(index, overwrite) as opened:
        opened.write(list_of_step_pages("{}.html").encode())
    return index


def list_of_step_pages(link: str, linked: bool = False) -> str:
    """Return the page that lists all operations.

    Args:
        link: the address of an operation's page, with {} for its name.
        linked: whether it is for a server, which has the style as a file.
    """
    lines = []
    for name, operation in OPERATIONS.items():
        title, _, idea = (getdoc(operation) or "").partition("\n")[0].partition(": ")
        lines.append(f'<li><a href="{link.format(name)}">{escape(title)}</a>{f": {escape(idea)}" if idea else ""}</li>')
    back = '<nav><a href="/">Studio</a></nav>' if linked else ""
    body = f"{back}<h1>Operations, step by step</h1><ul>{''.join(lines)}</ul>"
    return _html("Operations, step by step", body, STYLE if linked else f"<style>{asset('stepper.css')}</style>")


def _html(title: str, body: str, style: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"{style}</head><body>{body}</body></html>\n"
    )


def _embedded(data: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _command(name: str, values: Mapping[str, Any]) -> str:
    """Return the command that writes the page; options with their default values are left out."""
    words = ["repix", "explain", name]
    for key, one in signature(OPERATIONS[name]).parameters.items():
        if values[key] != one.default:
            names = get_args(one.annotation)[1].names
            option = names[0] if names else f"--{key.replace('_', '-')}"
            words += [option] if values[key] is True else [option, str(values[key])]
    return shlex.join([*words, "--page", f"{name}.html"])


@cache
def asset(name: str) -> str:
    """Return the script or the style of the pages: "stepper.js" or "stepper.css"."""
    return files("repix.report").joinpath("web", name).read_text(encoding="utf-8")
