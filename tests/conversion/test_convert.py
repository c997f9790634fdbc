"""Converting in tiles, in bands and within a budget: always the same result."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import WHOLE, Budget, Contract, Echo, convert
from repix.conversion.convert import convert_bands
from repix.conversion.row_source import StreamedRows
from repix.conversion.tile_runner import TileRunner
from repix.errors import RepixError, TooLarge, WrongUse
from repix.pictures import Picture
from tests.conversion.neighborhood_engine import Looking, Short, numbers


class FromAbove:
    """A decoder that hands over a picture from top to bottom and remembers nothing."""

    def __init__(self, picture: Picture) -> None:
        self.picture, self.at = picture, 0
        self.channels = picture.pixels.shape[2]

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.size

    def read(self, rows: int) -> Picture:
        self.at += rows
        assert self.at <= self.size[0]
        return replace(self.picture, pixels=self.picture.pixels[self.at - rows : self.at])


@settings(max_examples=60)
@given(
    st.integers(1, 45),  # a tile of one pixel makes two thousand of them
    st.integers(1, 45),
    st.sampled_from([(1, 0), (1, 3), (4, 2), (8, 5), (32, 1)]),
    st.integers(1, 40),
    st.sampled_from([("denoise", 1, 1), ("denoise", 1, 4), ("upscale", 2, 3), ("upscale", 3, 1)]),
)
def test_tiles_and_bands_give_exactly_what_the_whole_gives(height, width, looks, tile, kind):
    (step, reach), (task, scale, channels) = looks, kind
    engine = Looking(step, reach, scale, task)
    picture = numbers(height, width, channels)
    whole = convert(picture, engine, WHOLE)
    assert whole.size == (scale * height, scale * width)
    budget = Budget(tile=tile)
    np.testing.assert_array_equal(convert(picture, engine, budget).pixels, whole.pixels)
    plan = budget.plan(picture.size, picture, engine.contract)
    bands = list(convert_bands(StreamedRows(FromAbove(picture)), TileRunner(engine), plan))
    np.testing.assert_array_equal(np.concatenate([band.pixels for band in bands]), whole.pixels)


def test_an_engine_sees_one_size_of_tiles_only():
    engine = Looking(step=4, reach=3)
    convert(numbers(150, 210), engine, Budget(tile=20))
    assert len(engine.shapes) > 50
    assert len(set(engine.shapes)) == 1


@pytest.mark.parametrize("most", [150, 400, 5000])
def test_where_memory_lacks_the_tiles_get_smaller_and_it_is_said(most):
    picture = numbers(60, 90, 3)
    engine = Short(most, step=2, reach=1)
    result = convert(picture, engine, WHOLE)
    np.testing.assert_array_equal(result.pixels, convert(picture, Looking(step=2, reach=1), WHOLE).pixels)
    assert ("so they were made smaller" in " ".join(result.notes)) == (most < 60 * 90)


def test_what_was_learned_of_the_memory_holds_for_the_tiles_after():
    engine = Short(900, step=2, reach=1)
    convert(numbers(100, 300), engine, Budget(tile=100))
    assert len(engine.shapes) < 100


def test_memory_that_lacks_for_the_smallest_tile_ends_the_conversion():
    with pytest.raises(RepixError, match="not enough memory for a tile of"):
        convert(numbers(60, 90), Short(3, step=2, reach=1), WHOLE)


def test_the_budget_is_kept_or_the_picture_is_refused_with_what_it_takes():
    like = Picture(np.zeros((1, 1, 3), np.uint8))
    contract = Contract("denoise", channels=(3, 3), step=8, halo=107, bytes_per_pixel=325)
    found = Budget(1_000_000_000).plan((12_000, 12_000), like, contract)
    height, width = found.read_size
    assert 300_000_000 < height * width * 325 < 750_000_000
    assert len(found) * height * width < 12_000**2 / 0.7
    with pytest.raises(TooLarge, match=r"big.tif, 9000×8000 pixels, needs about 0\.\d+ GB .* more than the 0.2 GB"):
        Budget(200_000_000).plan((8000, 9000), like, contract, name="big.tif")
    everywhere = replace(contract, halo=None)
    assert len(Budget(2_000_000_000).plan((1000, 2000), like, everywhere)) == 1
    with pytest.raises(TooLarge, match="depends on the whole picture"):
        Budget(2_000_000_000).plan((4000, 4000), like, everywhere)
    with pytest.raises(TooLarge, match="in tiles: each result pixel of this model depends on the whole"):
        Budget(tile=64).plan((400, 400), like, everywhere)
    with pytest.raises(TooLarge, match=r"needs about 2\.\d+ GB"):
        Budget(1_000_000_000).plan((4000, 4000), like, contract, codec_memory=2_000_000_000)


def test_strength_mixes_the_result_with_the_picture():
    engine = Looking(step=2, reach=1)
    picture = numbers(9, 13)
    whole = convert(picture, engine).pixels
    np.testing.assert_array_equal(convert(picture, engine, strength=0).pixels, picture.pixels)
    half = convert(picture, engine, Budget(tile=4), strength=0.5).pixels
    np.testing.assert_allclose(half, (picture.pixels + whole) / 2, rtol=1e-6)
    with pytest.raises(WrongUse, match=r"strength is 1.5; it must be from 0"):
        convert(picture, engine, strength=1.5)
    with pytest.raises(WrongUse, match="a result of upscale cannot be blended"):
        convert(picture, Echo(Contract("upscale", {"color": False}, scale=2)), strength=0.5)


@pytest.mark.parametrize("given", [np.zeros((4, 4, 3), np.uint8), "photo.jpg", None])
def test_what_is_no_picture_is_refused_with_what_takes_it(given):
    with pytest.raises(WrongUse, match=rf"takes a repix.Picture .* not a {type(given).__name__}; `repix.converter`"):
        convert(given, Looking(step=2, reach=1))


def test_who_watches_hears_of_every_pixel_and_can_end_it():
    engine = Looking(step=2, reach=1)
    picture = numbers(50, 70)
    told: list[int] = []
    plan = Budget(tile=16).plan(picture.size, picture, engine.contract)
    list(convert_bands(StreamedRows(FromAbove(picture)), TileRunner(engine), plan, told.append))
    assert sum(told) == 50 * 70
    assert len(told) == len(plan)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(convert_bands(StreamedRows(FromAbove(picture)), TileRunner(engine), plan, stop))
