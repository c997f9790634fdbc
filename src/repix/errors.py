"""The one tree of errors: everything repix raises on purpose is a `RepixError`.

A message is one sentence or two: what was wrong (with the value), where, and what to do about it. The command line
prints the message and nothing else, and leaves with the error's exit code.
"""


class RepixError(Exception):
    """Everything that repix raises on purpose: a sentence, and lines under it where a list helps."""

    exit_code = 1

    def __init__(self, sentence: object = "", lines: str = "") -> None:
        super().__init__(sentence)
        self.lines = lines

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{sentence}\n{self.lines}" if self.lines else sentence


class WrongUse(RepixError, ValueError):
    """An argument or option has a value that makes no sense."""

    exit_code = 2


class UnknownName(WrongUse):
    """No member of a family has this name."""


class WrongShape(WrongUse):
    """An array has the wrong shape."""


class WrongDtype(WrongUse, TypeError):
    """An array has the wrong type of numbers."""


class MissingLibrary(RepixError, ImportError):
    """A library that comes with one of the extras is not installed."""


class MissingModel(WrongUse):
    """No model that comes with repix does this."""


class BrokenPromise(RepixError):
    """A network, or the model file made of it, does not do what it declares."""


class FileProblem(RepixError):
    """Something about one file; the other files of a batch go on."""


class Unreadable(FileProblem):
    """The file is missing, no picture, damaged, or of a kind that repix does not read."""


class TooLarge(FileProblem):
    """The file's header announces more pixels or bytes than the limits allow."""


class Unwritable(FileProblem):
    """The file cannot be written: it exists already, no permission, no space, a format that cannot hold the picture."""


class DiskFull(Unwritable):
    """There is no space left, or none for this user; the other files of a batch would meet the same."""


class FidelityLost(FileProblem):
    """`--strict` was asked for, and something of the file would have been lost."""
