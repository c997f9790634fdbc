"""`repix upscale --perception`: a number or a gray picture, and a sentence for what does not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, convert, open_model, write_model
from repix.errors import WrongUse
from repix.models import catalog
from repix.pictures import read
from repix.side_inputs import read_map
from tests.conversion.models import mixing

SIZE = (12, 15)


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A picture, maps, and a model whose result depends on the map, in the working folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(100, 156, (*SIZE, 3), np.uint8)).save("in.png")
    gray = rng.integers(0, 256, SIZE, np.uint8)
    Image.fromarray(gray).save("map.png")
    Image.fromarray(np.repeat(gray[:, :, None], 3, 2)).save("three.png")
    Image.fromarray(gray.astype(np.uint16) * 257).save("deep.png")
    Image.fromarray(gray[1:]).save("small.png")
    Image.fromarray(rng.integers(0, 256, (*SIZE, 3), np.uint8)).save("color.png")
    Image.fromarray(rng.integers(0, 255, (*SIZE, 2), np.uint8)).save("alpha.png")
    Path("text.png").write_text("no picture")
    task = registry.get("tasks", "upscale")({"perception": True})
    contract = Contract(
        "upscale", task.settings.to_dict(), channels=task.channels, scale=2, side_inputs=task.side.inputs
    )
    write_model("model.onnx", mixing(contract)[0], contract)
    return tmp_path


def choosing(task):
    """The task's side inputs, of a model that can choose the map itself."""
    return tuple(replace(one, chosen=True) for one in task.side.inputs)


def converted(*words):
    assert (
        run(["upscale", "in.png", "--model", "model.onnx", "-o", "out.png", "--overwrite", "--threads", "1", *words])
        == 0
    )
    return read("out.png").pixels


def expected(value):
    return convert(read("in.png"), open_model("model.onnx", threads=1), side={"perception": value}).pixels


def test_a_number_is_that_value_everywhere_and_zero_is_the_default(pictures):
    np.testing.assert_array_equal(converted("--perception", "0.7"), expected(0.7))
    assert (expected(0.7) != expected(0.0)).any()
    np.testing.assert_array_equal(converted(), expected(0.0))


@pytest.mark.parametrize("name", ["map", "three", "deep"])
def test_a_gray_picture_is_a_map_from_black_to_white(pictures, name):
    values = np.asarray(Image.open("map.png"), np.float64) / 255
    np.testing.assert_array_equal(converted("--perception", f"{name}.png"), expected(values))


def test_a_crop_uses_its_part_of_the_map(pictures):
    values = np.asarray(Image.open("map.png"), np.float64) / 255
    found = converted("--perception", "map.png", "--crop", "4,2,8,6")
    part = read("in.png")
    part = type(part)(part.pixels[2:8, 4:12])
    model = open_model("model.onnx", threads=1)
    np.testing.assert_array_equal(found, convert(part, model, side={"perception": values[2:8, 4:12]}).pixels)


def test_a_model_that_can_chooses_the_map_itself(pictures):
    contract = open_model("model.onnx").contract
    contract = replace(contract, side_inputs=choosing(contract.make_task()))
    write_model("model.onnx", mixing(contract)[0], contract)
    np.testing.assert_array_equal(converted("--perception", "auto"), expected(-1.0))
    assert (expected(-1.0) != expected(0.0)).any()
    some = np.where(np.arange(15) < 7, -1.0, 0.5) * np.ones((12, 1))
    expected(some)  # some pixels are left to the model
    with pytest.raises(WrongUse, match=r"has the value -0\.5; it must be from 0 to 1"):
        expected(-0.5)


def test_a_folder_takes_a_number(pictures):
    Path("photos").mkdir()
    Path("in.png").rename("photos/in.png")
    assert run(["upscale", "photos", "--perception", "1", "--model", "model.onnx", "-o", "out", "--threads", "1"]) == 0
    wanted = convert(read("photos/in.png"), open_model("model.onnx", threads=1), side={"perception": 1.0})
    np.testing.assert_array_equal(read(next(Path("out").glob("*.png"))).pixels, wanted.pixels)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1.5", "--perception is 1.5; it must be from 0 (fidelity) to 1 (detail)"),
        ("-1", "--perception is -1; it must be"),
        ("nan", "--perception is nan; it must be"),
        ("auto", "--perception auto: the model does not choose the map itself; give a number"),
        ("strong", "--perception is 'strong', which is neither a number, auto, nor a file"),
        ("small.png", "small.png is 15×11, but the picture is 15×12; a map must have the size"),
        ("color.png", "color.png is in color; a map is a gray picture"),
        ("alpha.png", "alpha.png has transparency"),
        ("text.png", "text.png is not an image repix can read"),
    ],
)
def test_what_does_not_fit_is_refused(pictures, value, said, capsys):
    refused(["upscale", "in.png", "--model", "model.onnx", "--perception", value], said, capsys)


def test_a_map_is_for_one_picture(pictures, capsys):
    words = ["upscale", "in.png", "color.png", "--model", "model.onnx", "--perception", "map.png"]
    refused(words, "is for the pixels of one picture", capsys)


@pytest.mark.parametrize("task", sorted({bundled.task for bundled in catalog().values()}))
def test_other_models_take_no_map(pictures, task, capsys):
    said = f"--perception 0.5: the model (of {task}) takes no perception map; leave --perception out, or name a model"
    bundled = next(name for name, one in catalog().items() if one.task == task)
    refused([task, "--perception", "0.5", "in.png"], said, capsys)
    refused(["convert", "--perception", "0.5", bundled, "in.png"], "takes no perception map", capsys)


def test_the_bundled_model_of_the_scale_is_chosen(pictures, capsys):
    named = ["convert", "upscale-x4-sharp", "in.png", "--perception", "0.5", "-o", "named.png", "--threads", "1"]
    assert run(named) == 0
    assert run(["upscale", "in.png", "--scale", "4", "--perception", "0.5", "-o", "chosen.png", "--threads", "1"]) == 0
    np.testing.assert_array_equal(read("chosen.png").pixels, read("named.png").pixels)
    refused(["upscale", "in.png", "--scale", "3", "--perception", "0.5"], "no bundled model 'upscale-x3-sharp'", capsys)


@pytest.mark.parametrize("value", ["0.5", "auto"])
def test_tiles_of_the_bundled_model_are_the_whole(pictures, value):
    """Up to the rounding of sums in another order, one level."""
    rng = np.random.default_rng(2)
    Image.fromarray(rng.integers(0, 256, (90, 70, 3), np.uint8)).save("large.png")
    words = ["upscale", "large.png", "--scale", "4", "--perception", value, "--precision", "exact"]
    results = []
    for tile in ("1000", "24"):
        assert run([*words, "--tile", tile, "-o", f"{tile}.png", "--threads", "1"]) == 0
        results.append(read(f"{tile}.png").pixels.astype(int))
    assert np.abs(results[0] - results[1]).max() <= 1
    assert run([*words[:4], "-o", "plain.png", "--threads", "1"]) == 0
    assert (read("plain.png").pixels != results[0]).any()


def test_maps_of_other_values_have_other_fingerprints(pictures):
    assert read_map("map.png").fingerprint == read_map("three.png").fingerprint
    assert len({read_map(f"{name}.png").fingerprint for name in ("map", "small", "deep")}) == 3


def refused(words, said, capsys):
    assert run([*words, "-o", "out.png"]) in (1, 2)
    err = capsys.readouterr().err
    assert said in err
    assert not Path("out.png").exists()
