"""Reports: pages that put pictures side by side, readable from disk with nothing else installed."""

from repix.report.page import Comparison, Figure, Section, page
from repix.report.tables import table

__all__ = ["Comparison", "Figure", "Section", "page", "table"]
