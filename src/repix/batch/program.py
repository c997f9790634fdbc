"""Program: how another process does the same work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repix.batch.memory_pool import MemoryPool


@dataclass(frozen=True)
class Program:
    """A module that does the same work as `Work.function`, to the bit, for the orders that it reads.

    >>> Program("repix.conversion.child", {}, MemoryPool(100)).base
    0
    """

    module: str
    """Run as `python -m MODULE`; it calls `repix.batch.child.serve`."""
    settings: Mapping[str, Any]
    """The settings with which it opens the work, as JSON."""
    pool: MemoryPool
    """The memory that files share which are made at the same time, here or in another process."""
    base: int = 0
    """Bytes that a process takes without any file."""
