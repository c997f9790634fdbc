"""`repix explain --code`: the programs give the numbers of the trace, with the options that change them."""

import shlex
from inspect import signature

import numpy as np
import pytest

from repix.cli._app import run
from repix.errors import WrongUse
from repix.explanation.code import code_of
from repix.explanation.operations import OPERATIONS
from repix.explanation.snippets import SNIPPETS

CONV3 = '--data "1 2 5 0; 3 4 6 1; 0 2 7 7 | 5 6 1 1; 7 8 0 2; 1 3 2 9"'
CASES = [
    *OPERATIONS,
    "conv --stride 2 --padding same --bias 0.5",
    "conv --padding 1,2 --stride 2,1",
    "conv --dilation 2",
    f'conv {CONV3} --kernel "1 1; 2 0 | 10 0; 1 -1" --padding 1',
    "conv-dilated --dilation 2,1 --padding 1",
    "conv-transpose --stride 2 --padding 1",
    "conv-transpose --stride 3 --output-padding 1 --bias 0.1",
    "conv-transpose --stride 3 --padding valid",
    'conv-transpose --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2 --padding 1 --output-padding 1 --bias 0.1',
    'conv-transpose --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2 --padding same',
    'conv-transpose --kernel "3 0 -2; 1 1 1; -3 0 2" --stride 2 --dilation 2 --view insert',
    'conv-transpose --data "1 2; 3 4 | 5 6; 7 8" --kernel "1 2; 3 4 | 0 1; 1 0" --stride 2',
    "max-pool --kernel-size 3 --stride 1 --padding 1",
    "max-pool --kernel-size 2 --dilation 2 --stride 1",
    'max-pool --data "1 2; 3 4 | 5 6; 8 7"',
    'unpool --data "6 8; 9 7 | 1 2; 3 4" --indices "5 7; 8 10 | 0 2; 8 11"',
    "nearest --scale-factor 3",
    "nearest --size 3,5 --align-corners",
    'bilinear --data "10 20; 30 40" --size 4 --align-corners',
    'bilinear --data "1 2 3; 3 9 1; 0 0 7" --scale-factor 1.5',
    'bilinear --data "1 2 3; 3 9 1; 0 0 7 | 5 5 6; 1 2 1; 7 7 0"',
    "bicubic --a -0.75",
    'bicubic --data "10 10 10 50 50 50" --size 1,12',
    "bicubic --scale-factor 0.5 --antialias",
    'lanczos --scale-factor 0.5 --antialias --data "1 2 4 8 5 6; 1 2 4 8 1 1; 1 2 4 8 0 0; 5 4 3 2 2 1"',
    "resize-conv --mode bilinear --scale 3",
    'resize-conv --kernel "2"',
    'hypercolumns --mode nearest --data "1 2 3 4; 5 6 7 8" --deeper "10 20"',
    "hypercolumns --mode bicubic",
    'conv-1x1 --bias "0.5 -1"',
    "pixel-shuffle --half width",
    "pixel-shuffle --half height",
    'icnr --data "1 2 3; 4 5 6" --kernel "0.5 1 2; 3 4 5; 6 7 8" --upscale-factor 3',
    'phase-sums --kernel "1 2 3 4; 0 1 2 1; 3 1 4 1; 5 9 2 6" --stride 3',
    "sample --x down",
    'sample --points "0.6 0.7; 0 1; -3 9"',
    'sample --data "10 20; 30 40 | 1 2; 3 4" --points "0.6, 0.7"',
    'interpolate --positions "0 4 1" --at "0.25 2.5 9"',
    'interpolate --method nearest --at "0.5 0.4 1.9 -3"',
    'interpolate --data "4" --at "0.5 2"',
    'carafe --data "0 4 2; 1 3 9 | 9 5 1; 2 2 0" --compress "1 -0.5"',
    'dysample --data "1 5 2; 4 8 0" --bias "1 1 -9 1; 0 2 0 0"',
    'dysample --data "1 5 2" --scope "0.1 0.2 0.3 0.4; 0.1 -0.1 0.1 -0.1"',
    "dysample --data 3",
    f'large-kernel-transposed --kernel "{"; ".join(["1 2 3 4 5 6 7"] * 7)}" --scale 3 --bias 0.5',
    'large-kernel-transposed --kernel "1 2 3; 4 5 6; 7 8 9" --parallel "1 2; 3 4"',
    "output-size --size 64 --kernel-size 3 --stride 2 --padding 1 --output-padding 1",
    "output-size --size 64 --kernel-size 5 --stride 2 --of conv --padding 2",
    "output-size --size 65 --kernel-size 5 --stride 2 --of conv --padding same",
    "output-size --size 64 --kernel-size 3 --stride 2 --padding same",
    'cross-entropy --data "0.9 0.2; 0.6 0.5 | 0.1 0.8; 0.4 0.5" --target "0 1; 1 1"',
]
WITHOUT_KERAS = {"lanczos", "bicubic", "carafe", "dysample"}


