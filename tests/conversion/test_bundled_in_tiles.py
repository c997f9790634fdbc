"""Every model that comes with repix, in every precision that it runs in: what tiles may change, and their memory.

In float32 tiles give the bits of the whole picture. With bf16 the engine's library chooses its kernels by the size of a
tile, so there the promise is one 8-bit level, and 58 dB. Not every processor shows a difference between sizes; what
other kernels can change is seen on every one where the library is told to leave out instructions.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from repix import models
from repix.conversion import WHOLE, Budget, Contract, convert, open_model, predict, read_model
from repix.conversion.model_loader import LoadedModel
from repix.conversion.precision import LEAST_AGREEMENT, LEAST_PSNR, refusal_reason
from repix.errors import TooLarge
from repix.pictures import DEPTHS, Picture, write
from tests.data.drawing import photo

NAMES = tuple(models.catalog())
FAST = tuple(
    name for name in NAMES if refusal_reason(read_model(models.model_named(name)).contract.precision("bf16")) is None
)
KINDS = [(name, "exact") for name in NAMES] + [(name, "fast") for name in FAST]
FEW, MANY = 3, 45
"""Sizes for each model and precision: in every run of the tests, and in the long one."""
SMALL_BUDGET = 300_000_000
OTHER_KERNELS = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}
"""What makes oneDNN, OpenVINO's library, compute bf16 without the processor's instructions for it."""
MOST_FAR = 1e-4
"""The share of values that may be more than one level from those of quite other kernels; 0.00008 was the most seen."""
FOLDER = Path(__file__).parents[2]


@cache
def opened(name: str, precision: str) -> LoadedModel:
    engine = open_model(name, precision=precision, threads=1)
    if engine.precision != precision:
        pytest.skip("this processor has no bf16")
    return engine


def noisy(size: tuple[int, int], channels: int, rng: np.random.Generator, depth: str = "8") -> Picture:
    """Soft shapes under noise of a strength that the models know."""
    clean = photo(int(rng.integers(1000)), size, 3)[:, :, :channels] / 255
    found = np.clip(clean + rng.normal(0, rng.choice([0, 0.02, 0.1]), clean.shape), 0, 1)
    kind = DEPTHS[depth]
    return Picture(found.astype(np.float32) if depth == "float" else np.round(found * np.iinfo(kind).max).astype(kind))


def size_for(contract: Contract, number: int, rng: np.random.Generator, wide: int) -> tuple[int, int]:
    """Of three sizes one is surely cut, in one direction, or in both where `wide` is large; one pixel may occur too."""
    most = 2 * contract.margin + 8 * contract.step + 250
    long = most if number % 3 == 0 else int(rng.integers(1, most))
    short = int(rng.integers(1, wide))
    return (short, long) if number % 2 else (long, short)


def cut(picture: Picture, rng: np.random.Generator) -> Budget:
    """Tiles by hand, of which four to eight would do for a side if there were no halo."""
    side = max(picture.size)
    return Budget(tile=int(rng.integers(-(-side // 8), max(-(-side // 8), side // 4), endpoint=True)))


def differ(whole: np.ndarray, tiles: np.ndarray) -> tuple[int, float]:
    """The most 8-bit levels, and decibels."""
    one, other = (np.clip(y, 0, 1) for y in (whole, tiles))
    levels = int(np.abs(np.round(one * 255) - np.round(other * 255)).max())
    mean = float(np.mean((one.astype(float) - other) ** 2))
    return levels, -10 * np.log10(mean) if mean else np.inf


def held(name: str, precision: str, count: int, wide: int) -> int:
    """The law for so many pictures; how many of them were cut."""
    engine = opened(name, precision)
    contract, rng, many = engine.contract, np.random.default_rng([count, NAMES.index(name)]), 0
    scores = contract.make_task().logits
    for number in range(count):
        picture = noisy(size_for(contract, number, rng, wide), contract.channels[0], rng, rng.choice(list(DEPTHS)))
        budget = cut(picture, rng)
        many += len(budget.plan(picture.size, picture, contract)) > 1
        whole, tiles = (predict(picture, engine, one) for one in (WHOLE, budget))
        said = f"{name}, {precision}, {picture.size}, {budget}"
        if engine.tiles_are_exact:
            np.testing.assert_array_equal(tiles, whole, err_msg=said)
        elif scores:
            assert np.mean(whole.argmax(1) == tiles.argmax(1)) >= LEAST_AGREEMENT, said
        else:
            levels, decibels = differ(whole, tiles)
            assert levels <= 1, said
            assert decibels >= LEAST_PSNR, said
    return many


@pytest.mark.parametrize(("name", "precision"), KINDS)
def test_tiles_keep_what_is_promised_of_them(name, precision):
    assert held(name, precision, FEW, wide=20)


@pytest.mark.long
@pytest.mark.parametrize(("name", "precision"), KINDS)
def test_tiles_keep_what_is_promised_of_them_at_many_sizes(name, precision):
    assert held(name, precision, MANY, wide=300) > MANY / 3


@pytest.mark.parametrize("name", ["denoise-gray", "upscale-x2-clean"])
def test_pictures_of_every_depth_come_out_of_tiles_as_out_of_one_piece(name):
    engine = opened(name, "exact")
    rng = np.random.default_rng(3)
    long = 2 * engine.contract.margin + 90
    for depth in DEPTHS:
        picture = noisy((13, long), engine.contract.channels[0], rng, depth)
        whole, tiles = (convert(picture, engine, one) for one in (WHOLE, Budget(tile=40)))
        assert whole.depth == depth
        np.testing.assert_array_equal(tiles.pixels, whole.pixels)


def by_other_kernels(names: tuple[str, ...], side: int, folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Two results for each model: of this processor's best kernels, and of others."""
    results = []
    for number, environment in enumerate(({}, OTHER_KERNELS)):
        path = folder / f"{number}.npz"
        command = [sys.executable, "-m", "tests.conversion.bf16", str(path), str(side), *names]
        subprocess.run(command, env={**os.environ, **environment}, cwd=FOLDER, check=True)
        results.append(np.load(path))
    return {name: (results[0][name], results[1][name]) for name in results[0].files}


