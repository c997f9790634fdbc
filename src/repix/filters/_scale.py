"""The scale parameter of the four interpolation filters."""

from typing import Annotated

from repix.parameters import Bounds

Scale = Annotated[float, "upsampling factor", Bounds(1, 32)]
