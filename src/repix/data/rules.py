"""What may be wrong with a folder: one function for each thing to find."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from repix.data.file_scan import FileScan, alike
from repix.data.findings import Finding
from repix.data.folders import Dataset, Item
from repix.data.mask_scan import detect
from repix.data.splits import Split
from repix.errors import WrongUse
from repix.masks import Encoding

ALIKE = 1.5
"""Root mean square difference, in levels of 255, up to which two 24×24 thumbnails show the same picture.

On photos it lets JPEG of quality 30 (1.2) and scaling by 0.25 to 2 (1.2) through; street scenes filmed a fifteenth of a
second apart differ by 2.9, different photos by 14.
"""
SHORTEST = 64
"""The shorter side of a picture from which the usual crops fit."""
DARK = 4095 / 65535
"""What 12 bits fill of 16."""


@dataclass(frozen=True)
class Evidence:
    """What the rules look at."""

    dataset: Dataset
    split: Split
    task: str
    looks: dict[str, FileScan]
    needs_masks: bool = False
    scales: tuple[int, ...] = (1,)
    """How many times larger than its source a given target may be."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All of them."""
        return tuple(item for items in self.split.parts.values() for item in items)

    @property
    def pictures(self) -> list[str]:
        """Every picture that can be read, targets too, but no masks."""
        return [name for side in _sides(self, self.items) for name in side]

    @property
    def masks(self) -> dict[str, FileScan]:
        """Every mask that can be read."""
        names = [item.partner for item in self.items if item.partner and self.dataset.kind == "masks"]
        return {name: self.looks[name] for name in names if not self.looks[name].problem}


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Everything that the rules find, what must be mended first."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    return tuple(sorted(found, key=lambda finding: not finding.must_mend))


def encoding(evidence: Evidence) -> Encoding | None:
    """The masks' encoding, where there are masks and they have one."""
    try:
        return _detected(evidence) if evidence.masks else None
    except WrongUse:
        return None


def _detected(evidence: Evidence) -> Encoding:
    looks = [look.mask for look in evidence.masks.values() if look.mask is not None]
    return detect(looks, evidence.dataset.ignored, evidence.dataset.classes)


def _arrangement(evidence: Evidence) -> Iterator[Finding]:
    parts = evidence.dataset.parts.values()
    orphans, twins, missing, foreign = (
        tuple(name for part in parts for name in getattr(part, kind))
        for kind in ("orphans", "twins", "missing", "foreign")
    )
    if orphans:
        yield Finding(
            "orphan", True, f"{_files(orphans)} no partner of the same name.", "Add the partners, or move these away.",
            orphans,
        )  # fmt: skip
    if twins:
        yield Finding(
            "twins", True, f"{_files(twins)} the name of another, but for the suffix.", "Keep one of each.", twins
        )
    if missing:
        yield Finding(
            "missing", True, f"{_files(missing)} a line in the list of a split, but no file.",
            "Add the files, or take their lines out of the list.", missing,
        )  # fmt: skip
    if foreign:
        yield Finding(
            "foreign", False, f"{_files(foreign)} a format that repix does not read.",
            "Convert them to PNG or JPEG; now they are left out.", foreign,
        )  # fmt: skip


def _task(evidence: Evidence) -> Iterator[Finding]:
    kind = evidence.dataset.kind
    if evidence.needs_masks and kind != "masks":
        said = f"{evidence.task} learns from masks, and there are none."
        yield Finding("task", True, said, "Add masks/ beside images/.")
    elif not evidence.needs_masks and kind == "masks":
        yield Finding(
            "task", True, f"{evidence.task} does not learn from masks.", "Name the folder of the pictures alone."
        )


