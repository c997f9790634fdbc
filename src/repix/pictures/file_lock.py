"""Exclusive file locks, which the system releases when the process ends."""

import os


def lock_file(descriptor: int) -> None:
    """Lock an open file exclusively, until it is closed.

    Raises:
        OSError: another process holds the lock.
    """
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
