"""Hidden colors (alpha 0) do not change the visible result, for every task; invalid values are refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import WHOLE, Budget, Contract, convert, converter, open_model, predict
from repix.conversion.convert import convert_bands
from repix.conversion.row_source import StreamedRows
from repix.conversion.tile_runner import TileRunner
from repix.errors import WrongUse
from repix.models import catalog
from repix.pictures import DEPTHS, Picture
from repix.pictures.transparent_pixels import GRID, REACH, fill_transparent
from tests.conversion.test_convert import FromAbove
from tests.given import count
from tests.tasks.drawn import VARIANTS, task_of

STRANGE = (np.nan, np.inf, -np.inf, 1e38, -7.0, 0.0)
"""Values of a float picture in hidden pixels."""
TIMES = count(12, 1000)
"""How often each law is tried."""
SEEDS = st.integers(0, 2**32 - 1)


class Around:
    """Each pixel: the mean of nine pixels around it, for any task; in classes, how near it is to each one's share."""

    def __init__(self, variant: str) -> None:
        task = task_of(variant)
        self.contract = Contract(
            task.name, VARIANTS[variant][1], channels=task.channels, scale=task.scale, step=2, halo=3, bytes_per_pixel=8
        )

    def run(self, x: np.ndarray) -> np.ndarray:
        self.contract.require(x)
        (_, wanted), scale, (height, width) = self.contract.channels, self.contract.scale, x.shape[2:]
        padded = np.pad(x, ((0, 0), (0, 0), (3, 3), (3, 3)))
        mean = sum(padded[:, :, i : i + height, j : j + width] for i in (0, 3, 6) for j in (0, 3, 6)) / np.float32(9)
        shares = (np.arange(wanted, dtype=np.float32) / wanted).reshape(-1, 1, 1)
        whole = np.ones_like(mean[:, :1])  # a mask of corrupted pixels, for a task that has one
        y = (
            np.concatenate([mean, whole], 1)[:, :wanted]
            if self.contract.task in ("denoise", "deblur", "upscale")
            else np.abs(mean.sum(1)[:, None] - shares)
        )
        return y.repeat(scale, axis=2).repeat(scale, axis=3).astype(np.float32)


