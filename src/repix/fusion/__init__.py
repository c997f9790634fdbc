"""Fusion: several low-resolution shots of one scene become one picture of higher resolution."""

from repix.fusion.multiframe import fuse
from repix.fusion.registration import Registration, register

__all__ = ["Registration", "fuse", "register"]
