"""Remove noise from pictures."""

from repix.cli._task_verb import task_command

HELP = """Remove noise from pictures: `repix denoise photo.jpg` writes photo-denoise.jpg beside it.

The model is blind: it finds out itself how much noise there is. --strength 0.5 takes away about half of it."""

SIGMA = (
    "--sigma {0} cannot be told to the model, which estimates the noise itself; --strength below 1 takes away less of "
    "it, and the filters can be told: `repix filter bm3d --sigma {0}` or `repix filter nl-means --sigma {0}`."
)

VERB = task_command("denoise", HELP, instead={"sigma": SIGMA})
