"""Reports: pages that put pictures side by side, readable from disk with nothing else installed."""

from repix.report.page import Comparison, Figure, Section, page

__all__ = ["Comparison", "Figure", "Section", "page"]
