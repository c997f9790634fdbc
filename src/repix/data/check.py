"""`check`: look at a folder before anything is trained on it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from repix.data.findings import ClassShare, Findings, Values
from repix.data.folders import find
from repix.data.looks import Look, look_at_files
from repix.data.rules import Evidence, classes_of, encoding, findings
from repix.data.splits import split
from repix.errors import WrongUse
from repix.masks import Encoding
from repix.members import names, unknown

Progress = Callable[[Iterable[Look], int], Iterator[Look]]


def _quietly(looks: Iterable[Look], total: int) -> Iterator[Look]:  # noqa: ARG001 (a progress bar wants the number)
    return iter(looks)


def check(
    folder: Path | str,
    task: str,
    keep_out: int | Path | str | None = None,
    ignored: int | None = None,
    progress: Progress = _quietly,
) -> Findings:
    """Look at every file of a folder and say what must be mended, and what is good to know, before it is trained on.

    `keep_out` is as in training; `ignored` is the label of the masks that counts for nothing, where the layout does not
    say it.

    >>> check("nowhere", "denoize")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no 'denoize' among the tasks; did you mean 'denoise'?
    """
    if task not in names("tasks"):
        raise unknown("tasks", task)
    dataset = find(folder)
    if task == "segment" and dataset.kind == "pairs":
        dataset = replace(dataset, kind="masks")
    if ignored is not None and dataset.kind != "masks":
        raise WrongUse(f"A label to ignore is for masks; {task} on {folder} has none, so leave --ignored out.")
    if ignored is not None:
        dataset = replace(dataset, ignored=ignored)
    parts = split(dataset, keep_out)
    files = [item.files for items in parts.parts.values() for item in items]
    masks = [group[1] for group in files if dataset.kind == "masks"]
    pictures = dict.fromkeys(name for group in files for name in group)
    looks = look_at_files(dataset.root, [n for n in pictures if n not in set(masks)], masks, progress)
    evidence = Evidence(dataset, parts, task, looks)
    found = encoding(evidence)
    sizes = sorted((looks[name].size for name in evidence.pictures), key=lambda size: size[0] * size[1]) or [(0, 0)]
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
        sizes={name: looks[name].size for name in evidence.pictures},
    )


def _values(evidence: Evidence) -> Iterator[Values]:
    """The least and largest values of the pictures of each depth and number of channels."""
    groups = defaultdict(list)
    for name in evidence.pictures:
        look = evidence.looks[name]
        groups[look.depth, look.grey].append(look)
    for (depth, grey), looks in sorted(groups.items()):
        finite = [look for look in looks if look.finite]
        low, high = min((look.low for look in finite), default=0.0), max((look.high for look in finite), default=0.0)
        yield Values(depth, grey, len(looks), low, high)


def _classes(evidence: Evidence, found: Encoding) -> Iterator[ClassShare]:
    """A row for each class, and one for what is ignored."""
    parts = evidence.split.parts
    pixels = {name: classes_of(evidence, found, parts[name]) for name in ("train", "validation", "test")}
    totals = {name: sum(sum(counts) for counts in by_class.values()) or 1 for name, by_class in pixels.items()}
    rows = [*enumerate(found.values), *([] if found.ignored is None else [(-1, found.ignored)])]
    for id_, value in rows:
        yield ClassShare(
            id_,
            found.written(value),
            found.names[id_] if found.names and id_ >= 0 else "ignored" if id_ < 0 else "",
            sum(pixels["train"].get(value, [])) / totals["train"],
            sum(pixels["validation"].get(value, [])) / totals["validation"],
            sum(len(by_class.get(value, [])) for by_class in pixels.values()),
        )
