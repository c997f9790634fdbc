"""Models that are defined in windows: every budget gives the same bytes, and the blending is that of torch's fold."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import WHOLE, Budget, Contract, Windows, convert, predict
from repix.conversion.card import contract_rows
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.folder import fingerprint
from repix.conversion.model_loader import LoadedModel
from repix.conversion.windows import axis_windows, plan_windows
from repix.errors import TooLarge, WrongUse
from repix.pictures import Picture, read, write
from tests.networks.measuring import by_windows, window_weights

WINDOWS = (Windows(8, 6), Windows(8, 8, "uniform"), Windows(8, 2, "triangular"), Windows(6, 4), Windows(12, 6))
SIZES = st.tuples(st.integers(1, 50), st.integers(1, 50))


class Everywhere:
    """Each pixel of the result depends on all pixels of a window, and on its place in it."""

    def __init__(self, windows: Windows | None, scale: int = 1, task: str = "denoise") -> None:
        of_task = {"color": False} | ({"scale": scale} if task == "upscale" else {})
        self.contract = Contract(task, of_task, scale=scale, step=2, windows=windows, bytes_per_pixel=1000)
        self.shapes: set[tuple[int, ...]] = set()

    def run(self, x: np.ndarray) -> np.ndarray:
        self.contract.require(x)
        self.shapes.add(x.shape)
        y = x[:, :, ::-1] * x.mean(dtype=np.float32) + x.std(dtype=np.float32)
        return y.repeat(self.contract.scale, axis=2).repeat(self.contract.scale, axis=3)


def noise(size: tuple[int, int], seed: int = 0) -> Picture:
    return Picture(np.random.default_rng(seed).random((*size, 1), np.float32))


@settings(max_examples=40, deadline=None)
@given(SIZES, st.sampled_from(WINDOWS), st.integers(1, 40), st.sampled_from([1, 2]))
def test_every_budget_gives_the_same_bytes_from_windows_of_one_shape(size, windows, tile, scale):
    engine = Everywhere(windows, scale, "upscale" if scale > 1 else "denoise")
    picture = noise(size)
    whole = predict(picture, engine, WHOLE)
    np.testing.assert_array_equal(predict(picture, engine, Budget(tile=tile)), whole)
    assert engine.shapes == {(1, 1, windows.size, windows.size)}


@settings(max_examples=20, deadline=None)
@given(SIZES, st.sampled_from(WINDOWS))
def test_the_result_is_the_weighted_mean_that_torch_folds(size, windows):
    engine = Everywhere(windows)
    picture = noise(size)

    class Module(torch.nn.Module):
        def forward(self, x):
            return torch.from_numpy(engine.run(x.numpy()))

    x = torch.from_numpy(engine.contract.pad(engine.contract.make_task().encode(picture)))
    assert x.shape[2:] == tuple(windows.padded(side) for side in size)
    expected = by_windows(Module(), x, windows, window_weights(windows))[:, :, : size[0], : size[1]]
    np.testing.assert_allclose(predict(picture, engine, WHOLE), expected.numpy(), rtol=0, atol=1e-5)


def test_another_grid_gives_another_result():
    """The engine can tell windows apart, or the tests above would prove nothing."""
    picture = noise((40, 40))
    results = [predict(picture, Everywhere(windows), WHOLE) for windows in WINDOWS]
    assert all(np.abs(results[0] - other).max() > 0.01 for other in results[1:])


@given(st.integers(1, 200), st.sampled_from(WINDOWS), st.integers(1, 12))
def test_tiles_read_every_window_that_covers_their_core(side, windows, count):
    padded = windows.padded(side)
    assert padded >= side
    assert windows.count(padded) == windows.count(side)
    done = 0
    starts = range(0, padded - windows.size + 1, windows.stride)
    for cut in axis_windows(padded, windows, count):
        assert cut.core[0] == done
        done = cut.core[1]
        covering = [start for start in starts if start < cut.core[1] and start + windows.size > cut.core[0]]
        assert cut.read == (covering[0], covering[-1] + windows.size)
    assert done == padded


@given(SIZES, st.sampled_from(WINDOWS), st.integers(12 * 12, 5000))
def test_tiles_fit_and_the_cheapest_has_no_more_windows_than_needed(size, windows, most):
    padded = (windows.padded(size[0]), windows.padded(size[1]))
    contract = Everywhere(windows).contract
    found = plan_windows(padded, contract, windows, lambda height, width: height * width <= most)
    if found is None:
        assert most < (windows.extent(1 + windows.overlapping)) ** 2
        return
    assert all(tile.read_size[0] * tile.read_size[1] <= most for tile in found)
    assert len(found) == 1 or padded[0] * padded[1] > most


def test_the_memory_is_that_of_one_window_and_of_the_pictures():
    large = (4000, 6000)
    contract = replace(Everywhere(None).contract, windows=Windows(256, 192))
    like = noise((1, 1))
    plan = Budget(500_000_000).plan(large, like, contract)
    assert plan.memory < 500_000_000 < 1000 * large[0] * large[1]
    with pytest.raises(TooLarge, match="depends on the whole picture"):
        Budget(500_000_000).plan(large, like, replace(contract, windows=None))
    with pytest.raises(TooLarge, match=r"needs about 0\.3\d GB of memory, more than the 0\.2 GB allowed"):
        Budget(200_000_000).plan(large, like, contract)


def test_a_file_in_bands_is_the_whole_file(tmp_path):
    """With alpha, whose hidden colors are filled from further rows."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (83, 61, 2), np.uint8)
    pixels[20:40, :, 1] = 0
    write(Picture(pixels), tmp_path / "a.png")
    results = []
    for number, budget in enumerate((WHOLE, Budget(tile=1), Budget(tile=20))):
        target = tmp_path / f"{number}.png"
        convert_file(tmp_path / "a.png", target, Everywhere(Windows(12, 8)), FileOptions(budget))
        results.append(target.read_bytes())
    assert results[0] == results[1] == results[2]
    whole = convert(read(tmp_path / "a.png"), Everywhere(Windows(12, 8)), WHOLE)
    np.testing.assert_array_equal(read(tmp_path / "0.png").pixels, whole.pixels)


def test_the_journal_keeps_results_of_another_budget_also_in_bf16():
    models = [LoadedModel(Everywhere(windows), "everywhere", "fast", threads=1) for windows in (Windows(8, 6), None)]
    for engine, same in zip(models, (True, False), strict=True):
        small, large = (fingerprint(engine, FileOptions(Budget(memory))) for memory in (10**9, 10**10))
        assert (small == large) == same
        assert fingerprint(replace(engine, threads=2), FileOptions()) != fingerprint(engine, FileOptions())


def test_the_colors_of_the_source_cannot_be_kept():
    engine = Everywhere(Windows(8, 6))
    engine.contract = replace(engine.contract, network="transunet")
    with pytest.raises(WrongUse, match=r"by a model that is defined in windows \(transunet\); leave keep-colors out"):
        convert(noise((9, 9)), engine, keep_colors=True)


def test_the_card_names_the_windows():
    rows = dict(contract_rows(Everywhere(Windows(256, 192)).contract, 1))
    assert rows["Halo"] == "windows of 256×256 every 192 pixels, blended (hann)"
