"""What `repix measure` measures: which files belong together, what is read of them, and the numbers of all pairs."""

import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repix import members
from repix.errors import FileProblem, Unreadable, WrongUse
from repix.evaluation.measurement import Measurement, option
from repix.masks import read_mask
from repix.metrics import Protocol
from repix.pictures import Picture, read
from repix.pictures.atomic import read_error
from repix.pictures.formats import FORMATS
from repix.printable import printable

SUFFIXES = {suffix for known in FORMATS.values() for suffix in known.suffixes}
"""The files of a folder that count as pictures, by the end of their names in lower case."""


@dataclass(frozen=True)
class Pair:
    """A result and its truth; no result where only the truth is looked at."""

    result: Path | None
    truth: Path

    def __str__(self) -> str:
        return str(self.truth) if self.result is None else f"{self.result} against {self.truth}"


@dataclass(frozen=True)
class Outcome:
    """What came of it all."""

    measured: list[Measurement[Pair]]
    unmeasured: dict[str, str]
    """The protocols that do not suit the pictures or lack an option, and why."""
    failures: list[str]
    """What is wrong with single files or pairs."""


def measure_by_one(paths: Sequence[Path], name: str, given: dict[str, Any]) -> Outcome:
    """Measure by one protocol; pairs that it refuses are failures, and the others go on."""
    measurements, lacking = _plan([name], given)
    if lacking:
        raise WrongUse(f"{name} cannot measure yet: {lacking[name]}")
    one = measurements[0]
    if not one.protocol.looks_at_result and len(paths) != 1:
        raise WrongUse(f"{name} measures a baseline made from the truth and looks at no result: give TRUTH alone.")
    if one.protocol.looks_at_result:
        _require_two(paths)
    failures = _measure_each(paths, [one], one.protocol.labels)
    failures += [f"{pair}: {problem}" for pair, problem in one.problems.items()]
    return Outcome([one] if one.scores else [], {}, failures)


def measure_by_all(paths: Sequence[Path], given: dict[str, Any]) -> Outcome:
    """Measure by every protocol for pictures, or where classes are given by every one for label maps.

    A protocol that refuses a single pair is left out: its number would be one of other pictures.
    """
    labels = "classes" in given
    names = [name for name in members.names("metrics") if members.member("metrics", name).labels == labels]
    measurements, unmeasured = _plan(names, given)
    _require_two(paths)
    failures = _measure_each(paths, measurements, labels)
    for one in measurements:
        if one.problems:
            pair, problem = next(iter(one.problems.items()))
            unmeasured[one.name] = f"{pair}: {problem}" if len(one.problems) + len(one.scores) > 1 else problem
    return Outcome([one for one in measurements if one.scores and not one.problems], unmeasured, failures)


def _measure_each(paths: Sequence[Path], measurements: Sequence[Measurement[Pair]], labels: bool) -> list[str]:
    """Measure every pair by every protocol; what is wrong with files."""
    pairs, alone = find_pairs(paths)
    failures = []
    noted: dict[str, list[str]] = {}
    for pair in pairs:
        try:
            arrays = read_pair(pair, labels, noted)
        except FileProblem as problem:
            failures.append(str(problem))
            continue
        for measurement in measurements:
            measurement.add(pair, arrays)
    for note, places in noted.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        print(printable(f"repix: note: {places[0]}{more}: {note}"), file=sys.stderr)
    return failures + [f"{file} has no partner of the same name in the other folder." for file in alone]


def _require_two(paths: Sequence[Path]) -> None:
    if len(paths) != 2:
        raise WrongUse(f"Give two files or two folders, first the result and then the truth; {len(paths)} given.")


def _plan(names: Sequence[str], given: dict[str, Any]) -> tuple[list[Measurement[Pair]], dict[str, str]]:
    """The protocols with their settings, and those that lack one, with what they need.

    An option that none of the protocols takes is refused.
    """
    protocols = {name: members.member("metrics", name) for name in names}
    for setting in given:
        if not any(setting in protocol.settings for protocol in protocols.values()):
            raise WrongUse(_not_taken(setting, protocols))
    measurements: list[Measurement[Pair]] = []
    lacking = {}
    for name, protocol in protocols.items():
        settings = protocol.complete(given)
        missing = [key for key, value in settings.items() if value is inspect.Parameter.empty]
        if missing:
            lacking[name] = f"it needs --{option(missing[0])}: {protocol.settings[missing[0]].text}."
        else:
            measurements.append(Measurement(name, protocol, settings))
    return measurements, lacking


