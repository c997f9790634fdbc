"""Former names of settings and parameters, for model files and runs that were written before they were renamed."""

from collections.abc import Mapping

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "compact": {"wide": "multi_branch"},
    "efficient-unet": {"front": "unshuffle", "adds": "global_residual", "steered": "conditioned"},
}
"""For each network: the present name of a setting by its former name."""
