"""`repix filter NAME IN... -o OUT`: what people did before networks."""

from repix.cli._member_command import family_group

VERB = family_group("filters", "filter", "Filter pictures: denoise, sharpen, enlarge, segment, without a network.")
