"""Mask encodings, found by looking."""

import io

import numpy as np
import pytest
from PIL import Image

from repix.data import IGNORED, Encoding, detect
from repix.data.mask_scan import scan_mask
from repix.errors import WrongUse
from repix.masks import read_mask
from tests.data import drawing

VOC = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), *[(9, 9, 9)] * 251, (224, 224, 192)]


def detected(*paths, **settings):
    return detect([scan_mask(read_mask(path)) for path in paths], **settings)


def test_0_and_255_are_found(tmp_path):
    path = drawing.put(tmp_path / "a.png", drawing.blobs(1, 2) * np.uint8(255))
    assert detected(path) == Encoding("levels", (0, 255))
    assert np.array_equal(detected(path).read(path), drawing.blobs(1, 2))


def test_0_and_255_written_as_colors_are_levels(tmp_path):
    level = drawing.blobs(1, 2) * np.uint8(255)
    path = drawing.put(tmp_path / "a.png", np.stack([level] * 3, axis=2))
    assert detected(path) == Encoding("levels", (0, 255))
    assert np.array_equal(detected(path).read(path), drawing.blobs(1, 2))


def test_ids_are_found_over_all_masks(tmp_path):
    paths = [drawing.put(tmp_path / f"{n}.png", drawing.blobs(n, 4) + np.uint8(n)) for n in range(3)]
    assert detected(*paths) == Encoding("levels", tuple(range(6)))
    assert detected(*paths, ignored=5) == Encoding("levels", tuple(range(5)), ignored=5)


def test_255_beside_ids_is_ignored(tmp_path):
    ids = drawing.blobs(1, 5)
    path = drawing.put(tmp_path / "a.png", np.where(ids == 4, 255, ids).astype(np.uint8))
    encoding = detected(path)
    assert encoding == Encoding("levels", (0, 1, 2, 3), ignored=255)
    assert np.array_equal(encoding.read(path), np.where(ids == 4, IGNORED, ids))


def test_a_palette_is_stored_with_its_colors(tmp_path):
    ids = drawing.blobs(1, 4).copy()
    ids[:4] = 255
    path = drawing.put_palette(tmp_path / "a.png", ids, VOC)
    encoding = detected(path)
    assert encoding == Encoding(
        "palette", (0, 1, 2, 3), ignored=255, palette=(0, 0x800000, 0x008000, 0x808000, 0xE0E0C0)
    )
    assert np.array_equal(encoding.read(path), ids)


def test_palettes_that_disagree_become_colors(tmp_path):
    ids = drawing.blobs(1, 2)
    one = drawing.put_palette(tmp_path / "a.png", ids, [(255, 0, 0), (0, 0, 255)])
    other = drawing.put_palette(tmp_path / "b.png", ids, [(0, 0, 255), (255, 0, 0)])
    encoding = detected(one, other)
    assert encoding == Encoding("colors", (0x0000FF, 0xFF0000))
    assert np.array_equal(encoding.read(one), 1 - encoding.read(other))


def test_colors_are_found(tmp_path):
    table = np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0)], np.uint8)
    path = drawing.put(tmp_path / "a.png", table[drawing.blobs(1, 3)])
    encoding = detected(path)
    assert encoding == Encoding("colors", (0x000000, 0x00FF00, 0xFF0000))
    assert np.array_equal(encoding.from_ids(encoding.read(path)), table[drawing.blobs(1, 3)])


@pytest.mark.parametrize("quality", [50, 75, 95])
@pytest.mark.parametrize("classes", [2, 5])
def test_masks_smeared_by_jpeg_are_refused(tmp_path, quality, classes):
    level = drawing.blobs(1, classes) * np.uint8(255 // (classes - 1))
    path = drawing.put(tmp_path / "a.jpg", np.roll(level, (3, 2), (0, 1)), quality=quality)
    with pytest.raises(WrongUse, match="JPEG or smooth resizing"):
        detected(path)


def test_masks_that_went_through_jpeg_into_a_png_are_refused(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(np.roll(drawing.blobs(1, 2) * np.uint8(255), 3, 0)).save(stream, "JPEG")
    Image.open(stream).save(tmp_path / "a.png")
    with pytest.raises(WrongUse, match="JPEG or smooth resizing"):
        detected(tmp_path / "a.png")


def test_a_photo_is_no_mask(tmp_path):
    with pytest.raises(WrongUse, match="more than 4096 different values"):
        detected(drawing.put(tmp_path / "a.png", drawing.photo(3, (200, 200))))


@pytest.mark.parametrize("classes", [2, 12, 48])
def test_clean_masks_are_never_called_smeared(classes):
    masks = (drawing.blobs(number, classes, (60, 50)) for number in range(5))
    assert not any(scan_mask(_gray(mask)).smeared for mask in masks)


def _gray(mask):
    from repix.masks import RawMask

    return RawMask(mask, "gray")


def test_the_given_masks(shared):
    camvid = detected(*sorted((shared / "camvid" / "val-labels").iterdir())[::20], ignored=11)
    assert camvid == Encoding("levels", tuple(range(11)), ignored=11)
    assert detected(*sorted((shared / "membrane" / "train-labels").iterdir())[::10]).values == (0, 255)


def test_a_palette_that_shows_two_classes_alike_is_refused(tmp_path):
    path = drawing.put_palette(tmp_path / "a.png", drawing.blobs(1, 2), [(9, 9, 9), (9, 9, 9)])
    with pytest.raises(WrongUse, match="one color for two classes"):
        detected(path)


def test_an_index_that_no_mask_shows_has_its_color_of_the_palette(tmp_path):
    path = drawing.put_palette(tmp_path / "a.png", drawing.blobs(1, 2), [(0, 0, 0), (1, 2, 3), (4, 5, 6)])
    assert detected(path, ignored=2).palette == (0, 0x010203, 0x040506)
    assert detected(path, ignored=255).palette == (0, 0x010203, 0xFFFFFF)


def test_nothing_to_look_at_is_refused():
    with pytest.raises(WrongUse, match="no masks"):
        detect([])
