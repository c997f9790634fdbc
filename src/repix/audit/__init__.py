"""Checkerboard artifacts: predicted from a model's weights, and measured on its results."""
