"""Docstrings on the site: griffe marks doctests as code, because Markdown reads `>>>` as quotes."""

import re
from typing import Any

import griffe

DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?!\s*\n).+)*", re.MULTILINE)
"""The lines from a prompt to the next empty line."""


class Doctests(griffe.Extension):
    """Put the doctests of every docstring into a code block."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object that was read; griffe calls this."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    r"""Return a docstring with its doctests in code blocks.

    >>> fenced("Return 2.\n\n>>> two()\n2")
    'Return 2.\n\n```pycon\n>>> two()\n2\n```'
    """
    return DOCTEST.sub(lambda found: f"{found[1]}```pycon\n{found[0]}\n{found[1]}```", docstring)
