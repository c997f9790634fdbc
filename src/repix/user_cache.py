"""The user's cache folder."""

import os
import sys
from pathlib import Path


def user_cache_folder() -> Path:
    r"""Return repix's folder inside the system's cache directory; it need not exist yet.

    Returns:
        `%LOCALAPPDATA%\repix\Cache` on Windows, `~/Library/Caches/repix` on macOS, otherwise `$XDG_CACHE_HOME/repix`
        or `~/.cache/repix`.

    >>> user_cache_folder().is_absolute()
    True
    """
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        return base / "repix" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "repix"
    given = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (given if given.is_absolute() else Path.home() / ".cache") / "repix"