def close_enough(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    for name, (one, other) in found.items():
        if one.dtype == np.uint8:  # classes
            assert np.mean(one == other) >= LEAST_AGREEMENT, name
            continue
        far = np.abs(np.round(one * 255) - np.round(other * 255)) > 1
        assert far.mean() <= MOST_FAR, name
        assert differ(one, other)[1] >= LEAST_PSNR, name


def test_other_kernels_for_bf16_give_nearly_the_same(tmp_path):
    if FAST:
        opened(FAST[0], "fast")
    close_enough(by_other_kernels(FAST[:2], 96, tmp_path))


@pytest.mark.long
def test_other_kernels_for_bf16_give_nearly_the_same_on_larger_pictures(tmp_path):
    if FAST:
        opened(FAST[0], "fast")
    close_enough(by_other_kernels(FAST, 240, tmp_path))


def peak(name: str, source: Path, memory: int, pixels: int, precision: str) -> tuple[int, int, str]:
    """Exit code, the most memory, and what was said, of a conversion that is stopped after so many pixels."""
    words = ["convert", name, str(source), "-o", str(source.with_name(f"{name}.tif")), "--overwrite"]
    words += ["--memory", f"{memory // 1_000_000}MB", "--precision", precision, "--threads", "1"]
    command = [sys.executable, "-m", "tests.conversion.peak_command", str(pixels), *words]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["code"], found["peak"], done.stderr


def within(name: str, side: int, memory: int, precision: str, folder: Path) -> None:
    """Four bands of tiles, or all, within the memory; or refused with what it takes."""
    source = folder / "in.tif"
    if not source.exists():
        write(Picture(photo(1, (side, side))), source)
    code, most, said = peak(name, source, memory, _four_bands(name, side, memory), precision)
    if code == 1:
        assert "pixels, needs about" in said, name
        assert "allow more memory, or shrink or crop the picture first" in said, name
        return
    assert code in (0, 130), said
    assert most <= memory, name


def _four_bands(name: str, side: int, memory: int) -> int:
    """Pixels of the first four bands; all where there is no such plan."""
    contract, like = read_model(models.model_named(name)).contract, Picture(np.zeros((1, 1, 3), np.uint8))
    try:
        plan = Budget(memory).plan((side, side), like, contract)
    except TooLarge:
        return side * side
    return side * plan.rows[min(3, len(plan.rows) - 1)].core[1]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read where Linux says it")
@pytest.mark.parametrize("task", ["upscale", "segment"])
def test_a_picture_in_tiles_takes_no_more_than_it_is_allowed_or_is_refused(task, tmp_path):
    within(models.model_for(task).stem, 900, SMALL_BUDGET, "exact", tmp_path)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read where Linux says it")
@pytest.mark.parametrize(("name", "precision"), KINDS)
def test_a_picture_of_8000_by_8000_takes_no_more_than_500_mb_or_is_refused(name, precision, tmp_path):
    within(name, 8000, 500_000_000, precision, tmp_path)
