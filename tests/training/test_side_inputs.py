"""Training with side inputs: hints are learned, resumed runs are bit-identical, the comparison measures both."""

import numpy as np
import pytest
import torch

from repix import Picture, registry
from repix.arithmetic.color import MIDDLE, rgb_to_ycbcr, ycbcr_to_rgb
from repix.conversion import WHOLE, Budget, convert, open_model
from repix.side_inputs import ColorHints, Hint
from repix.training import train
from tests.data.drawing import put
from tests.training.making import Told, built, folder_for, learned_whole_and_in_two_parts, learning_only, quick, recipe

HINTED = {"hints": [0, 30], "zoom": [1, 1], "saturation": 1.3}


def tinted(number, size=(48, 48)):
    """Gray grain in one color, which the gray does not tell."""
    rng = np.random.default_rng(number)
    luma = rng.uniform(0.45, 0.55, (*size, 1))
    chroma = MIDDLE + rng.uniform(-0.2, 0.2, 2)
    colors = ycbcr_to_rgb(np.concatenate([luma, np.broadcast_to(chroma, (*size, 2))], axis=2))
    return np.round(255 * np.clip(colors, 0, 1)).astype(np.uint8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model that learned from tinted grain, and what was said."""
    root = tmp_path_factory.mktemp("tinted")
    for number in range(40):
        put(root / "pictures" / f"{number}.png", tinted(number))
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        made = recipe(
            root / "pictures",
            "colorize",
            settings=HINTED,
            steps=300,
            patch_size=32,
            batch_size=8,
            lr=0.02,
            holdout=4,
            validations=2,
            network_settings={"widths": [32], "norm": "none"},
        )
        result = train(made, root / "run", told.reporter())
    return result, told


def chroma(picture):
    return rgb_to_ycbcr(picture.colors())[:, :, 1:] - MIDDLE


@pytest.mark.parametrize("color", ["#a06464", "#6464a0", "#508c50"])
def test_a_hint_is_obeyed_at_its_pixel(trained, color):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    gray = Picture(np.random.default_rng(99).uniform(0.45, 0.55, (48, 48, 1)).astype(np.float32))
    hint = Hint(20, 24, color)
    result = convert(gray, engine, WHOLE, side={"hints": ColorHints([hint])})
    wanted = rgb_to_ycbcr(np.array([[hint.rgb]]))[0, 0, 1:] - MIDDLE
    np.testing.assert_allclose(chroma(result)[24, 20], wanted, atol=0.03)
    assert np.abs(chroma(result)[:, 30:]).mean() < 0.05
    np.testing.assert_allclose(rgb_to_ycbcr(result.colors())[:, :, :1], gray.colors(), atol=1e-5)


def test_without_hints_the_result_is_that_of_an_empty_map(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    gray = Picture(np.random.default_rng(99).uniform(0.45, 0.55, (35, 51, 1)).astype(np.float32))
    plain, empty = convert(gray, engine), convert(gray, engine, side={"hints": ColorHints([])})
    np.testing.assert_array_equal(plain.pixels, empty.pixels)
    assert np.abs(chroma(plain)).mean() < 0.05


def test_a_flat_picture_stays_gray_without_hints_and_takes_the_color_of_one(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    flat = Picture(np.full((40, 44, 1), 128, np.uint8))
    np.testing.assert_array_equal(convert(flat, engine).pixels, np.full((40, 44, 3), 128))
    red = convert(flat, engine, side={"hints": ColorHints([Hint(20, 24, "#a06464")])})
    assert (chroma(red)[21:28, 17:24, 1] > 0.05).all()


def test_tiles_of_the_trained_model_equal_the_whole_picture(trained):
    engine = open_model(trained[0].model, precision="exact", threads=1)
    gray = Picture(np.random.default_rng(5).integers(0, 256, (523, 611), np.uint8))
    side = {"hints": ColorHints([Hint(0, 0, "#a06464"), Hint(610, 522, "#6464a0"), Hint(300, 200, "#508c50")])}
    whole = convert(gray, engine, WHOLE, side=side)
    np.testing.assert_array_equal(convert(gray, engine, Budget(tile=48), side=side).pixels, whole.pixels)


def test_the_comparison_measures_the_model_with_hints_too(trained):
    result, told = trained
    rows = {row.name: row.totals for row in (*result.comparison.rows, *result.comparison.with_side)}
    none, ten, fifty = (
        rows[name]["psnr-rgb"] for name in ("the model", "the model with 10 hints", "the model with 50 hints")
    )
    assert none + 0.5 < ten
    assert ten + 1 < fifty
    assert "the model with 10 hints: pooled psnr-rgb" in told.text
    others = result.contract.metrics[1]["others"]
    assert others["the model with 10 hints"] == pytest.approx(ten)
    assert [one.name for one in result.contract.side_inputs] == ["hints"]


def test_a_resumed_run_learns_the_same_to_the_bit(tmp_path, monkeypatch):
    folder = folder_for("colorize", tmp_path / "pictures")
    learning_only(monkeypatch)
    made = recipe(folder, "colorize", settings={"hints": [0, 8]}, steps=5, validations=5, holdout=2)
    whole, resumed = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == resumed


def test_patches_have_the_drawn_values_and_the_same_pairs_as_without(tmp_path):
    folder = folder_for("colorize", tmp_path / "pictures")
    with_hints, plain = (
        built(recipe(folder, "colorize", settings=settings, steps=20)).dataset() for settings in ({"hints": [0, 8]}, {})
    )
    counts = set()
    for step in range(20):
        (x, target), (gray, same) = with_hints[step], plain[step]
        assert x.shape[1] == 4
        assert (x[:, :1] == gray).all()
        assert (target == same).all()
        for one, truth in zip(x, target, strict=True):
            counts.add(int(one[3].sum()))
            inside = one[3] > 0
            if inside.any():
                assert float((one[1:3] + MIDDLE - truth)[:, inside].abs().mean()) < 0.1
        assert (x[:, 1:3] * (1 - x[:, 3:])).abs().max() == 0
    assert 0 in counts
    assert len(counts) > 3


def test_hints_survive_a_chain_of_settings():
    task = registry.get("tasks", "colorize")({"hints": [0, 50], "saturation": 1.3})
    assert task.channels == (4, 2)
    assert task.settings.to_dict()["hints"] == [0, 50]
    np.testing.assert_allclose(task.side.factors, (1 / 1.3, 1 / 1.3, 1))


@pytest.mark.parametrize("start", ["run", "model.onnx"])
def test_a_model_without_hints_can_be_the_start_of_one_with_hints(tmp_path, monkeypatch, start):
    """The kernels of hints are zero at first, so the first results are the old ones."""
    quick(monkeypatch)
    folder, run = folder_for("colorize", tmp_path / "pictures"), tmp_path / "run"
    unet = {"widths": [4, 6], "blocks": [1, 1], "unshuffle": 2, "global_residual": False}
    train(recipe(folder, "colorize", network="efficient-unet", network_settings=unet), run, Told().reporter())
    source = run if start == "run" else run / "model.onnx"
    made = recipe(
        folder, "colorize", settings={"hints": [0, 8]}, init_from=str(source), network=None, network_settings={}
    )
    said = Told()
    network = built(made).initial_network(said.append).eval()
    assert not said
    x = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    hints = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    old = open_model(run / "model.onnx", precision="exact", threads=1).run(x.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(network(torch.cat([x, hints], 1)).numpy(), old, atol=1e-4)
