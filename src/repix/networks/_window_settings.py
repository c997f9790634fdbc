"""Settings of the windows in which a network with attention is computed."""

from typing import Annotated

from repix.conversion.contract_parts import Windows
from repix.parameters import Bounds

Window = Annotated[
    int, "side of the windows in which pictures are converted, in pixels; also the default patch size", Bounds(1, 4096)
]
Overlap = Annotated[int, "pixels by which neighboring windows overlap; their results are blended", Bounds(0, 4096)]


def made_windows(window: int, overlap: int) -> Windows:
    """Return the windows of a network's settings.

    >>> made_windows(256, 64)
    Windows(size=256, stride=192, blending='hann')
    """
    return Windows(window, window - overlap)


def windows_error(window: int, overlap: int, step: int) -> str | None:
    """Return the reason why windows do not fit a network's step, or None.

    >>> windows_error(250, 64, 16)
    'window is 250; it must be a multiple of 16, the step of the network.'
    """
    if window % step:
        return f"window is {window}; it must be a multiple of {step}, the step of the network."
    if overlap % step or overlap >= window:
        return f"overlap is {overlap}; it must be a multiple of {step}, the step of the network, below the window."
    return None
