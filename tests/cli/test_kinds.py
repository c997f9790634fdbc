"""Alpha, palettes and gray of 16 bits with alpha through every verb: the result has what the source had."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.pictures import Picture, read, write
from tests.conversion.models import mixing

SIDE = (21, 26)
DEGRADED = [name for name in registry.available("degradations") if name != "shrink"]
SCALING = ("bicubic", "bilinear", "lanczos", "nearest")
TOLD = {
    "wiener-deblur": ["--sigma", "1"],
    "k-means": ["--k", "3"],
    "slic": ["--count", "9"],
}
"""What a filter must be told."""


def alpha() -> np.ndarray:
    """Hidden, visible, and between."""
    y, x = np.mgrid[: SIDE[0], : SIDE[1]]
    return np.clip((12 - np.hypot(y - 10, x - 12)) / 4, 0, 1)[:, :, None]


def levels(channels: int, seed: int = 0) -> np.ndarray:
    rough = np.random.default_rng(seed).random((3, 4, channels))
    return np.kron(rough, np.ones((7, 7, 1)))[: SIDE[0], : SIDE[1]]


def indexed(path: Path) -> None:
    """A palette with a transparent index, by Pillow."""
    mask = Image.fromarray((levels(1)[:, :, 0] * 5).astype(np.uint8), "L")
    mask = mask.convert("P")
    mask.putpalette([0, 0, 0, 200, 30, 60, 20, 180, 90, 40, 60, 220, 240, 240, 90, 128, 128, 128])
    mask.save(path, transparency=bytes([0, 255, 128, 255, 255, 255]))


KINDS = {
    "rgba-8.png": lambda path: write(Picture.of(levels(3), alpha()), path),
    "rgba-16.png": lambda path: write(Picture.of(levels(3), alpha(), "16"), path),
    "gray-alpha-8.png": lambda path: write(Picture.of(levels(1), alpha()), path),
    "gray-alpha-16.png": lambda path: write(Picture.of(levels(1), alpha(), "16"), path),
    "gray-alpha-16.tif": lambda path: write(Picture.of(levels(1), alpha(), "16"), path),
    "palette.png": indexed,
}


@pytest.fixture
def sources(tmp_path, monkeypatch) -> list[Path]:
    """All kinds, in a folder."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name, make in KINDS.items():
        make(Path("in", name))
    return sorted(Path("in").iterdir())


def converted(sources: list[Path], words: list[str], capsys) -> list[tuple[Picture, Picture]]:
    """Each source, and what the words make of it; all go through one command."""
    code = run([*words, *map(str, sources), "-o", "out"])
    assert code == 0, capsys.readouterr().err
    return [(read(source), read(Path("out", source.name))) for source in sources]


def require_kept(source: Picture, result: Picture, scale: int = 1) -> None:
    """The same depth, and the same alpha at the result's size."""
    assert result.depth == source.depth
    assert result.has_alpha
    assert result.size == tuple(scale * side for side in source.size)
    if scale == 1:
        np.testing.assert_array_equal(result.pixels[:, :, -1], source.pixels[:, :, -1])


@pytest.mark.parametrize("verb", ["denoise", "deblur", "colorize", "restore"])
def test_models_keep_alpha_and_depth_and_what_is_hidden(sources, verb, capsys):
    for given, result in converted(sources, [verb], capsys):
        require_kept(given, result)
        hidden = given.pixels[:, :, -1] == 0
        assert hidden.any()
        assert result.is_gray == (given.is_gray and verb in ("denoise", "deblur"))
        kept = result.pixels[hidden][:, :-1] if not given.is_gray or result.is_gray else result.pixels[hidden][:, :1]
        np.testing.assert_array_equal(kept, given.pixels[hidden][:, :-1])


def test_upscale_enlarges_alpha(sources, capsys):
    for given, result in converted(sources, ["upscale", "--scale", "2"], capsys):
        require_kept(given, result, 2)
        assert result.is_gray == given.is_gray
        white = 255 if given.depth == "8" else 65535
        shrunk = result.pixels[:, :, -1].astype(float).reshape(SIDE[0], 2, SIDE[1], 2).mean((1, 3)) / white
        assert np.abs(shrunk - given.pixels[:, :, -1] / white).max() < 0.25


OPAQUE = {"scene": {}, "segment": {"values": [0, 1, 2]}}


@pytest.mark.parametrize("verb", OPAQUE)
def test_what_is_opaque_by_nature_is_so_and_says_it(sources, verb, capsys):
    contract = Contract(verb, OPAQUE[verb], channels=registry.get("tasks", verb)(OPAQUE[verb]).channels, halo=0)
    write_model("model.onnx", mixing(contract)[0], contract)
    for _, result in converted(sources, [verb, "--model", "model.onnx", "-v"], capsys):
        assert not result.has_alpha
        assert result.size == SIDE
    said = capsys.readouterr().err.count("the result is opaque; alpha was dropped")
    assert said == (len(KINDS) if verb == "scene" else 0)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", "echo"])
def test_convert_with_any_engine(sources, engine, capsys):
    words = ["convert", "denoise-gray", "--engine", engine]
    for given, result in converted(sources, [*words, "--tile", "8", "--precision", "exact"], capsys):
        require_kept(given, result)
    assert run([*words, str(sources[0]), "-o", "cut.png", "--crop", "3,4,10,9", "--compare"]) == 0
    assert read("cut.png").has_alpha
    assert not read("cut-compare.png").has_alpha


@pytest.mark.parametrize("name", [name for name in registry.available("filters") if name != "bm3d"])  # it takes seconds
def test_filters_keep_alpha(sources, name, capsys):
    scale = 2 if name in SCALING else 1
    words = ["filter", name, *TOLD.get(name, []), *(["--scale", "2"] if scale == 2 else [])]
    for given, result in converted(sources, words, capsys):
        require_kept(given, result, scale)


@pytest.mark.parametrize("name", DEGRADED)
def test_degradations_keep_alpha(sources, name, capsys):
    for given, result in converted(sources, ["degrade", name], capsys):
        require_kept(given, result)


@pytest.mark.parametrize("words", [["shrink", "--scale", "2"], ["chain", "--step", "shrink scale=2", "--step", "gray"]])
def test_shrinking_and_chains_scale_alpha(sources, words, capsys):
    for given, result in converted(sources, ["degrade", *words], capsys):
        assert (result.has_alpha, result.depth, result.size) == (True, given.depth, (11, 13))


def test_verbs_that_cannot_use_alpha_say_so_in_a_sentence(sources, capsys):
    for source in map(str, sources):
        for words in (["measure", source, source, "--metric", "psnr-rgb"], ["fuse", source, source, "-o", "f.png"]):
            assert run(words) in (1, 2)
            err = capsys.readouterr().err
            assert "alpha" in err or "transparen" in err, err
            assert err.rstrip().count("\n") == 0


def test_folders_of_them_are_checked_and_evaluated(sources, capsys):
    for words in (["check", "in", "--task", "denoise"], ["evaluate", "nothing", "in", "--task", "denoise"]):
        assert run(words) in (0, 1)
        err = capsys.readouterr().err
        assert "Traceback" not in err
        assert all(line.startswith("repix: ") or not line.strip() for line in err.splitlines()), err
