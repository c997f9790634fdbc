"""Rules that check a dataset, one function each."""

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
"""Largest RMS difference, in gray levels (8-bit), of 24×24 thumbnails of the same picture.

For photos, JPEG of quality 30 and scaling by 0.25 to 2 give up to 1.2; street scenes filmed 1/15 s apart differ by 2.9,
different photos by 14.
"""
SHORTEST = 64
"""Smallest side of a picture for the usual patch sizes."""
DARK = 4095 / 65535
"""The largest 12-bit value, as a fraction of the largest 16-bit value."""


@dataclass(frozen=True)
class Evidence:
    """The input of the rules."""

    dataset: Dataset
    split: Split
    task: str
    scans: dict[str, FileScan]
    needs_masks: bool = False
    scales: tuple[int, ...] = (1,)
    """Allowed scale factors from a given source to its target."""

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of all splits."""
        return tuple(item for items in self.split.parts.values() for item in items)

    @property
    def pictures(self) -> list[str]:
        """All readable pictures, targets included, without masks."""
        return [name for side in _sides(self, self.items) for name in side]

    @property
    def masks(self) -> dict[str, FileScan]:
        """The scans of all readable masks."""
        names = [item.partner for item in self.items if item.partner and self.dataset.kind == "masks"]
        return {name: self.scans[name] for name in names if not self.scans[name].problem}


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Apply all rules; errors come first."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))


def encoding(evidence: Evidence) -> Encoding | None:
    """Return the encoding of the masks, or None if there are none or it cannot be detected."""
    try:
        return _detected(evidence) if evidence.masks else None
    except WrongUse:
        return None


def _detected(evidence: Evidence) -> Encoding:
    scans = [scan.mask for scan in evidence.masks.values() if scan.mask is not None]
    return detect(scans, evidence.dataset.ignored, evidence.dataset.classes)


def _arrangement(evidence: Evidence) -> Iterator[Finding]:
    parts = evidence.dataset.parts.values()
    orphans, twins, missing, foreign = (
        tuple(name for part in parts for name in getattr(part, kind))
        for kind in ("orphans", "twins", "missing", "foreign")
    )
    if orphans:
        yield Finding(
            "orphan", "error", f"{_files(orphans)} no partner of the same name.", "Add the partners, or remove these.",
            orphans,
        )  # fmt: skip
    if twins:
        yield Finding(
            "twins",
            "error",
            f"{_files(twins)} the same name as another file, except for the suffix.",
            "Keep one of each.",
            twins,
        )
    if missing:
        yield Finding(
            "missing", "error", f"{_files(missing)} an entry in the list of a split, but no file.",
            "Add the files, or remove the entries from the list.", missing,
        )  # fmt: skip
    if foreign:
        yield Finding(
            "foreign", "warning", f"{_files(foreign)} a format that repix does not read.",
            "Convert them to PNG or JPEG; otherwise they are not used.", foreign,
        )  # fmt: skip


def _task(evidence: Evidence) -> Iterator[Finding]:
    kind = evidence.dataset.kind
    if evidence.needs_masks and kind != "masks":
        text = f"{evidence.task} needs masks, but the folder has none."
        yield Finding("task", "error", text, "Put the photos in images/ and the masks in masks/.")
    elif not evidence.needs_masks and kind == "masks":
        yield Finding(
            "task", "error", f"{evidence.task} does not use masks.", "Name the folder that contains only the pictures."
        )


def _amount(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.split.train:
        yield Finding("empty", "error", "There is nothing to train on.", "Add pictures, or hold out fewer.")
    elif not evidence.split.validation:
        yield Finding(
            "no-validation", "warning", "There are no validation examples.",
            "Add pictures in val/, or hold out some: --holdout 20.",
        )  # fmt: skip


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    for name, scan in evidence.scans.items():
        if scan.problem:
            yield Finding("unreadable", "error", scan.problem, "Replace the file, or remove it.", (name,))


def _sizes(evidence: Evidence) -> Iterator[Finding]:
    pairs = [item.files for item in evidence.items if item.partner is not None]
    pairs = [files for files in pairs if not any(evidence.scans[name].problem for name in files)]
    scale = 1
    if evidence.dataset.kind == "pairs":
        ratios = [_ratio(evidence, files) for files in pairs]
        scale = max(evidence.scales, key=ratios.count)
    for files in pairs:
        first, second = (evidence.scans[name].size for name in files)
        if second != (first[0] * scale, first[1] * scale):
            wanted = "the same size" if scale == 1 else f"{scale} times as large"
            yield Finding(
                "size", "error", f"{files[0]} is {_size(first)} and {files[1]} is {_size(second)}.",
                f"Make the second {wanted}, or remove both.", files,
            )  # fmt: skip


def _ratio(evidence: Evidence, files: tuple[str, ...]) -> int:
    (height, width), (tall, wide) = (evidence.scans[name].size for name in files)
    return next((scale for scale in evidence.scales if (tall, wide) == (height * scale, width * scale)), 0)


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    for part, items in evidence.split.parts.items():
        groups = defaultdict(list)
        for item in items:
            if not evidence.scans[item.picture].problem:
                groups[evidence.scans[item.picture].content].append(item.picture)
        for names in groups.values():
            if len(names) > 1:
                yield Finding(
                    "duplicate", "warning", f"{part} contains the same picture {len(names)} times: {', '.join(names)}.",
                    "Keep one of them; otherwise it has more weight than the others.", tuple(names),
                )  # fmt: skip


def _leaks(evidence: Evidence) -> Iterator[Finding]:
    methods = [(True, _equal)]
    if not evidence.dataset.volumes:  # parts of one volume may well be alike on average, as their thumbnails show them
        methods.append((False, _alike))
    for (one, some), (other, others) in combinations(evidence.split.parts.items(), 2):
        same: dict[tuple[str, str], bool] = {}
        for mine, theirs in zip(_sides(evidence, some), _sides(evidence, others), strict=True):
            for exact, matches in methods:
                for row, column in matches(evidence.scans, mine, theirs):
                    same.setdefault((mine[row], theirs[column]), exact)
        for (first, second), exact in same.items():
            how = "the same picture as" if exact else "nearly the same picture (rescaled or compressed again) as"
            said = f"{first} in {one} is {how} {second} in {other}."
            advice = f"Remove one of them; otherwise the {other} scores are too high."
            if other == "test":  # training never uses it
                yield Finding("test-leak", "warning", said, advice, (first, second))
            else:
                yield Finding("leak", "error", said, advice, (first, second))


def _equal(scans: dict[str, FileScan], some: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    places = defaultdict(list)
    for column, name in enumerate(others):
        places[scans[name].content].append(column)
    for row, name in enumerate(some):
        yield from ((row, column) for column in places.get(scans[name].content, ()))


def _alike(scans: dict[str, FileScan], some: list[str], others: list[str]) -> Iterator[tuple[int, int]]:
    ours, theirs = ([scans[name].thumbnail for name in names] for names in (some, others))
    return alike(ours, theirs, ALIKE)


def _masks(evidence: Evidence) -> Iterator[Finding]:
    smeared = tuple(name for name, scan in evidence.masks.items() if scan.mask and scan.mask.smeared)
    if smeared:
        yield Finding(
            "smeared", "error",
            f"{_files(smeared)} mostly isolated pixels: JPEG or smooth resizing has mixed the classes.",
            "Export these masks again as PNG, and resize masks by nearest neighbor only.", smeared,
        )  # fmt: skip
    elif evidence.masks:
        try:
            yield from _unseen(evidence, _detected(evidence))
        except WrongUse as problem:
            yield Finding("masks", "error", str(problem), "Check the masks.")


def _unseen(evidence: Evidence, found: Encoding) -> Iterator[Finding]:
    seen = classes_of(evidence, found, evidence.split.train).keys()
    asked = [part for name, part in evidence.split.parts.items() if name != "train"]
    for value in sorted({value for part in asked for value in classes_of(evidence, found, part)} - seen):
        yield Finding(
            "unseen-class", "error",
            f"The class {found.value_text(value)} occurs in validation or test masks, but not in training masks.",
            "Move a picture with this class to the training split, or hold out others.",
        )  # fmt: skip


def classes_of(evidence: Evidence, found: Encoding, items: Iterable[Item]) -> dict[int, list[int]]:
    """Return, for each value of a class or of ignored pixels, its number of pixels in each mask that contains it."""
    pixels, masks = defaultdict(list), evidence.masks
    for item in items:
        scan = masks.get(item.partner or "")
        if scan is not None and scan.mask is not None:
            for value, count in scan.mask.counts_as(found.kind).items():
                pixels[value].append(count)
    return pixels


def _values(evidence: Evidence) -> Iterator[Finding]:
    scans = {name: evidence.scans[name] for name in evidence.pictures}
    wild = tuple(n for n, scan in scans.items() if not scan.finite or not 0 <= scan.low <= scan.high <= 1)
    flat = tuple(n for n, scan in scans.items() if scan.finite and scan.low == scan.high)
    dark = tuple(n for n, scan in scans.items() if scan.depth == "16" and 0 < scan.high <= DARK and n not in flat)
    if wild:
        yield Finding(
            "range", "error", f"{_files(wild)} values outside [0, 1], or not finite.",
            "Scale the floats so that 0 is black and 1 is white.", wild,
        )  # fmt: skip
    if flat:
        yield Finding("flat", "warning", f"{_files(flat)} a single color.", "Remove empty pictures.", flat)
    if dark:
        yield Finding(
            "dark", "warning",
            f"{_files(dark)} 16 bits but no value above 4095: probably 12-bit data, which is nearly black as 16-bit.",
            "Multiply the values by 16.", dark,
        )  # fmt: skip


def _small(evidence: Evidence) -> Iterator[Finding]:
    small = tuple(name for name in evidence.pictures if min(evidence.scans[name].size) < SHORTEST)
    if small:
        yield Finding(
            "small", "warning", f"{_files(small)} a side shorter than {SHORTEST} pixels.",
            "Train with smaller patches (--patch-size), or remove them; larger patches do not use them.", small,
        )  # fmt: skip


def _mixtures(evidence: Evidence) -> Iterator[Finding]:
    """Check that all sources, and all targets, have the same depth and channels."""
    for which, names in zip(("pictures", "targets"), _sides(evidence, evidence.items), strict=True):
        kinds: dict[str, list[str]] = defaultdict(list)
        depths: dict[str, list[str]] = defaultdict(list)
        for name in names:
            kinds["gray" if evidence.scans[name].gray else "color"].append(name)
            depths[f"depth {evidence.scans[name].depth}"].append(name)
        for kind, groups, do in (
            ("mixed-colors", kinds, "Choose --gray or --color; all pictures are then converted."),
            ("mixed-depths", depths, "No action is needed if this is intended; each file is read with its own depth."),
        ):
            if len(groups) > 1:
                counts = ", ".join(f"{len(files)} of {group}" for group, files in groups.items())
                rarest = min(groups, key=lambda group: len(groups[group]))
                yield Finding(kind, "warning", f"The {which} are mixed: {counts}.", do, tuple(groups[rarest]))


def _sides(evidence: Evidence, items: Iterable[Item]) -> tuple[list[str], list[str]]:
    """Return the readable pictures of some items, and their readable targets, without masks."""
    items = list(items)
    partners = [item.partner for item in items if item.partner is not None and evidence.dataset.kind != "masks"]
    first, second = (
        [name for name in names if not evidence.scans[name].problem]
        for names in ([item.picture for item in items], partners)
    )
    return first, second


def _alpha(evidence: Evidence) -> Iterator[Finding]:
    names = tuple(name for name in evidence.pictures if evidence.scans[name].alpha)
    if names:
        yield Finding(
            "alpha", "warning", f"{_files(names)} transparent pixels; training ignores the transparency.",
            "Flatten the pictures onto a background if transparent pixels must not be learned.", names,
        )  # fmt: skip


def _files(names: tuple[str, ...]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{len(names)} files have"


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]}×{size[0]}"


RULES: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _task, _amount, _arrangement, _unreadable, _sizes, _leaks, _masks, _values, _duplicates, _small, _mixtures, _alpha,
)  # fmt: skip