def _not_taken(setting: str, protocols: dict[str, Protocol]) -> str:
    if len(protocols) > 1:
        return f"None of {', '.join(protocols)} takes --{option(setting)}; leave it out."
    name, protocol = next(iter(protocols.items()))
    taken = " and ".join(f"--{option(own)}" for own in protocol.settings) or "no options of its own"
    return f"{name} does not take --{option(setting)}, so it would do nothing; {name} takes {taken}."


def find_pairs(paths: Sequence[Path]) -> tuple[list[Pair], list[Path]]:
    """The pairs that belong together by their names without suffix, and the files that are left over."""
    for path in paths:
        if not path.exists():
            raise Unreadable(f"{path}: there is no such file or folder.")
    folders = [path.is_dir() for path in paths]
    if len(set(folders)) > 1:
        folder, file = paths if folders[0] else reversed(paths)
        raise WrongUse(f"{folder} is a folder and {file} is a file; give two files, or two folders.")
    if not folders[0]:
        return [Pair(paths[0] if len(paths) == 2 else None, paths[-1])], []
    truths = _by_stem(paths[-1])
    if len(paths) == 1:
        return [Pair(None, truth) for truth in truths.values()], []
    results = _by_stem(paths[0])
    pairs = [Pair(results[stem], truths[stem]) for stem in results if stem in truths]
    alone = [file for stem, file in results.items() if stem not in truths]
    return pairs, alone + [file for stem, file in truths.items() if stem not in results]


def _by_stem(folder: Path) -> dict[str, Path]:
    """The pictures of a folder by their names without suffix, in alphabetical order."""
    found: dict[str, Path] = {}
    try:
        files = sorted(folder.iterdir())
    except OSError as problem:
        raise read_error(folder, problem) from None
    for file in files:
        if file.name.startswith(".") or file.suffix.lower() not in SUFFIXES or not file.is_file():
            continue
        if file.stem in found:
            raise WrongUse(
                f"{found[file.stem]} and {file} differ only in their suffix; keep one of them in the folder."
            )
        found[file.stem] = file
    if not found:
        raise Unreadable(f"{folder} holds no pictures; {', '.join(sorted(SUFFIXES))} count as pictures.")
    return found


def read_pair(pair: Pair, labels: bool, noted: dict[str, list[str]]) -> dict[str, Any]:
    """The numbers of a pair's files, by the names of a protocol's parameters.

    What is worth knowing about the files is added to `noted`, with where it is so.
    """
    files = {"truth": pair.truth} if pair.result is None else {"result": pair.result, "truth": pair.truth}
    pictures = {name: read(file) for name, file in files.items()}
    for name, picture in pictures.items():
        if picture.has_alpha:
            raise FileProblem(f"{files[name]} has an alpha channel, which no protocol measures; flatten it first.")
        converted = () if labels else picture.notes  # of a label map the levels or indices count, not what it shows
        for note in (*converted, *(f"lost on reading: {what}" for what in picture.lost)):
            noted.setdefault(note, []).append(str(files[name]))
    _require_one_size(pair, *pictures.values())
    if labels:
        return {name: _labels(picture, files[name]) for name, picture in pictures.items()}
    depths = [picture.depth for picture in pictures.values()]
    if len(set(depths)) > 1:
        note = f"the depths are {' and '.join(depths)}; both are measured as fractions of white."
        noted.setdefault(note, []).append(str(pair))
    return {name: picture.colours().astype(np.float64) for name, picture in pictures.items()}


def _require_one_size(pair: Pair, *pictures: Picture) -> None:
    """Refuse pictures of different sizes."""
    sizes = [f"{height}×{width}" for height, width in (picture.size for picture in pictures)]
    if len(set(sizes)) > 1:
        raise FileProblem(
            f"{pair}: they are {' and '.join(sizes)} (height × width); only pictures of one size can be measured."
        )


def _labels(picture: Picture, file: Path) -> Any:
    """The class numbers of a label map: its levels, or the indices into its palette."""
    if picture.depth != "float":
        mask = read_mask(file)
        if mask.kind != "colours":
            return mask.pixels
    kind = "holds floats" if picture.is_grey else "is a colour picture"
    raise FileProblem(
        f"{file} {kind}; a label map is a grey 8- or 16-bit file, or a PNG with a palette, whose levels or indices are "
        "the class numbers."
    )
