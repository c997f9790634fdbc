"""Say of every pixel what it shows: a mask for each photo."""

from repix.cli._task_verb import task_command

HELP = """Say of every pixel what it shows: a mask for each photo, written as the masks that the model learned from.
A mask is never a JPEG, WebP or AVIF, which would mix its classes: it becomes a PNG. In a PNG of levels that lie near
each other a palette shows them, and its indices are the levels: 0 is black.

--overlay draws the classes over the photo, --probabilities writes how likely each is."""

VERB = task_command("segment", HELP)
