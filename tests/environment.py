"""What processes of their own need."""

import os
from pathlib import Path


def environment(cache: Path) -> dict[str, str]:
    """For processes of their own."""
    root = Path(__file__).resolve().parents[1]
    paths = os.pathsep.join([str(root / "src"), str(root)])
    return {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
