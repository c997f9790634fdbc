"""The cache is complete or not there, and the crops out of it depend on their number alone."""

import errno
import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter

import numpy as np
import pytest

import repix
from repix.data import IGNORED, Crops, Encoding, Item, cache, find, store
from repix.data.crops import dihedral
from repix.errors import Unreadable, Unwritable, WrongUse
from tests.data import drawing
from tests.test_imports import loaded_by

TERNARY = Encoding("levels", (0, 1), ignored=2)


def items_of(root):
    return find(root).parts["train"].items


def stored(root, kept, encoding=None):
    return store(root, items_of(root), encoding, kept)


@pytest.fixture
def photos(tmp_path):
    return drawing.pictures(tmp_path / "photos", 5)


def leftovers(kept):
    return [entry.name for entry in kept.iterdir() if entry.name.startswith(".")]


def test_what_is_stored_is_what_is_read(photos, tmp_path):
    repix.write(repix.Picture(drawing.photo(9).astype(np.uint16) * 257), photos / "deep.png")
    repix.write(repix.Picture(drawing.photo(8).astype(np.float32) / 255), photos / "floats.tif")
    drawing.put(photos / "gray.png", drawing.photo(7, (33, 47), 1))
    found = stored(photos, tmp_path / "cache")
    assert len(found) == 8
    for item, (pixels,) in zip(found.items, (found[i] for i in range(8)), strict=True):
        expected = repix.read(photos / item.picture).pixels
        assert pixels.dtype == expected.dtype
        assert np.array_equal(pixels, expected)
        assert not pixels.flags.owndata


def test_alpha_is_left_out_and_masks_become_ids(tmp_path):
    drawing.put(tmp_path / "images" / "a.png", np.dstack([drawing.photo(1), np.full(drawing.SIZE, 9, np.uint8)]))
    drawing.put(tmp_path / "masks" / "a.png", drawing.blobs(1, 3))
    picture, ids = stored(tmp_path, tmp_path / "cache", TERNARY)[0]
    assert np.array_equal(picture, drawing.photo(1))
    assert np.array_equal(ids, np.where(drawing.blobs(1, 3) == 2, IGNORED, drawing.blobs(1, 3)))


def test_it_is_opened_and_not_built_again(photos, tmp_path, monkeypatch):
    first = stored(photos, tmp_path / "cache")
    monkeypatch.setattr(cache, "_build", lambda *_: pytest.fail("built again"))
    assert stored(photos, tmp_path / "cache").key == first.key


