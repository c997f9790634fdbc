"""Remove noise from pictures."""

from repix.cli._task_verb import task_command

HELP = """Remove noise from pictures: `repix denoise photo.jpg` writes photo-denoise.jpg beside it.

The model is blind: it finds out itself how much noise there is. --strength 0.5 takes away about half of it."""

VERB = task_command("denoise", HELP)
