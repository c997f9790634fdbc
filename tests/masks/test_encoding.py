"""Encodings: classes there and back, from files and from pictures, with one answer."""

import json
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import repix
from repix import Picture
from repix.data import detect
from repix.data.mask_scan import scan_mask
from repix.errors import RepixError, Unreadable
from repix.masks import IGNORED, Encoding, read_mask
from tests.data import drawing

ENCODINGS = (
    Encoding("levels", (0, 255)),
    Encoding("levels", tuple(range(11)), ignored=11, names=tuple("abcdefghijk")),
    Encoding("levels", (1, 2, 3)),
    Encoding("levels", (0, 300, 65535), ignored=7),
    Encoding("palette", (0, 1, 3), ignored=255, palette=(0, 0x800000, 0x808000, 0xE0E0C0)),
    Encoding("colors", (0x000000, 0x00FF00, 0xFF0000), ignored=0xFFFFFF),
)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_an_encoding_travels_as_json(encoding):
    assert Encoding.from_dict(json.loads(json.dumps(encoding.to_dict()))) == encoding


@settings(max_examples=20)
@given(st.sampled_from(ENCODINGS), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_ids_go_there_and_back(encoding, height, width, seed):
    choices = [*range(encoding.classes), *([] if encoding.ignored is None else [IGNORED])]
    ids = np.random.default_rng(seed).choice(choices, (height, width)).astype(np.uint8)
    mask = encoding.from_ids(ids)
    assert np.array_equal(encoding.to_ids(mask), ids)
    assert np.array_equal(encoding.from_ids(encoding.to_ids(mask)), mask)


def ids_of_every_class(encoding, size=(40, 30)):
    """Class ids in broad patches, some of them ignored."""
    few = [*range(encoding.classes), *([] if encoding.ignored is None else [IGNORED])]
    return np.array(few, np.uint8)[drawing.blobs(1, len(few), size)]


def put(path, encoding, ids):
    """The mask as Pillow writes it, from the encoding's fields alone."""
    values = dict(zip([*range(encoding.classes), IGNORED], [*encoding.values, encoding.ignored or 0], strict=True))
    mask = np.vectorize(values.get)(ids)
    if encoding.kind == "palette":
        table = dict(zip([*encoding.values, encoding.ignored or 0], encoding.palette, strict=False))
        colors = [table.get(index, 0x090909) for index in range(256)]
        return drawing.put_palette(path, mask.astype(np.uint8), [(c >> 16, c >> 8 & 255, c & 255) for c in colors])
    if encoding.kind == "colors":
        return drawing.put(path, np.stack([mask >> 16, mask >> 8 & 255, mask & 255], axis=2).astype(np.uint8))
    return drawing.put(path, mask.astype(np.uint16 if max(encoding.values) > 255 else np.uint8))


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_a_file_and_its_picture_have_the_same_classes(tmp_path, encoding):
    """Data reads palette indices as they stand, tasks see the colors; levels, colors, 0/255, 16 bits, ignored."""
    ids = ids_of_every_class(encoding)
    path = put(tmp_path / "a.png", encoding, ids)
    np.testing.assert_array_equal(encoding.read(path), ids)
    np.testing.assert_array_equal(encoding.ids_of(repix.read(path)), ids)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_what_is_drawn_is_what_the_file_shows(tmp_path, encoding):
    ids = ids_of_every_class(encoding)
    shown = repix.read(put(tmp_path / "a.png", encoding, ids))
    np.testing.assert_array_equal(encoding.to_pixels(ids), shown.pixels)
    repix.write(Picture(encoding.to_pixels(ids)), tmp_path / "b.png")
    np.testing.assert_array_equal(encoding.ids_of(repix.read(tmp_path / "b.png")), ids)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_the_task_is_made_from_what_was_detected(tmp_path, encoding):
    """From a folder's masks to the task in one call, and both give the same class numbers."""
    from repix import registry
    from repix.tasks.segment import settings_for

    ids = ids_of_every_class(encoding)
    path = put(tmp_path / "a.png", encoding, ids)
    found = detect([scan_mask(read_mask(path))], encoding.ignored)
    task = registry.get("tasks", "segment")(settings_for(found))
    assert task.settings.encoding == found
    assert registry.get("tasks", "segment")(task.settings.to_dict()).settings == task.settings
    np.testing.assert_array_equal(task.encode_target(repix.read(path))[0], found.read(path))
    np.testing.assert_array_equal(task.encode_target(repix.read(path))[0], ids)


def test_a_gray_palette_is_a_palette_in_both_forms(tmp_path):
    """Its picture may be read as gray, and an index is not its level."""
    encoding = Encoding("palette", (0, 1, 2), palette=(0xFFFFFF, 0x808080, 0x000000))
    ids = ids_of_every_class(encoding)
    path = put(tmp_path / "a.png", encoding, ids)
    np.testing.assert_array_equal(encoding.read(path), ids)
    np.testing.assert_array_equal(encoding.ids_of(repix.read(path)), ids)
    np.testing.assert_array_equal(encoding.ids_of(Picture(np.array([[0, 128, 255]], np.uint8))), [[2, 1, 0]])


def test_alpha_does_not_count():
    assert Encoding("levels", (0, 9)).ids_of(Picture(np.array([[[9, 0], [0, 255]]], np.uint8))).tolist() == [[1, 0]]


def test_a_record_is_toml_too():
    for encoding in ENCODINGS:
        text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in encoding.to_dict().items())
        assert Encoding.from_dict(tomllib.loads(text)) == encoding


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
    colors = [(c >> 16, c >> 8 & 255, c & 255) for c in mask.palette]
    assert np.array_equal(np.array(colors)[mask.pixels], table[indices])


