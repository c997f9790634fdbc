"""How far each pixel of a graph's result sees, computed from its nodes."""

from repix.conversion.foreign.field.computed import Field, receptive_field
from repix.conversion.foreign.field.endless import EndlessError, MisalignedError

__all__ = ["EndlessError", "Field", "MisalignedError", "receptive_field"]
