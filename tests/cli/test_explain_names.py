"""One name and one default: `repix explain`, the functions behind it, and PyTorch where it has the same operation."""

import inspect
import json
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from repix import arithmetic
from repix.cli._app import run
from repix.cli.explain import _command
from repix.explanation import compositions, dilated_trace
from repix.explanation.operations import OPERATIONS
from repix.explanation.operations.carafe import carafe_trace
from repix.explanation.operations.dysample import dysample_trace
from repix.explanation.operations.large_kernel_transposed import large_kernel_trace

FUNCTIONS = {
    "conv": [arithmetic.conv2d],
    "conv-dilated": [dilated_trace],
    "conv-transpose": [arithmetic.conv_transpose2d],
    "max-pool": [arithmetic.max_pool2d],
    "unpool": [arithmetic.max_unpool2d],
    "nearest": [arithmetic.resize],
    "bilinear": [arithmetic.resize],
    "bicubic": [arithmetic.resize],
    "lanczos": [arithmetic.resize],
    "reshape": [arithmetic.reshape_upsample],
    "pixel-shuffle": [arithmetic.pixel_shuffle, arithmetic.shuffle_width, arithmetic.shuffle_height],
    "pixel-unshuffle": [arithmetic.pixel_unshuffle],
    "sample": [arithmetic.sample_bilinear],
    "interpolate": [arithmetic.interpolate_1d],
    "output-size": [arithmetic.conv_output_size, arithmetic.conv_transpose_output_size],
    "softmax": [arithmetic.softmax],
    "cross-entropy": [arithmetic.cross_entropy],
    "conv-1x1": [compositions.mixing_trace],
    "resize-conv": [compositions.resize_conv_trace],
    "icnr": [compositions.icnr_trace],
    "phase-sums": [compositions.phase_trace],
    "hypercolumns": [compositions.hypercolumns_trace],
    "carafe": [carafe_trace],
    "dysample": [dysample_trace],
    "large-kernel-transposed": [large_kernel_trace],
    "mae": [compositions.error_trace],
    "mse": [compositions.error_trace],
}
"""What computes each operation of the command line."""

DATA = ("picture", "values", "scores", "probabilities", "prediction")
"""What goes in: `--data` on the command line, whatever the function calls it."""

CHOOSES = {"pixel-shuffle": {"half"}, "output-size": {"of"}}
"""Options that choose among several functions."""

NOT_THERE = {
    "conv": {"groups"},  # the kernel's text has no room for filters
    "conv-transpose": {"groups"},
    "nearest": {"mode", "antialias", "a"},  # the operation is the mode, which refuses the other two
    "bilinear": {"mode", "a"},
    "bicubic": {"mode"},
    "lanczos": {"mode", "a"},
    "mae": {"kind"},  # the operation is the kind
    "mse": {"kind"},
}
"""Parameters that the command line lacks."""

EMPTY = inspect.Parameter.empty


def options(name):
    return inspect.signature(OPERATIONS[name]).parameters


def taken(name):
    """The parameters of all functions behind an operation, by name; the data is `data`."""
    found = {}
    for function in FUNCTIONS[name]:
        given = inspect.signature(function).parameters
        data = next((key for key in DATA if key in given), None)
        found |= {"data" if key == data else key: one for key, one in given.items()}
    return found


def words(default):
    """A default as one types it."""
    return str(default) if isinstance(default, int) and not isinstance(default, bool) else default


def test_every_operation_is_compared():
    assert set(FUNCTIONS) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_options_have_the_parameters_names(name):
    assert set(options(name)) - CHOOSES.get(name, set()) == set(taken(name)) - NOT_THERE.get(name, set())


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_first_name_of_an_option_is_the_parameters(name):
    """Where an option is written out (and not made of its parameter), a short name may follow."""
    described = {option.name: option for option in _command(name).params}
    for key in options(name):
        assert described[key].opts[0] == f"--{key.replace('_', '-')}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_options_have_the_parameters_defaults(name):
    """What a function demands has an example on the command line, so that each explains itself."""
    for key, parameter in taken(name).items():
        if key not in options(name) or parameter.default is EMPTY:
            continue
        assert words(options(name)[key].default) == words(parameter.default), key


def documented(function):
    """The defaults in the first line of a docstring: "conv2d(input, weight, bias=None, stride=1 ...)"."""
    line = re.search(rf"{function.__name__}\((.*?)\) ->", function.__doc__, re.DOTALL).group(1)
    pairs = re.findall(r"(\w+)=(\w+)", line)
    known = {"None": None, "True": True, "False": False}
    return {key: known[word] if word in known else int(word) for key, word in pairs}


def signed(function):
    given = inspect.signature(function).parameters
    return {key: one.default for key, one in given.items() if one.default is not EMPTY}


