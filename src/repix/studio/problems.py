"""Sentences about what went wrong with a job."""

from repix.errors import RepixError


def sentence(problem: BaseException) -> str:
    """Return what went wrong, in a sentence.

    >>> sentence(MemoryError()), sentence(OSError(28, "No space left on device"))
    ('There is not enough memory for this picture.', 'The file cannot be handled: No space left on device.')
    """
    if isinstance(problem, MemoryError):
        return "There is not enough memory for this picture."
    if isinstance(problem, RepixError):
        return str(problem)
    said = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return f"The file cannot be handled: {said}."


def defect(problem: BaseException) -> str:
    """Return the sentence of an error that should not be.

    >>> defect(ZeroDivisionError())
    'An unexpected error (ZeroDivisionError); the terminal of the studio shows where.'
    """
    return f"An unexpected error ({type(problem).__name__}); the terminal of the studio shows where."
