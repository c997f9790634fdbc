"""Filter pictures without a network: denoise, sharpen, enlarge, segment."""

from repix.cli._member_command import family_group

VERB = family_group("filters", "filter", "Filter pictures without a network: denoise, sharpen, enlarge, segment.")
