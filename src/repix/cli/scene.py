"""Make a photo of a drawing of edges."""

from repix.cli._task_verb import task_command

HELP = """Make a photo of a drawing of edges, as `repix degrade edges` draws them."""

VERB = task_command("scene", HELP)
