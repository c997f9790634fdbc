"""Mask encodings: found by looking, there and back without loss."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from repix.data import IGNORED, Encoding, detect
from repix.data.masks import look_at
from repix.data.raw import read_mask
from repix.errors import RepixError, Unreadable, WrongUse
from tests.data import drawing

VOC = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), *[(9, 9, 9)] * 251, (224, 224, 192)]
ENCODINGS = (
    Encoding("levels", (0, 255)),
    Encoding("levels", tuple(range(11)), ignored=11, names=tuple("abcdefghijk")),
    Encoding("levels", (1, 2, 3)),
    Encoding("levels", (0, 300, 65535), ignored=7),
    Encoding("palette", (0, 1, 3), ignored=255, palette=(0, 0x800000, 0x808000, 0xE0E0C0)),
    Encoding("colours", (0x000000, 0x00FF00, 0xFF0000), ignored=0xFFFFFF),
)


def detected(*paths, **settings):
    return detect([look_at(read_mask(path)) for path in paths], **settings)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_an_encoding_travels_as_json(encoding):
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(ENCODINGS), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_ids_go_there_and_back(encoding, height, width, seed):
    choices = [*range(encoding.classes), *([] if encoding.ignored is None else [IGNORED])]
    ids = np.random.default_rng(seed).choice(choices, (height, width)).astype(np.uint8)
    mask = encoding.from_ids(ids)
    assert np.array_equal(encoding.to_ids(mask), ids)
    assert np.array_equal(encoding.from_ids(encoding.to_ids(mask)), mask)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("optimize", [False, True])
def test_indices_of_a_palette_are_read_as_pillow_reads_them(tmp_path, bits, optimize):
    ids = drawing.blobs(3, 2 ** min(bits, 4))
    path = tmp_path / "a.png"
    image = Image.frombytes("P", ids.shape[::-1], ids.tobytes())
    image.putpalette([part for number in range(2**bits) for part in (number, 255 - number, 7)])
    image.info["transparency"] = 0
    image.save(path, bits=bits, optimize=optimize)
    with Image.open(path) as again:
        assert again.mode == "P"
        indices, table = np.asarray(again), np.asarray(again.getpalette()).reshape(-1, 3)
    mask = read_mask(path)
    assert np.array_equal(mask.pixels, indices)
    colours = [(c >> 16, c >> 8 & 255, c & 255) for c in mask.palette]
    assert np.array_equal(np.array(colours)[mask.pixels], table[indices])


def test_grey_of_few_bits_is_not_stretched(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(drawing.blobs(3, 2).astype(bool)).save(path)
    assert np.array_equal(read_mask(path).pixels, drawing.blobs(3, 2))


def test_0_and_255_are_found(tmp_path):
    path = drawing.put(tmp_path / "a.png", drawing.blobs(1, 2) * np.uint8(255))
    assert detected(path) == Encoding("levels", (0, 255))
    assert np.array_equal(detected(path).read(path), drawing.blobs(1, 2))


def test_0_and_255_written_as_colours_are_levels(tmp_path):
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


def test_a_palette_is_stored_with_its_colours(tmp_path):
    ids = drawing.blobs(1, 4).copy()
    ids[:4] = 255
    path = drawing.put_palette(tmp_path / "a.png", ids, VOC)
    encoding = detected(path)
    assert encoding == Encoding(
        "palette", (0, 1, 2, 3), ignored=255, palette=(0, 0x800000, 0x008000, 0x808000, 0xE0E0C0)
    )
    assert np.array_equal(encoding.read(path), ids)


def test_palettes_that_disagree_become_colours(tmp_path):
    ids = drawing.blobs(1, 2)
    one = drawing.put_palette(tmp_path / "a.png", ids, [(255, 0, 0), (0, 0, 255)])
    other = drawing.put_palette(tmp_path / "b.png", ids, [(0, 0, 255), (255, 0, 0)])
    encoding = detected(one, other)
    assert encoding == Encoding("colours", (0x0000FF, 0xFF0000))
    assert np.array_equal(encoding.read(one), 1 - encoding.read(other))


def test_colours_are_found(tmp_path):
    table = np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0)], np.uint8)
    path = drawing.put(tmp_path / "a.png", table[drawing.blobs(1, 3)])
    encoding = detected(path)
    assert encoding == Encoding("colours", (0x000000, 0x00FF00, 0xFF0000))
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
    assert not any(look_at(_grey(mask)).smeared for mask in masks)


def _grey(mask):
    from repix.data.raw import RawMask

    return RawMask(mask, "grey")


def test_the_given_masks(shared):
    camvid = detected(*sorted((shared / "camvid" / "val-labels").iterdir())[::20], ignored=11)
    assert camvid == Encoding("levels", tuple(range(11)), ignored=11)
    assert detected(*sorted((shared / "membrane" / "train-labels").iterdir())[::10]).values == (0, 255)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Encoding("levels", ()), "must be 1 to 255"),
        (lambda: Encoding("levels", (1, 1)), "differ"),
        (lambda: Encoding("levels", (0, 1), ignored=1), "differ"),
        (lambda: Encoding("grey", (0,)), "choose from"),
        (lambda: Encoding("levels", (0, 1), names=("a",)), "1 names for 2"),
        (lambda: ENCODINGS[0].to_ids(np.full((2, 2), 7, np.uint8)), "holds 7 in row 0 and column 0"),
        (lambda: ENCODINGS[0].to_ids(np.zeros((2, 2, 3), np.uint8)), "must be H×W"),
        (lambda: ENCODINGS[0].to_ids(np.zeros((2, 2))), "whole numbers"),
        (lambda: ENCODINGS[5].to_ids(np.zeros((2, 2), np.uint8)), "H×W×3"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), 2)), "holds? 2"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), 255)), "holds? 255"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), -1)), "holds? -1"),
        (lambda: ENCODINGS[0].from_ids(np.zeros((1, 1))), "whole numbers"),
        (lambda: Encoding.from_json({"kind": "levels", "values": [0], "more": 1}), "not one that repix made"),
        (lambda: Encoding.from_json({"kind": "levels", "values": "ab"}), "not one that repix made"),
        (lambda: Encoding.from_json({"kind": "levels", "values": 5}), "not one that repix made"),
        (lambda: Encoding.from_json({"values": [0]}), "kind is ''"),
        (lambda: detect([]), "no masks"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(call, message):
    with pytest.raises(RepixError, match=message):
        call()


def test_a_strange_value_in_a_file_names_the_file(tmp_path):
    path = drawing.put(tmp_path / "a.png", np.full((4, 4), 9, np.uint8))
    with pytest.raises(Unreadable, match=r"a\.png: The mask holds 9"):
        ENCODINGS[0].read(path)
    with pytest.raises(Unreadable, match="the others as palette"):
        ENCODINGS[4].read(path)
