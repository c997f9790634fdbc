"""Models with a mask: clean pixels stay bit-equal in every engine, precision and tile; the mask as a file."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from repix import registry
from repix.conversion import WHOLE, Budget, Contract, convert, open_model, predict
from repix.conversion.crop import Crop
from repix.conversion.engine import Bf16Unavailable
from repix.conversion.file import FileOptions, convert_file
from repix.errors import WrongUse
from repix.pictures import Picture, read, write
from repix.training.export import export

SETTINGS = {"color": True, "sigma": "none", "density": [0.1, 0.5], "impulse_mask": True}


class Marker:
    """A model that calls black and white pixels corrupted, and estimates 0.25."""

    contract = Contract("denoise", SETTINGS, channels=(3, 4), step=4, halo=5, bytes_per_pixel=8)

    def run(self, x: np.ndarray) -> np.ndarray:
        called = (x == 0).all(1, keepdims=True) | (x == 1).all(1, keepdims=True)
        return np.concatenate([np.full_like(x, 0.25), called.astype(np.float32)], axis=1)


def noisy(size: tuple[int, int], depth: str, channels: int = 3, seed: int = 0) -> tuple[Picture, np.ndarray]:
    """A picture of every gray but black and white, with impulses, and where they are."""
    rng = np.random.default_rng(seed)
    hit = rng.random(size) < 0.3
    colors = rng.uniform(0.01, 0.99, (*size, min(channels, 3)))
    colors[hit] = rng.integers(0, 2, (int(hit.sum()), 1))
    alpha = np.ones((*size, 1)) if channels == 4 else None
    return Picture.of(colors, alpha, depth), hit


@pytest.mark.parametrize("depth", ["8", "16", "float"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_perfect_detector_changes_exactly_the_impulses_in_tiles_too(depth, channels):
    picture, hit = noisy((37, 53), depth, channels)
    results = [convert(picture, Marker(), budget) for budget in (WHOLE, Budget(tile=8))]
    for result in results:
        np.testing.assert_array_equal(result.pixels[~hit], picture.pixels[~hit])
        assert np.abs(result.colors()[hit] - 0.25).max() < 1 / 255


def test_strength_blends_the_corrupted_pixels_only():
    picture, hit = noisy((16, 20), "float")
    result = convert(picture, Marker(), WHOLE, strength=0.5)
    np.testing.assert_array_equal(result.pixels[~hit], picture.pixels[~hit])
    np.testing.assert_allclose(result.pixels[hit], 0.5 * picture.pixels[hit] + 0.125)


def test_keeping_colors_is_refused_because_it_would_change_clean_pixels():
    with pytest.raises(WrongUse, match="colors of the source cannot be kept"):
        convert(noisy((8, 8), "8")[0], Marker(), WHOLE, keep_colors=True)


@pytest.mark.parametrize("tile", [None, 8])
def test_the_mask_is_a_file_beside_the_result(tmp_path, tile):
    picture, hit = noisy((37, 53), "8", channels=4)
    picture.pixels[:9, :, 3] = 0  # transparent pixels keep their colors
    source, target = tmp_path / "noisy.png", tmp_path / "clean.png"
    write(picture, source)
    convert_file(source, target, Marker(), FileOptions(mask=True, budget=Budget(tile=tile)))
    mask, result = read(tmp_path / "clean-mask.png"), read(target)
    hit[:9] = False
    np.testing.assert_array_equal(mask.pixels[:, :, 0], np.where(hit, 255, 0))
    np.testing.assert_array_equal((result.pixels != picture.pixels).any(axis=2), hit)


def test_a_mask_of_a_part_is_that_part(tmp_path):
    picture, hit = noisy((37, 53), "16")
    source = tmp_path / "noisy.png"
    write(picture, source)
    convert_file(source, tmp_path / "part.png", Marker(), FileOptions(mask=True, crop=Crop.read("4,8,20,16")))
    mask = read(tmp_path / "part-mask.png").pixels[:, :, 0]
    np.testing.assert_array_equal(mask, np.where(hit[8:24, 4:24], 255, 0))


def test_a_mask_is_refused_before_anything_is_written_if_the_model_has_none():
    with pytest.raises(WrongUse, match=r"^--mask is for models that mark corrupted pixels, which this one does not;"):
        FileOptions(mask=True).require(Contract("denoise", {}, channels=(3, 3)))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """An exported network whose detector calls about half of the pixels corrupted."""
    network, task = registry.get("networks", "two-stage"), registry.get("tasks", "denoise")(SETTINGS)
    torch.manual_seed(4)
    small = replace(network.small, detector_widths=(4,), detector_blocks=(1,))
    config = replace(small, estimator_widths=(4,), estimator_blocks=(1,))
    module = network.module(config)
    with torch.no_grad():
        module.detector.last.weight.mul_(30)
    path = tmp_path_factory.mktemp("two-stage") / "model.onnx"
    export(path, module, network, config, task)
    return path


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_D06_clean_pixels_are_bit_equal_in_every_engine_and_precision(model, engine, precision):
    if (engine, precision) == ("onnxruntime", "fast"):
        pytest.skip("onnxruntime computes in float32 only")
    try:
        opened = open_model(model, engine, precision=precision, threads=1)
    except Bf16Unavailable as reason:
        pytest.skip(str(reason))
    for depth in ("8", "16"):
        picture = noisy((45, 70), depth)[0]
        called = opened.contract.make_task().corrupted(predict(picture, opened, WHOLE))
        assert 0.1 < called.mean() < 0.9
        whole, tiled = convert(picture, opened, WHOLE), convert(picture, opened, Budget(tile=16))
        for result in (whole,) if precision == "fast" else (whole, tiled):
            np.testing.assert_array_equal(result.pixels[~called], picture.pixels[~called])
            assert (result.pixels != picture.pixels).any(axis=2)[called].mean() > 0.9
        if precision == "fast":  # a tile may decide otherwise near the threshold
            assert (tiled.pixels == picture.pixels).all(axis=2)[~called].mean() > 0.98
