"""Convert folders of pictures with a model; the work that a batch does with each file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from repix._version import VERSION
from repix.batch import Advance, BatchOptions, MemoryPool, Naming, Report, Work, find, run
from repix.batch.memory_pool import Pool
from repix.batch.program import Program
from repix.batch.sizes import pixels_of
from repix.batch.work import RangedFunction, WorkFunction
from repix.conversion.budget import BASE_MEMORY, BYTES_PER_PARAMETER
from repix.conversion.child_settings import settings_of
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.model_loader import LoadedModel, open_model
from repix.conversion.volume_file import convert_any_file, voxels_of
from repix.errors import Unreadable
from repix.pictures import Fidelity
from repix.pictures.ranged_bytes import RangedBytes
from repix.pictures.sources import FileSource
from repix.remote import Stores
from repix.side_inputs import side_map
from repix.volumes import is_volume


def convert_folder(
    model: str | Path,
    folder: str | Path,
    output: str | Path,
    *,
    recursive: bool = False,
    options: FileOptions | None = None,
    batch: BatchOptions | None = None,
) -> Report:
    """Convert all pictures and volumes of a folder into another folder, as `repix convert MODEL FOLDER -o OUTPUT` does.

    A journal is written into the output folder. A second call converts only what is missing or has changed, and a
    stopped call is continued. A picture that cannot be converted is reported, and the others are converted.

    Args:
        model: A model file, the folder of a run, or the name of a bundled model.
        folder: The folder of pictures, or its URL, `s3://BUCKET/PATH` or `sftp://HOST/PATH`.
        output: The folder for the results, or its URL; it is created if it does not exist.
        recursive: Whether subfolders are converted too; the output has the same subfolders.
        options: Options for converting and writing files: memory, strength, quality and so on.
        batch: The number of files at a time, and whether files that repix did not write are replaced.

    Returns:
        The outcome of each file.

    Raises:
        WrongUse: The folder holds no picture, or the options do not fit the model.
        Unreadable: The folder or the model does not exist, or is not valid.

    Example:
        >>> import repix
        >>> repix.convert_folder("denoise-gray", "nowhere", "results")
        Traceback (most recent call last):
        repix.errors.Unreadable: nowhere: there is no such folder.
    """
    batch, stores = batch or BatchOptions(), Stores()
    source = stores.located(folder)
    if not source.is_dir():
        raise Unreadable(f"{source}: there is no such folder.")
    options = options or FileOptions()
    overwrite = batch.overwrite or options.overwrite
    options, batch = replace(options, overwrite=overwrite), replace(batch, overwrite=overwrite)
    engine = open_model(str(model))
    options.require(engine.contract)
    naming = Naming(mask=engine.contract.make_task().logits, side_outputs=options.side_outputs, volumes=True)
    with stores:
        jobs = find([source], stores.located(output), naming, recursive=recursive)
        return run(jobs, model_work(engine, options), batch)


def model_work(engine: LoadedModel, options: FileOptions) -> Work:
    """Return the work that converts files with an open model; files converted in parallel share one memory budget."""
    pool = MemoryPool((options.budget.memory or 0) - BASE_MEMORY)
    work, program = file_function(engine, options, pool), _program(engine, options, pool)
    crop = options.crop
    pixels = _pixels if crop is None else lambda _: crop.width * crop.height
    most = 1 if options.whole else None
    ranged = None if options.fail_unsuitable else _ranged_function(engine, options, pool)  # that reads a picture twice
    return Work(work, fingerprint(engine, options), pixels, most_workers=most, program=program, ranged=ranged)


def file_function(engine: LoadedModel, options: FileOptions, pool: Pool) -> WorkFunction:
    """Return the function that converts one file; files that are converted at the same time share the pool."""

    def work(source: Path, target: Path, advance: Advance) -> Fidelity:
        advance()
        return convert_any_file(source, target, engine, options, pool=pool, progress=advance)

    return work


def _ranged_function(engine: LoadedModel, options: FileOptions, pool: Pool) -> RangedFunction:
    """Return the function that converts one picture while it is read in ranges."""

    def work(source: RangedBytes, target: Path, advance: Advance) -> Fidelity:
        advance()
        return convert_file(source, target, engine, options, pool=pool, progress=advance)

    return work


def _program(engine: LoadedModel, options: FileOptions, pool: MemoryPool) -> Program | None:
    """Return how other processes convert files to the same bytes; None for other devices and single pictures."""
    if engine.device != "cpu" or engine.path is None or options.whole or options.side or options.budget.memory is None:
        return None
    base = BASE_MEMORY + BYTES_PER_PARAMETER * engine.contract.parameters
    return Program("repix.conversion.child", settings_of(engine, options), pool, base)


def _pixels(path: FileSource) -> int:
    return voxels_of(path) if isinstance(path, Path) and is_volume(path) else pixels_of(path)


def fingerprint(engine: LoadedModel, options: FileOptions) -> Mapping[str, Any]:
    """Return everything that a result depends on besides its source.

    In bf16 and on other devices that includes the number of threads, and the tile plan of models without windows.
    """
    found = {
        "model": engine.checksum,
        "engine": engine.name,
        "precision": engine.precision,
        "strength": options.strength,
        "keep-colors": options.keep_colors,
        "stamp": VERSION if options.stamp else None,
        "crop": None if options.crop is None else str(options.crop),
        "quality": options.quality,
        **({"fail_unsuitable": True} if options.fail_unsuitable else {}),
        **({"mask": True} if options.mask else {}),
        **({"side": _given(options)} if options.side else {}),
        "beside": [options.compare, options.overlay, options.probabilities],
    }
    if engine.tiles_are_exact:
        return found
    found |= {"device": engine.device, "threads": engine.threads}
    if engine.contract.windows is not None:
        return found
    if options.budget.tile is not None:
        return found | {"memory": None, "tile": options.budget.tile}
    own = {} if engine.device_memory is None else {"device_memory": engine.device_memory}
    return found | {"memory": options.budget.memory, "tile": None} | own


def _given(options: FileOptions) -> Mapping[str, str]:
    """Return the fingerprints of the given side inputs."""
    return {name: side_map(value).fingerprint for name, value in options.side.items()}
