"""Inspection: what is wrong with a picture, and which command would help.

    found = repix.inspect("photo.jpg")
    found.luma_noise.sigma, found.blur.kind, found.jpeg

Each estimator is one file: noise, salt and pepper (`impulses`), blur, JPEG, clipping, color. They look at a few crops.
"""

from repix.inspection.blur import Blur
from repix.inspection.clipping import Clipping
from repix.inspection.inspector import inspect
from repix.inspection.jpeg import Jpeg
from repix.inspection.noise import Noise
from repix.inspection.result import Inspection

__all__ = ["Blur", "Clipping", "Inspection", "Jpeg", "Noise", "inspect"]
