"""Convert one picture file to another with a model, in bounded memory."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from repix._version import VERSION
from repix.batch.memory_pool import Pool
from repix.conversion.band_tasks import Spread, spread_bands
from repix.conversion.budget import Budget
from repix.conversion.contract import Contract
from repix.conversion.convert import DEFAULT_BUDGET, ProgressCallback, concatenate_bands, convert_bands, predict
from repix.conversion.crop import Crop
from repix.conversion.engine import Engine
from repix.conversion.mask_plane import MaskPlane
from repix.conversion.model_loader import LoadedModel
from repix.conversion.row_source import PictureRows, StreamedRows
from repix.conversion.side_outputs import (
    COMPARE,
    MASK,
    OVERLAY,
    PROBABILITIES,
    overlay,
    side_by_side,
    side_output,
    write_probabilities,
)
from repix.conversion.side_reader import SideReader, named_maps
from repix.conversion.suitability import Suitability
from repix.conversion.tile_runner import TileRunner, require_keep_colors, require_strength
from repix.errors import TooLarge, WrongUse
from repix.masks import Encoding, palette_of
from repix.pictures import DEPTHS, Fidelity, Picture, write
from repix.pictures.band_reader import BandReader, open_bands
from repix.pictures.band_writer import write_bands
from repix.pictures.formats import format_for_path
from repix.pictures.memory_cost import encoder_memory
from repix.pictures.sources import FileSource
from repix.pictures.stamp import Stamp
from repix.side_inputs import NO_SIDE, Side, Window, side_map

SIDE_OUTPUT_FACTOR = 4
"""The memory of side outputs, as a multiple of the memory of picture and result."""

WHOLE_POOL = 2**62


@dataclass(frozen=True)
class FileOptions:
    """Options for converting and writing files."""

    budget: Budget = DEFAULT_BUDGET
    strength: float = 1.0
    keep_colors: bool = False
    """The low frequencies of the colors stay the source's."""
    stamp: bool = False
    """Write software, model and options into the metadata of the results."""
    crop: Crop | None = None
    compare: bool = False
    """Also write before and after, side by side."""
    overlay: bool = False
    """Also write the photo tinted by its classes."""
    probabilities: bool = False
    """Also write the probability of each class."""
    mask: bool = False
    """Also write the mask of the pixels that the model called corrupted."""
    overwrite: bool = False
    quality: int | None = None
    """Of JPEG, WebP and AVIF; None: 90, or what suits the source's format."""
    strict: bool = False
    fail_unsuitable: bool = False
    """Fail for a picture that the model is not for, or that it leaves almost unchanged."""
    side: Side = field(default_factory=lambda: NO_SIDE)
    """Values of the model's side inputs by name, such as color hints; for a single picture."""

    def require(self, contract: Contract) -> None:
        """Refuse options that do not fit the model, before any file is read."""
        task = contract.make_task()
        require_strength(task, self.strength)
        require_keep_colors(contract, self.keep_colors)
        named_maps(contract, self.side)
        if (self.overlay or self.probabilities) and not task.logits:
            raise WrongUse(f"--overlay and --probabilities are for segmentation models; this one is for {task.name}.")
        if self.mask and task.corrupted is None:
            raise WrongUse(
                "--mask is for models that mark corrupted pixels, which this one does not; leave it out, or train a "
                "model with the setting impulse_mask of denoise."
            )

    @property
    def side_outputs(self) -> tuple[str, ...]:
        """The ends of the side outputs' names, which follow the stem of the result."""
        requested = {COMPARE: self.compare, OVERLAY: self.overlay, PROBABILITIES: self.probabilities}
        requested[MASK] = self.mask
        return tuple(ending for ending, is_requested in requested.items() if is_requested)

    @property
    def whole(self) -> bool:
        """True if the picture is needed in one piece."""
        return self.crop is not None or bool(self.side_outputs)


def convert_file(
    source: FileSource,
    target: Path,
    engine: Engine,
    options: FileOptions,
    *,
    pool: Pool | None = None,
    progress: ProgressCallback | None = None,
    spread: Spread | None = None,
) -> Fidelity:
    """Convert a picture file and return its fidelity: what was kept, converted and lost.

    The result is written completely or not at all. Side outputs are named after the target. Files that are converted at
    the same time share the memory `pool`. `spread` converts the bands of the picture elsewhere.
    """
    contract = engine.contract
    with open_bands(source) as bands:
        file = _File(source, target, engine, options, bands, progress)
        if options.whole:
            if spread is not None:
                raise WrongUse("Bands are for whole results alone; leave crop, compare, overlay and mask out.")
            with pool.take(WHOLE_POOL) if pool else nullcontext():
                return file.in_one_piece()
        check = file.check()
        side = SideReader.of(contract, options.side, bands.size)
        runner = TileRunner(engine, options.strength, options.keep_colors, check.change, side)
        plan = options.budget.on(engine).plan(bands.size, file.pixel, runner.contract, file.codec_memory(), str(source))
        with pool.take(plan.memory) if pool else nullcontext():
            if progress is not None:
                progress(0)
            check.look()
            rows = StreamedRows(check.rows)
            if spread is None:
                results = convert_bands(rows, runner, plan, progress)
            else:
                results = spread_bands(rows, plan, spread, options.budget.memory, check.change, progress)
            return file.write(check.watch(results), _scaled(bands.size, contract)) + check.report()


