"""Volumes: stacks of gray slices with their spacing, from multi-page TIFF, NIfTI and folders of slices.

    volume = repix.volumes.read("scan.nii.gz")
    volume.voxels.shape, volume.metadata.spacing, volume.metadata.affine
    repix.volumes.write(volume, "scan.tif")

`open_volume` and `write_slices` do the same slice by slice, so that a volume need not fit into memory.
"""

from repix.volumes.files import open_volume, read, write, write_slices
from repix.volumes.formats import is_volume
from repix.volumes.metadata import Metadata
from repix.volumes.reader import VolumeReader
from repix.volumes.stack import Stack
from repix.volumes.volume import Volume

__all__ = ["Metadata", "Stack", "Volume", "VolumeReader", "is_volume", "open_volume", "read", "write", "write_slices"]
