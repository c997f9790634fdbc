"""The usual test sets, as people have them on their disks: found by their folders' names."""

import re
from dataclasses import dataclass
from pathlib import Path

from repix.arithmetic.arrays import Array
from repix.degradations import shrink
from repix.pictures import read

ALIASES = {
    "set12": "Set12",
    "bsd68": "BSD68",
    "cbsd68": "CBSD68",
    "kodak": "Kodak24",
    "kodak24": "Kodak24",
    "mcmaster": "McMaster",
    "set5": "Set5",
    "set14": "Set14",
    "b100": "BSD100",
    "bsd100": "BSD100",
    "bsds100": "BSD100",
    "urban100": "Urban100",
    "heldout": "Held out",
}
"""Names of folders, in lower case without separators; `held-out` contains photos that no model was trained on."""
INSIDE = ("hr", "gthr", "original", "gt", "")
"""Folders in a set's folder that hold the whole pictures, the likeliest first."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
DEEPEST = 4
"""Folders below the root that are looked at."""
SPLIT = re.compile(r"^(?P<stem>.*?)_(?:x|SRF_)(?P<scale>[2348])_(?:SRF_\d_)?(?P<kind>HR|LR)$", re.IGNORECASE)
"""`baby_x2_HR.png` and `img_001_SRF_2_LR.png`: pairs for one scale, beside each other."""


@dataclass(frozen=True)
class Set:
    """A set of pictures."""

    name: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """The whole pictures; of pairs for several scales, those of the least."""
        found = _pictures(self.folder)
        pairs = {file: SPLIT.match(file.stem) for file in found}
        if not any(pairs.values()):
            return found
        least = min(match["scale"] for match in pairs.values() if match)
        wanted = (least, "HR")
        return [file for file, match in pairs.items() if match and (match["scale"], match["kind"].upper()) == wanted]

    def pairs(self, scale: int) -> list[tuple[str, Array, Array]]:
        """Name, small picture and truth: as they were given, or shrunk by MATLAB's bicubic, cut to whole multiples."""
        given = {}
        for file in _pictures(self.folder):
            match = SPLIT.match(file.stem)
            if match and match["scale"] == str(scale):
                given.setdefault(match["stem"], {})[match["kind"].upper()] = file
        if given:
            both = [(name, files["LR"], files["HR"]) for name, files in given.items() if len(files) == 2]
            return [(name, read(small).colors(), read(large).colors()) for name, small, large in sorted(both)]
        made = []
        for file in self.files:
            truth = read(file).colors()
            height, width = (side - side % scale for side in truth.shape[:2])
            truth = truth[:height, :width]
            made.append((file.stem, shrink(truth, scale, eight_bit=True), truth))
        return made


def find(root: Path) -> dict[str, Set]:
    """The known sets below a folder, or the folder itself."""
    found: dict[str, Set] = {}
    below = sorted(path for path in root.rglob("*") if path.is_dir() and len(path.relative_to(root).parts) <= DEEPEST)
    for folder in (root, *below):
        name = ALIASES.get(re.sub(r"[^a-z0-9]", "", folder.name.lower()))
        if name is None or name in found:
            continue
        inside = {child.name.lower(): child for child in folder.iterdir() if child.is_dir()} | {"": folder}
        place = next((inside[one] for one in INSIDE if one in inside and _pictures(inside[one])), None)
        if place is not None:
            found[name] = Set(name, place)
    return found


def _pictures(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
