"""Self-contained HTML reports with before/after sliders, figures and tables."""

from repix.report.page import Comparison, Figure, Section, page
from repix.report.tables import table

__all__ = ["Comparison", "Figure", "Section", "page", "table"]
