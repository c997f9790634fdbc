"""Words for tables and pictures: what each operation does, and how each rule is written."""

from repix.arithmetic.trace import Trace

ABOUT = {
    "conv": "Convolution: a window slides over the data; numbers times kernel, added up, are one output number.",
    "conv-dilated": "Dilated convolution: the kernel is spread, with zeros between its numbers; the data is not.",
    "conv-transpose": "Transposed convolution: scaled kernels are laid on the output and added up; "
    "the same as sliding the flipped kernel over spread data.",
    "max-pool": "Max pooling: of each window only the largest number stays, and where it stood is remembered.",
    "unpool": "Max unpooling: every maximum goes back to where it stood; all other places are zero.",
    "nearest": "Nearest neighbor: every new pixel copies the old pixel that it lies in.",
    "bilinear": "Bilinear: every new pixel is a mixture of the old pixels beside it, the nearer the stronger.",
    "bicubic": "Bicubic: every new pixel is a mixture of 4×4 old ones, of a larger square with antialiasing; some "
    "weights are negative.",
    "lanczos": "Lanczos: every new pixel is a mixture of 6×6 old ones, of a larger square with antialiasing; some "
    "weights are negative.",
    "reshape": "Reshape: numbers keep their order in memory, only the shape changes; neighbors are torn apart.",
    "pixel-shuffle": "Pixel shuffle: the channels of one pixel become a block of pixels.",
    "pixel-unshuffle": "Pixel unshuffle: a block of pixels becomes the channels of one pixel.",
    "sample": "Bilinear at a point: four pixels around it, each weighted by how near it is.",
    "interpolate": "Interpolation: a number between two known ones, from how far it is from each.",
    "conv-output-size": "Output size of a convolution: one place to start from, and one for each whole stride.",
    "conv-rest": "Rest of a convolution: the numbers at the end that no stride reaches.",
    "conv-transpose-output-size": "Output size of a transposed convolution: from the first kernel's start to the last "
    "one's end, less what is cut off.",
    "shuffle-width": "Pixel shuffle, first half: channels are laid side by side.",
    "shuffle-height": "Pixel shuffle, second half: channels are laid under each other.",
    "softmax": "Softmax: numbers become shares of a whole that keep their order.",
    "cross-entropy": "Cross-entropy: minus the logarithm of the probability that the right class was given.",
}
"""By operation of `repix.arithmetic`: its name, and in a sentence what it does; the heading of its explanation."""

SIGNS = {
    "scale": "×",
    "dot": "×",
    "product": "×",
    "difference": "−",
    "divide": "÷",
    "floor-divide": "÷",
    "remainder": "mod",
    "exp": "−",
}
"""The sign between the inputs of a rule."""

AROUND = {
    "sum": ("sum of", ""),
    "mean": ("mean of", ""),
    "max": ("max of", ""),
    "log-loss": ("−log(", ")"),
    "exp": ("exp(", ")"),
    "floor-divide": ("⌊", "⌋"),
    "linear-weights": ("linear weights of", ""),
    "cubic-weights": ("cubic weights of", ""),
    "lanczos-weights": ("Lanczos weights of", ""),
}
"""What stands before and behind the inputs of a rule in a picture."""

WORDS = {
    "dot": "sum",
    "sum": "sum",
    "max": "max",
    "mean": "mean",
    "exp": "exp",
    "log-loss": "-log",
    "linear-weights": "linear",
    "cubic-weights": "cubic",
    "lanczos-weights": "lanczos",
}
"""What stands before the result of a rule in a table, where it is not simply "="."""


def about(trace: Trace) -> str:
    """Return the heading of an explanation: the operation's name, and in a sentence what it does.

    >>> import numpy as np
    >>> from repix.arithmetic import softmax
    >>> about(softmax.trace(np.ones(2)))
    'Softmax: numbers become shares of a whole that keep their order.'
    """
    return trace.about or ABOUT.get(trace.operation, trace.operation)
