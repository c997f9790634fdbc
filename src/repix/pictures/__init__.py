"""Pictures: the `Picture` type and the formats it is read from and written to."""

from repix.pictures.banding import write_bands
from repix.pictures.bands import Bands, open_bands
from repix.pictures.files import fidelity, read, write
from repix.pictures.holding import encoder_holds
from repix.pictures.limits import OWN, UPLOAD, Limits
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.report import Fidelity

__all__ = [
    "DEPTHS",
    "OWN",
    "UPLOAD",
    "Bands",
    "Fidelity",
    "Limits",
    "Picture",
    "encoder_holds",
    "fidelity",
    "open_bands",
    "read",
    "write",
    "write_bands",
]
