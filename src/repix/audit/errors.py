"""Errors: the theory does not reach a tensor."""


class UnpredictableError(Exception):
    """A tensor cannot be predicted; the message is the rest of a sentence that starts with the operator."""
