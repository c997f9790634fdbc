"""EndlessError: no finite halo follows from a graph."""


class EndlessError(Exception):
    """Why a graph gives no finite halo, as what its operator does."""


class MisalignedError(EndlessError):
    """With pictures of which only larger steps are taken, the graph may give one."""
