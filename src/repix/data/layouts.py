"""Detect the layout of a dataset folder, of pictures or of volumes."""

from pathlib import Path

from repix.data.folders import Dataset
from repix.data.folders import find as find_pictures
from repix.data.stack_folders import STACK_LAYOUTS, find_stacks, has_volumes
from repix.errors import Unreadable, WrongUse


def find(folder: Path | str, volumes: bool = False) -> Dataset:
    """Detect the layout of a folder.

    Args:
        folder: the dataset's folder.
        volumes: take pictures for the slices of a volume; otherwise only files with several slices are volumes.

    Returns:
        The dataset with its items by split.

    Raises:
        Unreadable: the folder does not exist or cannot be read.
        WrongUse: the layout is unknown.

    >>> find("nowhere")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere: there is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        return find_pictures(root)
    try:
        found = find_stacks(root) if volumes or has_volumes(root) else None
    except OSError as problem:
        raise Unreadable(f"{problem.filename or root} cannot be read: {problem.strerror}.") from None
    if volumes and found is None:
        raise WrongUse(f"{root} has no volumes with masks.", STACK_LAYOUTS)
    return find_pictures(root) if found is None else found
