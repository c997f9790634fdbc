"""Where repix keeps, for the user, what can be made again."""

import os
import sys
from pathlib import Path


def user_cache_folder() -> Path:
    """Where this system keeps what can be made again."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        return base / "repix" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "repix"
    given = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (given if given.is_absolute() else Path.home() / ".cache") / "repix"
