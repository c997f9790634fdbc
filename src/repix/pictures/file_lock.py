"""Taking an open file for one process; the system lets go of it whatever happens to the process."""

import os


def take(descriptor: int) -> None:
    """Take the file for as long as it is open, or fail with an OSError."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
