"""Masks: how classes are written in files and pictures, writing them, and a mask's pixels as they stand in its file."""

from repix.masks.colormap import class_colours, coloured
from repix.masks.encoding import IGNORED, Encoding
from repix.masks.indexed import write_indexed
from repix.masks.palettes import palette_of
from repix.masks.raw import RawMask, read_mask

__all__ = ["IGNORED", "Encoding", "RawMask", "class_colours", "coloured", "palette_of", "read_mask", "write_indexed"]
