"""Training defaults that several tasks share."""

from typing import Any

from repix.tasks import TrainingDefaults

RESTORER = TrainingDefaults("efficient-unet", patch_size=64, lr=2e-3, optimizer="muon")
"""For results that are the picture plus local detail."""


def wide_context(unshuffle: int) -> dict[str, Any]:
    """Return the settings of an efficient U-Net with a wide receptive field, whose result is not added to the picture.

    >>> wide_context(4)["unshuffle"]
    4
    """
    return {
        "widths": (32, 64, 128, 160),
        "blocks": (1, 1, 2, 2),
        "unshuffle": unshuffle,
        "norm": "batch",
        "global_residual": False,
    }
