"""Training with a known noise level: the model obeys it, does without it, and the comparison measures both."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from repix import Picture, registry
from repix.conversion import WHOLE, Budget, convert, open_model, read_model, write_model
from repix.tasks._noise_level import measured_level
from repix.training import train
from repix.training.export import export
from repix.training.pretrained import Pretrained
from repix.training.run_export import export_run
from tests.data.drawing import put
from tests.training.making import Told, folder_for, learned_whole_and_in_two_parts, learning_only, quick, recipe

LEVEL = {"color": False, "level_input": True}
UNET = {"network": "efficient-unet", "network_settings": {"widths": [12], "blocks": [2]}}


def grain(number, size=(48, 48)):
    """Grain of any strength, which alone does not tell how much of a picture is noise."""
    rng = np.random.default_rng(number)
    return np.round(255 * rng.normal(0.5, rng.uniform(0, 0.2), size).clip(0, 1)).astype(np.uint8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model that learned from grain, and what was said."""
    root = tmp_path_factory.mktemp("grain")
    for number in range(40):
        put(root / "pictures" / f"{number}.png", grain(number))
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        short = {"steps": 200, "patch_size": 32, "batch_size": 8, "holdout": 4, "validations": 1}
        made = recipe(root / "pictures", settings=LEVEL, **UNET, **short)
        result = train(made, root / "run", told.reporter())
    return result, told


