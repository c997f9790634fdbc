"""Deflate levels of PNG and TIFF files: size and processor time, against level 6 with all filters (the former default).

    python -m benchmarks.deflate PHOTOS

PHOTOS is a folder of photos. Of each, 1000×750 pixels in the middle are encoded in memory: 8 bits in color and gray,
and 16 bits. The times are those of one thread's processor, the shortest of three; each format is encoded in turns.
"""

import argparse
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyvips

from benchmarks.timing import save
from repix.pictures import read
from repix.pictures.picture import from_unit, to_unit

SAVERS: dict[str, list[dict[str, Any]]] = {
    "png": [
        {"filter": name, "compression": level} for name, level in (("all", 6), ("all", 2), ("paeth", 2), ("all", 1))
    ],
    "tiff": [{"compression": "deflate", "predictor": "horizontal", "level": level} for level in (6, 2, 1)],
}
"""The first is what the others are compared with."""
ROUNDS = 3


def kinds(path: Path) -> dict[str, np.ndarray]:
    """Return the middle of a photo, H×W×C, as 8 bits in color and gray and as 16 bits with every level."""
    picture = read(path)
    top, left = (max(0, (side - most) // 2) for side, most in zip(picture.size, (750, 1000), strict=True))
    color = picture.pixels[top : top + 750, left : left + 1000, :3]
    smooth = pyvips.Image.new_from_array(from_unit(to_unit(color), "16")).gaussblur(0.6).numpy()
    return {"8 bits": color, "gray": color[:, :, 1:2], "16 bits": smooth.astype(np.uint16)}


def measured(pixels: np.ndarray, form: str) -> list[tuple[int, float]]:
    """Return bytes and shortest seconds for each option."""
    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels))
    times: list[list[float]] = [[] for _ in SAVERS[form]]
    sizes = [0] * len(times)
    for _ in range(ROUNDS):
        for number, options in enumerate(SAVERS[form]):
            begin = process_time()
            sizes[number] = len(getattr(image, f"{form}save_buffer")(**options))
            times[number].append(process_time() - begin)
    return list(zip(sizes, map(min, times), strict=True))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--most", type=int, default=12, help="photos")
    given = parser.parse_args()
    pyvips.cache_set_max(0)
    photos = sorted(path for path in given.photos.iterdir() if path.suffix in (".jpg", ".png"))[: given.most]
    found: dict[tuple[str, str], list[list[tuple[int, float]]]] = {}
    for path in photos:
        for kind, pixels in kinds(path).items():
            for form in SAVERS:
                found.setdefault((kind, form), []).append(measured(pixels, form))
    rows = [row for (kind, form), each in found.items() for row in table(kind, form, each)]
    print(*rows, sep="\n")
    save("deflate", rows, ("numpy", "pyvips"))


def table(kind: str, form: str, each: list[list[tuple[int, float]]]) -> list[dict[str, Any]]:
    """Return a row for each option: all photos together, and the photo whose file grows most."""
    rows = []
    for number, options in enumerate(SAVERS[form]):
        sizes, seconds = zip(*(one[number] for one in each), strict=True)
        first_sizes, first_seconds = zip(*(one[0] for one in each), strict=True)
        grown = [size / first for size, first in zip(sizes, first_sizes, strict=True)]
        rows.append(
            {
                "picture": kind,
                "format": form,
                "filter": options.get("filter", options.get("predictor")),
                "level": options.get("level", options["compression"]),
                "photos": len(each),
                "bytes": round(sum(sizes) / sum(first_sizes), 3),
                "most_bytes": round(max(grown), 3),
                "seconds": round(sum(seconds) / sum(first_seconds), 3),
            }
        )
    return rows


if __name__ == "__main__":
    main()
