"""Invalid arguments are refused with one sentence that names them."""

import numpy as np
import pytest

from repix.arithmetic import (
    conv2d,
    conv_output_size,
    conv_transpose2d,
    conv_transpose_output_size,
    cross_entropy,
    hypercolumns,
    interpolate_1d,
    max_pool2d,
    max_unpool2d,
    pixel_shuffle,
    pixel_unshuffle,
    reshape_upsample,
    resize,
    resize_convolution_kernel,
    resize_picture,
    sample_bilinear,
    shrink_matlab,
    softmax,
)
from repix.errors import RepixError, WrongDtype, WrongShape, WrongUse

X = np.ones((4, 4))
K = np.ones((2, 2))
HOLE = np.array([[1.0, np.nan], [1, 1]])
ONE = np.ones(1)

REFUSED = {
    "a list": (WrongDtype, "picture is a list", lambda: conv2d([[1.0]], K)),
    "whole numbers": (WrongDtype, "picture is int64", lambda: conv2d(np.ones((4, 4), int), K)),
    "half floats": (WrongDtype, "float16", lambda: resize(X.astype(np.float16), 2)),
    "mixed floats": (WrongDtype, "kernel is float32 but picture is float64", lambda: conv2d(X, K.astype(np.float32))),
    "mixed bias": (WrongDtype, "bias is float32", lambda: conv2d(X, K, np.ones(1, np.float32))),
    "nan": (WrongUse, r"picture holds nan at \(0, 1\)", lambda: conv2d(HOLE, K)),
    "nan in the kernel": (WrongUse, "kernel holds nan", lambda: conv2d(X, HOLE)),
    "infinity": (WrongUse, "inf at", lambda: resize(np.full((2, 2), np.inf), 3)),
    "nan in a photo": (WrongUse, r"nan at \(0, 1, 0\)", lambda: resize_picture(HOLE[:, :, np.newaxis], 3)),
    "one axis": (WrongShape, "must have 2 or 3 or 4 dimensions", lambda: max_pool2d(np.ones(4), 2)),
    "no pixels": (WrongShape, "holds no numbers", lambda: resize(np.ones((0, 4)), 2)),
    "a kernel without axes": (WrongShape, "kernel has shape", lambda: conv2d(X, np.ones((1, 1, 2, 2)))),
    "other channels": (WrongShape, "for 3 channels", lambda: conv2d(np.ones((3, 4, 4)), np.ones((1, 2, 2, 2)))),
    "other channels back": (
        WrongShape,
        "for 3 channels",
        lambda: conv_transpose2d(np.ones((3, 4, 4)), np.ones((2, 3, 2, 2))),
    ),
    "groups": (WrongShape, "2 groups", lambda: conv2d(np.ones((3, 4, 4)), np.ones((2, 1, 2, 2)), groups=2)),
    "filters in groups": (
        WrongShape,
        "a multiple of 2 filters",
        lambda: conv2d(np.ones((4, 4, 4)), np.ones((3, 2, 2, 2)), groups=2),
    ),
    "bias": (WrongShape, "bias has shape", lambda: conv2d(X, K, np.ones(2))),
    "kernel larger than picture": (WrongUse, "covers 5, more than the size 4", lambda: conv2d(X, np.ones((5, 5)))),
    "stride 0": (WrongUse, "stride is 0", lambda: conv2d(X, K, stride=0)),
    "stride 1.5": (WrongUse, "stride is 1.5", lambda: conv2d(X, K, stride=1.5)),
    "stride True": (WrongUse, "stride is True", lambda: conv2d(X, K, stride=True)),
    "three strides": (WrongUse, r"\(rows, columns\)", lambda: conv2d(X, K, stride=(1, 2, 3))),
    "negative padding": (WrongUse, "padding is -1", lambda: conv2d(X, K, padding=-1)),
    "unknown padding": (WrongUse, "'valid', 'same'", lambda: conv2d(X, K, padding="full")),
    "unknown padding back": (WrongUse, "'valid', 'same'", lambda: conv_transpose2d(X, K, padding="full")),
    "nothing left": (WrongUse, "nothing is left", lambda: conv_transpose2d(X, K, padding=5)),
    "output padding": (WrongUse, "smaller than the stride", lambda: conv_transpose2d(X, K, output_padding=1)),
    "output padding twice": (
        WrongUse,
        "sets the output size",
        lambda: conv_transpose2d(X, K, stride=2, padding="same", output_padding=1),
    ),
    "view": (WrongUse, "'scatter' or 'insert'", lambda: conv_transpose2d(X, K, view="gather")),
    "pool 0": (WrongUse, "kernel_size is 0", lambda: max_pool2d(X, 0)),
    "pool padding": (WrongUse, "at most half", lambda: max_pool2d(X, 2, padding=2)),
    "pool larger than picture": (WrongUse, "covers 5", lambda: max_pool2d(X, 5)),
    "indices as floats": (WrongDtype, "indices are float64", lambda: max_unpool2d(K, K, 4)),
    "indices elsewhere": (WrongUse, "indices 0 to 15", lambda: max_unpool2d(K, np.full((2, 2), 16), 4)),
    "indices missing": (WrongShape, "give each value its index", lambda: max_unpool2d(K, np.zeros((2, 1), int), 4)),
    "indices as a list": (WrongDtype, "indices are a list", lambda: max_unpool2d(K, [[0, 1], [2, 3]], 4)),
    "shuffle of H×W": (WrongShape, "3 or 4 dimensions", lambda: pixel_shuffle(X, 2)),
    "shuffle of 3 channels": (WrongShape, "multiple of 4", lambda: pixel_shuffle(np.ones((3, 2, 2)), 2)),
    "shuffle by 0": (WrongUse, "upscale_factor is 0", lambda: pixel_shuffle(np.ones((4, 2, 2)), 0)),
    "unshuffle": (WrongShape, "multiples of downscale_factor 3", lambda: pixel_unshuffle(np.ones((1, 4, 4)), 3)),
    "reshape": (WrongShape, "multiple of 9", lambda: reshape_upsample(np.ones((4, 2, 2)), 3)),
    "no size": (WrongUse, "Give a size", lambda: resize(X)),
    "size and scale": (WrongUse, "not both", lambda: resize(X, 2, scale_factor=2)),
    "size 0": (WrongUse, "size is 0", lambda: resize(X, 0)),
    "scale nan": (WrongUse, "scale_factor is nan", lambda: resize(X, scale_factor=float("nan"))),
    "negative scale": (WrongUse, "must be a number above 0", lambda: resize(X, scale_factor=-1)),
    "scale as text": (WrongUse, "must be a number above 0", lambda: resize(X, scale_factor="2")),
    "method": (WrongUse, "choose from nearest", lambda: resize(X, 2, mode="cubic")),
    "nearest antialias": (WrongUse, "cannot antialias", lambda: resize(X, 2, antialias=True)),
    "a of bilinear": (WrongUse, "parameter of the bicubic kernel", lambda: resize(X, 2, a=-0.75)),
    "a nan": (WrongUse, "a is nan", lambda: resize(X, 2, mode="bicubic", a=float("nan"))),
    "photo with 4 axes": (WrongShape, "must be H×W or H×W×C", lambda: resize_picture(np.ones((1, 1, 4, 4)), 2)),
    "matlab floats": (WrongDtype, "picture is float64", lambda: shrink_matlab(X, 2)),
    "matlab 1.5": (WrongUse, "scale is 1.5", lambda: shrink_matlab(X.astype(np.uint8), 1.5)),
    "matlab empty": (WrongShape, "holds no pixels", lambda: shrink_matlab(np.ones((0, 4), np.uint8), 2)),
    "points": (WrongShape, "pairs", lambda: sample_bilinear(X, np.ones(3))),
    "points nan": (WrongUse, "points holds nan", lambda: sample_bilinear(X, np.array([np.nan, 1]))),
    "points left": (WrongUse, "'right' or 'down'", lambda: sample_bilinear(X, np.ones(2), x="left")),
    "samples": (WrongShape, "2 positions but 1 values", lambda: interpolate_1d(ONE, np.arange(2.0), ONE)),
    "samples twice": (
        WrongUse,
        "Two samples have the position 1.0",
        lambda: interpolate_1d(ONE, np.ones(2), np.ones(2)),
    ),
    "samples cubic": (WrongUse, "'linear' or 'nearest'", lambda: interpolate_1d(ONE, ONE, ONE, "cubic")),
    "no samples": (WrongShape, "holds no numbers", lambda: interpolate_1d(ONE, np.ones(0), np.ones(0))),
    "no scores": (WrongShape, "holds no numbers", lambda: softmax(np.ones(0))),
    "not probabilities": (WrongUse, "sum up to 3 .*Apply softmax", lambda: cross_entropy(np.ones(3), 0)),
    "class 3 of 3": (
        WrongUse,
        "holds the class 3, but there are 3 classes, 0 to 2",
        lambda: cross_entropy(np.ones(3) / 3, 3),
    ),
    "class 0.5": (WrongDtype, "class indices must be integers", lambda: cross_entropy(np.ones(3) / 3, 0.5)),
    "two hot": (WrongUse, "a single 1", lambda: cross_entropy(np.ones(3) / 3, np.array([1, 1, 0]))),
    "target's shape": (WrongShape, "target has shape", lambda: cross_entropy(np.ones(3) / 3, np.ones(2, int))),
    "size of a line": (WrongUse, "size is 0", lambda: conv_output_size(0, 3)),
    "kernel longer than line": (WrongUse, "more than the size", lambda: conv_output_size(2, 3)),
    "line of nothing": (WrongUse, "nothing is left", lambda: conv_transpose_output_size(1, 1, padding=1)),
    "no maps": (WrongUse, "no maps", lambda: hypercolumns([], 2)),
    "maps of other batches": (
        WrongShape,
        "one batch size",
        lambda: hypercolumns([np.ones((2, 3, 4, 4)), np.ones((1, 3, 4, 4))], 2),
    ),
    "unpool trace": (WrongDtype, "numpy array", lambda: max_unpool2d.trace([[1.0]], np.array([[0]]), 2)),
    "composed even": (WrongShape, "must be odd", lambda: resize_convolution_kernel(np.ones((3, 2)), 2)),
    "composed bicubic": (WrongUse, "composed kernel", lambda: resize_convolution_kernel(np.ones((3, 3)), 2, "bicubic")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(name):
    kind, words, call = REFUSED[name]
    with pytest.raises(RepixError, match=words) as refusal:
        call()
    assert type(refusal.value) is kind
    assert "\n" not in str(refusal.value)
