"""Errors: no finite halo follows from a graph."""


class UnboundedError(Exception):
    """A graph has no finite halo; the message is the rest of a sentence that starts with the operator."""


class MisalignedError(UnboundedError):
    """A graph has no finite halo for this step, but may have one for a larger step."""
