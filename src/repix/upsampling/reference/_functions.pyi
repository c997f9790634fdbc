"""The functions of `repix.upsampling.reference`. Written by docs/make_stubs.py."""

from typing import Literal

from repix.arithmetic.arrays import Array
from repix.arithmetic.arrays import Integers
from repix.upsampling import Weights

def bicubic(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return what a layer of the upsampler bicubic gives, computed in NumPy.

    Bicubic: every new pixel is a weighted sum of the sixteen pixels around it.

    Sharper than bilinear, and overshoots at edges. Keys' kernel with a = -0.75, which is torch's and OpenCV's; MATLAB's
    and Pillow's -0.5 rings less, but torch has no layer for it, and a layer must give what its reference gives.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> reference.bicubic(x, scale=2).shape
        (1, 1, 6, 6)
    """

def bilinear(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return what a layer of the upsampler bilinear gives, computed in NumPy.

    Bilinear: every new pixel is a weighted mean of the four pixels around it.

    Smooth, a little soft; learns nothing; cannot overshoot. Half-pixel centers, borders repeated.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> reference.bilinear(x, scale=2).shape
        (1, 1, 6, 6)
    """

def checkerboard_free(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    kernel: int | None = None,
    bias: bool = True,
) -> Array:
    """Return what a layer of the upsampler checkerboard-free gives, computed in NumPy.

    Checkerboard-free: a transposed convolution whose kernel is held so that flat areas stay flat, while it learns too.

    An output pixel reads only some of the kernel: those of its phase, its place in the block of scale × scale. A flat area
    draws a checkerboard exactly when the sums of the phases differ. So before every use each phase gets the same amount
    added to all its numbers, such that all phases have the mean sum. Whatever an optimiser does to the numbers behind, the
    kernel in use keeps the law. The border is repeated, so the law holds up to it. The weights have the names and shapes of
    the transposed convolution, whose trained weights can be put in as they are.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` gives them.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel; left out: twice the scale, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((1, 1, 4, 4)), "convolution.bias": np.ones((1,))}
        >>> reference.checkerboard_free(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def nearest(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return what a layer of the upsampler nearest gives, computed in NumPy.

    Nearest: every pixel becomes a block of its own value.

    Sharp and blocky; learns nothing; cannot overshoot.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> reference.nearest(x, scale=2).shape
        (1, 1, 6, 6)
    """

def pixel_shuffle(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    kernel: int = 3,
    icnr: bool = True,
    bias: bool = True,
) -> Array:
    """Return what a layer of the upsampler pixel-shuffle gives, computed in NumPy.

    Pixel shuffle: convolve to scale² channels for each wanted one, then lay them side by side as blocks of pixels.

    All learning happens on the small picture, which makes it the cheapest of those that learn. Untied kernels for the
    pixels of a block draw checkerboards at the start, so by default they start equal (ICNR): the layer then begins as
    the nearest enlargement of one convolution, and training may part them.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` gives them.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel, odd, from 1 to 99.
        icnr: Whether the kernels of a block start equal, so that training begins without checkerboard.
        bias: Whether a learned number is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((4, 1, 3, 3)), "convolution.bias": np.ones((4,))}
        >>> reference.pixel_shuffle(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def reshape(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return what a layer of the upsampler reshape gives, computed in NumPy.

    Reshape: keep the numbers in the order they lie in memory, and call scale² channels one larger channel.

    Rows of different channels land one below the other, so neighbors in the result need not be neighbors in the
    picture: no tile equals the whole, and what comes out is a picture only if the layers around it learn to make one.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 4, 3, 3))
        >>> reference.reshape(x, scale=2).shape
        (1, 1, 6, 6)
    """

def resize_conv(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    method: Literal["nearest", "bilinear"] = "nearest",
    kernel: int = 3,
    bias: bool = True,
) -> Array:
    """Return what a layer of the upsampler resize-conv gives, computed in NumPy.

    Resize-convolution: interpolate, then convolve, so that no checkerboard can arise.

    Interpolation alone draws no checkerboard but adds no detail; the convolution adds it. The border is repeated for the
    convolution, so that flat areas stay flat up to the border. It computes scale² times more than a convolution before
    enlarging would.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` gives them.
        scale: How many times larger, more than 0 and at most 64.
        method: How it is enlarged before the convolution.
        kernel: Side of the kernel, odd, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((1, 1, 3, 3)), "convolution.bias": np.ones((1,))}
        >>> reference.resize_conv(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def transposed(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    kernel: int | None = None,
    bias: bool = True,
) -> Array:
    """Return what a layer of the upsampler transposed gives, computed in NumPy.

    Transposed convolution: every pixel lays its scaled kernel on the result, and overlaps add up.

    Zeros around the picture, as in torch: near the border fewer kernels overlap. Where the kernels of neighbors overlap
    unevenly it draws checkerboards; see checkerboard-free. Any kernel from the scale on; the result is exactly scale times
    larger, with an output padding where the kernel needs one.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` gives them.
        scale: How many times larger, more than 0 and at most 64.
        kernel: Side of the kernel; left out: twice the scale, from 1 to 99.
        bias: Whether a learned number is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((1, 1, 4, 4)), "convolution.bias": np.ones((1,))}
        >>> reference.transposed(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def unpool(
    x: Array,
    indices: Integers,
    scale: float = 2,
) -> Array:
    """Return what a layer of the upsampler unpool gives, computed in NumPy.

    Unpool: put every number back where the matching max pool found it, and zeros elsewhere.

    The matching pool is `max_pool` in this file: window and stride are the scale, so each number goes back into its own
    block. ONNX has no operation for unpooling; scattering the numbers of a plane to their places is the same, as fast in
    training as torch's own, and known to every engine.

    Args:
        x: N×C×H×W, of float32 or float64.
        indices: Where each number was before its max pool, as `max_pool2d` gives them.
        scale: How many times larger, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of its range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> from repix.arithmetic import max_pool2d
        >>> x, indices = max_pool2d(np.ones((1, 1, 6, 6)), 2)
        >>> reference.unpool(x, indices, scale=2).shape
        (1, 1, 6, 6)
    """