@pytest.mark.parametrize("change", ["content", "name", "encoding"])
def test_it_renews_itself(tmp_path, change):
    drawing.masks(tmp_path / "m", 3)
    first = stored(tmp_path / "m", tmp_path / "cache", Encoding("levels", (0, 255)))
    encoding = Encoding("levels", (255, 0)) if change == "encoding" else Encoding("levels", (0, 255))
    file = tmp_path / "m" / "images" / "01.jpg"
    if change == "content":
        before = file.stat()
        drawing.put(file, drawing.photo(50))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    if change == "name":
        file.rename(file.with_name("zz.jpg"))
        (tmp_path / "m" / "masks" / "01.png").rename(tmp_path / "m" / "masks" / "zz.png")
    second = stored(tmp_path / "m", tmp_path / "cache", encoding)
    assert second.key != first.key
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("damage", ["short", "no index", "index", "empty"])
def test_a_damaged_cache_is_made_again(photos, tmp_path, damage):
    place = tmp_path / "cache" / stored(photos, tmp_path / "cache").key
    pixels, index = place / "pixels.npy", place / "index.json"
    {
        "short": lambda: os.truncate(pixels, 1000),
        "no index": index.unlink,
        "index": lambda: index.write_text('{"bytes": 3, "places": [[]]}'),
        "empty": lambda: pixels.write_bytes(b""),
    }[damage]()
    again = stored(photos, tmp_path / "cache")
    assert all(np.array_equal(again[i][0], drawing.photo(i)) for i in range(5))


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_a_full_disk_leaves_nothing_and_says_so(photos, tmp_path, monkeypatch, allowed):
    writes = itertools.count()

    def settle(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    def colors(picture):
        if next(writes) >= allowed:
            raise OSError(errno.ENOSPC, "No space left on device")
        return picture.pixels

    monkeypatch.setattr(cache, "_settle", settle)
    monkeypatch.setattr(cache, "_colors", colors)
    with pytest.raises(Unwritable, match=r"the disk is full\. Name another folder"):
        stored(photos, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
    monkeypatch.undo()
    assert len(stored(photos, tmp_path / "cache")) == 5


def _build_on_a_small_disk(photos, kept):
    """The system refuses to let a file grow beyond 30 000 bytes, in the middle of a picture."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
    try:
        stored(photos, kept)
    except Unwritable:
        sys.exit(7)


def test_a_write_that_the_system_refuses_half_way_leaves_nothing(photos, tmp_path):
    process = multiprocessing.get_context("spawn").Process(
        target=_build_on_a_small_disk, args=(photos, tmp_path / "cache")
    )
    process.start()
    process.join()
    assert process.exitcode == 7
    assert not list((tmp_path / "cache").iterdir())


def _build_and_die(photos, kept, after):
    """Build, and be killed when so many pictures are decoded, or just before the renaming."""
    seen = itertools.count()
    colors = cache._colors

    def deadly(file):
        if next(seen) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return colors(file)

    cache._colors = deadly
    if after < 0:
        cache._put_in_place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    stored(photos, kept)


@pytest.mark.parametrize("after", [0, 3, -1])
def test_killed_half_way_leaves_no_cache_and_the_next_one_is_whole(photos, tmp_path, after):
    kept = tmp_path / "cache"
    process = multiprocessing.get_context("spawn").Process(target=_build_and_die, args=(photos, kept, after))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert [entry for entry in kept.iterdir() if not entry.name.startswith(".")] == []
    assert len(leftovers(kept)) == 1
    again = stored(photos, kept)
    assert all(np.array_equal(again[i][0], drawing.photo(i)) for i in range(5))
    old = time.time() - 2 * cache.DAY
    os.utime(kept / leftovers(kept)[0], (old, old))
    drawing.put(photos / "new.png", drawing.photo(60))
    stored(photos, kept)
    assert leftovers(kept) == []


def _build_when_told(photos, kept, barrier, results):
    put = cache._put_in_place

    def together(*args):
        barrier.wait()
        put(*args)

    cache._put_in_place = together
    found = stored(photos, kept)
    results.put([int(found[i][0].astype(np.int64).sum()) for i in range(len(found))])


def test_two_processes_at_once_end_with_one_whole_cache(photos, tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    both = [
        context.Process(target=_build_when_told, args=(photos, tmp_path / "cache", barrier, results)) for _ in range(2)
    ]
    for process in both:
        process.start()
    sums = [results.get(timeout=60) for _ in both]
    for process in both:
        process.join()
    assert sums[0] == sums[1] == [int(drawing.photo(i).astype(np.int64).sum()) for i in range(5)]
    assert leftovers(tmp_path / "cache") == []
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_an_unreadable_picture_leaves_nothing(photos, tmp_path):
    (photos / "02.png").write_bytes(b"no picture")
    with pytest.raises(Unreadable, match=r"02\.png"):
        stored(photos, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_what_nobody_opened_for_a_month_is_cleared_away_and_nothing_else(photos, tmp_path):
    kept = tmp_path / "cache"
    key = stored(photos, kept).key
    (kept / "mine").mkdir()
    os.utime(kept / key / "index.json", (0, 0))
    os.utime(kept / "mine", (0, 0))
    drawing.put(photos / "new.png", drawing.photo(60))
    newer = stored(photos, kept).key
    assert {entry.name for entry in kept.iterdir()} == {"mine", newer}


def test_a_folder_that_cannot_be_made(photos, tmp_path):
    drawing.put(tmp_path / "file.png", drawing.photo(1))
    with pytest.raises(Unwritable, match="Name another folder"):
        stored(photos, tmp_path / "file.png" / "cache")
    with pytest.raises(WrongUse, match="no items"):
        store(photos, (), folder=tmp_path)
    with pytest.raises(Unreadable, match="nowhere"):
        store(photos, [Item("nowhere.png")], folder=tmp_path)


def test_a_crop_depends_on_the_seed_and_its_number_alone(photos, tmp_path):
    found = stored(photos, tmp_path / "cache")
    forwards = [Crops(found, 32, seed=3)[i][0] for i in range(20)]
    crops = Crops(stored(photos, tmp_path / "other"), 32, seed=3)
    for i in reversed(range(20)):
        assert np.array_equal(crops[i][0], forwards[i])
    assert not all(np.array_equal(Crops(found, 32, seed=4)[i][0], forwards[i]) for i in range(20))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_is_its_crops_one_after_the_other(photos, tmp_path, channels):
    for _ in ("all of 8 bits", "one of 16 bits"):
        crops = Crops(stored(photos, tmp_path / "cache"), 24, channels=channels)
        (batch,) = crops.batch(2, 7)
        assert batch.dtype == np.float32
        for place in range(7):
            assert np.array_equal(batch[place], crops[14 + place][0])
        repix.write(repix.Picture(drawing.photo(9).astype(np.uint16) * 257), photos / "deep.png", overwrite=True)


def test_every_picture_comes_once_before_any_comes_again(photos, tmp_path):
    for number, path in enumerate(sorted(photos.iterdir())):
        drawing.put(path, np.full((40, 40), 10 * number, np.uint8))
    crops = Crops(stored(photos, tmp_path / "cache"), 8)
    rounds = [[round(float(crops[5 * epoch + i][0][0, 0, 0]) * 255) for i in range(5)] for epoch in range(20)]
    assert all(sorted(one) == [0, 10, 20, 30, 40] for one in rounds)
    assert len({tuple(one) for one in rounds}) > 10


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_source_and_target_are_cut_and_turned_alike(tmp_path, scale):
    source = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50)
    repix.write(repix.Picture(source), _in(tmp_path / "source") / "a.png")
    repix.write(repix.Picture(source.repeat(scale, 0).repeat(scale, 1)), _in(tmp_path / "target") / "a.png")
    crops = Crops(stored(tmp_path, tmp_path / "cache"), 16)
    for i in range(30):
        picture, target = crops[i]
        assert picture.shape == (16, 16, 1)
        assert np.array_equal(picture.repeat(scale, 0).repeat(scale, 1), target)


def test_zoomed_crops_are_pieces_of_other_sizes_brought_to_one(tmp_path):
    """On a slope a pixel's number says where it was, so neighbors differ by 1 / zoom; its class is the same number."""
    slope = np.broadcast_to(np.arange(0, 240, 2, dtype=np.uint8), (96, 120))
    drawing.put(_in(tmp_path / "train") / "a.png", slope)
    drawing.put(_in(tmp_path / "train-labels") / "a.png", slope)
    item = Item("train/a.png", "train-labels/a.png")
    encoding = Encoding("levels", tuple(range(0, 240, 2)))
    crops = Crops(store(tmp_path, [item], encoding, folder=tmp_path / "cache"), 32, symmetries=1, zoom=(0.5, 2.0))
    zooms = []
    for number in range(60):
        picture, classes = crops[number]
        assert (picture.shape, classes.shape) == ((32, 32, 1), (32, 32))
        place = picture[:, :, 0] * 255 / 2
        zooms.append(31 / (place[0, -1] - place[0, 0]))
        assert np.abs(place - classes)[:, 2:-2].max() <= 1.01
    assert 0.5 <= min(zooms) < 0.6
    assert 1.6 < max(zooms) < 2.2


def _in(folder):
    folder.mkdir(parents=True)
    return folder


def test_crops_reach_every_place_and_every_turn_as_often(tmp_path):
    drawing.put(tmp_path / "a.png", np.arange(9, dtype=np.uint8).reshape(3, 3))
    for symmetries in (1, 2, 8):
        crops = Crops(stored(tmp_path, tmp_path / "cache"), 2, symmetries=symmetries)
        seen = Counter(tuple((255 * crops[i][0]).round().astype(int).ravel()) for i in range(3200))
        assert len(seen) == 4 * symmetries
        assert min(seen.values()) > 3200 / (4 * symmetries) * 0.6


def test_the_eight_ways_are_those_of_the_square():
    square = np.arange(9).reshape(3, 3)
    ways = {dihedral(square, turn).tobytes() for turn in range(8)}
    assert ways == {np.rot90(side, k).tobytes() for side in (square, square.T) for k in range(4)}


def test_crops_as_gray_or_color_alike(photos, tmp_path):
    drawing.put(photos / "gray.png", drawing.photo(7, channels=1))
    found = stored(photos, tmp_path / "cache")
    with pytest.raises(WrongUse, match="channels=1 or channels=3"):
        Crops(found, 16).batch(0, 6)
    assert Crops(found, 16, channels=1).batch(0, 6)[0].shape == (6, 16, 16, 1)
    (color,) = Crops(found, 16, channels=3).batch(0, 6)
    assert color.shape == (6, 16, 16, 3)
    assert color.dtype == np.float32


def test_pictures_that_are_too_small_are_left_out_and_counted(photos, tmp_path):
    drawing.put(photos / "small.png", drawing.photo(7, (20, 90)))
    found = stored(photos, tmp_path / "cache")
    assert len(Crops(found, 21).used) == 5
    assert len(Crops(found, 20).used) == 6
    with pytest.raises(WrongUse, match="choose at most 80"):
        Crops(found, 81)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"seed": -1},
        {"symmetries": 3},
        {"channels": 2},
        {"size": True},
        {"size": 8.0},
        {"seed": 2**64},
        {"zoom": (2.0, 1.0)},
    ],
)
def test_nonsense_is_refused(photos, tmp_path, wrong):
    with pytest.raises(WrongUse, match=next(iter(wrong))):
        Crops(**{"cache": stored(photos, tmp_path / "cache"), "size": 8} | wrong)


def test_there_is_no_crop_before_the_first(photos, tmp_path):
    with pytest.raises(WrongUse, match="no crop -1"):
        Crops(stored(photos, tmp_path / "cache"), 8)[-1]


def test_files_that_are_no_pair_are_refused(tmp_path):
    drawing.put(drawing.pairs(tmp_path, 3) / "target" / "01.png", drawing.photo(1, (96, 81)))
    with pytest.raises(WrongUse, match=r"source/01\.png is 80×96 and target/01\.png is 81×96"):
        Crops(stored(tmp_path, tmp_path / "cache"), 8)


def test_data_needs_no_torch():
    assert not loaded_by("import repix.data") & {"torch", "pyvips"}
