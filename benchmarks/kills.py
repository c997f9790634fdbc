"""Kill a run of many files at random moments, continue with the same command, and look whether anything is wrong.

    python -m benchmarks.kills --files 200 --kills 50 --command "repix convert MODEL {input} -o {output} --recursive"

After the last kill the command runs to its end. Then every result must be there once and equal, byte for byte, to that
of an undisturbed run, and nothing unfinished may be left. No result that was in its place at a kill may be made again,
and of each kill no more files than there were workers may have a line in the journal without having their place.
"""

import argparse
import json
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from benchmarks.timing import save
from repix.batch.journal import NAME
from repix.pictures import Picture, write

STAND_IN = f"{sys.executable} -m tests.batch.stand_in {{input}} -o {{output}} --workers 2 --pause 0.002"
"""The real journal with a little arithmetic; any other command must be recursive and have two workers too."""
WORKERS = 2


@dataclass(frozen=True)
class Findings:
    """The findings at the end."""

    files: int
    kills: int
    rounds: int
    """Number of restarts, because the work was complete before there were enough kills."""
    lines_again: int
    """Lines of the journal about a file that had one already: it was in flight at a kill."""
    faults: tuple[str, ...]


def pictures(folder: Path, count: int, seed: int = 0) -> None:
    """Small noisy pictures of different sizes, in a folder and one below."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        place = folder / "below" if number % 2 else folder
        place.mkdir(parents=True, exist_ok=True)
        height, width = rng.integers(24, 64, 2)
        write(Picture(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)), place / f"picture-{number:03}.png")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the journal, by name."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != NAME]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def made(folder: Path) -> list[str]:
    """The files that the journal says were made, in order; a line that was cut off says nothing."""
    journal = folder / NAME
    text = journal.read_bytes() if journal.exists() else b""
    return [content["made"]["target"] for content in map(json.loads, text.split(b"\n")[:-1]) if "made" in content]


def kill_and_compare(command: str, sources: Path, kills: int, seed: int = 0) -> Findings:
    """Kill the command so often while it works on the files of a folder, let it end, and compare."""
    moments = random.Random(seed)  # noqa: S311 (moments, not secrets)
    with tempfile.TemporaryDirectory() as place:
        undisturbed, output = Path(place, "undisturbed"), Path(place, "output")
        nothing, first = Path(place, "nothing"), next(file for file in sources.rglob("*") if file.is_file())
        startup = _seconds(_words(command, first, nothing))
        whole = _seconds(_words(command, sources, undisturbed))
        wanted = contents(undisturbed)
        words, faults, done, rounds, again = _words(command, sources, output), [], 0, 0, 0
        while done < kills:
            standing = {name for name, content in contents(output).items() if wanted.get(name) == content}
            before = made(output)
            latest = startup + 3 * max(whole - startup, 0.1) / kills
            ended_after = _killed(words, moments.uniform(0.7 * startup, latest))
            new = made(output)[len(before) :]
            faults += [f"{name} stood in its place and was made again" for name in new if name in standing]
            repeated = sum(name in before for name in new)
            if repeated > WORKERS:
                faults.append(f"{repeated} files were made again after one kill")
            again, done = again + repeated, done + (ended_after is None)
            if ended_after is not None:
                faster = min(1.0, ended_after / whole)  # the machine may have been busy when the time was taken
                startup, whole = faster * startup, faster * whole
                faults += _differences(contents(output), wanted)
                shutil.rmtree(output)
                rounds += 1
        subprocess.run(words, check=True, capture_output=True)
        faults += _differences(contents(output), wanted)
    return Findings(len(wanted), done, rounds, again, tuple(faults))


def _words(command: str, sources: Path, output: Path) -> list[str]:
    return [word.format(input=sources, output=output) for word in shlex.split(command)]


def _seconds(words: Sequence[str]) -> float:
    start = monotonic()
    subprocess.run(words, check=True, capture_output=True)
    return monotonic() - start


def _killed(words: Sequence[str], seconds: float) -> float | None:
    """Kill the command after this time; return the seconds that it took if it ended before, without an error."""
    start = monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    if process.returncode:
        raise RuntimeError(f"The command ended with {process.returncode}: {said.decode()}")
    return monotonic() - start


def _differences(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    missing = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    left = [f"{name} was left behind" for name in found.keys() - wanted.keys()]
    return missing + left + [f"{name} differs" for name in wanted.keys() & found.keys() if wanted[name] != found[name]]


def main() -> None:
    """Kill, compare, print and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", default=STAND_IN)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pictures(Path(folder), given.files, given.seed)
        findings = kill_and_compare(given.command, Path(folder), given.kills, given.seed)
    print(*findings.faults, sep="\n", end="\n" if findings.faults else "")
    print(f"{findings.files} files, {findings.kills} kills, {findings.rounds} rounds done before there were enough,")
    print(f"{findings.lines_again} files in flight made again, {len(findings.faults)} faults")
    save("kills", [{"command": given.command.replace(sys.executable, "python"), **asdict(findings)}])
    if findings.faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
