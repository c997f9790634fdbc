"""Processes of this machine, found in /proc: to kill worker processes, and to see that none is left."""

from pathlib import Path


def below(pid: int) -> dict[int, str]:
    """The processes below a process, with their command lines."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                names[int(entry.name)] = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it ended meanwhile
                continue
    found, new = set(), {pid}
    while new:
        found |= new
        new = {one for one, parent in parents.items() if parent in new} - found
    return {one: names[one] for one in found - {pid} if one in names}


def workers(pid: int) -> list[int]:
    """The worker processes below a process, in order."""
    return sorted(one for one, name in below(pid).items() if name.startswith("ray::WorkerProcess"))
