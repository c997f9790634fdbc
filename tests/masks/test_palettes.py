"""Masks that people can see: PNGs whose index is the class, as Pillow and the verbs read them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from repix.cli._app import run
from repix.conversion import Budget, Contract, convert
from repix.conversion.file import FileOptions, convert_file
from repix.data.mask_scan import detect, scan_mask
from repix.masks import IGNORED, Encoding, palette_of, read_mask, write_indexed
from repix.masks.palettes import APART, voc_color
from repix.pictures import Picture, fidelity, read, write
from tests.pictures.making import exif, values

VOC = {0: (0, 0, 0), 1: (128, 0, 0), 2: (0, 128, 0), 9: (192, 0, 0), 15: (192, 128, 128), 255: (224, 224, 192)}
"""From PASCAL VOC's own development kit."""
CLOSE = {
    "street": Encoding("levels", tuple(range(11)), ignored=11),
    "two": Encoding("levels", (0, 1)),
    "void": Encoding("levels", (0, 1, 2), ignored=255),
    "gaps": Encoding("levels", (3, 7, 200)),
    "all": Encoding("levels", tuple(range(255)), ignored=255),
}
PLAIN = {
    "binary": Encoding("levels", (0, 255)),
    "three": Encoding("levels", (0, 128, 255)),
    "deep": Encoding("levels", (0, 1, 300)),
    "colors": Encoding("colors", (0x000000, 0xFF0000)),
}


def ids_for(encoding: Encoding, seed: int, size=(17, 23)) -> np.ndarray:
    known = [*range(encoding.classes), *([] if encoding.ignored is None else [IGNORED])]
    return np.random.default_rng(seed).choice(known, size).astype(np.uint8)


def blocks(encoding: Encoding, seed: int) -> np.ndarray:
    """Classes in blocks, as people draw them."""
    return np.kron(ids_for(encoding, seed, (6, 8)), np.ones((16, 16), np.uint8))


def test_the_colors_are_those_of_pascal_voc_and_all_different():
    assert {
        index: (voc_color(index) >> 16, voc_color(index) >> 8 & 255, voc_color(index) & 255) for index in VOC
    } == VOC
    assert len({voc_color(index) for index in range(256)}) == 256


def test_levels_that_can_be_told_apart_stay_gray():
    assert all(palette_of(encoding) for encoding in CLOSE.values())
    assert not any(palette_of(encoding) for encoding in PLAIN.values())
    assert not palette_of(Encoding("levels", (0, APART)))
    assert palette_of(Encoding("levels", (0, APART - 1)))


