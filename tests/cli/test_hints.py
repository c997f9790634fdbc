"""Color hints on the command line: positions, files of hints, and a sentence for each bad hint."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from repix import Picture, registry
from repix.cli._app import run
from repix.conversion import Contract, convert, open_model, write_model
from repix.pictures import read, write
from repix.side_inputs import ColorHints, Hint, read_hints
from tests.conversion.models import mixing

TASK = registry.get("tasks", "colorize")({"hints": [0, 50]})
CONTRACT = Contract("colorize", TASK.settings.to_dict(), channels=TASK.channels, side_inputs=TASK.side.inputs)
HINTS = [Hint(3, 2, "#c02018"), Hint(30, 11, "#2040d0")]


@dataclass(frozen=True)
class Done:
    """What a command left."""

    exit_code: int
    output: str


def invoke(*words):
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = run(list(words))
    return Done(code, said.getvalue())


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.onnx"
    write_model(path, mixing(CONTRACT)[0], CONTRACT)
    return path


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "in.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (23, 41), np.uint8)).save(path)
    return path


def drawn(path, hints, size=(23, 41)):
    """A transparent picture with a pixel for each hint."""
    pixels = np.zeros((*size, 4), np.uint8)
    for hint in hints:
        pixels[hint.y, hint.x] = [int(hint.color[at : at + 2], 16) for at in (1, 3, 5)] + [255]
    Image.fromarray(pixels).save(path)
    return path


def expected(model, photo, hints):
    return convert(read(photo), open_model(model, threads=1), side={"hints": ColorHints(hints)}).pixels


def colorized(model, photo, *options):
    target = photo.with_name("out.png")
    done = invoke("colorize", str(photo), "--model", str(model), "-o", str(target), "--overwrite", *options)
    assert done.exit_code == 0, done.output
    return read(target).pixels


def test_hints_from_options_json_and_png_are_the_same(model, photo, tmp_path):
    wanted = expected(model, photo, HINTS)
    options = [part for hint in HINTS for part in ("--hint", f"{hint.x},{hint.y},{hint.color}")]
    np.testing.assert_array_equal(colorized(model, photo, *options), wanted)
    listed = [{"x": hint.x, "y": hint.y, "color": hint.color} for hint in HINTS]
    (tmp_path / "hints.json").write_text(json.dumps(listed))
    for file in (tmp_path / "hints.json", drawn(tmp_path / "dots.png", HINTS)):
        np.testing.assert_array_equal(colorized(model, photo, "--hints", str(file)), wanted)
    assert (colorized(model, photo) != wanted).any()


def test_positions_are_those_of_the_picture_as_it_is_seen(model, photo, tmp_path):
    """Stored rotated, and seen like the upright one."""
    turned, upright = tmp_path / "turned.png", Image.open(photo)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    upright.transpose(Image.Transpose.ROTATE_90).save(turned, exif=exif)
    options = ("--hint", "3,2,#c02018", "--hint", "30,11,#2040d0")
    np.testing.assert_array_equal(colorized(model, turned, *options), expected(model, photo, HINTS))


def test_later_hints_and_order_change_nothing():
    near = [Hint(5, 5, "#ff0000"), Hint(8, 5, "#0000ff")]
    maps = [ColorHints(one).read((0, 12), (0, 14)) for one in (near, near[::-1])]
    np.testing.assert_array_equal(*maps)
    assert maps[0][5, 5, 1] > 0 > maps[0][5, 5, 0]  # red
    assert maps[0][5, 8, 0] > 0 > maps[0][5, 8, 1]  # blue
    assert maps[0][:, :, 2].sum() == 7 * 10


def test_any_rectangle_of_the_map_is_a_part_of_the_whole():
    rng = np.random.default_rng(0)
    hints = ColorHints([Hint(int(x), int(y), f"#{c:06x}") for x, y, c in rng.integers(0, 40, (60, 3))])
    whole = hints.read((0, 40), (0, 40))
    for top, left, height, width in rng.integers(1, 20, (30, 4)):
        part = hints.read((top, top + height), (left, left + width))
        np.testing.assert_array_equal(part, whole[top : top + height, left : left + width])


BAD_OPTIONS = {
    "no color": (["--hint", "3,2,red"], "'3,2,red' is not a hint; write x,y,#rrggbb"),
    "no position": (["--hint", "-3,2,#c02018"], "is not a hint"),
    "outside": (["--hint", "41,2,#c02018"], "The hint at 41,2 is outside the picture, which is 41×23"),
    "below": (["--hint", "4,23,#c02018"], "The hint at 4,23 is outside the picture"),
    "both": (["--hint", "4,2,#c02018", "--hints", "x.json"], "Both --hint and --hints are given"),
    "no file": (["--hints", "nowhere.json"], "nowhere.json"),
    "no picture": (["--hints", "nowhere.png"], "nowhere.png"),
}


def refused(done, words, photo):
    assert done.exit_code != 0
    text = " ".join(done.output.split())
    assert words in text
    assert "Traceback" not in text
    assert not photo.with_name("out.png").exists()


@pytest.mark.parametrize(("options", "words"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_bad_options_get_a_sentence(model, photo, options, words):
    target = photo.with_name("out.png")
    refused(invoke("colorize", str(photo), "--model", str(model), "-o", str(target), *options), words, photo)


BAD_JSON = {
    "broken": ('[{"x": 1,', "is not valid JSON (line 1); write a list like"),
    "no text": (b"\xff\xfe\x00", "bad.json"),
    "no list": ('{"x": 1}', "is not a list of hints"),
    "no color": ('[{"x": 1, "y": 2}]', "it must have x, y and color"),
    "wrong color": ('[{"x": 1, "y": 2, "color": "red"}]', "has the color 'red'; write it as #rrggbb"),
    "color is a number": ('[{"x": 1, "y": 2, "color": 7}]', "has the color 7; write it as #rrggbb"),
    "half a pixel": ('[{"x": 1.5, "y": 2, "color": "#ff0000"}]', "Hint 1 of"),
    "deep": ("[" * 100_000, "is not valid JSON"),
    "outside": ('[{"x": 1, "y": 99, "color": "#ff0000"}]', "is outside the picture, which is 41×23"),
}


@pytest.mark.parametrize(("content", "words"), BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json_gets_a_sentence(model, photo, content, words):
    bad = photo.with_name("bad.json")
    bad.write_bytes(content if isinstance(content, bytes) else content.encode())
    arguments = ["--model", str(model), "-o", str(photo.with_name("out.png")), "--hints", str(bad)]
    refused(invoke("colorize", str(photo), *arguments), words, photo)


BAD_PICTURES = {
    "another size": (lambda path: drawn(path, HINTS, (23, 40)), "is 40×23, but the picture is 41×23"),
    "opaque": (lambda path: Image.new("RGB", (41, 23)).save(path), "has no transparency; draw the hints as opaque"),
    "empty": (lambda path: drawn(path, []), "no pixel is opaque"),
    "full": (lambda path: Image.new("RGBA", (41, 23), (9, 9, 9, 255)).save(path), "every pixel is opaque"),
    "damaged": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "dots.png"),
}


@pytest.mark.parametrize(("make", "words"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_bad_pictures_of_hints_get_a_sentence(model, photo, make, words):
    make(photo.with_name("dots.png"))
    arguments = [
        "--model",
        str(model),
        "-o",
        str(photo.with_name("out.png")),
        "--hints",
        str(photo.with_name("dots.png")),
    ]
    refused(invoke("colorize", str(photo), *arguments), words, photo)


def test_several_pictures_and_folders_take_no_hints(model, photo, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(photo.read_bytes())
    for inputs in ([photo, other], [tmp_path]):
        done = invoke(
            "colorize", *map(str, inputs), "--model", str(model), "-o", str(tmp_path / "out"), "--hint", "1,1,#ff0000"
        )
        refused(done, "Hints are for the pixels of one picture", photo)
        assert not (tmp_path / "out").exists()


def test_a_model_without_hints_refuses_them(photo, tmp_path):
    plain = registry.get("tasks", "colorize")()
    contract = Contract("colorize", plain.settings.to_dict(), channels=plain.channels)
    write_model(tmp_path / "plain.onnx", mixing(contract)[0], contract)
    arguments = ["--model", str(tmp_path / "plain.onnx"), "-o", str(photo.with_name("out.png"))]
    words = "takes no color hints; leave --hint and --hints out"
    refused(invoke("colorize", str(photo), *arguments, "--hint", "1,1,#ff0000"), words, photo)
    done = invoke("denoise", str(photo), "-o", str(photo.with_name("out.png")), "--hint", "1,1,#ff0000")
    refused(done, words, photo)


def test_only_colorize_names_them_in_its_help():
    assert "--hints" in invoke("colorize", "--help").output
    assert "--hints" in invoke("convert", "--help").output
    assert "--hints" not in invoke("denoise", "--help").output


def test_gray_dots_are_hints_of_gray(tmp_path):
    pixels = np.zeros((5, 6, 2), np.uint16)
    pixels[2, 3] = 40_000, 65_535
    write(Picture(pixels), tmp_path / "dots.png")
    found = read_hints(tmp_path / "dots.png")
    assert len(found) == 1
    values = found.read((2, 3), (3, 4))[0, 0]
    np.testing.assert_allclose(values, [0, 0, 1], atol=1e-6)
