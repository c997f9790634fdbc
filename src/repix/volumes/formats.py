"""File formats of volumes, by suffix; a TIFF is a volume if it has several pages."""

from pathlib import Path

from repix.errors import Unwritable
from repix.pictures.formats import FORMATS
from repix.pictures.tiff_pages import count_pages

NIFTI_SUFFIXES = (".nii.gz", ".nii")
TIFF_SUFFIXES = FORMATS["TIFF"].suffixes


def whole_suffix(name: str) -> str:
    """Return the suffix of a file's name; that of compressed NIfTI has two parts.

    >>> whole_suffix("scan.nii.gz"), whole_suffix("Scan.2.TIF"), whole_suffix("scan")
    ('.nii.gz', '.TIF', '')
    """
    path = Path(name)
    return name[-7:] if path.name.lower().endswith(".nii.gz") else path.suffix


def stem(path: Path) -> str:
    """Return a file's name without its suffix.

    >>> stem(Path("scan.nii.gz")), stem(Path("scan.2.tif"))
    ('scan', 'scan.2')
    """
    suffix = whole_suffix(path.name)
    return path.name[: -len(suffix)] if suffix else path.name


def is_nifti(path: Path) -> bool:
    """Return True for the name of a NIfTI file.

    >>> is_nifti(Path("scan.NII.gz")), is_nifti(Path("scan.tif"))
    (True, False)
    """
    return path.name.lower().endswith(NIFTI_SUFFIXES)


def is_volume(path: Path | str) -> bool:
    """Return True for a NIfTI file, by its suffix, and for a TIFF with several pages.

    Args:
        path: the file.

    >>> is_volume("scan.nii"), is_volume("nowhere.tif")
    (True, False)
    """
    return is_nifti(Path(path)) or count_pages(Path(path)) > 1


def require_volume_suffix(path: Path) -> None:
    """Check that a path names a file that can hold a volume.

    Raises:
        Unwritable: it has another suffix.

    >>> require_volume_suffix(Path("mask.png"))
    Traceback (most recent call last):
    repix.errors.Unwritable: mask.png cannot hold a volume; write .tif, .nii or .nii.gz, or a folder of slices with ...
    """
    if not is_nifti(path) and path.suffix.lower() not in TIFF_SUFFIXES:
        raise Unwritable(
            f"{path} cannot hold a volume; write .tif, .nii or .nii.gz, or a folder of slices with --stack."
        )
