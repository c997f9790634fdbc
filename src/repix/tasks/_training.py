"""Training defaults that several tasks share."""

from typing import Any

from repix.tasks import TrainingDefaults

RESTORER = TrainingDefaults("efficient-unet", patch_size=64, lr=2e-3, optimizer="muon")
"""For tasks whose result is the source plus local corrections."""


def wide_context(unshuffle: int) -> dict[str, Any]:
    """Return settings of an efficient U-Net with a wide receptive field and without global residual.

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
