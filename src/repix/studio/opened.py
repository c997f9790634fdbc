"""Pictures that were sent to be looked at; conversions may use them as their source, so that they are sent once."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repix.studio.uploads import OfOneUpload, Upload
from repix.studio.work import Workplace


@dataclass(frozen=True)
class OpenedPicture(OfOneUpload):
    """A picture as it was sent, which is its own result; see `Work`."""

    @property
    def result(self) -> Path:
        """The picture."""
        return self.source.path

    @property
    def name(self) -> str:
        """Its name."""
        return self.source.name

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work."""
        return {"kind": "picture"}

    def run(self, _: Workplace) -> list[str]:
        """Do nothing."""
        return []


def shared(upload: Upload, folder: Path) -> Upload:
    """Return an upload in another folder too, as a second name of the same file where the system has such names."""
    path = folder / upload.path.name
    try:
        os.link(upload.path, path)
    except OSError:
        shutil.copyfile(upload.path, path)
    return replace(upload, path=path)