def _amount(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.split.train:
        yield Finding("empty", True, "There is nothing to train on.", "Add pictures, or keep fewer out.")
    elif not evidence.split.validation:
        yield Finding(
            "no-validation", False, "There is nothing to judge the training by.",
            "Add pictures in val/, or keep some out: --keep-out 20.",
        )  # fmt: skip


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    for name, look in evidence.looks.items():
        if look.problem:
            yield Finding("unreadable", True, look.problem, "Replace the file, or take it away.", (name,))


def _sizes(evidence: Evidence) -> Iterator[Finding]:
    pairs = [item.files for item in evidence.items if item.partner is not None]
    pairs = [files for files in pairs if not any(evidence.looks[name].problem for name in files)]
    scale = 1
    if evidence.dataset.kind == "pairs":
        ratios = [_ratio(evidence, files) for files in pairs]
        scale = max(evidence.scales, key=ratios.count)
    for files in pairs:
        first, second = (evidence.looks[name].size for name in files)
        if second != (first[0] * scale, first[1] * scale):
            wanted = "the same size" if scale == 1 else f"{scale} times the size"
            yield Finding(
                "size", True, f"{files[0]} is {_size(first)} and {files[1]} {_size(second)}.",
                f"Make the second {wanted}, or take both away.", files,
            )  # fmt: skip


def _ratio(evidence: Evidence, files: tuple[str, ...]) -> int:
    (height, width), (tall, wide) = (evidence.looks[name].size for name in files)
    return next((scale for scale in evidence.scales if (tall, wide) == (height * scale, width * scale)), 0)


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    for part, items in evidence.split.parts.items():
        groups = defaultdict(list)
        for item in items:
            if not evidence.looks[item.picture].problem:
                groups[evidence.looks[item.picture].content].append(item.picture)
        for names in groups.values():
            if len(names) > 1:
                yield Finding(
                    "duplicate", False, f"{part} has the same picture {len(names)} times: {', '.join(names)}.",
                    "Keep one of them, or it counts more than the others.", tuple(names),
                )  # fmt: skip


def _leaks(evidence: Evidence) -> Iterator[Finding]:
    for (one, some), (other, others) in combinations(evidence.split.parts.items(), 2):
        same: dict[tuple[str, str], bool] = {}
        for mine, theirs in zip(_sides(evidence, some), _sides(evidence, others), strict=True):
            for exact, look_alikes in ((True, _equal), (False, _alike)):
                for row, column in look_alikes(evidence.looks, mine, theirs):
                    same.setdefault((mine[row], theirs[column]), exact)
        for (first, second), exact in same.items():
            how = "the same picture as" if exact else "nearly the same picture (rescaled or compressed again) as"
            yield Finding(
                "leak", True, f"{first} in {one} is {how} {second} in {other}.",
                "Take one of them away, or the figures will be too good to be true.", (first, second),
            )  # fmt: skip


def _equal(looks: dict[str, FileScan], some: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    places = defaultdict(list)
    for column, name in enumerate(others):
        places[looks[name].content].append(column)
    for row, name in enumerate(some):
        yield from ((row, column) for column in places.get(looks[name].content, ()))


def _alike(looks: dict[str, FileScan], some: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    ours, theirs = ([looks[name].thumbnail for name in names] for names in (some, others))
    return alike(ours, theirs, ALIKE)


def _masks(evidence: Evidence) -> Iterator[Finding]:
    smeared = tuple(name for name, look in evidence.masks.items() if look.mask and look.mask.smeared)
    if smeared:
        yield Finding(
            "smeared", True, f"{_files(smeared)} mostly single specks: JPEG or smooth resizing has mixed the classes.",
            "Export these masks again as PNG, and resize masks by nearest neighbour only.", smeared,
        )  # fmt: skip
    elif evidence.masks:
        try:
            yield from _unseen(evidence, _detected(evidence))
        except WrongUse as problem:
            yield Finding("masks", True, str(problem), "Look at the masks.")


def _unseen(evidence: Evidence, found: Encoding) -> Iterator[Finding]:
    seen = classes_of(evidence, found, evidence.split.train).keys()
    asked = [part for name, part in evidence.split.parts.items() if name != "train"]
    for value in sorted({value for part in asked for value in classes_of(evidence, found, part)} - seen):
        yield Finding(
            "unseen-class", True, f"The class {found.value_text(value)} is in no mask to train on, but it is judged.",
            "Move a picture that shows it to the training, or keep out others.",
        )  # fmt: skip


def classes_of(evidence: Evidence, found: Encoding, items: Iterable[Item]) -> dict[int, list[int]]:
    """For each class value, ignored or not, its pixels in each mask that shows it."""
    pixels = defaultdict(list)
    for item in items:
        look = evidence.masks.get(item.partner or "")
        if look is not None and look.mask is not None:
            for value, count in look.mask.counts_as(found.kind).items():
                pixels[value].append(count)
    return pixels


def _values(evidence: Evidence) -> Iterator[Finding]:
    looks = {name: evidence.looks[name] for name in evidence.pictures}
    wild = tuple(n for n, look in looks.items() if not look.finite or not 0 <= look.low <= look.high <= 1)
    flat = tuple(n for n, look in looks.items() if look.finite and look.low == look.high)
    dark = tuple(n for n, look in looks.items() if look.depth == "16" and 0 < look.high <= DARK and n not in flat)
    if wild:
        yield Finding(
            "range", True, f"{_files(wild)} numbers outside of 0 to 1, or none at all.",
            "Scale the floats so that 0 is black and 1 is white.", wild,
        )  # fmt: skip
    if flat:
        yield Finding("flat", False, f"{_files(flat)} a single colour.", "Take away what shows nothing.", flat)
    if dark:
        yield Finding(
            "dark", False, f"{_files(dark)} 16 bits and no value above 4095: likely 12 bits, and nearly black as 16.",
            "Multiply the values by 16.", dark,
        )  # fmt: skip


def _small(evidence: Evidence) -> Iterator[Finding]:
    small = tuple(name for name in evidence.pictures if min(evidence.looks[name].size) < SHORTEST)
    if small:
        yield Finding(
            "small", False, f"{_files(small)} a side shorter than {SHORTEST} pixels.",
            "Train with crops that fit (--size), or take them away: crops that are larger leave them out.", small,
        )  # fmt: skip


def _mixtures(evidence: Evidence) -> Iterator[Finding]:
    """Sources and targets may differ from each other, but not among themselves."""
    for which, names in zip(("pictures", "targets"), _sides(evidence, evidence.items), strict=True):
        kinds: dict[str, list[str]] = defaultdict(list)
        depths: dict[str, list[str]] = defaultdict(list)
        for name in names:
            kinds["grey" if evidence.looks[name].grey else "colour"].append(name)
            depths[f"depth {evidence.looks[name].depth}"].append(name)
        for kind, groups, do in (
            ("mixed-colours", kinds, "Say --grey or --colour, and all will be taken as that."),
            ("mixed-depths", depths, "Nothing, if you know why; each is read by its own depth."),
        ):
            if len(groups) > 1:
                counts = ", ".join(f"{len(files)} of {group}" for group, files in groups.items())
                rarest = min(groups, key=lambda group: len(groups[group]))
                yield Finding(kind, False, f"The {which} are mixed: {counts}.", do, tuple(groups[rarest]))


def _sides(evidence: Evidence, items: Iterable[Item]) -> tuple[list[str], list[str]]:
    """The pictures of some items, and their targets; what cannot be read is left out, and masks are no pictures."""
    items = list(items)
    partners = [item.partner for item in items if item.partner is not None and evidence.dataset.kind != "masks"]
    first, second = (
        [name for name in names if not evidence.looks[name].problem]
        for names in ([item.picture for item in items], partners)
    )
    return first, second


def _alpha(evidence: Evidence) -> Iterator[Finding]:
    names = tuple(name for name in evidence.pictures if evidence.looks[name].alpha)
    if names:
        yield Finding(
            "alpha", False, f"{_files(names)} transparent pixels; training sees the colours without the transparency.",
            "Put the pictures on a background, if what is transparent must not be learnt.", names,
        )  # fmt: skip


def _files(names: tuple[str, ...]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{len(names)} files have"


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]}×{size[0]}"


RULES: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _task, _amount, _arrangement, _unreadable, _sizes, _leaks, _masks, _values, _duplicates, _small, _mixtures, _alpha,
)  # fmt: skip
