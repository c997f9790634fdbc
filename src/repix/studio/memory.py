"""Memory of work that reads whole pictures: what is too large for the studio's limit is refused before it is read."""

from collections.abc import Sequence

from repix.batch.sizes import pixels_of
from repix.conversion.budget import BASE_MEMORY, Budget
from repix.errors import TooLarge
from repix.studio.uploads import Upload


def require_memory(uploads: Sequence[Upload], bytes_per_pixel: int, budget: Budget) -> None:
    """Refuse a picture whose work needs more than the memory limit.

    Args:
        uploads: the pictures; the largest one counts.
        bytes_per_pixel: the memory that the work takes for each pixel of it, measured.
        budget: the limit.
    """
    pixels = max(pixels_of(one.path) for one in uploads)
    needed = BASE_MEMORY + pixels * bytes_per_pixel
    if budget.memory is not None and needed > budget.memory:
        raise TooLarge(
            f"The picture has {pixels / 1e6:.1f} megapixels; this needs about {needed / 1e9:.1f} GB, and the studio's "
            f"limit is {budget.memory / 1e9:.1f} GB. Start it with a larger --memory, or shrink the picture."
        )
