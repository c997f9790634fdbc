"""Side inputs: tiles equal the whole picture, every engine gets them, and what does not fit gets a sentence."""

import numpy as np
import pytest
import tifffile

from repix import Picture, registry
from repix.conversion import WHOLE, Budget, Contract, convert, converter, open_model, predict, read_model, write_model
from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.folder import fingerprint
from repix.errors import UnknownName, Unreadable, WrongShape, WrongUse
from repix.pictures import read
from repix.side_inputs import ColorHints, Hint, SideInput
from tests.conversion.models import mixed, mixing
from tests.conversion.neighborhood_engine import Looking

TASK = registry.get("tasks", "colorize")({"hints": [0, 50]})
CONTRACT = Contract(
    "colorize", TASK.settings.to_dict(), channels=TASK.channels, step=4, halo=11, side_inputs=TASK.side.inputs
)
HINTS = ColorHints([Hint(0, 0, "#c02018"), Hint(40, 21, "#2040d0"), Hint(43, 23, "#20d040"), Hint(60, 1, "#ffff00")])
SIZE = (53, 61)


class Mixing:
    """An engine whose result depends on all channels up to eight pixels away, in whole numbers."""

    contract = CONTRACT

    def __init__(self) -> None:
        self.looking = Looking(step=4, reach=8)

    def run(self, x):
        self.contract.require(x)
        whole = np.round(64 * x)
        return np.concatenate([self.looking.run(mixed_channels(whole, k)) for k in (1, 2)], 1)


def mixed_channels(x, k):
    return sum((k * channel + 1) * x[:, channel : channel + 1] for channel in range(x.shape[1]))


def gray(size=SIZE, seed=0):
    return Picture(np.random.default_rng(seed).random((*size, 1), np.float32))