def values_of(line):
    """The operation's name and its option values, with defaults, as the command line gives them."""
    name, *words = shlex.split(line)
    parameters = signature(OPERATIONS[name]).parameters
    values = {key: one.default for key, one in parameters.items()}
    names = {"--scale": "upscale_factor" if "upscale_factor" in parameters else "scale_factor"}
    position = 0
    while position < len(words):
        key = names.get(words[position], words[position].removeprefix("--").replace("-", "_"))
        if isinstance(values[key], bool):
            values[key] = True
            position += 1
            continue
        text, default = words[position + 1], values[key]
        number = type(default) if isinstance(default, int | float) else float
        is_number = key in NUMBERS or isinstance(default, int | float) or (key == "bias" and name not in WITH_BIASES)
        values[key] = number(text) if is_number else text
        position += 2
    return name, values


NUMBERS = {"scale_factor", "a"}
WITH_BIASES = {"conv-1x1", "carafe", "dysample"}
"""Their bias is a row or a table of numbers."""


def result_of(program):
    names = {}
    exec(program.replace("print(result)", ""), names)  # noqa: S102 the program that is tested
    return np.asarray(names["result"], float)


@pytest.mark.parametrize("line", CASES)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_U20_the_program_gives_the_numbers_of_the_explanation(line, library):
    name, values = values_of(line)
    expected = OPERATIONS[name](**values).output
    found = result_of(code_of(name, values, library))
    np.testing.assert_allclose(found.squeeze(), np.squeeze(expected), rtol=1e-12, atol=1e-12)


def test_U20_every_operation_has_programs_that_compile():
    assert list(SNIPPETS) == list(OPERATIONS)
    for name in OPERATIONS:
        values = values_of(name)[1]
        for library in ("numpy", "torch", *([] if name in WITHOUT_KERAS else ["keras"])):
            program = code_of(name, values, library)
            compile(program, name, "exec")
            assert max(map(len, program.splitlines())) <= 160


def test_U20_a_library_without_the_function_says_so():
    for name in WITHOUT_KERAS:
        with pytest.raises(
            WrongUse, match=rf"^keras has no function for {name} with these options; use --code numpy\.$"
        ):
            code_of(name, values_of(name)[1], "keras")


def test_U20_the_command_prints_the_program_alone(capsys):
    assert run(["explain", "conv", "--stride", "2", "--code", "torch"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("import torch\n")
    exec(printed, {})  # noqa: S102
    assert "3., -1." in capsys.readouterr().out
    for words, sentence in (
        (["--code", "jax"], "--code jax: give numpy or torch or keras."),
        (["--code", "numpy", "--json"], "--json and --code print different things; give one of them."),
        (["--tex", "--json"], "--json and --tex print different things"),
        (["--tex", "--steps", "2"], "leave it out with --tex"),
        (["--tex", "--data", " ".join(["1"] * 40), "--kernel", "1"], "LaTeX shows at most 12×12"),
        (["--code", "numpy", "--steps", "2"], "--steps"),
        (["--code", "numpy", "--data", "x"], '"x" is not a number'),
        (["--code", "numpy", "--stride", "0"], "stride"),
    ):
        assert run(["explain", "conv", *words]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert sentence in printed.err


@pytest.mark.parametrize("name", OPERATIONS)
def test_latex_has_every_number_of_the_output_and_closed_braces(name, capsys):
    assert run(["explain", name, "--tex"]) == 0
    text = capsys.readouterr().out
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin{pmatrix}") == text.count(r"\end{pmatrix}") >= 1
    assert text.count(r"\[") == text.count(r"\]")
    assert text.isascii() or set(text) - set(map(chr, range(128))) <= set("ö—…")
    last = text.rstrip().splitlines()[-1]
    output = OPERATIONS[name](**values_of(name)[1]).output
    assert last.count("&") + last.count(r"\\") + last.count(r"\begin") == np.size(output)
