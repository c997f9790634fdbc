"""Arithmetic that explains itself: interpolation, rearrangement, pooling and convolution in numpy alone."""
