"""Training on volumes: from a stack with its mask to a model; a stopped run ends with the weights of a whole one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from repix.cli._app import run
from repix.data import check
from repix.errors import RepixError
from repix.training import resolve, train
from repix.training.build import build
from tests.data.test_stacks import put_stack
from tests.training.making import Told, learned_whole_and_in_two_parts, recipe

SHAPE = (14, 26, 30)
SMALL = {"network": "unet-3d", "network_settings": {"widths": [4, 6], "blocks": 1, "flat_levels": 0}, "holdout": 4}


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Path:
    """Blocks, brighter than what is around them, in noise."""
    root = tmp_path_factory.mktemp("stack")
    field = np.random.default_rng(1).random((5, 5, 5))
    z, y, x = (np.linspace(0, 3.999, side).astype(int) for side in SHAPE)
    mask = field[np.ix_(z, y, x)] > 0.6
    volume = 100 * mask + np.random.default_rng(2).integers(0, 150, SHAPE)
    put_stack(root, "a", volume.astype(np.uint8), np.where(mask, 255, 0).astype(np.uint8))
    return root


def of_volumes(folder: Path, **more: object):
    return recipe(folder, "segment", **{**SMALL, "settings": {"color": False, "rotations": True}, **more})


def built(folder: Path, **more: object):
    made = of_volumes(folder, **more)
    findings = check(made.folder, made.task, made.holdout, volumes=made.of_volumes)
    return build(resolve(made, findings), findings)


def test_a_batch_is_blocks_of_the_volume_with_their_classes(stack):
    training = built(stack, batch_size=3, patch_size=16)
    x, target = training.dataset()[0]
    assert (tuple(x.shape), tuple(target.shape)) == ((3, 1, 8, 16, 16), (3, 8, 16, 16))
    assert x[:, 0][target == 0].max() <= 149 / 255 < x[:, 0][target == 1].max()
    assert x[:, 0][target == 0].min() < 100 / 255 <= x[:, 0][target == 1].min()


def test_a_stopped_run_is_continued_to_the_same_weights(stack, tmp_path, lean, monkeypatch):
    made = of_volumes(stack, steps=6, validations=2, optimizer="muon", settings={"color": False, "zoom": [0.8, 1.2]})
    whole, stopped = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == stopped


def test_a_model_is_trained_compared_evaluated_and_used(stack, tmp_path, fast, capsys):
    told = Told()
    trained = train(of_volumes(stack, steps=40, lr=0.02, patch_size=16), tmp_path / "run", told.reporter())
    contract = trained.contract
    assert (contract.dimensions, contract.trained["examples"]) == (3, 10)
    assert "10 train slices, 4 validation slices (held out: the last 4 of 14 slices)" in told.text
    assert "On 1 held-out volume:" in told.text
    assert trained.comparison.independent
    assert not trained.comparison.useless

    held = tmp_path / "held"
    for name in ("images", "masks"):
        (held / name).mkdir(parents=True)
        tifffile.imwrite(held / name / "a.tif", tifffile.imread(stack / name / "a.tif")[-4:], photometric="minisblack")
    model, mask = str(tmp_path / "run"), tmp_path / "mask.tif"
    assert run(["segment", "--model", model, str(held / "images" / "a.tif"), "-o", str(mask)]) == 0
    capsys.readouterr()
    right = (tifffile.imread(mask) == tifffile.imread(held / "masks" / "a.tif")).mean()
    assert 0.6 < right < 1
    for words in ([str(held)], [str(stack), "--holdout", "4"]):
        assert run(["evaluate", model, *words, "--metric", "pixel-accuracy", "--json"]) == 0
        (score,) = json.loads(capsys.readouterr().out)["models"][0]["measured"]
        assert score["value"] == pytest.approx(right)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"settings": {}}, "Volumes are gray; give --gray"),
        ({"network": "unet", "network_settings": {}}, "holds volumes, which networks for pictures are not trained on"),
        ({"patch_slices": 3}, "patch_slices is 3; it must be a multiple of 2, the step of the network"),
        ({"patch_slices": 12}, "at most 10, the slices of the smallest training volume"),
        ({"holdout": 13}, "takes multiples of 2 slices, and a training volume has only 1"),
        ({"objective": "adversarial"}, "The objective adversarial is for pictures"),
        ({"audit_above": 10.0}, "audit_above is for networks for pictures"),
    ],
)
def test_what_does_not_fit_volumes_is_refused(stack, more, sentence):
    with pytest.raises(RepixError, match=sentence):
        built(stack, **more)


def test_changed_volumes_are_refused_by_a_continued_run(stack, tmp_path, lean):
    copy = shutil.copytree(stack, tmp_path / "copy")
    train(of_volumes(copy, steps=2), tmp_path / "run", Told().reporter())
    changed = tifffile.imread(copy / "images" / "a.tif")
    changed[0, 0, 0] ^= 1
    tifffile.imwrite(copy / "images" / "a.tif", changed, photometric="minisblack")
    assert run(["train", "-o", str(tmp_path / "run"), "--resume"]) == 2
