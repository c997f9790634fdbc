"""`repix explain`: every numeric row through the command line, replayed from its JSON; and bad input, one sentence."""

import errno
import json
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from repix.arithmetic.trace import RULES
from repix.cli._app import run
from repix.explanation.operations import OPERATIONS

SQUARE = "1 2 3 4; 5 6 7 8; 9 8 7 6; 5 4 3 2"
PICTURE = "0 1 0 1 1; 0 0 1 1 0; 1 1 0 1 0; 0 1 0 0 1; 0 0 1 1 0"
LAPLACIAN = "0 1 0; 1 -4 1; 0 1 0"
MAP = "3 -3 -1; -2 3 -3; -3 2 3"
SMALL, SMALL_KERNEL = "1 2; 3 4", "0.1 -0.2; 0.3 -0.1"
KERNEL = "3 0 -2; 1 1 1; -3 0 2"
DEEP = "1 2 5; 1 4 3; 4 2 0 | 7 4 1; 2 5 5; 9 3 6 | 0 3 4; 9 9 4; 7 4 5 | 5 6 6; 2 4 9; 5 3 1"
FOUR = "7 5; 9 5 | 6 4; 0 4 | 7 8; 2 0 | 3 8; 6 9"


def replay(record):
    """The answer from the steps' inputs alone, as JSON has them."""
    arrays = {}
    for step in record["steps"]:
        result = RULES[step["rule"]](**{name: np.array(values) for name, values in step["inputs"].items()})
        index = tuple(slice(*axis) for axis in step["index"])
        if step["stage"] not in arrays:
            arrays[step["stage"]] = np.array(result, dtype=float)
        elif step["adds"]:
            arrays[step["stage"]][index] += result
        else:
            arrays[step["stage"]][index] = result
    return arrays[record["steps"][-1]["stage"]], arrays


