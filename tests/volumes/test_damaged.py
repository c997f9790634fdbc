"""Damaged volumes: changed or missing bytes give a volume or a sentence, never another error."""

import numpy as np
import pytest

from repix.errors import RepixError
from repix.volumes import Metadata, Volume, read, write
from tests.given import seeds
from tests.volumes.test_tiff import voxels

HEADER = 560
"""Bytes at the beginning of uncompressed NIfTI in which almost every byte means something."""


@pytest.mark.filterwarnings("ignore:Extension size")
@pytest.mark.parametrize("ending", ["tif", "nii", "nii.gz"])
@seeds(40, 4000)
def test_changed_bytes_are_read_or_refused(tmp_path, ending, seed):
    if ending != "tif":
        pytest.importorskip("nibabel")
    path, rng = tmp_path / f"a.{ending}", np.random.default_rng(seed)
    write(Volume(voxels((3, 8, 9), np.uint16), Metadata((5, 1, 1), "mm")), path)
    data = bytearray(path.read_bytes())
    end = min(len(data), HEADER) if ending == "nii" else len(data)
    for place in rng.integers(end, size=rng.integers(1, 4)):
        data[place] = rng.integers(256)
    if rng.random() < 0.2:
        data = data[: rng.integers(len(data))]
    path.write_bytes(data)
    said = ""
    try:
        read(path)
    except RepixError as problem:
        said = str(problem)
    assert not said or said.startswith(str(path))
    assert "\n" not in said
