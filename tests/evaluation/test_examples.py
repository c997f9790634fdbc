"""Examples: the same noise for the same name wherever it stands, pairs and masks as they are given."""

import numpy as np
import pytest

from repix import Picture, registry, write
from repix.data import Item, find
from repix.data.mask_scan import detect, scan_mask
from repix.errors import FileProblem, WrongUse
from repix.evaluation import Examples, class_pixels
from repix.masks import read_mask
from repix.tasks.segment import settings_for
from tests.data.drawing import blobs, pairs, photo, pictures, put, put_palette
from tests.tasks.drawn import drawn

DENOISE = registry.get("tasks", "denoise")
SEGMENT = registry.get("tasks", "segment")


def items_of(root):
    return find(root).parts["train"].items


def sources(root, items, task=None, **settings):
    """The pixels of every source by its file's name."""
    examples = Examples(root, items, task or DENOISE({"sigma": [5, 50]}), **settings)
    return {example.name.rpartition("/")[2]: example.source.pixels for example in examples}


def test_the_noise_depends_on_seed_and_name_alone(tmp_path):
    here, there = pictures(tmp_path / "here", 4), tmp_path / "there" / "train"
    pictures(there, 4)
    put(there / "00-before-them-all.png", photo(77))
    once = sources(here, items_of(here))
    for others in (
        sources(here, items_of(here)),
        sources(here, items_of(here)[::-1]),
        sources(here, items_of(here)[2:]),
        sources(tmp_path / "there", items_of(tmp_path / "there")),
    ):
        for name in others.keys() & once.keys():
            assert np.array_equal(others[name], once[name])
    another = sources(here, items_of(here), seed=1)
    assert all(not np.array_equal(another[name], once[name]) for name in once)


def test_equal_pictures_of_different_names_get_different_noise(tmp_path):
    for name in ("one.png", "two.png"):
        put(tmp_path / name, photo(0))
    first, second = sources(tmp_path, items_of(tmp_path)).values()
    assert not np.array_equal(first, second)


def test_examples_can_be_walked_twice_and_cut(tmp_path):
    pictures(tmp_path, 3)
    examples = Examples(tmp_path, items_of(tmp_path), DENOISE())
    names = ["00.png", "01.png", "02.png"]
    assert [example.name for example in examples] == [example.name for example in examples] == names
    part = examples[1:]
    assert len(part) == 2
    assert np.array_equal(part[0].source.pixels, examples[1].source.pixels)
    assert examples[-1].name == "02.png"


def test_pairs_are_taken_as_they_are(tmp_path):
    pairs(tmp_path, 2, scale=2)
    task = registry.get("tasks", "upscale")()
    for number, example in enumerate(Examples(tmp_path, items_of(tmp_path), task)):
        assert np.array_equal(example.source.pixels, photo(number))
        assert example.target.size == (192, 160)


def test_a_chain_makes_the_source_instead_of_the_task(tmp_path):
    pictures(tmp_path, 2)
    gray = DENOISE({"color": False, "sigma": [0, 0]})
    for example in Examples(tmp_path, items_of(tmp_path), gray, degrade=["gaussian sigma=25"]):
        noise = example.source.pixels[:, :, 0] - example.target.colors()[:, :, 0]
        assert example.source.depth == "float"
        assert 255 * noise.std() == pytest.approx(25, rel=0.03)
        assert example.source.pixels.min() < 0 or example.source.pixels.max() > 1


def test_the_steps_of_a_chain_come_one_after_the_other(tmp_path):
    pictures(tmp_path, 1)
    task = registry.get("tasks", "upscale")({"scale": 4})
    (example,) = Examples(tmp_path, items_of(tmp_path), task, degrade=["shrink scale=2", "shrink scale=2"])
    assert (example.source.size, example.target.size) == ((24, 20), (96, 80))


def test_masks_of_every_kind_are_the_classes_that_were_drawn(tmp_path):
    colors = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (224, 224, 192)]
    packed = [red << 16 | green << 8 | blue for red, green, blue in colors]
    ids = blobs(3, 4)
    drawings = {
        "levels": lambda file: put(file, (ids * 80).astype(np.uint8)),
        "palette": lambda file: put_palette(file, ids, colors, bits=4),
        "colors": lambda file: put(file, np.array(colors, np.uint8)[ids]),
    }
    for kind, draw in drawings.items():
        root = tmp_path / kind
        put(root / "images" / "a.png", photo(0))
        mask = draw(root / "masks" / "a.png")
        encoding = detect([scan_mask(read_mask(mask))])
        assert encoding.kind == kind
        task = SEGMENT(settings_for(encoding))
        for given in (encoding, None):
            (example,) = Examples(root, items_of(root), task, encoding=given)
            found = task.encode_target(example.target)[0]
            truth = np.argsort(np.argsort(packed))[ids] if kind == "colors" else ids  # in the order of the colors
            assert np.array_equal(found, truth), (kind, given)
            assert class_pixels([mask], task, given) == tuple(np.bincount(truth.ravel()))


def test_ignored_pixels_count_in_no_class(tmp_path):
    task = SEGMENT({"values": [0, 1], "ignored": 255})
    write(Picture(np.array([[0, 1, 1, 255, 255, 255]], np.uint8)), tmp_path / "mask.png")
    assert class_pixels([tmp_path / "mask.png"], task) == (1, 2)


def test_a_file_that_cannot_be_read_or_spoiled_is_named(tmp_path):
    pictures(tmp_path, 1)
    write(drawn((1, 1)), tmp_path / "dot.png")
    (tmp_path / "no.png").write_bytes(b"no picture")
    examples = Examples(tmp_path, items_of(tmp_path), registry.get("tasks", "upscale")())
    assert examples[0].name == "00.png"
    for index, name in ((1, "dot.png"), (2, "no.png")):
        with pytest.raises(FileProblem, match=name):
            examples[index]


@pytest.mark.parametrize(
    ("task", "item", "settings", "words"),
    [
        (SEGMENT({"values": [0, 255]}), Item("a.png"), {}, "a.png has no partner, and segment cannot make one"),
        (DENOISE(), Item("a.png", "b.png"), {"degrade": ["gaussian"]}, "has a source file already"),
        (DENOISE(), Item("a.png"), {"seed": -1}, "seed is -1"),
        (DENOISE(), Item("a.png"), {"degrade": ["gaussain"]}, "did you mean 'gaussian'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_file_is_read(task, item, settings, words):
    with pytest.raises(WrongUse, match=words):
        Examples("nowhere", [item], task, **settings)
