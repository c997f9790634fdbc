"""Give grey pictures colours."""

from repix.cli._task_verb import task_command

HELP = """Give grey pictures colours; how light each pixel is stays as it was."""

VERB = task_command("colorize", HELP)