def noise(size=SIZE, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (*size, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [(1, 1), (53, 61), (7, 90), (40, 64)], ids=str)
@pytest.mark.parametrize("tile", [4, 16, 32])
def test_tiles_equal_the_whole_picture_to_the_bit(size, tile):
    picture, side = gray(size), {"hints": noise(size)}
    whole = predict(picture, Mixing(), WHOLE, side=side)
    np.testing.assert_array_equal(predict(picture, Mixing(), Budget(tile=tile), side=side), whole)
    assert (predict(picture, Mixing(), WHOLE) != whole).any()


@pytest.mark.parametrize("tile", [4, 16, 32])
def test_hints_in_tiles_equal_the_same_map_as_an_array(tile):
    picture, map_of_all = gray(), HINTS.read((0, SIZE[0]), (0, SIZE[1]))
    whole = predict(picture, Mixing(), WHOLE, side={"hints": map_of_all})
    np.testing.assert_array_equal(predict(picture, Mixing(), Budget(tile=tile), side={"hints": HINTS}), whole)


def test_without_a_value_the_default_is_used():
    zeros = np.zeros((*SIZE, 3))
    np.testing.assert_array_equal(
        convert(gray(), Mixing()).pixels, convert(gray(), Mixing(), side={"hints": zeros}).pixels
    )


@pytest.mark.parametrize("engine", registry.available("engines"))
def test_every_engine_gets_them_as_the_last_channels(tmp_path, engine):
    content, weights = mixing(CONTRACT)
    write_model(tmp_path / "model.onnx", content, CONTRACT)
    running, side = open_model(tmp_path / "model.onnx", engine, threads=1), noise()
    x = np.concatenate([TASK.encode(gray())[:, :1], side.transpose(2, 0, 1)[np.newaxis]], axis=1)
    expected = TASK.decode(mixed(x, weights, 1), gray())
    for result in (convert(gray(), running, side={"hints": side}), converter(running)(gray(), {"hints": side})):
        np.testing.assert_allclose(result.pixels, expected.pixels, rtol=0, atol=1e-5)


def test_a_picture_read_in_bands_gets_the_same(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (301, 203), np.uint8)
    tifffile.imwrite(tmp_path / "in.tif", pixels, rowsperstrip=16)
    side = {"hints": ColorHints([Hint(0, 300, "#c02018"), Hint(202, 0, "#2040d0"), Hint(100, 150, "#20d040")])}
    convert_file(tmp_path / "in.tif", tmp_path / "out.tif", Mixing(), FileOptions(budget=Budget(tile=32), side=side))
    expected = convert(Picture(pixels), Mixing(), WHOLE, side=side)
    np.testing.assert_array_equal(read(tmp_path / "out.tif").pixels, expected.pixels)


def test_a_crop_keeps_the_hints_at_their_pixels(tmp_path):
    pixels = np.random.default_rng(4).integers(0, 256, (60, 70), np.uint8)
    tifffile.imwrite(tmp_path / "in.tif", pixels)
    hints, crop = ColorHints([Hint(30, 20, "#c02018"), Hint(69, 59, "#2040d0")]), Crop(25, 10, 30, 40)
    convert_file(tmp_path / "in.tif", tmp_path / "out.png", Mixing(), FileOptions(crop=crop, side={"hints": hints}))
    part = hints.read((10, 50), (25, 55))
    assert part[10, 5, 2] == 1
    expected = convert(Picture(pixels[10:50, 25:55]), Mixing(), side={"hints": part})
    np.testing.assert_array_equal(read(tmp_path / "out.png").pixels, expected.pixels)


def test_the_journal_of_a_folder_knows_them(tmp_path):
    write_model(tmp_path / "model.onnx", mixing(CONTRACT)[0], CONTRACT)
    engine = open_model(tmp_path / "model.onnx", "echo")
    given = [{}, {"hints": HINTS}, {"hints": ColorHints([Hint(0, 0, "#c02019")])}, {"hints": noise()}]
    made = [str(fingerprint(engine, FileOptions(side=side))) for side in given]
    assert len(set(made)) == 4
    assert made[1] == str(fingerprint(engine, FileOptions(side={"hints": HINTS})))


WRONG = {
    "another name": ({"hint": HINTS}, UnknownName, "no side input 'hint'; did you mean 'hints'"),
    "another size": ({"hints": noise((5, 6))}, WrongShape, r"shape \(5, 6, 3\); .* must be \(53, 61, 3\)"),
    "a number": ({"hints": 0.5}, WrongShape, "has 3 channels, but was given one number"),
    "too large": ({"hints": 2 * np.ones((*SIZE, 3))}, WrongUse, "has the value 2; it must be from -1 to 1"),
    "not finite": ({"hints": np.full((*SIZE, 3), np.nan)}, WrongUse, "has the value nan"),
    "text": ({"hints": "0,0,#ff0000"}, WrongUse, "give a number, an array H×W×C, or a side map"),
    "letters": ({"hints": np.array(["a"])}, WrongUse, "give numbers"),
    "outside": ({"hints": ColorHints([Hint(61, 0, "#ff0000")])}, WrongUse, "at 61,0 is outside .* 61×53: x must"),
}


@pytest.mark.parametrize(("side", "kind", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_gets_a_sentence(side, kind, words):
    with pytest.raises(kind, match=words) as raised:
        convert(gray(), Mixing(), side=side)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith((".", "?"))


def test_a_model_without_side_inputs_takes_none():
    with pytest.raises(WrongUse, match=r"model \(denoise\) takes no side input, but was given 'hints'; leave it out"):
        convert(gray(), Looking(step=4, reach=1), side={"hints": HINTS})
    with pytest.raises(WrongUse, match="takes no side input"):
        FileOptions(side={"hints": HINTS}).require(Looking(step=4, reach=1).contract)


LEVEL = SideInput("s", "noise-level")


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (Contract("denoise", channels=(4, 3), side_inputs=(LEVEL,)), r"inputs: s \(noise-level\); .* denoise has none"),
        (Contract("colorize", TASK.settings.to_dict(), channels=(4, 2)), r"inputs: none; .* has hints \(color-hints\)"),
        (
            Contract("colorize", TASK.settings.to_dict(), channels=(3, 2), side_inputs=TASK.side.inputs),
            "takes 3 channels, but its side inputs alone have 3",
        ),
    ],
)
def test_side_inputs_that_the_task_does_not_fill_are_refused_when_the_model_is_opened(tmp_path, contract, words):
    path = tmp_path / "model.onnx"
    write_model(path, mixing(contract)[0], contract)
    assert read_model(path).contract == contract
    with pytest.raises(Unreadable, match=words):
        open_model(path, "echo")