def test_a_higher_level_removes_more(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    picture = Picture(grain(99))
    left = [np.std(convert(picture, engine, WHOLE, side={"level": sigma / 255}).pixels) for sigma in (5, 15, 30, 50)]
    assert left == sorted(left, reverse=True)
    assert left[-1] < 0.8 * left[0]


def test_without_a_level_the_result_is_that_of_level_zero(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    picture = Picture(grain(99, (35, 51)))
    plain, unknown = convert(picture, engine), convert(picture, engine, side={"level": 0.0})
    np.testing.assert_array_equal(plain.pixels, unknown.pixels)
    assert (plain.pixels != convert(picture, engine, side={"level": 0.1}).pixels).any()


def test_tiles_of_the_trained_model_equal_the_whole_picture(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    picture = Picture(grain(98, (203, 157)))
    whole = convert(picture, engine, WHOLE, side={"level": 0.1})
    np.testing.assert_array_equal(convert(picture, engine, Budget(tile=48), side={"level": 0.1}).pixels, whole.pixels)


def test_a_flat_picture_stays_flat_with_any_level(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    flat = Picture(np.full((40, 44), 90, np.uint8))
    for level in (0.0, 0.1, 1.0):
        np.testing.assert_array_equal(
            convert(flat, engine, side={"level": level}).pixels[:, :, 0], flat.pixels[:, :, 0]
        )


def test_the_comparison_measures_the_model_with_the_level_too(trained):
    result, told = trained
    rows = {row.name: row.totals for row in (*result.comparison.rows, *result.comparison.with_side)}
    blind, known = (rows[name]["psnr-gray"] for name in ("the model", "the model with the noise level"))
    assert known > blind
    assert "the model with the noise level: pooled psnr-gray" in told.text
    assert result.contract.metrics[1]["others"]["the model with the noise level"] == pytest.approx(known)
    assert [one.name for one in result.contract.side_inputs] == ["level"]
    assert result.contract.channels == (2, 1)


def test_an_exported_model_is_a_start_with_its_thresholds(trained):
    network = registry.get("networks", "efficient-unet")
    module = network.module(network.from_dict(trained[0].contract.network_settings)).eval()
    assert Pretrained(str(trained[0].model)).load_into(module, 1, 1) == []
    x = torch.rand(1, 2, 16, 16, generator=torch.Generator().manual_seed(0))
    expected = open_model(trained[0].model, precision="exact", threads=1).run(x.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(module(x).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize(("name", "settings"), [("efficient-unet", {"widths": [4]}), ("dncnn", {"depth": 3})], ids=str)
def test_a_blind_model_is_a_start(fast, tmp_path, name, settings):
    """Before anything is learned, the results are those of the blind model."""
    network, blind = registry.get("networks", name), registry.get("tasks", "denoise")({"color": False})
    settings |= {"blocks": [1]} if name == "efficient-unet" else {"width": 6, "norm": "none"}
    config = network.from_dict({"in_channels": 1, "out_channels": 1, **settings})
    export(tmp_path / "blind.onnx", network.module(config), network, config, blind)
    known = {"in_channels": 2, "out_channels": 1, "noise_level": True}
    module = network.module(network.from_dict({**known, **settings})).eval()
    Pretrained(str(tmp_path / "blind.onnx")).load_into(module, 1, 1)
    x = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    old = open_model(tmp_path / "blind.onnx", precision="exact", threads=1).run(x.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(module(torch.cat([x, 0 * x], 1)).numpy(), old, atol=1e-4)


def test_a_resumed_run_learns_the_same_to_the_bit(tmp_path, monkeypatch):
    folder = folder_for("denoise", tmp_path / "pictures")
    learning_only(monkeypatch)
    made = recipe(folder, settings=LEVEL, steps=5, validations=5, holdout=2, **UNET)
    whole, resumed = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == resumed


def without_statement(settings):
    """Network settings of a time when the number of channels told that there is a noise level."""
    assert settings["noise_level"] is True
    return {name: value for name, value in settings.items() if name != "noise_level"}


def test_a_run_that_does_not_name_its_level_is_exported_and_a_start(fast, trained, tmp_path):
    run = shutil.copytree(trained[0].model.parent, tmp_path / "run")
    text = (run / "run.toml").read_text()
    assert text.count("noise_level = true\n") == 1
    (run / "run.toml").write_text(text.replace("noise_level = true\n", ""))
    contract = export_run(run, tmp_path / "again.onnx")
    assert contract.network_settings == trained[0].contract.network_settings
    pictures = [Picture(grain(99))] * 2
    engines = [open_model(one, precision="exact", threads=1) for one in (trained[0].model, tmp_path / "again.onnx")]
    old, new = (convert(one, engine, WHOLE, side={"level": 0.1}) for one, engine in zip(pictures, engines, strict=True))
    np.testing.assert_array_equal(new.pixels, old.pixels)
    assert Pretrained(str(run)).network_settings == Pretrained(str(trained[0].model.parent)).network_settings


def test_a_model_that_does_not_name_its_level_is_a_start(trained, tmp_path):
    found = read_model(trained[0].model)
    settings = without_statement(found.contract.network_settings)
    write_model(tmp_path / "old.onnx", found.content, replace(found.contract, network_settings=settings))
    assert Pretrained(str(tmp_path / "old.onnx")).network_settings == dict(found.contract.network_settings)


@pytest.mark.parametrize("clipped", [0.0, 1.0])
@pytest.mark.parametrize("sigma", [2, 5, 25, 55])
@pytest.mark.parametrize("tone", [0.0, 0.02, 0.3, 0.5, 0.98, 1.0])
def test_the_level_is_that_of_the_noise_before_clipping(tone, sigma, clipped):
    task = registry.get("tasks", "denoise")({**LEVEL, "sigma": [sigma, sigma], "clipped": clipped})
    clean = Picture(np.full((96, 96, 1), tone, np.float32))
    source, target = task.make_pair(clean, np.random.default_rng(0))
    assert 255 * measured_level(source.colors(), target.colors()) == pytest.approx(sigma, rel=0.04)


def test_about_half_of_the_patches_have_the_level():
    task = registry.get("tasks", "denoise")({**LEVEL, "sigma": [25, 25]})
    source, target = task.make_pair(Picture(np.full((64, 64, 1), 0.5, np.float32)), np.random.default_rng(0))
    levels = np.array([task.side.draw(source, target, np.random.default_rng(seed))[0, 0, 0] for seed in range(200)])
    assert 70 < np.count_nonzero(levels) < 130
    np.testing.assert_allclose(255 * levels[levels > 0], 25, rtol=0.05)
