"""Tiles: they cover the picture once, read enough, and equal the whole picture."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import Contract
from repix.conversion.tile_runner import split_tile
from repix.conversion.tiling import AxisTile, Tile, axis_tiles, plan_tiles


def lawful(found: list[AxisTile], side: int, step: int, halo: int) -> None:
    """Every pixel is one stretch's own, and each stretch reads its own pixels' halo, from a multiple of the step."""
    ends = [0, *(cut.core[1] for cut in found)]
    assert [cut.core for cut in found] == list(pairwise(ends))
    assert ends[-1] == side
    assert all(start < end for start, end in pairwise(ends))
    assert len({cut.read[1] - cut.read[0] for cut in found}) == 1
    for cut in found:
        assert cut.read[0] % step == cut.read[1] % step == cut.core[0] % step == 0
        assert 0 <= cut.read[0] <= max(cut.core[0] - halo, 0)
        assert min(cut.core[1] + halo, side) <= cut.read[1] <= side


@pytest.mark.parametrize(("step", "halo"), [(1, 0), (1, 7), (2, 3), (4, 4), (8, 21), (16, 0), (32, 40)])
def test_every_side_is_cut_by_the_laws(step, halo):
    margin = -(-halo // step) * step
    for side in range(step, 201, step):
        for reading in range(min(2 * margin + step, side), side + 1, step):
            lawful(list(axis_tiles(side, margin, reading)), side, step, halo)


@pytest.mark.parametrize(("step", "halo", "scale", "most"), [(1, 3, 2, 400), (4, 9, 1, 3000), (8, 0, 3, 1000)])
def test_the_plan_of_every_height_and_width_up_to_200(step, halo, scale, most):
    contract = Contract("denoise", step=step, halo=halo, scale=scale)
    sides = range(step, 201, step)
    for height, width in product(sides, sides):
        found = plan_tiles((height, width), contract, lambda tall, wide: tall * wide <= most)
        assert found is not None
        assert found.read_size[0] * found.read_size[1] <= most
        lawful(list(found.rows), height, step, halo)
        lawful(list(found.columns), width, step, halo)


def test_a_plan_costs_less_than_half_again_what_the_best_square_grid_costs():
    contract = Contract("denoise", step=8, halo=20)
    for height, width in [(400, 4000), (1024, 1024), (2000, 3008)]:
        found = plan_tiles((height, width), contract, lambda tall, wide: tall * wide <= 256**2)
        assert found is not None
        tall, wide = found.read_size
        square = -(-(height - 48) // (256 - 48)) * -(-(width - 48) // (256 - 48)) * 256**2
        assert len(found) * tall * wide <= square


def test_what_fits_is_one_tile_and_what_cannot_be_is_none():
    contract = Contract("denoise", step=8, halo=20)
    whole = plan_tiles((64, 128), contract, lambda *_: True)
    assert whole is not None
    assert list(whole) == [Tile(AxisTile((0, 64), (0, 64)), AxisTile((0, 128), (0, 128)))]
    assert plan_tiles((640, 128), contract, lambda tall, wide: tall * wide < 56**2) is None
    everywhere = Contract("denoise", step=8, halo=None)
    assert plan_tiles((64, 128), everywhere, lambda tall, wide: tall * wide < 64 * 128) is None


@settings(max_examples=50)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 40), st.integers(1, 3))
def test_the_three_rectangles_put_the_whole_together(down, across, halo, scale):
    contract = Contract("denoise", step=8, halo=halo, scale=scale)
    size = (8 * down * 3, 8 * across * 4)
    x = np.arange(size[0] * size[1], dtype=np.float32).reshape(1, 1, *size)
    y = contract.blank(x)
    margin = contract.margin
    found = plan_tiles(size, contract, lambda tall, wide: max(tall, wide) <= 2 * margin + 16)
    assert found is not None
    for tile in found:
        y[tile.write] = x[tile.read].repeat(scale, axis=2).repeat(scale, axis=3)[tile.keep]
    np.testing.assert_array_equal(y, x.repeat(scale, axis=2).repeat(scale, axis=3))


@given(st.integers(0, 30), st.sampled_from([1, 4, 8]), st.integers(8, 96), st.data())
def test_halves_cover_a_tile_and_see_enough(halo, step, most, data):
    contract = Contract("denoise", step=step, halo=halo)
    size = data.draw(st.tuples(st.integers(1, 20), st.integers(1, 20)).map(lambda n: (n[0] * step, n[1] * step)))
    margin = contract.margin
    found = plan_tiles(size, contract, lambda tall, wide: max(tall, wide) <= 2 * margin + max(most // step, 1) * step)
    assert found is not None
    for tile in found:
        halves = split_tile(tile, contract)
        if halves is None:
            assert max(tile.rows.core[1] - tile.rows.core[0], tile.columns.core[1] - tile.columns.core[0]) <= step
            continue
        (one, other), name = halves, "rows" if halves[0].columns == tile.columns else "columns"
        first, second, whole = (getattr(tile, name) for tile in (one, other, tile))
        assert (first.core[0], first.core[1], second.core[1]) == (whole.core[0], second.core[0], whole.core[1])
        side = size[0] if name == "rows" else size[1]
        for half in (first, second):
            assert half.read[0] % step == half.read[1] % step == 0
            assert whole.read[0] <= half.read[0] <= max(half.core[0] - halo, 0)
            assert min(half.core[1] + halo, side) <= half.read[1] <= whole.read[1]
