"""One axis of a convolution: size, kernel, stride, padding and dilation, and the sizes that follow from them."""

from dataclasses import dataclass
from typing import Literal

from repix.arithmetic.arrays import whole
from repix.arithmetic.step_text import plural
from repix.errors import WrongUse

Padding = int | Literal["valid", "same"]
"""The number of zeros at each end, or one of Keras' two rules."""


@dataclass(frozen=True)
class KernelAxis:
    """One axis of a convolution or of a transposed convolution."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    """Padding at the start: zeros that a convolution adds, or values that a transposed convolution crops."""
    after: int
    """Padding at the end; below 0 a transposed convolution adds zeros instead (output padding)."""

    @property
    def effective_kernel(self) -> int:
        """The effective kernel size: the length of the kernel with the gaps of its dilation."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def slide_range(self) -> int:
        """The distance from the first to the last possible position of the kernel on the padded axis."""
        return self.size + self.before + self.after - self.effective_kernel

    @property
    def output(self) -> int:
        """The size after a convolution."""
        return self.slide_range // self.stride + 1

    @property
    def unread(self) -> int:
        """The number of values at the end that no window of a convolution reads."""
        return self.slide_range % self.stride

    @property
    def full_output(self) -> int:
        """The output size of a transposed convolution before it is cropped."""
        return self.stride * (self.size - 1) + self.effective_kernel

    @property
    def transposed_output(self) -> int:
        """The size after a transposed convolution."""
        return self.full_output - self.before - self.after

    def window(self, step: int) -> slice:
        """Return the positions that the kernel covers after a number of steps."""
        start = step * self.stride
        return slice(start, start + self.effective_kernel, self.dilation if self.kernel > 1 else 1)


def conv_axis(size: int, kernel: int, stride: int, padding: Padding, dilation: int) -> KernelAxis:
    """Return an axis of a convolution; refuse a kernel that is longer than the padded axis.

    >>> conv_axis(5, 3, 2, "same", 1).output
    3
    """
    size, kernel, stride, dilation = _checked(size, kernel, stride, dilation)
    if padding == "same":  # Keras: the output size is size / stride, rounded up; an odd zero is at the end
        effective = dilation * (kernel - 1) + 1
        total = max((-(-size // stride) - 1) * stride + effective - size, 0)
        line = KernelAxis(size, kernel, stride, dilation, total // 2, total - total // 2)
    else:
        zeros = _zeros(padding)
        line = KernelAxis(size, kernel, stride, dilation, zeros, zeros)
    if line.slide_range < 0:
        raise WrongUse(
            f"A kernel of {kernel} with dilation {dilation} covers {line.effective_kernel}, more than the size {size} "
            f"with {plural(line.before + line.after, 'zero')} of padding; use a smaller kernel or more padding."
        )
    return line


def transposed_axis(
    size: int, kernel: int, stride: int, padding: Padding, output_padding: int, dilation: int
) -> KernelAxis:
    """Return an axis of a transposed convolution; refuse a padding that leaves no output.

    >>> transposed_axis(64, 4, 2, "same", 0, 1).transposed_output
    128
    """
    size, kernel, stride, dilation = _checked(size, kernel, stride, dilation)
    extra = whole(output_padding, "output padding", 0)
    effective = dilation * (kernel - 1) + 1
    if isinstance(padding, str):
        before, after = _keras_crop(padding, effective, stride, extra)
        return KernelAxis(size, kernel, stride, dilation, before, after)
    if extra >= max(stride, dilation):
        raise WrongUse(
            f"The output padding is {extra}; it must be smaller than the stride ({stride}) or the dilation "
            f"({dilation})."
        )
    zeros = _zeros(padding)
    line = KernelAxis(size, kernel, stride, dilation, zeros, zeros - extra)
    if line.transposed_output < 1:
        raise WrongUse(
            f"Padding {zeros} crops {zeros} at both ends of {line.full_output}, so nothing is left; use a smaller "
            "padding."
        )
    return line


def _keras_crop(padding: str, effective: int, stride: int, extra: int) -> tuple[int, int]:
    """Return what Keras' rules crop: 'same' gives size · stride, 'valid' everything, at least size · stride."""
    if extra:
        raise WrongUse(f"padding='{padding}' sets the output size; leave the output padding out, or give a number.")
    if padding == "same":
        before = max(effective - stride, 0) // 2
        return before, effective - stride - before
    if padding != "valid":
        raise _unknown(padding)
    return 0, min(effective - stride, 0)


def _zeros(padding: Padding) -> int:
    if padding == "valid":
        return 0
    if isinstance(padding, str):
        raise _unknown(padding)
    return whole(padding, "padding", 0)


def _unknown(padding: str) -> WrongUse:
    return WrongUse(f"padding is '{padding}'; it must be 'valid', 'same' or a whole number.")


def _checked(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int, int, int]:
    return (
        whole(size, "size", 1),
        whole(kernel, "kernel_size", 1),
        whole(stride, "stride", 1),
        whole(dilation, "dilation", 1),
    )
