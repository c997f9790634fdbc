"""HTML tables for pages and notebooks."""

from collections.abc import Sequence
from html import escape


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return an HTML table; empty without rows.

    >>> table(["model", "PSNR"], [["a < b", "30.1"]])
    '<table><thead><tr><th>model</th><th>PSNR</th></tr></thead><tbody><tr><td>a &lt; b</td><td class="number">30.1</td></tr></tbody></table>'
    """  # noqa: E501 (the output is one line)
    if not rows:
        return ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = f"<thead><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in header)}</tr></thead>" if header else ""
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f"<table>{title}{head}<tbody>{body}</tbody></table>"


def _cell(cell: str) -> str:
    number = ' class="number"' if cell.replace(".", "", 1).removeprefix("-").isdigit() else ""
    return f"<td{number}>{escape(cell)}</td>"