class Drawing:
    """A model that finds in a gray photo the class that its level says."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.contract = Contract(
            "segment", encoding.to_dict() | {"color": False}, channels=(1, encoding.classes), halo=0, bytes_per_pixel=8
        )

    def run(self, x: np.ndarray) -> np.ndarray:
        found = np.rint(x[:, 0] * 255).astype(int) % self.encoding.classes
        return (found[:, None] == np.arange(self.encoding.classes)[:, None, None]).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(CLOSE)),
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.integers(1, 40),
    st.integers(0, 9999),
)
def test_index_is_class_in_files_of_any_size_and_by_any_tiles(name, size, tile, seed):
    from tempfile import TemporaryDirectory

    encoding = CLOSE[name]
    photo = Picture(np.random.default_rng(seed).integers(0, 255, size, np.uint8), exif=exif(), resolution=(3.0, 4.0))
    ids = photo.pixels[:, :, 0] % encoding.classes
    with TemporaryDirectory() as folder:
        source, target, third = (Path(folder, name) for name in ("photo.png", "mask.png", "python.png"))
        write(photo, source)
        report = convert_file(source, target, Drawing(encoding), FileOptions(budget=Budget(tile=tile), strict=True))
        assert "classes as indices into a palette" in report.kept
        with Image.open(target) as found:
            assert (found.mode, found.size) == ("P", size[::-1])
            np.testing.assert_array_equal(np.asarray(found), np.array(encoding.values, np.uint8)[ids])
            colors = np.array(found.convert("RGB"))
        wanted = np.array([voc_color(value) for value in encoding.values])[ids]
        np.testing.assert_array_equal(colors.astype(int) @ [65536, 256, 1], wanted)
        np.testing.assert_array_equal(encoding.read(target), ids)
        np.testing.assert_array_equal(encoding.ids_of(read(target)), ids)
        assert read(target).exif == read(source).exif
        assert read(target).resolution == read(source).resolution
        write(convert(read(source), Drawing(encoding)), third)
        assert third.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("name", PLAIN)
def test_other_masks_are_written_as_before(name, tmp_path):
    encoding, photo = PLAIN[name], Picture(values("L", "8"))
    write(photo, tmp_path / "photo.png")
    convert_file(tmp_path / "photo.png", tmp_path / "mask.png", Drawing(encoding), FileOptions())
    with Image.open(tmp_path / "mask.png") as found:
        assert found.mode in ("L", "RGB", "I;16")
    ids = photo.pixels[:, :, 0] % encoding.classes
    np.testing.assert_array_equal(encoding.read(tmp_path / "mask.png"), ids)


@pytest.mark.parametrize("suffix", [".tif", ".bmp", ".pgm", ".npy"])
def test_where_the_format_has_no_palette_the_levels_are_written(suffix, tmp_path):
    mask = Picture(np.array([[0, 1, 10]], np.uint8), palette=palette_of(CLOSE["street"]))
    assert write(mask, tmp_path / f"a{suffix}", strict=True).lost == ()
    assert read(tmp_path / f"a{suffix}").pixels[:, :, 0].tolist() == [[0, 1, 10]]


def test_a_palette_is_only_for_levels_that_it_has():
    from repix.errors import WrongUse

    for picture in (Picture(values("RGB", "8"), palette=(0, 1)), Picture(np.full((2, 2), 2, np.uint8), palette=(0, 1))):
        with pytest.raises(WrongUse, match="has a palette of 2 colors"):
            fidelity(picture, "a.png")
    changed = Picture(np.zeros((2, 2), np.uint8), palette=(0, 1))
    assert changed.with_colors(changed.colors()).palette == ()


@pytest.mark.parametrize("name", CLOSE)
def test_written_and_read_by_the_masks_own_functions(name, tmp_path):
    encoding = CLOSE[name]
    ids = ids_for(encoding, 5)
    write_indexed(ids, encoding, tmp_path / "a.png")
    np.testing.assert_array_equal(encoding.read(tmp_path / "a.png"), ids)
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png").pixels, encoding.from_ids(ids))


@pytest.mark.parametrize("name", ["street", "void"])
def test_a_folder_may_mix_them_with_gray_masks(name, tmp_path):
    encoding = CLOSE[name]
    for number in range(4):
        ids = blocks(encoding, number)
        if number % 2:
            write_indexed(ids, encoding, tmp_path / f"{number}.png")
        else:
            write(Picture(encoding.from_ids(ids)), tmp_path / f"{number}.png")
    masks = sorted(tmp_path.iterdir())
    found = detect([scan_mask(read_mask(file)) for file in masks], encoding.ignored)
    assert (found.kind, found.values, found.ignored) == ("levels", encoding.values, encoding.ignored)
    for number, file in enumerate(masks):
        np.testing.assert_array_equal(found.read(file), blocks(encoding, number))


def test_measure_and_evaluate_take_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    street = CLOSE["street"]
    for folder in ("images", "masks", "gray"):
        (tmp_path / folder).mkdir()
    for number in range(3):
        ids = blocks(Encoding("levels", street.values), number)
        write(
            Picture(np.repeat(ids[:, :, None] * 20, 3, axis=2).astype(np.uint8)), tmp_path / "images" / f"{number}.png"
        )
        write_indexed(ids, street, tmp_path / "masks" / f"{number}.png")
        write(Picture(street.from_ids(ids)), tmp_path / "gray" / f"{number}.png")
    words = ["measure", "masks", "gray", "--metric", "miou", "--classes", "11", "--json"]
    assert run(words) == 0, capsys.readouterr().err
    assert json.loads(capsys.readouterr().out)["measured"][0]["value"] == 1
    told = []
    for masks in ("masks", "gray"):
        (tmp_path / "data").mkdir()
        (tmp_path / "images").rename("data/images")
        (tmp_path / masks).rename("data/masks")
        assert run(["evaluate", "segment-street", "nothing", "data", "--json"]) == 0, capsys.readouterr().err
        told.append(json.loads(capsys.readouterr().out))
        (tmp_path / "data/images").rename("images")
        (tmp_path / "data/masks").rename(masks)
        (tmp_path / "data").rmdir()
    assert without_times(told[0]) == without_times(told[1])


def without_times(report: object) -> object:
    """A report but for how long things took, and whether other programs ran meanwhile."""
    if isinstance(report, dict):
        timed = ("second", "ms", "speed")
        return {key: without_times(one) for key, one in report.items() if not any(part in key for part in timed)}
    return [without_times(one) for one in report] if isinstance(report, list) else report
