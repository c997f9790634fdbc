"""Pictures: the `Picture` type and the formats it is read from and written to."""

from repix.pictures.files import fidelity, read, write
from repix.pictures.limits import OWN, UPLOAD, Limits
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.report import Fidelity

__all__ = ["DEPTHS", "OWN", "UPLOAD", "Fidelity", "Limits", "Picture", "fidelity", "read", "write"]
