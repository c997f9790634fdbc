"""Convert volumes, files or folders of slices, in bounded memory."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from repix.batch.memory_pool import Pool
from repix.conversion.band_tasks import Spread
from repix.conversion.contract_parts import Slices
from repix.conversion.convert import ProgressCallback, concatenate_bands, convert_bands
from repix.conversion.engine import Engine
from repix.conversion.file import FileOptions, convert_file, indexed
from repix.conversion.row_source import PictureRows
from repix.conversion.side_outputs import OVERLAY, overlay, side_by_side, side_output
from repix.conversion.side_reader import SideReader, named_maps
from repix.conversion.slab_plan import plan_slabs
from repix.conversion.slab_runner import SlabRunner
from repix.conversion.slice_page import SlicePage
from repix.conversion.tile_runner import TileRunner
from repix.errors import FileProblem, WrongUse
from repix.masks import Encoding
from repix.pictures import DEPTHS, Fidelity, Picture, write
from repix.pictures.formats import require_lossless
from repix.volumes import VolumeReader, is_volume, open_volume, write_slices
from repix.volumes.formats import require_volume_suffix
from repix.volumes.slice_folder import save_folder, slice_names

WRITER_SLICES = 4
"""Slices that are in memory at a time, besides those of the conversion: one is computed, one waits, one is encoded."""


def convert_any_file(
    source: Path,
    target: Path,
    engine: Engine,
    options: FileOptions,
    *,
    pool: Pool | None = None,
    progress: ProgressCallback | None = None,
    spread: Spread | None = None,
) -> Fidelity:
    """Convert a picture or a volume and return its fidelity; see `convert_file`.

    A model for pictures converts each slice of a volume alone, one for volumes all slices in slabs.
    """
    if not is_volume(source):
        return convert_file(source, target, engine, options, pool=pool, progress=progress, spread=spread)
    if spread is not None:
        raise FileProblem(f"{source} is a volume, which is not converted in bands; convert it without --bands.")
    require_volume_suffix(target)
    with open_volume(source) as reader:
        return _Volume(reader, target, engine, options, progress).to_file(pool)


def convert_stack(
    source: Path,
    target: Path,
    engine: Engine,
    options: FileOptions,
    *,
    suffix: str = "",
    progress: ProgressCallback | None = None,
) -> Fidelity:
    """Convert one volume, a folder of slices or a file, to a file or to a new folder of slices.

    Args:
        source: the folder of slices, or a file.
        target: a file `.tif`, `.nii` or `.nii.gz`; a name without a suffix is a folder.
        engine: the model.
        options: options for converting and writing files.
        suffix: suffix of the slices in the new folder; default: that of the sources, else `.png`.
        progress: called with the number of pixels of each tile.
    """
    with open_volume(source) as reader:
        volume = _Volume(reader, target, engine, options, progress)
        return volume.to_file(None) if target.suffix else volume.to_folder(suffix)


def voxels_of(path: Path) -> int:
    """Return the number of voxels of a volume, from its header."""
    with open_volume(path) as reader:
        return int(np.prod(reader.shape))


class _Volume:
    """The conversion of one volume."""

    def __init__(
        self,
        reader: VolumeReader,
        target: Path,
        engine: Engine,
        options: FileOptions,
        progress: ProgressCallback | None,
    ) -> None:
        self._reader, self._target, self._engine, self._options = reader, target, engine, options
        self._progress = progress
        self._encoding = engine.contract.make_task().masks
        self._pages = {ending: SlicePage(reader.shape[0]) for ending in options.side_outputs}
        _require_possible(options, self._encoding, reader.name)

    @property
    def _shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns of the result."""
        scale, (slices, height, width) = self._engine.contract.scale, self._reader.shape
        return slices, scale * height, scale * width

    def to_file(self, pool: Pool | None) -> Fidelity:
        """Convert into one file."""
        options, reader = self._options, self._reader
        metadata = reader.metadata.enlarged(self._engine.contract.scale)
        report = write_slices(
            self._results(pool),
            self._shape,
            self._target,
            metadata=metadata,
            same_values=self._encoding is None,
            overwrite=options.overwrite,
            strict=options.strict,
        )
        return report + self._ended()

    def to_folder(self, suffix: str) -> Fidelity:
        """Convert into a new folder of slices."""
        reader, options = self._reader, self._options
        suffix = suffix or (Path(reader.names[0]).suffix if reader.names else ".png")
        if self._encoding is not None:
            require_lossless(Path(f"slice{suffix}"), f"{self._target}: slices as {suffix[1:]}")
        names = slice_names(reader.shape[0], suffix, reader.names)
        report = save_folder(
            self._results(None), self._target, names, quality=options.quality or 90, strict=options.strict
        )
        return report + self._ended()

    def _ended(self) -> Fidelity:
        """Write the pages of slices, and return what reading converted and lost."""
        for ending, page in self._pages.items():
            write(page.picture(), side_output(self._target, ending), overwrite=self._options.overwrite)
        return Fidelity(converted=self._reader.converted, lost=self._reader.lost)

    def _results(self, pool: Pool | None) -> Iterator[Picture]:
        """Yield the slices of the result."""
        slices = self._engine.contract.slices
        results = self._of_pictures(pool) if slices is None else self._of_slabs(slices, pool)
        for number, (source, result) in enumerate(results):
            yield self._shown(number, source, result)

    def _of_slabs(self, slices: Slices, pool: Pool | None) -> Iterator[tuple[Picture, Picture]]:
        """Yield slices and results of a model for volumes."""
        reader, options, contract = self._reader, self._options, self._engine.contract
        named_maps(contract, options.side)
        runner = SlabRunner(self._engine, options.strength)
        itemsize = max(DEPTHS[reader.depth].itemsize, 0 if self._encoding is None else 2)
        plan = plan_slabs(reader, contract, slices, options.budget, itemsize)
        with pool.take(plan.memory) if pool else nullcontext():
            if self._progress is not None:
                self._progress(0)
            yield from runner.convert(reader.read, reader.shape[0], plan, self._progress)

    def _of_pictures(self, pool: Pool | None) -> Iterator[tuple[Picture, Picture]]:
        """Yield slices and results of a model for pictures, which converts each slice alone."""
        reader, engine, options = self._reader, self._engine, self._options
        size, like = reader.shape[1:], Picture(np.zeros((1, 1), DEPTHS[reader.depth]))
        side = SideReader.of(engine.contract, options.side, size)
        runner = TileRunner(engine, options.strength, side=side)
        scale = engine.contract.scale
        always = reader.memory + like.pixels.itemsize * size[0] * size[1] * (2 + WRITER_SLICES * scale**2)
        plan = options.budget.on(engine).plan(size, like, runner.contract, always, reader.name)
        with pool.take(plan.memory) if pool else nullcontext():
            if self._progress is not None:
                self._progress(0)
            for _ in range(reader.shape[0]):
                source = reader.read()
                bands = convert_bands(PictureRows(source), runner, plan, self._progress)
                yield source, concatenate_bands(bands)

    def _shown(self, number: int, source: Picture, decoded: Picture) -> Picture:
        """Return a slice of the result, after adding it to the pages."""
        encoding = self._encoding
        result = indexed(decoded, encoding) if encoding is not None and encoding.kind == "palette" else decoded
        if result.pixels.shape[2] != 1:
            raise WrongUse(
                f"{self._reader.name}: this model makes color pictures ({self._engine.contract.task}), but a volume is "
                "gray; convert the slices as pictures."
            )
        for ending, page in self._pages.items():
            if page.wants(number):
                page.add(self._page_slice(ending, source, decoded))
        return result

    def _page_slice(self, ending: str, source: Picture, result: Picture) -> Picture:
        shown, encoding = result, self._encoding
        if encoding is not None:
            shown = overlay(source, encoding.ids_of(result), encoding)
        return shown if ending == OVERLAY else side_by_side(source, shown)


def _require_possible(options: FileOptions, encoding: Encoding | None, name: str) -> None:
    """Refuse options for pictures only, and masks of colors."""
    asked = {
        "--crop": options.crop is not None,
        "--stamp": options.stamp,
        "--probabilities": options.probabilities,
        "--mask": options.mask,
        "--keep-colors": options.keep_colors,
        "--fail-unsuitable": options.fail_unsuitable,
    }
    given = [option for option, is_given in asked.items() if is_given]
    if given:
        raise WrongUse(f"{name} is a volume; {' and '.join(given)} is for pictures only, so leave it out.")
    if encoding is not None and encoding.kind == "colors":
        raise WrongUse(
            f"{name} is a gray volume, but this model writes its classes as colors; convert the slices as pictures, or "
            "train with masks of gray levels."
        )
