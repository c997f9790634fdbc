"""Budget: the memory limit of a conversion, and the tile plan that follows from it."""

from dataclasses import dataclass, replace

import numpy as np

from repix.conversion.contract import Contract
from repix.conversion.engine import Engine, OnDevice
from repix.conversion.tiling import TilePlan, plan_tiles
from repix.conversion.windows import largest_read, plan_windows
from repix.errors import TooLarge, WrongUse
from repix.pictures.picture import DEPTHS, Picture
from repix.pictures.transparent_pixels import GRID, REACH

DEFAULT_MEMORY = 2_000_000_000
"""The default memory limit, in bytes."""
BASE_MEMORY = 200_000_000
"""Bytes that Python and the libraries take without any picture; 150 million were measured."""
BYTES_PER_PARAMETER = 8
"""Bytes that a compiled model takes for each of its parameters."""
DEFAULT_BYTES_PER_PIXEL = 4096
"""Bytes per pixel that are assumed where the contract has no measurement."""
LARGEST_TILE = 2**22
"""The largest tile, in pixels. Larger ones are not faster, but delay the progress bar and Ctrl-C."""
DEVICE_SHARE = 0.5
"""The largest share of a device's own memory for a tile; the library, the weights and other programs use it, too."""
RESULT_BANDS = 3
"""The number of result bands in memory at a time: one is computed, one waits, one is encoded."""
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
"""Bytes of the units of a memory limit."""


@dataclass(frozen=True)
class Budget:
    """The memory limit of one conversion, with decoder and encoder; None: no limit, the picture in one piece."""

    memory: int | None = DEFAULT_MEMORY
    tile: int | None = None
    """The side of a tile without its halo, instead of the one that follows from the memory."""
    device_memory: int | None = None
    """Bytes that a tile may take on a device with its own memory; None: there is none, or it is not known."""

    @classmethod
    def read(cls, memory: str, tile: int | None = None) -> "Budget":
        """Return the budget for a memory limit with a unit.

        >>> Budget.read("1.5GB").memory, Budget.read("512 MiB").memory
        (1500000000, 536870912)
        >>> Budget.read("much")
        Traceback (most recent call last):
        repix.errors.WrongUse: --memory much is not a size; write 500MB, 2GB or 4GiB.
        """
        plain = memory.strip().upper().replace(" ", "")
        unit = plain.lstrip("0123456789.")
        try:
            return cls(int(float(plain[: len(plain) - len(unit)]) * UNITS[unit]), tile)
        except (KeyError, ValueError, OverflowError):
            raise WrongUse(f"--memory {memory} is not a size; write 500MB, 2GB or 4GiB.") from None

    def on(self, engine: Engine) -> "Budget":
        """Return the budget for an engine: tiles also fit a share of its device's own memory, if that is known."""
        total = engine.device_memory if isinstance(engine, OnDevice) else None
        return self if total is None else replace(self, device_memory=int(DEVICE_SHARE * total))

    def plan(
        self, size: tuple[int, int], like: Picture, contract: Contract, codec_memory: int = 0, name: str = "The picture"
    ) -> TilePlan:
        """Return the tile plan for a picture of this size, with the depth and channels of the picture `like`.

        `codec_memory` is the memory of decoder and encoder, in bytes; it does not depend on the tiles.
        """
        padded, windows = contract.padded(size), contract.windows
        whole = windows is None and (contract.halo is None or contract.size is not None)
        step = contract.step if windows is None else windows.stride
        margin = 0 if whole else contract.margin
        smallest = 2 * margin + step if windows is None else largest_read(windows, 1)
        least = padded if whole else tuple(min(smallest, side) for side in padded)
        cost = MemoryCost.of(size[1], like, contract)
        always = BASE_MEMORY + BYTES_PER_PARAMETER * contract.parameters + codec_memory

        def on_device(height: int, width: int) -> bool:
            return self.device_memory is None or _device_bytes(contract, height, width) <= self.device_memory

        def fits(height: int, width: int) -> bool:
            if self.tile is not None:
                return max(height, width) <= (-(-self.tile // step) - 1) * step + smallest
            if self.memory is None:
                return True
            few = whole or height * width <= max(LARGEST_TILE, (4 * margin) ** 2, smallest**2)
            return few and always + cost.bytes(height, width) <= self.memory and on_device(height, width)

        found = plan_tiles(padded, contract, fits) if windows is None else plan_windows(padded, contract, windows, fits)
        if found is not None:
            return replace(found, memory=codec_memory + cost.bytes(*found.read_size))
        because = "each result pixel of this model depends on the whole picture" if whole else ""
        if self.tile is not None:
            raise TooLarge(f"{name} cannot be converted in tiles: {because}.")
        if not on_device(*least):
            needed, allowed = _device_bytes(contract, *least), self.device_memory or 0
            raise TooLarge(
                f"{name}, {size[1]}×{size[0]} pixels, needs about {needed / 1e9:.2f} GB of the device's memory, of "
                f"which repix uses at most {allowed / 1e9:g} GB; use --device cpu."
            )
        raise TooLarge(_needs(name, size, always + cost.bytes(*least), self.memory or 0, because))


WHOLE = Budget(memory=None)
"""No limit: every picture in one piece."""


@dataclass(frozen=True)
class MemoryCost:
    """The memory cost of a conversion, in bytes."""

    per_tile_pixel: int
    """Bytes for each pixel that a tile reads."""
    per_row: int
    """Bytes for each row of a band, input and results."""
    fixed: int = 0
    """Bytes for one window, and for the rows above and below a band from which hidden colors are filled, if any."""

    @classmethod
    def of(cls, width: int, like: Picture, contract: Contract) -> "MemoryCost":
        """Return the cost for a picture of this width, with the depth and channels of the picture `like`."""
        pixel = Picture(np.zeros((1, 1, like.pixels.shape[2]), like.pixels.dtype))
        batch = len(contract.make_task().encode(pixel))
        numbers = 4 * (contract.channels[0] + contract.channels[1] * contract.scale**2)
        computed = contract.bytes_per_pixel or DEFAULT_BYTES_PER_PIXEL
        window = 0 if contract.windows is None else contract.windows.size**2 * computed
        tile = numbers if window else computed
        bytes_in = pixel.pixels.nbytes
        bytes_out = max(bytes_in, 3 * DEPTHS[like.depth].itemsize) * contract.scale**2
        bands = 2 if pixel.has_alpha else 1  # the pixels, and the same with hidden colors filled
        around = bands * (2 * REACH + GRID) * width * bytes_in if pixel.has_alpha else 0
        return cls(tile + numbers * batch, width * (bands * bytes_in + RESULT_BANDS * bytes_out), window + around)

    def bytes(self, height: int, width: int) -> int:
        """Return the bytes for tiles that read this height and width."""
        return height * width * self.per_tile_pixel + height * self.per_row + self.fixed


def _device_bytes(contract: Contract, height: int, width: int) -> int:
    """Return the bytes on a device for a tile that reads this height and width, or for one window."""
    pixels = height * width if contract.windows is None else contract.windows.size**2
    return BYTES_PER_PARAMETER * contract.parameters + pixels * (contract.bytes_per_pixel or DEFAULT_BYTES_PER_PIXEL)


def _needs(name: str, size: tuple[int, int], needed: int, memory: int, because: str) -> str:
    reason = f" ({because})" if because else ""
    return (
        f"{name}, {size[1]}×{size[0]} pixels, needs about {needed / 1e9:.2f} GB of memory{reason}, more than the "
        f"{memory / 1e9:g} GB allowed; allow more memory, or shrink or crop the picture first."
    )