class _File:
    """The conversion of one file."""

    def __init__(
        self,
        source: FileSource,
        target: Path,
        engine: Engine,
        options: FileOptions,
        bands: BandReader,
        progress: ProgressCallback | None,
    ) -> None:
        self._source, self._target, self._engine, self._options = source, target, engine, options
        self._bands, self._progress = bands, progress
        self._task = engine.contract.make_task()
        self._encoding = self._task.masks
        self.pixel = Picture(np.zeros((1, 1, bands.channels), DEPTHS[bands.depth]))

    def check(self) -> Suitability:
        """Return what tells whether the model is for this picture."""
        options = self._options
        return Suitability(self._source, self._bands, self._task, options.strength, options.fail_unsuitable)

    def codec_memory(self) -> int:
        """Return the memory of decoder and encoder, in bytes; it does not depend on the tiles."""
        size = _scaled(self._bands.size, self._engine.contract)
        form = format_for_path(self._target).name
        return self._bands.decoder_memory + encoder_memory(form, size, max(self._bands.channels, 3), self._bands.depth)

    def in_one_piece(self) -> Fidelity:
        """Convert with the whole picture in memory, for a crop or side outputs."""
        options, engine = self._options, self._engine
        self._require_memory()
        check = self.check()
        check.look()
        picture, side, mask = check.rows.read(self._bands.size[0]), options.side, None
        if options.crop is not None:
            size, crop = picture.size, options.crop
            picture = crop.of(picture)
            side = {name: Window(side_map(one), size, crop.top, crop.left) for name, one in side.items()}
        if options.probabilities:
            prediction = predict(picture, engine, options.budget, self._progress, side)
            result = self._task.decode(prediction, picture)
        else:
            reader = SideReader.of(engine.contract, side, picture.size)
            corrupted = self._task.corrupted if options.mask else None
            mask = None if corrupted is None else MaskPlane(corrupted, picture.size)
            runner = TileRunner(engine, options.strength, options.keep_colors, check.change, reader, mask)
            plan = options.budget.on(engine).plan(
                picture.size, picture, runner.contract, self.codec_memory(), str(self._source)
            )
            result = concatenate_bands(check.watch(convert_bands(PictureRows(picture), runner, plan, self._progress)))
        report = self.write([result], result.size) + check.report()
        shown = result
        if self._encoding is not None:
            shown = overlay(picture, self._encoding.ids_of(result), self._encoding)
        if options.overlay:
            write(shown, side_output(self._target, OVERLAY), overwrite=options.overwrite)
        if options.compare:
            write(side_by_side(picture, shown), side_output(self._target, COMPARE), overwrite=options.overwrite)
        if mask is not None:
            write(mask.picture, side_output(self._target, MASK), overwrite=options.overwrite)
        if options.probabilities:
            classes = prediction[0].transpose(1, 2, 0)
            write_probabilities(classes, side_output(self._target, PROBABILITIES), overwrite=options.overwrite)
        return report

    def write(self, results: Iterable[Picture], size: tuple[int, int]) -> Fidelity:
        """Write the bands of the result into the target; palette masks become PNG files with a palette."""
        options, encoding = self._options, self._encoding
        if encoding is not None and encoding.kind == "palette" and format_for_path(self._target).palette:
            results = (indexed(band, encoding) for band in results)
        quality = options.quality or self._bands.quality
        if options.stamp:
            results = (replace(band, stamp=self._stamp(quality)) for band in results)
        overwrite, strict = options.overwrite, options.strict
        return write_bands(results, size, self._target, overwrite=overwrite, quality=quality, strict=strict)

    def _stamp(self, quality: int) -> Stamp:
        """Return software, model and options for the metadata of the result."""
        options, engine = self._options, self._engine
        named = [f"task {self._task.name}", f"strength {options.strength:g}"]
        if isinstance(engine, LoadedModel):
            named = [f"model {engine.model}", f"precision {engine.precision}", *named]
        if options.keep_colors:
            named.append("keep-colors")
        if options.crop is not None:
            named.append(f"crop {options.crop}")
        if format_for_path(self._target).lossy:
            named.append(f"quality {quality}")
        return Stamp(f"repix {VERSION}", ", ".join(named))

    def _require_memory(self) -> None:
        bands, contract, memory = self._bands, self._engine.contract, self._options.budget.memory
        pixels = bands.size[0] * bands.size[1]
        classes = contract.channels[1] if self._options.probabilities else 0
        needed = pixels * (SIDE_OUTPUT_FACTOR * self.pixel.pixels.nbytes * (1 + contract.scale**2) + 4 * classes)
        if memory is not None and needed > memory:
            raise TooLarge(
                f"{self._source}, {bands.size[1]}×{bands.size[0]} pixels, needs about {needed / 1e9:.1f} GB for a crop "
                f"or side outputs, more than the {memory / 1e9:g} GB allowed; allow more memory."
            )


def indexed(mask: Picture, encoding: Encoding) -> Picture:
    """Return a mask of colors as palette indices.

    >>> classes = Encoding("palette", (0, 1), palette=(0x000000, 0xff0000))
    >>> indexed(Picture(np.full((1, 1, 3), 0, np.uint8)), classes).pixels.tolist()
    [[[0]]]
    """
    return replace(mask, pixels=encoding.from_ids(encoding.ids_of(mask))[:, :, None], palette=palette_of(encoding))


def _scaled(size: tuple[int, int], contract: Contract) -> tuple[int, int]:
    return size[0] * contract.scale, size[1] * contract.scale
