"""Segmentation masks: reading and writing mask files, and the encoding of classes in them."""

from repix.masks.colormap import class_colors, colored
from repix.masks.encoding import IGNORED, Encoding
from repix.masks.indexed import write_indexed
from repix.masks.palettes import palette_of
from repix.masks.raw import RawMask, read_mask

__all__ = ["IGNORED", "Encoding", "RawMask", "class_colors", "colored", "palette_of", "read_mask", "write_indexed"]
