"""The functions of `repix.upsampling.reference`. Written by docs/make_stubs.py."""

from typing import Literal

from repix.arithmetic.arrays import Array
from repix.arithmetic.arrays import Integers
from repix.upsampling import Weights

def bicubic(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return the result of the upsampler bicubic, computed in NumPy.

    Bicubic: every new pixel is a weighted sum of the sixteen pixels around it.

    It is sharper than bilinear and overshoots at edges. Keys' kernel has a = -0.75 as in torch and OpenCV. The value -0.5
    of MATLAB and Pillow rings less, but torch has no layer for it, and a layer must equal its reference.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: Scale factor, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler bilinear, computed in NumPy.

    Bilinear: every new pixel is a weighted mean of the four pixels around it.

    The result is smooth and slightly soft, and never overshoots. There are no weights to learn. Pixels have half-pixel
    centers; borders are repeated.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: Scale factor, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> reference.bilinear(x, scale=2).shape
        (1, 1, 6, 6)
    """

def carafe(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    kernel: int = 5,
    encoder: int = 3,
    compressed: int | None = None,
) -> Array:
    """Return the result of the upsampler carafe, computed in NumPy.

    CARAFE: every new pixel is a weighted mean of a neighborhood; a small network predicts the weights from the content.

    A 1×1 convolution compresses the channels, a second convolution predicts kernel × kernel weights for each new pixel, and
    softmax makes their sum 1, so constant areas stay constant. All channels share the weights (Wang et al., "CARAFE:
    Content-Aware ReAssembly of FEatures", ICCV 2019). Borders are repeated. The weights start near bilinear interpolation,
    where the paper starts with a blur over the whole neighborhood. If the number of channels changes, a 1×1 convolution
    without bias changes it first.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        kernel: Side of the neighborhood, in input pixels, odd, from 3 to 15.
        encoder: Kernel size of the convolution that predicts the weights, odd, from 1 to 15.
        compressed: Channels that the weights are predicted from; default: 64, or all if fewer, from 1 to 1024.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"compress.weight": np.ones((1, 1, 1, 1)), "compress.bias": np.ones((1,)), "encode.weight": np.ones((100, 1, 3, 3)), "encode.bias": np.ones((100,))}
        >>> reference.carafe(x, weights, scale=2).shape
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
    """Return the result of the upsampler checkerboard-free, computed in NumPy.

    Checkerboard-free: a transposed convolution that keeps constant areas constant, also during training.

    An output pixel reads only a part of the kernel: its phase, by its position in the block of scale × scale. A constant
    area shows a checkerboard exactly when the sums of the phases differ. So the phases are equalized before every use: a
    constant is added to all values of a phase, so that all phases have the mean sum. This holds after every optimizer step.
    The border is repeated, so it holds at the border too. The weights have the names and shapes of the transposed
    convolution, so its trained weights can be loaded.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        kernel: Kernel size; default: twice the scale, from 1 to 99.
        bias: Whether a learned bias is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((1, 1, 4, 4)), "convolution.bias": np.ones((1,))}
        >>> reference.checkerboard_free(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def dysample(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    scope: Literal["static", "dynamic"] = "static",
    groups: int = 4,
) -> Array:
    """Return the result of the upsampler dysample, computed in NumPy.

    DySample: every new pixel is a bilinear sample of the picture, at a point that the picture itself shifts.

    A 1×1 convolution predicts a shift of each point; groups of channels have their own shifts. The picture is sampled, not
    filtered, so the layer is light (Liu et al., "Learning to Upsample by Learning to Sample", ICCV 2023, style "lp").
    Shifts are limited: tanh keeps the predicted number between -1 and 1, and the scope multiplies it by 1/4 (static) or by
    up to 1/2 (dynamic, predicted by a second 1×1 convolution). In the paper the scope alone limits them softly. With the
    limit each point stays within one pixel of its old pixel, so tiles are exact. Without shifts this is bilinear
    interpolation. If the number of channels changes, a 1×1 convolution without bias changes it first.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        scope: Limit of a shift: 1/4 pixel, or predicted, up to 1/2.
        groups: Most groups of channels with their own shifts; the largest divisor of the channels is used, from 1 to
            64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"offset.weight": np.ones((8, 1, 1, 1)), "offset.bias": np.ones((8,))}
        >>> reference.dysample(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def large_kernel_transposed(
    x: Array,
    weights: Weights,
    scale: float = 2,
    *,
    kernel: int = 7,
    parallel: int = 3,
    bias: bool = True,
) -> Array:
    """Return the result of the upsampler large-kernel-transposed, computed in NumPy.

    Large-kernel transposed convolution: a large kernel and a parallel small one, whose results are added.

    Each new pixel depends on more of the picture than with a kernel of 2 to 4, which makes the result more stable against
    changes of the input and lowers artifacts in its spectrum (LCTC, large context transposed convolution: Agnihotri,
    Grabinski and Keuper, "Improving Feature Stability during Upsampling", ECCV 2024, with kernels 7 and 11 and a parallel
    3). The small kernel keeps local detail. Both are linear, so the layer adds the kernels and convolves once: the small
    one costs no time.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        kernel: Size of the large kernel, from 1 to 99.
        parallel: Size of the parallel small kernel, from 1 to 99.
        bias: Whether a learned bias is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> x = np.ones((1, 1, 3, 3))
        >>> weights = {"convolution.weight": np.ones((1, 1, 7, 7)), "convolution.bias": np.ones((1,)), "parallel.weight": np.ones((1, 1, 3, 3))}
        >>> reference.large_kernel_transposed(x, weights, scale=2).shape
        (1, 1, 6, 6)
    """

def nearest(
    x: Array,
    scale: float = 2,
) -> Array:
    """Return the result of the upsampler nearest, computed in NumPy.

    Nearest: every pixel becomes a block of equal pixels.

    The result is sharp and blocky, and never overshoots. There are no weights to learn.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: Scale factor, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler pixel-shuffle, computed in NumPy.

    Pixel shuffle (sub-pixel convolution): convolve to scale² channels per output channel, then rearrange into blocks.

    The convolution works at the low resolution, so it is the cheapest upsampler with weights. Independent kernels for the
    pixels of a block cause checkerboards at the start of training. By default they start equal (ICNR initialization): the
    layer then starts as a convolution followed by nearest-neighbor upsampling.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        kernel: Kernel size, odd, from 1 to 99.
        icnr: Whether the kernels of a block start equal (ICNR), so that training starts without checkerboard.
        bias: Whether a learned bias is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler reshape, computed in NumPy.

    Reshape: scale² channels become one larger channel in memory order.

    Rows of different channels end up below each other, so neighbors in the result need not be neighbors in the input. Tiles
    are therefore not exact, and the result is a picture only if the layers around it learn to make one.

    Args:
        x: N×C×H×W, of float32 or float64.
        scale: Scale factor, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler resize-conv, computed in NumPy.

    Resize-convolution: interpolate, then convolve; it causes no checkerboard.

    Interpolation alone adds no detail; the convolution does. The border is repeated for the convolution, so constant areas
    stay constant at the border. The convolution works at the high resolution, which costs scale² times more than one before
    the interpolation.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        method: Interpolation before the convolution.
        kernel: Kernel size, odd, from 1 to 99.
        bias: Whether a learned bias is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler transposed, computed in NumPy.

    Transposed convolution: the kernel, scaled by each pixel, is added to the result, where kernels overlap.

    The picture is surrounded by zeros, as in torch, so fewer kernels overlap at the border. Uneven overlap causes
    checkerboards; see checkerboard-free. The kernel must be at least as large as the scale. The result is exactly scale
    times larger; output padding is added where the kernel needs it.

    Args:
        x: N×C×H×W, of float32 or float64.
        weights: The layer's weights by name; `Upsampler.weights(layer)` returns them.
        scale: Scale factor, more than 0 and at most 64.
        kernel: Kernel size; default: twice the scale, from 1 to 99.
        bias: Whether a learned bias is added to every channel.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

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
    """Return the result of the upsampler unpool, computed in NumPy.

    Unpool: put every value back to its index before the matching max pool, and zeros elsewhere.

    The matching pool is `max_pool` in this file. Its window and stride are the scale, so each value goes back into the same
    block. ONNX has no operator for unpooling. A scatter of the values to their indices is equivalent, as fast in training
    as torch's own, and supported by every engine.

    Args:
        x: N×C×H×W, of float32 or float64.
        indices: The index of each value before its max pool, as `max_pool2d` returns it.
        scale: Scale factor, more than 0 and at most 64.

    Returns:
        N×C'×(scale·H)×(scale·W), rounded down.

    Raises:
        WrongUse: A parameter is unknown or out of range, or an array has the wrong type or shape.

    Example:
        >>> import numpy as np
        >>> from repix.upsampling import reference
        >>> from repix.arithmetic import max_pool2d
        >>> x, indices = max_pool2d(np.ones((1, 1, 6, 6)), 2)
        >>> reference.unpool(x, indices, scale=2).shape
        (1, 1, 6, 6)
    """
