"""Make clean colour pictures of noisy grey ones."""

from repix.cli._task_verb import task_command

HELP = """Make clean colour pictures of noisy grey ones, in one model."""

VERB = task_command("restore", HELP)
