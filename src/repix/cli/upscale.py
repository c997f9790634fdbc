"""Make pictures larger, with more detail than interpolation gives."""

from repix.cli._task_verb import task_command

HELP = """Make pictures larger: `repix upscale small.png -o large.png --model run/model.onnx`."""

VERB = task_command("upscale", HELP)
