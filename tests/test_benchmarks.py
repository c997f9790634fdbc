"""Every benchmark can be imported: a name that repix no longer has is noticed before somebody measures."""

from importlib import import_module
from pkgutil import iter_modules

import benchmarks
import pytest


@pytest.mark.parametrize(
    "name", [found.name for found in iter_modules(benchmarks.__path__) if found.name != "__main__"]
)
def test_a_benchmark_finds_all_it_imports(name):
    assert import_module(f"benchmarks.{name}").__doc__
