"""Comparison: a grid of trainings at an equal budget, measured on the same held-out pictures, on one page.

    from repix.comparison import Grid, compare, planned
    grid = Grid(Recipe("denoise", "photos", minutes=10), upsamplers=("nearest", "transposed kernel=4"), seeds=3)
    compare(planned(grid), "grid", Reporter())                # grid/index.html, results.json, results.csv

A `Grid` lists the choices; its members are all combinations that fit. Each member is trained once for each seed, in a
process of its own. `run_grid.py` calls the stages in this order.

`swap` replaces the upsamplers of a trained run's network, and compares the model before and after.
"""

from typing import TYPE_CHECKING, Any

from repix.lazy_names import lazy_name

if TYPE_CHECKING:
    from repix.comparison.grid import Grid, Member
    from repix.comparison.plan import Plan, planned
    from repix.comparison.results import GridResults
    from repix.comparison.run_grid import compare
    from repix.comparison.run_swap import swap
    from repix.comparison.swap_report import SwapReport

__all__ = ["Grid", "GridResults", "Member", "Plan", "SwapReport", "compare", "planned", "swap"]

_HOMES = {
    "Grid": "grid",
    "GridResults": "results",
    "Member": "grid",
    "Plan": "plan",
    "SwapReport": "swap_report",
    "compare": "run_grid",
    "planned": "plan",
    "swap": "run_swap",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used; most of them need torch."""
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
