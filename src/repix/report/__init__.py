"""Self-contained HTML reports with before/after sliders, figures and tables."""

from repix.report.page import Comparison, Figure, Section, page

__all__ = ["Comparison", "Figure", "Section", "page"]
