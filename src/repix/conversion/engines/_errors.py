"""Errors of the engines' libraries."""

from repix.errors import RepixError

NO_MEMORY = (
    "alloc",  # bad_alloc, bad allocation, can't alloc, Failed to allocate N bytes of memory
    "out of memory",
    "not enough memory",
    "could not create a memory object",
)
"""Parts of the messages of OpenVINO, oneDNN, ONNX Runtime and C++ libraries; there are no exception classes for it."""


def lacks_memory(problem: Exception) -> bool:
    """Return whether a library failed because it is out of memory."""
    return isinstance(problem, MemoryError) or any(word in str(problem).lower() for word in NO_MEMORY)


def failure(library: str, problem: Exception, shape: tuple[int, ...], words: str) -> Exception:
    """Return the exception to raise where a library cannot run a model on a picture of this shape."""
    if lacks_memory(problem):
        return MemoryError(f"The memory is not enough for {library} to run the model on {shape}.")
    return RepixError(f"{library} cannot run the model on {shape}: {words}.")
