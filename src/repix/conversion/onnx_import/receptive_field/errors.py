"""EndlessError: no finite halo follows from a graph."""


class UnboundedError(Exception):
    """Why a graph gives no finite halo, as what its operator does."""


class MisalignedError(UnboundedError):
    """With pictures of which only larger steps are taken, the graph may give one."""
