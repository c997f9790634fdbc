"""Arithmetic that explains itself: interpolation, rearrangement, pooling and convolution in numpy alone."""

from repix.arithmetic.resizing import resize, resize_picture, shrink_matlab

__all__ = ["resize", "resize_picture", "shrink_matlab"]
