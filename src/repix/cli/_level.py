"""The bundled model for pictures whose noise level is known: one for gray pictures, one for color."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from repix.errors import RepixError, WrongUse
from repix.remote.stores import is_url, url_text

STANDARD = Path("-")
"""The name of the standard input and output."""


def model_for_level(models: Mapping[str, str], inputs: Sequence[Path], recursive: bool) -> Path:
    """Return the path of the model for the kind of the pictures, gray or color; it must be the same for all.

    Args:
        models: names of bundled models, for "gray" and "color".
        inputs: files and folders.
        recursive: include subfolders.
    """
    from repix.batch.jobs import pictures_of
    from repix.models import model_named

    if STANDARD in inputs:
        raise WrongUse(
            "--sigma selects the model by the picture, which is not known before it is read from the standard input; "
            f"leave --sigma out and name the model: --model {' or --model '.join(models.values())}."
        )
    if url := next(filter(is_url, inputs), None):
        raise WrongUse(
            f"--sigma selects the model by the pictures, which are not opened for the URL {url_text(url)}; name the "
            f"model: --model {' or --model '.join(models.values())}."
        )
    found: dict[str, Path] = {}
    for path in pictures_of(inputs, recursive):
        kind = _kind(path)
        if kind is not None:
            found.setdefault(kind, path)
    if len(found) > 1:
        raise WrongUse(
            f"{found['gray']} is gray and {found['color']} is in color, but --sigma selects one model for all; convert "
            "gray and color pictures in two calls."
        )
    return model_named(models[next(iter(found), "color")])


def _kind(path: Path) -> str | None:
    """Return "gray" or "color"; None for a file that cannot be read, which the conversion reports."""
    from repix.pictures.band_reader import open_bands
    from repix.volumes import is_volume

    if is_volume(path):
        return "gray"
    try:
        with open_bands(path) as bands:
            return "gray" if bands.channels <= 2 else "color"
    except RepixError:
        return None
