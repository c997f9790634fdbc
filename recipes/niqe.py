"""Fit the pristine model of the metric `niqe`: python recipes/niqe.py PHOTOS OUTPUT.npz.

Photos are used if `repix inspect` sees neither noise nor blur in them, and a JPEG quality of 90 or more. Of each photo,
only blocks count whose sharpness exceeds 0.75 of its sharpest block. Mean and covariance of their 36 features are
stored in `src/repix/metrics/niqe.npz`. Photos are left out if the folder of --leave-out has one of the same name. 3
minutes for 400 photos on one core.
"""

import argparse
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.batch.jobs import pictures_in
from repix.inspection import inspect
from repix.metrics._scene_statistics import FEATURES, block_statistics
from repix.pictures import read

SHARP = 0.75
"""Least sharpness of a block, as a share of that of the photo's sharpest block."""
QUALITY = 90
"""Least JPEG quality."""


def main() -> None:
    """Choose photos, measure their blocks, and write mean and covariance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--leave-out", type=Path, help="a folder whose photos are not used, by their names")
    given = parser.parse_args()
    left_out = {file.stem for file, _ in pictures_in(given.leave_out)} if given.leave_out else set()
    photos = [file for file, _ in pictures_in(given.photos) if file.stem not in left_out]
    clean = [file for file in photos if is_clean(file)]
    blocks = np.concatenate([sharp_blocks(file) for file in clean])
    if len(blocks) <= FEATURES:
        raise SystemExit(f"{given.photos}: {len(blocks)} sharp blocks in {len(clean)} clean photos; give more photos.")
    print(f"{len(blocks)} sharp blocks of {len(clean)} clean photos, of {len(photos)}")
    mean, covariance = blocks.mean(0), np.cov(blocks, rowvar=False)
    np.savez_compressed(given.output, mean=mean.astype(np.float32), covariance=covariance.astype(np.float32))


def is_clean(file: Path) -> bool:
    """Return True if no problem is seen in a photo."""
    found = inspect(file)
    return not (found.is_noisy or found.is_blurred or found.jpeg_quality < QUALITY)


def sharp_blocks(file: Path) -> Array:
    """Return the features of the sharp blocks of a photo."""
    found = block_statistics(read(file).colors().astype(np.float64))
    features = found.features[found.sharpness > SHARP * found.sharpness.max()]
    return features[np.isfinite(features).all(1)]


if __name__ == "__main__":
    main()
