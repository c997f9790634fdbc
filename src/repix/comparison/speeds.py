"""Speeds of compared models: measured in turns, and recorded for a command that is repeated."""

import hashlib
import json
import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from repix._version import VERSION
from repix.conversion import convert, open_model
from repix.errors import RepixError
from repix.evaluation.speed import Speeds, in_turns
from repix.pictures import Picture
from repix.pictures.atomic import atomic_file
from repix.printable import json_text
from repix.tasks import Baseline

FILE = "speed.json"
"""The name of the record in the folder of a grid."""
TITLE = "speed of all models, in turns"
"""The name of the progress bar."""

Progress = Callable[[str, int, int], None]
Converters = Mapping[str, Callable[[], Baseline]]
"""Functions that open a converter, by a key that is another one for another model."""


def key_of(name: str, model: Path) -> str:
    """Return a key for a model file or the folder of a run, with a hash of its content; for others, it is the name."""
    file = model / "model.onnx" if model.is_dir() else model
    return f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()[:16]}" if file.is_file() else name


def opened(name: str, model: Path) -> Baseline:
    """Return the converter of a model file."""
    return Baseline(name, partial(convert, model=open_model(model)))


def measured_speeds(converters: Converters, source: Picture | None, progress: Progress) -> Speeds | None:
    """Return the speeds of converters by their keys, measured in turns; None without a picture or a converter.

    Args:
        converters: the converters; one that cannot be opened has the speed NaN.
        source: the picture to convert; None if no picture can be read.
        progress: gets a title, the number of finished rounds, and their total.
    """
    if source is None or not converters:
        return None
    ready = [Baseline(key, one.convert) for key, make in converters.items() if (one := _made(make)) is not None]
    found = in_turns(ready, source, partial(progress, TITLE))
    return replace(found, seconds=dict.fromkeys(converters, math.nan) | dict(found.seconds))


def recorded_speeds(file: Path, converters: Converters, source: Picture | None, progress: Progress) -> Speeds | None:
    """Return the speeds of converters by their keys: those in the file, or new ones of all if one is missing there.

    Args:
        file: the record; it is written if anything is measured.
        converters: as in `measured_speeds`, just like `source` and `progress`.
        source: the picture to convert.
        progress: shows the rounds.
    """
    known = None if source is None else _read(file, source)
    if known is not None and set(converters) <= set(known.seconds):
        return known
    speeds = measured_speeds(converters, source, progress)
    if speeds is not None:
        with atomic_file(file, overwrite=True) as stream:
            stream.write(json_text(_as_json(speeds)).encode(errors="surrogateescape"))
    return speeds


def _made(make: Callable[[], Baseline]) -> Baseline | None:
    try:
        return make()
    except (RepixError, MemoryError):
        return None


def _conditions(source: tuple[int, int]) -> dict[str, Any]:
    """Return what the times depend on besides the models."""
    return {"repix": VERSION, "system": platform.platform(), "cores": os.cpu_count(), "source": list(source)}


def _as_json(speeds: Speeds) -> dict[str, Any]:
    times = {key: None if math.isnan(one) else one for key, one in speeds.seconds.items()}
    return {**_conditions(speeds.source), "rounds": speeds.rounds, "busy": speeds.busy, "seconds_per_megapixel": times}


def _read(file: Path, source: Picture) -> Speeds | None:
    """Return the speeds in a file; None if there are none that were measured like this."""
    try:
        found = json.loads(file.read_bytes())
        same = all(found.get(name) == value for name, value in _conditions(source.size).items())
        times = {
            str(key): math.nan if one is None else float(one) for key, one in found["seconds_per_megapixel"].items()
        }
        return Speeds(source.size, int(found["rounds"]), times, busy=bool(found["busy"])) if same else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
