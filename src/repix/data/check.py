"""Check a folder of pictures before training."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from repix import registry
from repix.data.file_scan import FileScan, scan_files
from repix.data.findings import ClassShare, Findings, Values
from repix.data.layouts import find
from repix.data.rules import Evidence, classes_of, encoding, findings
from repix.data.splits import split
from repix.errors import WrongUse
from repix.masks import Encoding
from repix.volumes.stack import volume_of

Progress = Callable[[Iterable[FileScan], int], Iterator[FileScan]]


def _quietly(scans: Iterable[FileScan], total: int) -> Iterator[FileScan]:  # noqa: ARG001 (for a progress bar)
    return iter(scans)


def check(
    folder: Path | str,
    task: str,
    holdout: int | Path | str | None = None,
    ignore_index: int | None = None,
    progress: Progress | None = None,
    volumes: bool = False,
) -> Findings:
    """Scan every file of a folder and report errors and warnings.

    Args:
        folder: the folder to train on.
        task: name of the task.
        holdout: examples to hold out for validation: a number, or a folder; by default the layout's validation split,
            or a tenth of the examples.
        ignore_index: value of ignored pixels in the masks, if the layout does not define it.
        progress: wraps the iterator of file scans; its second argument is their number.
        volumes: take the pictures of a folder for the slices of a volume.

    Returns:
        The findings, and a summary of the files.

    Raises:
        UnknownName: there is no such task.
        Unreadable: the folder does not exist.
        WrongUse: the folder's layout is unknown, or a parameter does not fit.

    >>> check("nowhere", "denoize")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'denoize' among the tasks; did you mean 'denoise'?
    """
    maker = registry.get("tasks", task)
    dataset = find(folder, volumes)
    if maker.mask_settings is not None and dataset.kind == "pairs":
        dataset = replace(dataset, kind="masks")
    if ignore_index is not None and dataset.kind != "masks":
        raise WrongUse(f"--ignore-index is for masks, but {task} on {folder} has no masks; leave --ignore-index out.")
    if ignore_index is not None:
        dataset = replace(dataset, ignored=ignore_index)
    parts = split(dataset, holdout)
    files = [item.files for items in parts.parts.values() for item in items]
    masks = [group[1] for group in files if dataset.kind == "masks"]
    pictures = dict.fromkeys(name for group in files for name in group)
    scans = scan_files(dataset.root, [n for n in pictures if n not in set(masks)], masks, progress or _quietly)
    evidence = Evidence(dataset, parts, task, scans, maker.mask_settings is not None, maker.pair_scales)
    found = encoding(evidence)
    sizes = sorted((scans[name].size for name in evidence.pictures), key=lambda size: size[0] * size[1]) or [(0, 0)]
    return Findings(
        task=task,
        layout=dataset.layout,
        split=parts,
        findings=findings(evidence),
        values=tuple(_values(evidence)),
        smallest=sizes[0],
        largest=sizes[-1],
        encoding=found,
        classes=() if found is None else tuple(_classes(evidence, found)),
        sizes={volume_of(name): scans[name].size for name in evidence.pictures},
    )


def _values(evidence: Evidence) -> Iterator[Values]:
    """Yield the range of values of the pictures of each depth and number of channels."""
    groups = defaultdict(list)
    for name in evidence.pictures:
        scan = evidence.scans[name]
        groups[scan.depth, scan.gray].append(scan)
    for (depth, gray), scans in sorted(groups.items()):
        finite = [scan for scan in scans if scan.finite]
        low, high = min((scan.low for scan in finite), default=0.0), max((scan.high for scan in finite), default=0.0)
        yield Values(depth, gray, len(scans), low, high)


def _classes(evidence: Evidence, found: Encoding) -> Iterator[ClassShare]:
    """Yield the statistics of each class, and of ignored pixels."""
    parts = evidence.split.parts
    pixels = {name: classes_of(evidence, found, parts[name]) for name in ("train", "validation", "test")}
    totals = {name: sum(sum(counts) for counts in by_class.values()) or 1 for name, by_class in pixels.items()}
    rows = [*enumerate(found.values), *([] if found.ignored is None else [(-1, found.ignored)])]
    for id_, value in rows:
        yield ClassShare(
            id_,
            found.value_text(value),
            found.names[id_] if found.names and id_ >= 0 else "ignored" if id_ < 0 else "",
            sum(pixels["train"].get(value, [])) / totals["train"],
            sum(pixels["validation"].get(value, [])) / totals["validation"],
            sum(len(by_class.get(value, [])) for by_class in pixels.values()),
        )
