"""Errors: every error that repix raises on purpose is a `RepixError`.

A message states what is wrong (with the value), where, and what to do. The command line prints the message alone and
exits with the error's exit code.
"""


class RepixError(Exception):
    r"""Base class of all errors that repix raises on purpose.

    Args:
        sentence: the message.
        lines: further lines to print below the message, such as a list of choices.

    >>> str(RepixError("a.png cannot be read.", "  try b.png"))
    'a.png cannot be read.\n  try b.png'
    """

    exit_code = 1

    def __init__(self, sentence: object = "", lines: str = "") -> None:
        super().__init__(sentence)
        self.lines = lines

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{sentence}\n{self.lines}" if self.lines else sentence


class WrongUse(RepixError, ValueError):
    """An argument or option has an invalid value."""

    exit_code = 2


class UnknownName(WrongUse):
    """No registered plugin of a family has this name."""


class WrongShape(WrongUse):
    """An array has the wrong shape."""


class WrongDtype(WrongUse, TypeError):
    """An array has the wrong dtype."""


class MissingLibrary(RepixError, ImportError):
    """An optional library (one that an extra lists) is not installed."""


class MissingModel(WrongUse):
    """No bundled model does this task."""


class BrokenPromise(RepixError):
    """A network or its exported model does not behave as it declares."""


class Unreachable(RepixError):
    """A server of remote files cannot be used: no such host or bucket, or no valid credentials; a batch stops."""


class FileProblem(RepixError):
    """One file failed; the other files of a batch continue."""


class Unreadable(FileProblem):
    """The file is missing, damaged, not an image, or in a format that repix does not read."""


class TooLarge(FileProblem):
    """The file's header declares more pixels or bytes than the limits allow."""


class Unsuitable(FileProblem):
    """`--fail-unsuitable` was given, and the model is not for such pictures or changed almost nothing."""


class Unwritable(FileProblem):
    """The file cannot be written: it exists, permission or space is missing, or the format cannot store the picture."""


class DiskFull(Unwritable):
    """The disk or the user's quota is full; a batch stops, because its other files would fail too."""


class FidelityLost(FileProblem):
    """`--strict` was given and writing the file would have lost information."""
