"""Pictures: the `Picture` type and the formats it is read from and written to."""

from repix.pictures.band_reader import BandReader, open_bands
from repix.pictures.band_writer import write_bands
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.files import fidelity, read, write
from repix.pictures.limits import OWN, UPLOAD, Limits
from repix.pictures.memory_cost import encoder_memory
from repix.pictures.picture import DEPTHS, Picture

__all__ = [
    "DEPTHS",
    "OWN",
    "UPLOAD",
    "BandReader",
    "Fidelity",
    "Limits",
    "Picture",
    "encoder_memory",
    "fidelity",
    "open_bands",
    "read",
    "write",
    "write_bands",
]
