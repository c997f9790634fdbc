"""The work of a model: what a batch does with each file when a model converts them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repix.batch import Advance, MemoryPool, Work
from repix.batch.sizes import pixels_of
from repix.conversion.budget import LIBRARIES
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.model_file import read_model
from repix.conversion.opening import Opened
from repix.pictures import Fidelity


def model_work(model: Path, engine: Opened, options: FileOptions) -> Work:
    """Return the work of converting files with an open model; files under way share the memory of the budget."""
    pool = MemoryPool((options.budget.memory or 0) - LIBRARIES)

    def work(source: Path, target: Path, advance: Advance) -> Fidelity:
        advance()
        return convert_file(source, target, engine, options, pool=pool, watch=advance)

    def pixels(path: Path) -> int:
        return pixels_of(path) if options.crop is None else options.crop.width * options.crop.height

    return Work(work, fingerprint(model, engine, options), pixels, most_workers=1 if options.whole else None)


def fingerprint(model: Path, engine: Opened, options: FileOptions) -> Mapping[str, Any]:
    """Return all that a result depends on besides its source; with bf16 that includes how it is cut into tiles."""
    found = {
        "model": read_model(model).checksum,
        "engine": engine.name,
        "precision": engine.precision,
        "strength": options.strength,
        "crop": None if options.crop is None else str(options.crop),
        "quality": options.quality,
        "beside": [options.compare, options.overlay, options.probabilities],
    }
    if engine.tiles_are_exact:
        return found
    memory = None if options.budget.tile is not None else options.budget.memory
    tiles = {"memory": memory, "tile": options.budget.tile, "threads": engine.threads}
    return found | {"device": engine.device} | tiles
