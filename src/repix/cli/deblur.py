"""Make blurred pictures sharp."""

from repix.cli._task_verb import task_command

HELP = """Make blurred pictures sharp: `repix deblur photos -o sharp` for a folder."""

VERB = task_command("deblur", HELP)