TORCH = [
    (arithmetic.conv2d, documented(functional.conv2d)),
    (arithmetic.conv2d, signed(nn.Conv2d)),
    (arithmetic.conv_transpose2d, documented(functional.conv_transpose2d)),
    (arithmetic.conv_transpose2d, signed(nn.ConvTranspose2d)),
    (arithmetic.conv_output_size, signed(nn.Conv2d)),
    (arithmetic.conv_remainder, signed(nn.Conv2d)),
    (arithmetic.conv_transpose_output_size, signed(nn.ConvTranspose2d)),
    (arithmetic.max_pool2d, signed(functional.max_pool2d_with_indices)),
    (arithmetic.resize, signed(functional.interpolate)),
    (arithmetic.max_unpool2d, signed(functional.max_unpool2d)),
    (dilated_trace, documented(functional.conv2d)),
]
"""Ours, and the defaults of PyTorch's own."""

SAME = {("bias", True): None, ("align_corners", None): False}
"""Other words for the same: a layer that has a bias gets no numbers for it; torch's None aligns no corners."""

OTHERWISE = {("conv2d", "padding_mode"), ("max_unpool2d", "output_size")}
"""Ours needs the size, which torch can also make up from the window."""


@pytest.mark.parametrize(("ours", "theirs"), TORCH)
def test_defaults_are_pytorchs(ours, theirs):
    given = inspect.signature(ours).parameters
    shared = [key for key in theirs if key in given and (ours.__name__, key) not in OTHERWISE]
    assert shared or ours is arithmetic.max_unpool2d
    for key in shared:
        default = given[key].default
        if ours is dilated_trace and key == "dilation":
            assert default is EMPTY  # by 1 it would not be dilated
            continue
        assert default == SAME.get((key, theirs[key]), theirs[key]), key


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (arithmetic.max_pool2d, {"kernel_size"}),
        (arithmetic.max_unpool2d, {"output_size"}),
        (arithmetic.pixel_shuffle, {"upscale_factor"}),
        (arithmetic.pixel_unshuffle, {"downscale_factor"}),
        (arithmetic.resize, {"size", "scale_factor", "mode", "align_corners", "antialias"}),
        (arithmetic.cross_entropy, {"target"}),
    ],
)
def test_names_are_pytorchs(ours, theirs):
    """Ours has these, and torch's function of the same name (or `interpolate`) has them too."""
    torchs = functional.interpolate if ours is arithmetic.resize else getattr(functional, ours.__name__)
    known = torchs.__doc__ + str(inspect.signature(torchs) if inspect.isfunction(torchs) else "")
    for name in theirs:
        assert name in inspect.signature(ours).parameters
        assert re.search(rf"\b{name}\b", known), name


def answer(capsys, *words):
    assert run(["explain", *words, "--json"]) == 0
    return np.array(json.loads(capsys.readouterr().out)["output"], dtype=float)


X, K = "1 2 0 4; 5 6 7 8; 9 8 0 6; 5 4 3 2", "1 -2; 3 0.5"
TENSOR = torch.tensor([[[[1.0, 2, 0, 4], [5, 6, 7, 8], [9, 8, 0, 6], [5, 4, 3, 2]]]], dtype=torch.float64)
KERNEL = torch.tensor([[[[1.0, -2], [3, 0.5]]]], dtype=torch.float64)

WITHOUT_OPTIONS = {
    "conv": (("--kernel", K), functional.conv2d(TENSOR, KERNEL)),
    "conv-transpose": (("--kernel", K), functional.conv_transpose2d(TENSOR, KERNEL)),
    "max-pool": (("--kernel-size", "2"), functional.max_pool2d(TENSOR, 2)),
    "nearest": (("--scale-factor", "2"), functional.interpolate(TENSOR, scale_factor=2)),
    "bilinear": (("--scale-factor", "1.5"), functional.interpolate(TENSOR, scale_factor=1.5, mode="bilinear")),
    "pixel-unshuffle": (("--downscale-factor", "2"), functional.pixel_unshuffle(TENSOR, 2)),
}


@pytest.mark.parametrize("name", WITHOUT_OPTIONS)
def test_without_options_it_computes_what_torch_does_without_options(name, capsys):
    words, theirs = WITHOUT_OPTIONS[name]
    np.testing.assert_allclose(
        answer(capsys, name, "--data", X, *words), theirs.numpy().squeeze(0).squeeze(), atol=1e-12
    )


def test_an_output_size_without_options_is_torchs(capsys):
    given = ["output-size", "--size", "9", "--kernel-size", "3"]
    x, kernel = torch.zeros(1, 1, 9, 9), torch.zeros(1, 1, 3, 3)
    assert answer(capsys, *given) == functional.conv_transpose2d(x, kernel).shape[-1]
    assert answer(capsys, *given, "--of", "conv") == functional.conv2d(x, kernel).shape[-1]
