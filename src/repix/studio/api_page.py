"""The page that describes the API: made from its OpenAPI description, without scripts."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

ADDRESS = "http://localhost:8765"
HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>repix studio: API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/studio.css">
</head><body><main><h1>HTTP API of repix studio</h1>
<p>The same description for programs: <a href="/openapi.json">openapi.json</a>. <a href="/">Back to the studio.</a></p>
"""


def api_page(description: dict[str, Any]) -> str:
    """Return an HTML page of an OpenAPI description."""
    parts = [
        _request(path, method, request, description)
        for path, methods in description["paths"].items()
        for method, request in methods.items()
    ]
    return HEAD + "".join(parts) + "</main></body></html>\n"


def _request(path: str, method: str, request: dict[str, Any], description: dict[str, Any]) -> str:
    fields = list(_fields(request, description))
    said = _marked(request.get("description", ""))
    made = f"<article><h2>{method.upper()} {escape(path)}</h2><p>{said}</p>"
    if fields:
        rows = "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td>{escape(_kind(schema))}</td>"
            f"<td>{'needed' if needed else ''}</td><td>{_marked(text)}</td></tr>"
            for name, schema, needed, text in fields
        )
        made += f"<table class='fields'><tbody>{rows}</tbody></table>"
    return f"{made}<pre tabindex='0'>{escape(_curl(path, method, request, description))}</pre></article>"


def _marked(text: str) -> str:
    """Return a text as HTML, with code where it has backticks.

    >>> _marked("The id is the `source` of <others>.")
    'The id is the <code>source</code> of &lt;others&gt;.'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _fields(request: dict[str, Any], description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool, str]]:
    """Yield name, schema, whether it is needed, and the description of each parameter and form field."""
    for one in request.get("parameters", ()):
        yield one["name"], one["schema"], one.get("required", False), one.get("description", "")
    form = _form(request, description)
    for name, schema in form.get("properties", {}).items():
        yield name, schema, name in form.get("required", ()), schema.get("description", "")


def _form(request: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = next(iter(request.get("requestBody", {}).get("content", {}).values()), {})
    found: dict[str, Any] = content.get("schema", {})
    if "$ref" in found:
        found = description["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: dict[str, Any]) -> str:
    """Return the type of a value in words.

    >>> _kind({"type": "number", "minimum": 0, "maximum": 1}), _kind({"anyOf": [{"type": "integer"}, {"type": "null"}]})
    ('number, 0 to 1', 'integer')
    >>> _kind({"type": "string", "contentMediaType": "application/octet-stream"})
    'file'
    """
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("format") == "binary" or "contentMediaType" in schema:
        return "file"
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}, any number"
    kind = str(schema.get("type", "any"))
    return (
        f"{kind}, {schema['minimum']:g} to {schema['maximum']:g}" if {"minimum", "maximum"} <= schema.keys() else kind
    )


def _curl(path: str, method: str, request: dict[str, Any], description: dict[str, Any]) -> str:
    """Return a command that makes the request, with the fields that are needed."""
    form = _form(request, description)
    verb = "" if method in ("get", "post") else f" -X {method.upper()}"
    if "application/json" in request.get("requestBody", {}).get("content", {}):
        body = ", ".join(f'"{name}": "..."' for name in form.get("required", ()))
        return f"curl{verb} -H 'Content-Type: application/json' -d '{{{body}}}' {ADDRESS}{path}"
    given = [
        f" -F {name}={'@photo.png' if _kind(form['properties'][name]) == 'file' else '...'}"
        for name in form.get("properties", ())
        if name in form.get("required", ()) or name == "file"  # of a file and the id of a job, one is needed
    ]
    return f"curl{verb}{''.join(given)} {ADDRESS}{path}"
