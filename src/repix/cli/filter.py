"""Filter pictures with classical methods: denoise, sharpen, enlarge, segment."""

from repix.cli._commands import family_group

VERB = family_group("filters", "filter", "Filter pictures with classical methods: denoise, sharpen, enlarge, segment.")
