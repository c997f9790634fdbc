"""What the four filters that enlarge have in common: their scale, and the resizing of `repix.arithmetic`."""

from typing import Annotated

from repix.parameters import Bounds

Scale = Annotated[float, "how many times as high and wide", Bounds(1, 32)]
