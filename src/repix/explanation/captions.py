"""Captions for tables and pictures: a summary of each operation, and the notation of each rule."""

from repix.arithmetic.trace import Trace

SUMMARIES = {
    "conv": "Convolution: a window slides over the data; the sum of its values times the kernel is one output value.",
    "conv-dilated": "Dilated convolution: zeros are inserted between the values of the kernel, not of the data.",
    "conv-transpose": "Transposed convolution: the kernel is scaled by each value and added to the output; "
    "equal to sliding the flipped kernel over data with zeros inserted.",
    "max-pool": "Max pooling: the maximum of each window is kept, and its index is stored.",
    "unpool": "Max unpooling: every maximum goes back to its index; all other values are zero.",
    "nearest": "Nearest neighbor: every new pixel copies the old pixel that contains its center.",
    "bilinear": "Bilinear: every new pixel is a mean of the old pixels around it, weighted by distance.",
    "bicubic": "Bicubic: every new pixel is a weighted sum of 4×4 old ones (a larger square with antialiasing); some "
    "weights are negative.",
    "lanczos": "Lanczos: every new pixel is a weighted sum of 6×6 old ones (a larger square with antialiasing); some "
    "weights are negative.",
    "reshape": "Reshape: values keep their order in memory and only the shape changes, so neighbors are separated.",
    "pixel-shuffle": "Pixel shuffle: the channels of one pixel become a block of pixels.",
    "pixel-unshuffle": "Pixel unshuffle: a block of pixels becomes the channels of one pixel.",
    "sample": "Bilinear at a point: the mean of the four pixels around it, weighted by distance.",
    "interpolate": "Interpolation: a value between two known ones, weighted by the distances.",
    "conv-output-size": "Output size of a convolution: one window at the start, and one for each whole stride.",
    "conv-remainder": "Remainder of a convolution: the values at the end that no window reads.",
    "conv-transpose-output-size": "Output size of a transposed convolution: from the start of the first kernel to the "
    "end of the last one, minus the cropped ends.",
    "shuffle-width": "Pixel shuffle, first half: channels are placed side by side.",
    "shuffle-height": "Pixel shuffle, second half: channels are placed below each other.",
    "softmax": "Softmax: scores become probabilities in the same order.",
    "cross-entropy": "Cross-entropy: minus the logarithm of the probability of the true class.",
    "conv-1x1": "1×1 convolution: each output channel is a weighted sum of the input channels, pixel by pixel.",
    "hypercolumns": "Hypercolumns: maps of several depths are enlarged to one size; the values at one pixel are its "
    "column.",
    "resize-conv": "Resize-convolution: the picture is enlarged and its border repeated; a convolution adds detail.",
    "mae": "Mean absolute error (L1): the mean of the differences without their signs.",
    "mse": "Mean squared error (L2): the mean of the squared differences; a large one counts most.",
    "icnr": "ICNR initialization: all filters of a block start equal, so pixel shuffle starts as nearest neighbor.",
    "phase-sums": "Phase sums: an output pixel reads one phase of the kernel; in a constant area unequal sums are a "
    "pattern.",
}
"""The name and summary of each operation: the heading of its explanation."""

OPERATORS = {
    "scale": "×",
    "dot": "×",
    "product": "×",
    "difference": "−",
    "divide": "÷",
    "floor-divide": "÷",
    "remainder": "mod",
    "exp": "−",
}
"""The operator between the inputs of a rule."""

BRACKETS = {
    "sum": ("sum of", ""),
    "mean": ("mean of", ""),
    "max": ("max of", ""),
    "log-loss": ("−log(", ")"),
    "exp": ("exp(", ")"),
    "tanh": ("tanh(", ")"),
    "sigmoid": ("sigmoid(", ")"),
    "absolute": ("|", "|"),
    "floor-divide": ("⌊", "⌋"),
    "linear-weights": ("linear weights of", ""),
    "cubic-weights": ("cubic weights of", ""),
    "lanczos-weights": ("Lanczos weights of", ""),
}
"""The text before and after the inputs of a rule in a picture."""

RESULT_LABELS = {
    "dot": "sum",
    "sum": "sum",
    "max": "max",
    "mean": "mean",
    "exp": "exp",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "absolute": "abs",
    "log-loss": "-log",
    "linear-weights": "linear",
    "cubic-weights": "cubic",
    "lanczos-weights": "lanczos",
}
"""The label of a rule's result in a table, where it is not "="."""


def summary_of(trace: Trace) -> str:
    """Return the heading of an explanation: the operation's name and what it does.

    >>> import numpy as np
    >>> from repix.arithmetic import softmax
    >>> summary_of(softmax.trace(np.ones(2)))
    'Softmax: scores become probabilities in the same order.'
    """
    return trace.summary or SUMMARIES.get(trace.operation, trace.operation)
