"""`keep_colors`: the low frequencies of a result's chroma are the source's, in tiles as in the whole."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.ndimage import correlate1d

import repix
from repix import registry
from repix.arithmetic.color import luma
from repix.conversion import WHOLE, Budget, Contract, Echo, convert
from repix.conversion.chroma_correction import REACH, with_reach
from repix.conversion.file import FileOptions, convert_file
from repix.errors import WrongUse
from repix.pictures import Picture, read, write
from tests.given import seeds
from tests.tasks.drawn import VARIANTS, task_of

TASKS = {1: {}, 2: {"scale": 2}, 3: {"scale": 3}}
TINT = np.array([1.12, 0.9, 1.05], np.float32).reshape(1, 3, 1, 1)


@dataclass
class Tinting:
    """A model that mixes each pixel with neighbors at a distance of its halo, and tints the result."""

    contract: Contract

    def run(self, x: np.ndarray) -> np.ndarray:
        y, halo = x.repeat(self.contract.scale, axis=2).repeat(self.contract.scale, axis=3), self.contract.halo
        around = np.pad(y, ((0, 0), (0, 0), (halo, halo), (halo, halo)), mode="edge")
        middle = np.s_[halo:-halo]
        y = y / 2 + around[:, :, : -2 * halo, middle] / 4 + around[:, :, middle, 2 * halo :] / 4
        return (y * TINT).astype(np.float32)


def tinting(scale: int, step: int = 4) -> Tinting:
    task = "denoise" if scale == 1 else "upscale"
    return Tinting(Contract(task, TASKS[scale], channels=(3, 3), scale=scale, step=step, halo=3, bytes_per_pixel=64))


def photo(rng: np.random.Generator, channels: int = 3, depth: str = "8", size: tuple[int, int] = (141, 117)) -> Picture:
    """Soft colors with noise, away from black and white, and a hole where there is alpha."""
    down, right = np.mgrid[: size[0], : size[1]] / 40
    phases = rng.uniform(0, 6, 3)
    colors = 0.45 + 0.12 * np.sin(down[:, :, None] + phases) + 0.1 * np.cos(right[:, :, None] - phases)
    colors = colors[:, :, : 1 if channels <= 2 else 3] + rng.normal(0, 0.02, (*size, 1 if channels <= 2 else 3))
    alpha = None
    if channels in (2, 4):
        alpha = np.ones((*size, 1))
        alpha[30:50, 20:90] = 0
    return Picture.of(colors, alpha, depth)


def low(chroma: np.ndarray, alpha: np.ndarray, scale: int) -> np.ndarray:
    """The mean of chroma over a wider window, by SciPy, weighted by alpha."""
    weights = np.convolve(np.ones(32 * scale + 1), np.ones(64 * scale + 1))

    def mean(values):
        for axis in (0, 1):
            values = correlate1d(values, weights / weights.sum(), axis, mode="reflect")
        return values

    return np.divide(mean(chroma * alpha), mean(alpha), out=np.zeros_like(chroma), where=alpha > 0)


def chroma(picture: Picture, scale: int = 1) -> tuple[np.ndarray, np.ndarray]:
    colors, alpha = picture.colors().astype(np.float64), picture.alpha()
    alpha = np.ones((*picture.size, 1)) if alpha is None else alpha.astype(np.float64)
    return tuple(part.repeat(scale, axis=0).repeat(scale, axis=1) for part in (colors - luma(colors), alpha))


@pytest.mark.parametrize("scale", TASKS)
@pytest.mark.parametrize("channels", [3, 4])
def test_the_low_frequencies_of_chroma_are_the_sources(scale, channels):
    source = photo(np.random.default_rng(3), channels, "16")
    engine = tinting(scale)
    kept, plain = (convert(source, engine, WHOLE, keep_colors=keep) for keep in (True, False))
    before, alpha = chroma(source, scale)
    wanted = low(before, alpha, scale)
    visible = chroma(kept)[1] > 0.5
    errors = [np.abs((low(chroma(one)[0], alpha, scale) - wanted) * visible).max() * 255 for one in (kept, plain)]
    assert errors[0] < 0.5
    assert errors[1] > 5
    np.testing.assert_allclose(  # luma is the model's
        (luma(kept.colors()) - luma(plain.colors())) * visible, 0, atol=2e-5
    )


@pytest.mark.parametrize("scale", TASKS)
def test_the_formula_is_that_of_the_documentation(scale):
    source = photo(np.random.default_rng(4), depth="float", size=(70, 50))
    plain = convert(source, tinting(scale), WHOLE).pixels.astype(np.float64)
    shrunk = plain.reshape(70, scale, 50, scale, 3).mean((1, 3))
    colors = source.pixels.astype(np.float64)
    difference = (colors - luma(colors)) - (shrunk - luma(shrunk))
    weights = (32 - np.abs(np.arange(-31, 32))) / 1024
    for axis, side in ((0, 70), (1, 50)):
        difference = correlate1d(difference, weights, axis, mode="reflect")
        places = np.clip((np.arange(side * scale) + 0.5) / scale - 0.5, 0, side - 1)
        first = np.minimum(places.astype(int), side - 2)
        share = (places - first).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        difference = (1 - share) * difference.take(first, axis) + share * difference.take(first + 1, axis)
    found = convert(source, tinting(scale), WHOLE, keep_colors=True).pixels
    np.testing.assert_allclose(found, plain + difference, atol=2e-6)


@pytest.mark.parametrize("scale", TASKS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", ["8", "16", "float"])
def test_tiles_are_the_whole_to_the_bit(scale, channels, depth):
    source, engine = photo(np.random.default_rng(5), channels, depth), tinting(scale, step=8)
    whole = convert(source, engine, WHOLE, keep_colors=True)
    for budget in (Budget(tile=16), Budget(tile=47), Budget(tile=24)):
        assert len(budget.plan(source.size, source, with_reach(engine.contract))) > 1
        np.testing.assert_array_equal(convert(source, engine, budget, keep_colors=True).pixels, whole.pixels)


@seeds(3, 200)
def test_drawn_sizes_in_tiles(seed):
    rng = np.random.default_rng(seed)
    size = tuple(int(side) for side in rng.integers(1, 120, 2))
    scale, channels = int(rng.integers(1, 4)), int(rng.choice([1, 2, 3, 4]))
    source = photo(rng, channels, str(rng.choice(["8", "16", "float"])), size)
    engine = tinting(scale, step=int(rng.choice([1, 3, 8, 40])))
    whole = convert(source, engine, WHOLE, keep_colors=True)
    tiled = convert(source, engine, Budget(tile=int(rng.integers(1, 60))), keep_colors=True)
    np.testing.assert_array_equal(tiled.pixels, whole.pixels)
    assert whole.depth == source.depth
    assert whole.has_alpha == source.has_alpha


def test_a_model_that_keeps_every_color_is_not_changed():
    for scale in TASKS:
        source = photo(np.random.default_rng(6), 4)
        engine = Echo(tinting(scale).contract)
        np.testing.assert_array_equal(convert(source, engine, keep_colors=True).pixels, convert(source, engine).pixels)


def test_gray_pictures_and_hidden_colors_stay_as_they_are():
    engine = tinting(1)
    gray = photo(np.random.default_rng(7), 2)
    np.testing.assert_array_equal(convert(gray, engine, keep_colors=True).pixels, convert(gray, engine).pixels)
    source = photo(np.random.default_rng(8), 4)
    found = convert(source, engine, keep_colors=True)
    hidden = source.pixels[:, :, 3] == 0
    np.testing.assert_array_equal(found.pixels[hidden], source.pixels[hidden])
    other = replace(source, pixels=np.where(hidden[:, :, None], np.array([9, 250, 0, 0], np.uint8), source.pixels))
    np.testing.assert_array_equal(convert(other, engine, keep_colors=True).pixels[~hidden], found.pixels[~hidden])


def test_files_and_converters_do_the_same(tmp_path):
    source, engine = photo(np.random.default_rng(9)), tinting(1)
    expected = convert(source, engine, keep_colors=True).pixels
    np.testing.assert_array_equal(repix.converter(engine, keep_colors=True)(source).pixels, expected)
    write(source, tmp_path / "a.png")
    for number, options in enumerate((FileOptions(keep_colors=True), FileOptions(Budget(tile=16), keep_colors=True))):
        convert_file(tmp_path / "a.png", tmp_path / f"{number}.png", engine, options)
        np.testing.assert_array_equal(read(tmp_path / f"{number}.png").pixels, expected)


@pytest.mark.parametrize("task", registry.available("tasks"))
def test_tasks_with_new_colors_refuse_it(task):
    made = task_of(next(variant for variant, (name, _) in VARIANTS.items() if name == task))
    engine = Echo(Contract(task, made.settings.to_dict(), channels=made.channels, scale=made.scale))
    if made.keeps_colors:
        FileOptions(keep_colors=True).require(engine.contract)
        return
    for call in (
        lambda: FileOptions(keep_colors=True).require(engine.contract),
        lambda: repix.converter(engine, keep_colors=True),
        lambda: convert(Picture(np.zeros((8, 8, 3), np.uint8)), engine, keep_colors=True),
    ):
        with pytest.raises(WrongUse, match=rf"colors of the source cannot be kept in a result of {task}"):
            call()


def test_the_plan_knows_the_reach():
    contract = tinting(1, step=8).contract
    assert with_reach(contract).margin >= contract.margin + REACH
    assert with_reach(contract).bytes_per_pixel > contract.bytes_per_pixel
    assert with_reach(replace(contract, halo=None)).halo is None