@pytest.fixture
def explain(capsys):
    """Run `repix explain WORDS... --json`, check its form and its replay, and return the output."""

    def explained(*words):
        assert run(["explain", *words, "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        record = json.loads(printed.out, parse_constant=pytest.fail)
        assert list(record) == ["operation", "steps", "output"]
        assert record["operation"] == words[0]
        answer, arrays = replay(record)
        np.testing.assert_allclose(answer, np.array(record["output"]), rtol=1e-12, atol=1e-15)
        return np.array(record["output"]), arrays

    return explained


def numbers(text):
    return np.array([[float(word) for word in row.split()] for row in text.split(";")])


def same(explained, text):
    output = explained[0]
    np.testing.assert_allclose(output.reshape(output.shape[-2:]), numbers(text), rtol=0, atol=1e-12)


def test_U01_convolution(explain):
    same(explain("conv", "--data", PICTURE, "--kernel", LAPLACIAN), MAP)
    assert explain("conv", "--data", PICTURE, "--kernel", LAPLACIAN, "--padding", "same")[0].shape == (5, 5)
    same(explain("conv", "--data", PICTURE, "--kernel", LAPLACIAN, "--stride", "2"), "3 -1; -3 3")
    same(
        explain("conv", "--data", PICTURE, "--kernel", LAPLACIAN, "--stride", "2", "--bias", "0.5"), "3.5 -.5; -2.5 3.5"
    )


def test_U02_max_pooling_with_indices(explain):
    explained = explain("max-pool", "--data", SQUARE, "--kernel-size", "2")
    same(explained, "6 8; 9 7")
    assert explained[1]["indices"].tolist() == [[5, 7], [8, 10]]


def test_U03_nearest(explain):
    same(explain("nearest", "--data", "1 5; 4 8", "--scale", "2"), "1 1 5 5; 1 1 5 5; 4 4 8 8; 4 4 8 8")
    output, _ = explain("interpolate", "--data", "10 30 20", "--at", "0.4 0.6 1.9", "--method", "nearest")
    assert output.tolist() == [10, 30, 20]


def test_U04_bilinear_in_both_conventions(explain):
    same(
        explain("bilinear", "--data", "1 5; 4 8", "--scale", "2"),
        "1 2 4 5; 1.75 2.75 4.75 5.75; 3.25 4.25 6.25 7.25; 4 5 7 8",
    )
    output, _ = explain("bilinear", "--data", "10 20; 30 40", "--size", "4", "--align-corners")
    np.testing.assert_allclose(output, 10 + np.add.outer(np.arange(4) * 20 / 3, np.arange(4) * 10 / 3))


@pytest.mark.parametrize(("direction", "value"), [("down", 29), ("right", 30)])
def test_U04_a_point_is_29_with_x_down_and_30_with_x_to_the_right(explain, direction, value):
    output, _ = explain("sample", "--data", "10 20; 30 40", "--points", "0.6, 0.7", "--x", direction)
    assert output == pytest.approx(value, abs=1e-12)


def test_U05_interpolation_between_scattered_samples(explain):
    output, _ = explain("interpolate", "--data", "10 30 20", "--positions", "0 1 4", "--at", "0.25 2.5 3.7")
    np.testing.assert_allclose(output, np.interp([0.25, 2.5, 3.7], [0, 1, 4], [10, 30, 20]), rtol=1e-12)


@pytest.mark.parametrize("a", [-0.5, -0.75])
def test_U06_bicubic(explain, a):
    """A lone 1 among zeros, twice as wide, shows the kernel itself."""
    output, _ = explain("bicubic", "--data", "0 0 0 0 0 0 1 0 0 0 0 0 0", "--size", "1,26", "--a", str(a))
    distance = np.abs((np.arange(26) + 0.5) / 2 - 0.5 - 6)
    near = (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    far = a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a
    kernel = np.select([distance <= 1, distance <= 2], [near, far])
    np.testing.assert_allclose(output[0], kernel, rtol=0, atol=1e-12)


def test_U06_shrinking_with_antialiasing_keeps_a_constant(explain):
    for name in ("bilinear", "bicubic", "lanczos"):
        output, _ = explain(name, "--data", "7 7 7 7; 7 7 7 7", "--scale", "0.5", "--antialias")
        np.testing.assert_allclose(output, [[7, 7]], rtol=1e-12)


def test_U07_reshape_row_by_row(explain):
    same(
        explain("reshape", "--data", DEEP, "--scale", "2"),
        "1 2 5 1 4 3; 4 2 0 7 4 1; 2 5 5 9 3 6; 0 3 4 9 9 4; 7 4 5 5 6 6; 2 4 9 5 3 1",
    )


def test_U08_pixel_shuffle_and_its_halves_and_back(explain):
    shuffled = "1 7 2 4 5 1; 0 5 3 6 4 6; 1 2 4 5 3 5; 9 2 9 4 4 9; 4 9 2 3 0 6; 7 5 4 3 5 1"
    same(explain("pixel-shuffle", "--data", DEEP), shuffled)
    same(explain("pixel-shuffle", "--data", FOUR), "7 6 5 4; 7 3 8 8; 9 0 5 4; 2 6 0 9")
    wide, _ = explain("pixel-shuffle", "--data", DEEP, "--half", "width")
    assert wide.tolist()[0] == [[1, 7, 2, 4, 5, 1], [1, 2, 4, 5, 3, 5], [4, 9, 2, 3, 0, 6]]
    text = " | ".join("; ".join(" ".join(map(str, row)) for row in channel) for channel in wide.tolist())
    same(explain("pixel-shuffle", "--data", text, "--half", "height"), shuffled)
    back, _ = explain("pixel-unshuffle", "--data", shuffled)
    assert back[0].tolist() == [[1, 2, 5], [1, 4, 3], [4, 2, 0]]


def test_U09_max_unpooling(explain):
    same(explain("unpool", "--data", "6 8; 9 7", "--indices", "5 7; 8 10"), "0 0 0 0; 0 6 0 8; 9 0 7 0; 0 0 0 0")


@pytest.mark.parametrize("view", ["insert", "scatter"])
def test_U10_transposed_convolution(explain, view):
    words = ["conv-transpose", "--data", SMALL, "--kernel", SMALL_KERNEL, "--view", view]
    same(explain(*words, "--stride", "1"), ".1 0 -.4; .6 .3 -1; .9 .9 -.4")
    same(explain(*words, "--stride", "2"), ".1 -.2 .2 -.4; .3 -.1 .6 -.2; .3 -.6 .4 -.8; .9 -.3 1.2 -.4")


@pytest.mark.parametrize("view", ["insert", "scatter"])
def test_U11_scaled_kernels_summed(explain, view):
    words = ["conv-transpose", "--data", SMALL, "--kernel", KERNEL, "--stride", "2", "--view", view]
    same(explain(*words), "3 0 4 0 -4; 1 1 3 2 2; 6 0 2 0 -4; 3 3 7 4 4; -9 0 -6 0 8")
    same(explain(*words, "--padding", "1"), "1 3 2; 0 2 0; 3 7 4")
    both = [*words, "--padding", "1", "--output-padding", "1"]
    same(explain(*both), "1 3 2 2; 0 2 0 -4; 3 7 4 4; 0 -6 0 8")
    same(explain(*both, "--bias", "0.1"), "1.1 3.1 2.1 2.1; .1 2.1 .1 -3.9; 3.1 7.1 4.1 4.1; .1 -5.9 .1 8.1")
    same(
        explain("conv-transpose", "--data", "0 1; 2 3", "--kernel", "0 1; 2 3", "--stride", "1", "--view", view),
        "0 0 1; 0 4 6; 4 12 9",
    )


@pytest.mark.parametrize(
    ("size", "kernel", "padding", "expected"),
    [(64, 3, 1, 127), (64, 4, 1, 128), (224, 3, 1, 447), (64, 4, "same", 128)],
)
def test_U12_output_size(explain, size, kernel, padding, expected):
    words = ["--size", str(size), "--kernel-size", str(kernel), "--stride", "2", "--padding", str(padding)]
    assert explain("output-size", *words)[0] == expected


def test_U12_a_convolution_loses_a_rest(explain, capsys):
    words = ["output-size", "--of", "conv", "--size", "6", "--kernel-size", "3", "--stride", "2"]
    output, arrays = explain(*words)
    assert output == 2
    assert arrays["rest"] == 1


def test_U13_same_and_valid(explain):
    words = ["--data", PICTURE, "--kernel", LAPLACIAN]
    assert explain("conv", *words, "--padding", "valid")[0].shape == (3, 3)
    assert explain("conv", *words, "--padding", "same", "--stride", "2")[0].shape == (3, 3)
    assert explain("conv-transpose", *words, "--padding", "same", "--stride", "2")[0].shape == (10, 10)


def test_U14_a_transposed_convolution_does_not_bring_the_picture_back(explain):
    from scipy.signal import convolve2d

    output, _ = explain("conv-transpose", "--data", MAP, "--kernel", LAPLACIAN, "--stride", "1")
    np.testing.assert_array_equal(output, convolve2d(numbers(MAP), numbers(LAPLACIAN)))
    same((output,), "0 3 -3 -1 0; 3 -17 17 -2 -1; -2 11 -18 17 -3; -3 12 -5 -13 3; 0 -3 2 3 0")
    assert not np.array_equal(output, numbers(PICTURE))


def test_U19_dilated_spreads_the_kernel_and_not_the_data(explain):
    from scipy.signal import correlate2d

    output, arrays = explain("conv-dilated", "--data", PICTURE, "--kernel", "1 2; 3 4", "--dilation", "2")
    spread = numbers("1 0 2; 0 0 0; 3 0 4")
    np.testing.assert_array_equal(arrays["spread kernel"], spread)
    np.testing.assert_array_equal(output, correlate2d(numbers(PICTURE), spread, mode="valid"))
    np.testing.assert_array_equal(arrays["spread data"][::2, ::2], numbers(PICTURE))


def test_S09_softmax_and_cross_entropy(explain):
    np.testing.assert_allclose(explain("softmax", "--data", "0.07 -0.65 0.81")[0], [0.279, 0.136, 0.585], atol=5e-4)
    assert explain("cross-entropy", "--data", "0.60 0.13 0.27", "--target", "0")[0] == pytest.approx(-np.log(0.6))


def test_channels_are_told_apart_by_bars(explain):
    output, _ = explain("conv", "--data", "1 2; 3 4 | 5 6; 7 8", "--kernel", "1 1 | 10 10")
    np.testing.assert_allclose(output.reshape(2, 1), [[3 + 110], [7 + 150]])
    output, _ = explain("conv-transpose", "--data", "1 | 10", "--kernel", "1 2 | 3 4", "--stride", "1")
    np.testing.assert_allclose(output.reshape(1, 2), [[31, 42]])


@pytest.mark.parametrize("name", OPERATIONS)
def test_U18_every_operation_explains_itself_without_options(name, explain, capsys):
    explain(name)
    assert run(["explain", name]) == 0
    printed = capsys.readouterr()
    assert "Step 1 of" in printed.out
    assert "\x1b" not in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80


@pytest.mark.parametrize("name", OPERATIONS)
def test_U18_every_help_teaches_with_commands_that_run(name, capsys):
    assert run(["explain", name, "--help"]) == 0
    examples = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  repix explain ")]
    assert examples
    for example in examples:
        assert run([*shlex.split(example)[1:], "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["operation"] == name


@pytest.mark.parametrize("name", OPERATIONS)
def test_U18_every_operation_draws_itself(name, tmp_path, capsys):
    file = tmp_path / "working.svg"
    assert run(["explain", name, "--svg", str(file)]) == 0
    root = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].tag.endswith("title")
    assert [path.name for path in tmp_path.iterdir()] == ["working.svg"]


def test_an_existing_file_stays_unless_overwrite_is_given(tmp_path, capsys):
    file = tmp_path / "working.svg"
    file.write_text("mine")
    assert run(["explain", "conv", "--svg", str(file)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert run(["explain", "conv", "--svg", str(file), "--overwrite"]) == 0
    assert file.read_text().startswith("<svg")


@pytest.mark.parametrize("place", ["missing/working.svg", "."])
def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, place, capsys):
    assert run(["explain", "conv", "--svg", str(tmp_path / place), "--overwrite"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_U22_an_animation_and_a_stepping_svg_are_written(tmp_path, capsys):
    files = [tmp_path / "steps.gif", tmp_path / "steps.svg", tmp_path / "still.svg", tmp_path / "still.png"]
    options = zip(("--gif", "--step-svg", "--svg", "--png"), map(str, files), strict=True)
    assert run(["explain", "softmax", *(word for option in options for word in option)]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(map(str, files))
    assert files[0].read_bytes()[:4] == b"GIF8"
    assert 'id="step-3"' in files[1].read_text(encoding="utf-8")
    assert "step-3" not in files[2].read_text(encoding="utf-8")
    assert files[3].read_bytes()[1:4] == b"PNG"


@pytest.mark.parametrize("option", ["--gif", "--step-svg"])
def test_an_animation_that_cannot_be_written_is_one_sentence(option, tmp_path, monkeypatch, capsys):
    suffix = f".{option[-3:]}"
    there = tmp_path / f"there{suffix}"
    there.write_text("mine")

    def refused(file, *more):
        assert run(["explain", "softmax", option, str(file), *more]) != 0
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert [path.name for path in tmp_path.iterdir()] == [there.name]
        assert there.read_text() == "mine"
        return printed.err

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert "exists already; use --overwrite" in refused(there)
    assert "the folder does not exist" in refused(tmp_path / "missing" / f"a{suffix}")
    assert "is a folder; name a file in it" in refused(tmp_path)
    assert f"the file name must end in {suffix}" in refused(tmp_path / "a.mp4")
    assert "leave it out with" in refused(tmp_path / f"a{suffix}", "--steps", "2")
    assert "--code prints a program instead" in refused(tmp_path / f"a{suffix}", "--code", "numpy")
    monkeypatch.setattr("repix.pictures.atomic.os.fsync", full)
    assert "cannot be written: the disk is full." in refused(tmp_path / f"a{suffix}")
    assert "cannot be written: the disk is full." in refused(there, "--overwrite")


def test_a_still_and_a_stepping_svg_have_different_files(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["explain", "conv", "--svg", "a.svg", "--step-svg", "./a.svg", "--overwrite"]) == 2
    assert "--svg and --step-svg name the same file; give them two names." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_steps_say_how_many_are_left_out(capsys):
    assert run(["explain", "conv", "--steps", "2"]) == 0
    assert "7 more" in capsys.readouterr().out
    assert run(["explain", "conv", "--steps", "all"]) == 0
    assert "Step 9 of 9" in capsys.readouterr().out


BAD = [
    (["conv", "--data", "1 2; x 4"], '"x" is not a number'),
    (["conv", "--data", "1 2; 3"], "row 1 has 1 number"),
    (["conv", "--data", ""], "holds no numbers"),
    (["conv", "--data", "nan"], '"nan" is not a number'),
    (["conv", "--data", "1 2; 3 4", "--kernel", "1 1 1; 1 1 1; 1 1 1"], "kernel of 3"),
    (["conv", "--stride", "-1"], "stride"),
    (["conv", "--stride", "0"], "stride"),
    (["conv", "--stride", "two"], "--stride two"),
    (["conv", "--stride", "1 2 3"], "--stride 1 2 3"),
    (["conv", "--padding", "Same"], "--padding Same"),
    (["conv", "--dilation", "0"], "dilation"),
    (["conv", "--bias", "nan"], '"nan" is not a number'),
    (["conv-transpose", "--stride", "1000000000"], "the largest value is 1000"),
    (["unpool", "--size", "1000000"], "the largest value is 1000"),
    (["nearest", "--size", "1000000"], "the largest value is 1000"),
    (["conv", "--steps", "0"], "--steps 0"),
    (["conv", "--steps", "2", "--json"], "--steps"),
    (["conv", "--overwrite"], "--svg"),
    (["conv", "--data", "1 2 | 3 4", "--kernel", "1"], "2 channels"),
    (["conv-transpose", "--view", "sideways"], "scatter or insert"),
    (["conv-transpose", "--output-padding", "2"], "output padding"),
    (["conv-transpose", "--padding", "9"], "padding"),
    (["max-pool", "--kernel-size", "5"], "5"),
    (["max-pool", "--kernel-size", "0"], "0"),
    (["unpool", "--indices", "5 7; 8 99"], "99"),
    (["unpool", "--indices", "5 7; 8 1.5"], "whole"),
    (["unpool", "--indices", "5 7"], "indices"),
    (["bilinear", "--scale", "2", "--size", "4"], "size"),
    (["bilinear", "--scale", "0"], "scale"),
    (["bilinear", "--scale-factor", "0.1"], "leaves none"),
    (["bicubic", "--a", "nan"], "a is nan"),
    (["reshape", "--data", "1 2 | 3 4 | 5 6"], "3 channels"),
    (["pixel-shuffle", "--data", "1 2; 3 4"], "picture has 1 channel; they must be a multiple of 4"),
    (["pixel-unshuffle", "--data", "1 2 3; 4 5 6"], "3"),
    (["sample", "--points", "1"], "give two: X,Y"),
    (["sample", "--x", "up"], "right or down"),
    (["interpolate", "--positions", "0 1"], "2 positions"),
    (["interpolate", "--data", "1 2; 3 4"], "one row"),
    (["output-size", "--size", "2", "--kernel-size", "9", "--of", "conv"], "9"),
    (["output-size", "--of", "conv", "--output-padding", "1"], "--output-padding"),
    (["cross-entropy", "--target", "7"], "class 7"),
    (["cross-entropy", "--data", "1 2 3"], "sum up to 6"),
    (["cross-entropy", "--data", "1.1 -0.1"], "hold -0.1"),
    (["conv", "--data", "1e200", "--kernel", "1e200"], "smaller numbers"),
    (["conv-transpose", "--data", "1e308 1e308", "--kernel", "1 1", "--stride", "1"], "smaller numbers"),
]


@pytest.mark.parametrize(
    ("words", "sentence"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_sentence_and_wrong_use(words, sentence, capsys):
    assert run(["explain", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.startswith("repix: ")
    assert printed.err.count("\n") == 1


def test_large_data_is_explained_but_not_drawn(tmp_path, capsys):
    row = " ".join(["1"] * 40)
    words = ["explain", "nearest", "--data", row, "--scale", "1"]
    assert run(words) == 0
    assert run([*words, "--svg", str(tmp_path / "wide.svg")]) == 2
    assert "Give less data" in capsys.readouterr().err


def test_a_misspelt_operation_gets_the_nearest_name(capsys):
    assert run(["explain", "conv-transpoze"]) == 2
    assert "conv-transpose" in capsys.readouterr().err


def test_the_list_of_operations_loads_no_numpy():
    code = "import sys; from repix.cli._app import run; run(['explain', '--help']); sys.exit('numpy' in sys.modules)"
    source = Path(__file__).resolve().parents[2] / "src"
    assert subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, check=False).returncode == 0


def test_a_drawing_under_the_name_of_another_format(tmp_path, capsys):
    assert run(["explain", "conv", "--svg", str(tmp_path / "a.png")]) == 2
    assert "the file name must end in .svg" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        (("pixel-shuffle", "--half", "width"), "Pixel shuffle, first half: channels are placed side by side."),
        (("pixel-shuffle", "--half", "height"), "Pixel shuffle, second half: channels are placed below each other."),
        (("output-size", "--of", "conv"), "Output size of a convolution: one window"),
        (("output-size",), "Output size of a transposed convolution: from"),
        (("conv-dilated",), "Dilated convolution: zeros are inserted"),
    ],
)
def test_the_heading_is_of_what_was_done(words, heading, capsys):
    assert run(["explain", *words]) == 0
    assert capsys.readouterr().out.startswith(heading)