def half_hidden(size: tuple[int, int], channels: int, depth: str, seed: int) -> Picture:
    """Noise, and an alpha of patches: hidden, opaque or something between."""
    rng = np.random.default_rng(seed)
    patch = rng.integers(1, 40)
    coarse = rng.choice(
        [0.0, 1.0, rng.random()], (size[0] // patch + 1, size[1] // patch + 1), p=rng.dirichlet([1] * 3)
    )
    alpha = coarse.repeat(patch, 0).repeat(patch, 1)[: size[0], : size[1], None]
    return Picture.of(rng.random((*size, channels - 1)), alpha, depth)


def elsewhere(picture: Picture, seed: int) -> Picture:
    """The same picture with other hidden colors."""
    rng, pixels = np.random.default_rng(seed), picture.pixels.copy()
    hidden = pixels[:, :, -1] == 0
    shape = (int(hidden.sum()), pixels.shape[2] - 1)
    if picture.depth == "float":
        pixels[hidden, :-1] = rng.choice(STRANGE, shape)
    else:
        pixels[hidden, :-1] = rng.integers(0, np.iinfo(pixels.dtype).max, shape, endpoint=True)
    return replace(picture, pixels=pixels)


def require_same_where_seen(one: Picture, other: Picture, scale: int) -> None:
    """To the bit: all of a result that is opaque or of another size, else where its alpha is not 0."""
    seen = np.ones(one.size, bool) if scale > 1 or not one.has_alpha else one.pixels[:, :, -1] > 0
    np.testing.assert_array_equal(one.pixels[seen], other.pixels[seen])


@pytest.mark.drawn
@settings(max_examples=TIMES, deadline=None)
@given(
    st.sampled_from(sorted(VARIANTS)),
    st.tuples(st.integers(1, 150), st.integers(1, 150)),
    st.sampled_from([2, 4]),
    st.sampled_from(sorted(DEPTHS)),
    st.integers(8, 60),
    SEEDS,
)
def test_hidden_colors_change_nothing_that_is_seen(variant, size, channels, depth, tile, seed):
    engine, picture = Around(variant), half_hidden(size, channels, depth, seed)
    scale, other = engine.contract.scale, elsewhere(picture, seed + 1)
    whole = convert(picture, engine, WHOLE)
    changed = convert(other, engine, Budget(tile=tile))
    require_same_where_seen(whole, changed, scale)
    if variant.startswith("segment"):
        np.testing.assert_array_equal(predict(picture, engine), predict(other, engine, Budget(tile=tile)))
    elif scale == 1 and changed.has_alpha:
        hidden = other.pixels[:, :, -1] == 0
        source = other.pixels[hidden][:, :-1]
        np.testing.assert_array_equal(changed.pixels[hidden][:, :-1], np.broadcast_to(source, (len(source), 3))
                                      if changed.pixels.shape[2] == 4 else source)  # fmt: skip


@pytest.mark.drawn
@settings(max_examples=TIMES // 4, deadline=None)
@given(st.tuples(st.integers(1, 150), st.integers(1, 150)), st.sampled_from([2, 4]), st.integers(8, 60), SEEDS)
def test_tiles_and_bands_of_a_picture_with_hidden_parts_equal_the_whole(size, channels, tile, seed):
    engine, picture = Around("denoise"), half_hidden(size, channels, "16", seed)
    whole = convert(picture, engine, WHOLE).pixels
    plan = Budget(tile=tile).plan(picture.size, picture, engine.contract)
    bands = list(convert_bands(StreamedRows(FromAbove(picture)), TileRunner(engine), plan))
    np.testing.assert_array_equal(np.concatenate([band.pixels for band in bands]), whole)
    np.testing.assert_array_equal(convert(picture, engine, Budget(tile=tile)).pixels, whole)


@pytest.mark.drawn
@settings(max_examples=TIMES, deadline=None)
@given(st.tuples(st.integers(1, 300), st.integers(1, 300)), st.sampled_from(sorted(DEPTHS)), SEEDS)
def test_a_part_is_filled_as_the_whole_picture_is(size, depth, seed):
    picture, rng = half_hidden(size, 4, depth, seed), np.random.default_rng(seed)
    whole = fill_transparent(elsewhere(picture, seed)).pixels
    (top, bottom), (left, right) = (sorted(rng.integers(0, side + 1, 2)) for side in size)
    begin, at = (max(top - REACH, 0) // GRID * GRID, max(left - REACH, 0) // GRID * GRID)
    part = picture.pixels[begin : bottom + REACH, at : right + REACH]
    if part.size:
        found = fill_transparent(replace(picture, pixels=part)).pixels[
            top - begin : bottom - begin, left - at : right - at
        ]
        np.testing.assert_array_equal(found, whole[top:bottom, left:right])
    seen = picture.pixels[:, :, -1] > 0
    np.testing.assert_array_equal(whole[seen], picture.pixels[seen])
    np.testing.assert_array_equal(whole[:, :, -1], picture.pixels[:, :, -1])


@pytest.mark.parametrize("depth", sorted(DEPTHS))
def test_a_hidden_part_takes_the_color_around_it_and_far_away_it_is_gray(depth):
    pixels = Picture.of(np.full((400, 400, 3), [0.25, 0.5, 0.75]), np.zeros((400, 400)), depth).pixels.copy()
    pixels[:200, :, -1] = pixels.max() if depth != "float" else 1
    pixels[200:, :, :-1] = 0
    white = 1 if depth == "float" else np.iinfo(pixels.dtype).max
    found = fill_transparent(Picture(pixels)).pixels[:, 5, :-1] / white
    np.testing.assert_allclose(found[:204], np.tile([0.25, 0.5, 0.75], (204, 1)), atol=0.02)
    np.testing.assert_allclose(found[200 + REACH :], 0.5, atol=0.003)
    assert np.abs(np.diff(found, axis=0)).max() < 0.05, "there is an edge that the picture has not"


@pytest.mark.parametrize("name", sorted(catalog()))
def test_a_model_that_comes_with_repix_sees_nothing_hidden(name):
    engine = open_model(name, precision="exact", threads=1)
    seed = sum(name.encode())
    picture = half_hidden((41, 53), 4, "8", seed)
    one, other = (convert(given, engine, WHOLE) for given in (picture, elsewhere(picture, seed)))
    require_same_where_seen(one, other, engine.contract.scale)


ABSURD = (1e17, -1e18, 1.1e18, 1e30, -1e38, float(np.finfo(np.float32).max))


@pytest.mark.drawn
@settings(max_examples=TIMES, deadline=None)
@given(
    st.sampled_from(sorted(VARIANTS)),
    st.integers(1, 4),
    st.lists(st.sampled_from(ABSURD), min_size=1, max_size=4),
    SEEDS,
)
def test_absurd_floats_are_refused_or_give_numbers(variant, channels, absurd, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.random((9, 12, channels), np.float32)
    pixels[rng.integers(0, 9, len(absurd)), rng.integers(0, 12, len(absurd)), 0] = absurd
    if channels in (2, 4):
        pixels[:, :, -1] = 1
    turn = converter(Around(variant))
    if np.abs(pixels).max() > 1e18:
        with pytest.raises(WrongUse, match="where white is 1"):
            turn(pixels)
    else:
        assert np.isfinite(turn(pixels)).all()


def test_absurd_floats_give_no_probabilities_that_are_none():
    pixels = np.full((32, 32, 3), 1e38, np.float32)
    with pytest.raises(WrongUse, match=r"holds values of 1e\+38, where white is 1"):
        converter("segment-street", threads=1)(pixels)
    likely = converter("segment-street", threads=1)(np.full((32, 32, 3), 1e18, np.float32))
    assert np.isfinite(likely).all()
