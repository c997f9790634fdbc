"""Run one experiment: `python -m benchmarks.lectures pets --pets PETS -o FOLDER`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.lectures.experiment import Experiment, Given, write
from repix.errors import RepixError, WrongUse

NAMES = ("pets", "upsamplers", "kernels", "frameworks", "denoisers", "picture-unet", "losses")

LEAST = {"steps": 1, "seeds": 1, "pictures": 8}
"""The lowest values of options."""


def experiment(name: str) -> Experiment:
    """Return an experiment by its name."""
    found: Experiment = import_module(f"benchmarks.lectures.{name.replace('-', '_')}").EXPERIMENT
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Run the experiment that the command line names, and return the exit code."""
    given = _parser().parse_args(words)
    try:
        for name, least in LEAST.items():
            value = getattr(given, name)
            if value is not None and value < least:
                raise WrongUse(f"--{name} is {value}; it must be at least {least}.")
        for folder in (given.pets, given.photos):
            if folder is not None and not folder.is_dir():
                raise WrongUse(f"{folder} is not a folder; give a folder of pictures.")
        asked = Given(given.output, given.pets, given.photos, given.steps, given.seeds, given.pictures)
        print(write(experiment(given.name), asked, given.keep))
    except RepixError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lectures", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="the experiment")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the runs and the page")
    parser.add_argument("--pets", type=Path, help="photos of pets with trimaps; default: drawn animals")
    parser.add_argument("--photos", type=Path, help="a folder of photos; default: those of scikit-image")
    parser.add_argument("--steps", type=int, help="training steps of each run; default: those of the experiment")
    parser.add_argument("--seeds", type=int, help="runs of each variant; default: those of the experiment")
    parser.add_argument(
        "--pictures", type=int, help="the most pictures to train with; default: those of the experiment"
    )
    parser.add_argument("--keep", action="store_true", help="write the figures into benchmarks/results, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
