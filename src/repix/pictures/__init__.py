"""Pictures: the `Picture` type and the formats it is read from and written to."""

from repix.pictures.files import read, write
from repix.pictures.picture import DEPTHS, Picture

__all__ = ["DEPTHS", "Picture", "read", "write"]
