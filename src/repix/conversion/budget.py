"""Budget: how much memory a conversion may take, and the tiles that follow from it."""

from dataclasses import dataclass, replace

import numpy as np

from repix.conversion.contract import Contract
from repix.conversion.tiling import TilePlan, plan_tiles
from repix.errors import TooLarge
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.transparent_pixels import GRID, REACH

DEFAULT_MEMORY = 2_000_000_000
"""Bytes, unless somebody says otherwise."""
BASE_MEMORY = 200_000_000
"""Bytes that Python and the libraries take before there is any picture: 150 million were seen."""
BYTES_PER_PARAMETER = 8
"""Bytes that a prepared model takes for each of its parameters."""
DEFAULT_BYTES_PER_PIXEL = 4096
"""Bytes that a pixel is taken to need where the contract does not say it."""
LARGEST_TILE = 2**22
"""Pixels above which a tile brings no more speed, but lets a person wait for the progress bar and for Ctrl-C."""
RESULT_BANDS = 3
"""BandReader of results that lie in memory at a time: being computed, waiting, being encoded."""


@dataclass(frozen=True)
class Budget:
    """The memory for one conversion, decoder and encoder included; None: as much as it takes, in one piece."""

    memory: int | None = DEFAULT_MEMORY
    tile: int | None = None
    """The side of a tile's own pixels, in place of what follows from the memory."""

    def plan(
        self, size: tuple[int, int], like: Picture, contract: Contract, codec_memory: int = 0, name: str = "The picture"
    ) -> TilePlan:
        """Return the tiles of a picture of this height and width whose pixels are of the same kind as another's.

        `held` is what decoder and encoder hold of the picture whatever the tiles are.
        """
        padded = contract.padded(size)
        whole = contract.halo is None or contract.size is not None
        margin = 0 if whole else contract.margin
        least = padded if whole else tuple(min(2 * margin + contract.step, side) for side in padded)
        cost = MemoryCost.of(size[1], like, contract)
        always = BASE_MEMORY + BYTES_PER_PARAMETER * contract.parameters + codec_memory

        def fits(height: int, width: int) -> bool:
            if self.tile is not None:
                return max(height, width) <= -(-self.tile // contract.step) * contract.step + 2 * margin
            if self.memory is None:
                return True
            few = whole or height * width <= max(LARGEST_TILE, (4 * margin) ** 2)
            return few and always + cost.bytes(height, width) <= self.memory

        found = plan_tiles(padded, contract, fits)
        if found is not None:
            return replace(found, memory=codec_memory + cost.bytes(*found.read_size))
        because = "a pixel of this model's result depends on the whole picture" if whole else ""
        if self.tile is not None:
            raise TooLarge(f"{name} cannot be converted in tiles: {because}.")
        raise TooLarge(_needs(name, size, always + cost.bytes(*least), self.memory or 0, because))


WHOLE = Budget(memory=None)
"""Every picture in one piece, whatever it takes."""


@dataclass(frozen=True)
class MemoryCost:
    """Bytes that pixels take on their way through a model."""

    per_tile_pixel: int
    """For each pixel that a tile reads."""
    per_row: int
    """For each row of a band, as it arrives and as it leaves."""
    fixed: int = 0
    """For the rows above and below a band that say what is seen where alpha hides the colors."""

    @classmethod
    def of(cls, width: int, like: Picture, contract: Contract) -> "MemoryCost":
        """For a picture of this width, with pixels of the same kind as another's."""
        pixel = Picture(np.zeros((1, 1, like.pixels.shape[2]), like.pixels.dtype))
        batch = len(contract.make_task().encode(pixel))
        numbers = 4 * (contract.channels[0] + contract.channels[1] * contract.scale**2)
        computed = (contract.bytes_per_pixel or DEFAULT_BYTES_PER_PIXEL) + numbers * batch
        arriving = pixel.pixels.nbytes
        leaving = max(arriving, 3 * DEPTHS[like.depth].itemsize) * contract.scale**2
        bands = 2 if pixel.has_alpha else 1  # as it is, and as the model may see it
        around = bands * (2 * REACH + GRID) * width * arriving if pixel.has_alpha else 0
        return cls(computed, width * (bands * arriving + RESULT_BANDS * leaving), around)

    def bytes(self, height: int, width: int) -> int:
        """For tiles that read so much."""
        return height * width * self.per_tile_pixel + height * self.per_row + self.fixed


def _needs(name: str, size: tuple[int, int], needed: int, memory: int, because: str) -> str:
    reason = f" ({because})" if because else ""
    return (
        f"{name}, {size[1]}×{size[0]} pixels, needs about {needed / 1e9:.2f} GB of memory{reason}, more than the "
        f"{memory / 1e9:g} GB allowed; allow more, or shrink or cut it first."
    )
