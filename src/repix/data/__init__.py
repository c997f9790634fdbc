"""Training data: folder layouts, splits, checks before training, a cache of decoded pictures, and random crops."""

from repix.data.cache import Cache, Pairing, store
from repix.data.check import check
from repix.data.crops import Crops
from repix.data.findings import ClassShare, Finding, Findings, Values
from repix.data.folders import Dataset, Item, Part
from repix.data.layouts import find
from repix.data.mask_scan import detect
from repix.data.splits import Split, read_holdout, split
from repix.data.volume_crops import VolumeCrops
from repix.masks import IGNORED, Encoding

__all__ = [
    "IGNORED",
    "Cache",
    "ClassShare",
    "Crops",
    "Dataset",
    "Encoding",
    "Finding",
    "Findings",
    "Item",
    "Pairing",
    "Part",
    "Split",
    "Values",
    "VolumeCrops",
    "check",
    "detect",
    "find",
    "read_holdout",
    "split",
    "store",
]