def test_gray_of_few_bits_is_not_stretched(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(drawing.blobs(3, 2).astype(bool)).save(path)
    assert np.array_equal(read_mask(path).pixels, drawing.blobs(3, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Encoding("levels", ()), "at least one number"),
        (lambda: Encoding("levels", tuple(range(256))), "256 classes; it must have 1 to 255"),
        (lambda: Encoding("levels", (1, 1)), "different values"),
        (lambda: Encoding("levels", (0, 1), ignored=1), "different values"),
        (lambda: Encoding("gray", (0,)), "choose from"),
        (lambda: Encoding("levels", (0, 1), names=("a",)), "names has 1 entries; there are 2"),
        (lambda: Encoding("levels", (0, 70000)), "has 70000; the largest of levels is 65535"),
        (lambda: Encoding("levels", (0, 1), palette=(5, 6)), "#000005, #000006; it must have 0 different"),
        (lambda: Encoding("palette", (0, 300), palette=(5, 6)), "has 300; the largest of palette is 255"),
        (lambda: Encoding("palette", (0, 1), palette=(7, 7)), "must have 2 different colors"),
        (lambda: Encoding("palette", (0, 1)), "palette is no colors"),
        (lambda: ENCODINGS[5].to_ids(np.zeros((2, 2, 3), np.uint16)), "has 16 bits"),
        (lambda: ENCODINGS[0].to_ids(np.full((2, 2), 7, np.uint8)), "has the value 7 in row 0, column 0"),
        (lambda: ENCODINGS[0].to_ids(np.zeros((2, 2, 3), np.uint8)), "must be H×W"),
        (lambda: ENCODINGS[0].to_ids(np.zeros((2, 2))), "integers"),
        (lambda: ENCODINGS[5].to_ids(np.zeros((2, 2), np.uint8)), "H×W×3"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), 2)), "contain 2"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), 255)), "contain 255"),
        (lambda: ENCODINGS[0].from_ids(np.full((1, 1), -1)), "contain -1"),
        (lambda: ENCODINGS[0].from_ids(np.zeros((1, 1))), "integers"),
        (lambda: Encoding.from_dict({"kind": "levels", "values": [0], "more": 1}), "has no setting 'more'"),
        (lambda: Encoding.from_dict({"kind": "levels", "values": "ab"}), "values is 'ab'; it must be a list"),
        (lambda: Encoding.from_dict({"kind": "levels", "values": 5}), "values is 5; it must be a list"),
        (lambda: Encoding.from_dict({"values": [0]}), "kind is missing"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(call, message):
    with pytest.raises(RepixError, match=message):
        call()


def test_a_strange_value_in_a_file_names_the_file(tmp_path):
    path = drawing.put(tmp_path / "a.png", np.full((4, 4), 9, np.uint8))
    with pytest.raises(Unreadable, match=r"a\.png: The mask has the value 9"):
        ENCODINGS[0].read(path)
    with pytest.raises(Unreadable, match=r"a\.png: The mask has the value 9"):  # levels are taken for indices
        ENCODINGS[4].read(path)
