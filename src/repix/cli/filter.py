"""Filter pictures without a network: denoise, sharpen, enlarge, segment."""

from repix.cli._members import family_group

VERB = family_group("filters", "filter", "Filter pictures without a network: denoise, sharpen, enlarge, segment.")
