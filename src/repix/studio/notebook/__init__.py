"""Notebooks: pictures, pairs of pictures, traces and training runs as widgets in a cell."""
