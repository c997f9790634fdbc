"""Self-contained HTML pages: before/after sliders, views side by side, sortable tables, error maps and plots."""

from repix.report.embedded import Embedded, embedded, embedded_svg
from repix.report.page import Comparison, Figure, Section, View, Views, page, page_bytes, write_page
from repix.report.tables import Colored, Number, table

__all__ = [
    "Colored",
    "Comparison",
    "Embedded",
    "Figure",
    "Number",
    "Section",
    "View",
    "Views",
    "embedded",
    "embedded_svg",
    "page",
    "page_bytes",
    "table",
    "write_page",
]
