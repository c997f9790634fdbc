"""`repix explain` of carafe, dysample and the large kernel: the numbers are the torch layers'."""

import json
import shlex

import numpy as np
import pytest
import torch
from torch.nn import functional

from repix import upsampling
from repix.cli._app import run
from repix.errors import RepixError
from repix.explanation.operations import OPERATIONS

RNG = np.random.default_rng(5)


def text(array):
    """An array as an option's value: rows by `;`, channels by `|`."""
    channels = array if array.ndim == 3 else array[None]
    return " | ".join("; ".join(" ".join(map(repr, row)) for row in channel) for channel in channels.tolist())


def torch_result(layer, weights, picture):
    """The result of a torch layer with these weights, and the layer."""
    layer = layer.double()
    with torch.no_grad():
        for name, values in layer.named_parameters():
            values.copy_(torch.from_numpy(weights[name]).reshape(values.shape))
        return layer(torch.from_numpy(picture)[None]).numpy()[0]


@pytest.mark.parametrize(("scale", "kernel", "channels"), [(2, 3, 1), (2, 5, 3), (3, 3, 2)])
def test_carafe_is_the_torch_layer(scale, kernel, channels):
    picture, compress = RNG.normal(size=(channels, 2, 3)), RNG.normal(size=channels)
    weights, bias = RNG.normal(size=(2, scale**2, kernel**2))
    trace = OPERATIONS["carafe"](text(picture), text(compress[None]), text(weights), text(bias))
    layer = upsampling.carafe(channels, channels, scale=scale, kernel=kernel, encoder=1, compressed=1)
    by_neighbor = np.empty((2, kernel**2 * scale**2))
    for new in range(scale**2):
        for neighbor in range(kernel**2):
            by_neighbor[:, neighbor * scale**2 + new] = weights[new, neighbor], bias[new, neighbor]
    state = {"compress.weight": compress, "compress.bias": np.zeros(1)}
    state |= {"encode.weight": by_neighbor[0], "encode.bias": by_neighbor[1]}
    np.testing.assert_allclose(trace.output[0], torch_result(layer, state, picture), rtol=1e-11, atol=1e-12)
    small = layer.compress(torch.from_numpy(picture)[None])
    scores = functional.pixel_shuffle(layer.encode(small), scale)
    found = np.moveaxis(trace.stage_arrays()["weights"].reshape(2 * scale, 3 * scale, -1), -1, 0)
    np.testing.assert_allclose(found, scores.softmax(1)[0].detach().numpy(), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(found.sum(0), 1, rtol=1e-12)


def test_carafe_with_equal_scores_is_a_mean_of_the_neighborhood():
    nothing = text(np.zeros((4, 9)))
    output = OPERATIONS["carafe"]("9 0 0", "1", nothing, nothing).output
    np.testing.assert_allclose(output[0, 0, 0], [6, 6, 3, 3, 0, 0], atol=1e-12)  # the border is repeated


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("dynamic", [False, True])
def test_dysample_is_the_torch_layer(scale, dynamic):
    picture = RNG.normal(size=(1, 2, 3))
    weights, bias, scope = RNG.normal(size=(3, 2, scale**2))
    trace = OPERATIONS["dysample"](text(picture[0]), text(weights), text(bias), text(scope) if dynamic else None)
    layer = upsampling.dysample(1, 1, scale=scale, scope="dynamic" if dynamic else "static", groups=1)
    state = {"offset.weight": weights, "offset.bias": bias, "scope.weight": scope}
    np.testing.assert_allclose(trace.output[0], torch_result(layer, state, picture), rtol=1e-11, atol=1e-12)
    arrays = trace.stage_arrays()
    np.testing.assert_allclose(arrays["weights"].sum((-2, -1)), 1, rtol=1e-12)
    points = torch.from_numpy(arrays["points"][0])  # x, y of the first group
    at = 2 * (points + 0.5) / torch.tensor([3, 2]) - 1
    sampled = functional.grid_sample(torch.from_numpy(picture)[None], at, padding_mode="border", align_corners=False)
    np.testing.assert_allclose(trace.output, sampled.numpy(), rtol=1e-11, atol=1e-12)


def test_dysample_without_shifts_is_bilinear():
    picture, nothing = RNG.normal(size=(3, 4)), text(np.zeros((2, 4)))
    output = OPERATIONS["dysample"](text(picture), nothing, nothing).output
    expected = functional.interpolate(torch.from_numpy(picture)[None, None], scale_factor=2, mode="bilinear")
    np.testing.assert_allclose(output, expected.numpy(), rtol=1e-12)


def test_no_shift_of_dysample_is_more_than_a_quarter():
    picture, weights = RNG.normal(size=(2, 2)), RNG.normal(size=(2, 4)) * 1000
    shifts = OPERATIONS["dysample"](text(picture), text(weights)).stage_arrays()["shifts"]
    assert np.abs(shifts).max() == pytest.approx(0.25)


@pytest.mark.parametrize(("kernel", "parallel", "scale"), [(7, 3, 2), (5, 3, 2), (6, 2, 2), (7, 3, 3), (4, 4, 4)])
@pytest.mark.parametrize("bias", [None, 0.5])
def test_the_large_kernel_is_the_torch_layer(kernel, parallel, scale, bias):
    picture = RNG.normal(size=(1, 3, 2))
    large, small = RNG.normal(size=(kernel, kernel)), RNG.normal(size=(parallel, parallel))
    trace = OPERATIONS["large-kernel-transposed"](text(picture[0]), text(large), text(small), scale, bias)
    layer = upsampling.large_kernel_transposed(
        1, 1, scale=scale, kernel=kernel, parallel=parallel, bias=bias is not None
    )
    state = {"convolution.weight": large, "parallel.weight": small, "convolution.bias": np.array([bias or 0.0])}
    expected = torch_result(layer, state, picture)
    np.testing.assert_allclose(trace.output[0], expected, rtol=1e-11, atol=1e-12)
    arrays = trace.stage_arrays()
    with torch.no_grad():
        branches = [branch(torch.from_numpy(picture)[None]).numpy() for branch in (layer.convolution, layer.parallel)]
    np.testing.assert_allclose(arrays["large"], branches[0], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(arrays["small"], branches[1], rtol=1e-11, atol=1e-12)


SENTENCES = {
    'carafe --compress "1 2"': "--compress has 2 weights for 1 channels; give one for each.",
    'carafe --weights "1 2 3"': "--bias and --weights must both be one table, with as many rows and columns.",
    'carafe --weights "1 2; 3 4" --bias "1 2; 3 4"': "--weights has 2×2 numbers; give scale² rows (4, 9 ...)",
    'dysample --data "1 2 | 3 4"': "--data has 2 channels; dysample is shown for one.",
    'dysample --weights "1 2 3 4"': "--weights needs two rows, for x and y, of scale² numbers each (4, 9 ...).",
    'dysample --weights "1 2 3; 4 5 6"': "--weights needs two rows, for x and y",
    'dysample --bias "1 2 3 4"': "--bias has other rows than --weights; give 2 rows of 4 numbers.",
    'dysample --scope "1"': "--scope has other rows than --weights; give 2 rows of 4 numbers.",
    'large-kernel-transposed --data "1 2 | 3 4"': "--data has 2 channels; large-kernel-transposed is shown for one.",
    'large-kernel-transposed --kernel "1 2"': "--kernel is 1×2; it must be square, without `|`.",
    'large-kernel-transposed --kernel "1"': "A kernel of 1 leaves gaps at scale 2; it must be at least 2.",
    'large-kernel-transposed --kernel "1 1; 1 1"': "The parallel kernel, 3, is larger than the kernel, 2; swap them.",
    "large-kernel-transposed --scale 1": "large-kernel-transposed has whole scales from 2 on, not 1.",
}


@pytest.mark.parametrize("line", SENTENCES)
def test_bad_input_gets_its_sentence(line, capsys):
    assert run(["explain", *shlex.split(line)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert SENTENCES[line] in " ".join(printed.err.split())


def test_the_command_and_the_function_give_the_same(capsys):
    assert run(["explain", "carafe", "--data", "1 7", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    np.testing.assert_array_equal(record["output"], OPERATIONS["carafe"]("1 7").output)
    with pytest.raises(RepixError):
        OPERATIONS["carafe"]("x")
