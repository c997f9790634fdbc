"""Settings with which another process opens the same model, and converts files in the same way."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repix._version import VERSION
from repix.conversion.budget import Budget
from repix.conversion.file import FileOptions
from repix.conversion.model_loader import LoadedModel, open_model
from repix.errors import WrongUse

OPTIONS = ("strength", "keep_colors", "stamp", "overwrite", "quality", "strict", "fail_unsuitable")
"""The options of `FileOptions` that are settings; the others are for pictures in one piece, or for single ones."""


def settings_of(model: LoadedModel, options: FileOptions) -> Mapping[str, Any]:
    """Return the settings, as JSON.

    >>> settings_of(open_model("denoise-gray", "echo"), FileOptions())["engine"]
    'echo'
    """
    return {
        "version": VERSION,
        "path": str(Path(model.path or "").absolute()),
        "checksum": model.checksum,
        "engine": model.name,
        "precision": model.precision,
        "threads": model.threads,
        "memory": options.budget.memory,
        "tile": options.budget.tile,
        **{name: getattr(options, name) for name in OPTIONS},
    }


def opened(settings: Mapping[str, Any], workers: int) -> tuple[LoadedModel, FileOptions]:
    """Return the model and the options; a model that is not the same is refused.

    Exact results do not depend on the threads, so that the cores are divided among the workers.
    """
    if settings["version"] != VERSION:
        raise WrongUse("another version of repix was installed meanwhile")
    threads = settings["threads"]
    if settings["precision"] == "exact" and threads is None and settings["engine"] != "echo":
        threads = max(1, _cores() // workers)
    model = open_model(settings["path"], settings["engine"], precision=settings["precision"], threads=threads)
    if (model.checksum, model.precision) != (settings["checksum"], settings["precision"]):
        raise WrongUse(f"{settings['path']} was changed")
    budget = Budget(settings["memory"], settings["tile"])
    return model, FileOptions(budget=budget, **{name: settings[name] for name in OPTIONS})


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
