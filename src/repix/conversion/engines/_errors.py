"""What the libraries say when they fail."""

from repix.errors import RepixError

NO_MEMORY = (
    "alloc",  # bad_alloc, bad allocation, can't alloc, Failed to allocate N bytes of memory
    "out of memory",
    "not enough memory",
    "could not create a memory object",
)
"""Words of OpenVINO, oneDNN, ONNX Runtime and C++ libraries; all of them say it in texts only."""


def lacks_memory(problem: Exception) -> bool:
    """Return whether a library failed because the memory is not enough."""
    return isinstance(problem, MemoryError) or any(word in str(problem).lower() for word in NO_MEMORY)


def failure(library: str, problem: Exception, shape: tuple[int, ...], words: str) -> Exception:
    """Return what to raise where a library could not run a model on a picture of this shape, for the reason in these words."""
    if lacks_memory(problem):
        return MemoryError(f"The memory is not enough for {library} to run the model on {shape}.")
    return RepixError(f"{library} cannot run the model on {shape}: {words}.")
