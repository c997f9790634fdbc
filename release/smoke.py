"""Install a wheel into clean environments, and run every command there.

    python -m release.smoke dist/repix-0.1.0-py3-none-any.whl
    python -m release.smoke dist/repix-0.1.0-py3-none-any.whl --extra filters --extra studio --python python3.12

Without `--extra`, only the base is installed. A command whose extra is missing must say so in one sentence. The
environments are in a temporary folder, without pip in them; their sizes are printed. With `--extra remote`, commands
talk to moto's server of this environment (dependency group `test`).
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
LARGEST = 350e6
"""Bytes that the environment of the base may have."""

DRAWN = """
import pathlib
import numpy, repix
pathlib.Path("photos").mkdir()
y, x = numpy.mgrid[:96, :128] / 128
for number, name in enumerate(("photo.png", "photos/a.png", "photos/b.png", "photos/c.png"), 1):
    repix.write(repix.Picture.of(numpy.stack([x, y, (number * x * y) % 1], -1)), name)
"""
COMMANDS: Mapping[str, tuple[str, str]] = {
    "audit": ("upscale-x2 --json", ""),
    "check": ("photos --task denoise", ""),
    "colorize": ("photo.png -o colorized.png", ""),
    "compare": ("denoise photos -o grid --holdout 2 --steps 1 --dry-run", "train"),
    "convert": ("denoise-color photo.png -o converted.png", ""),
    "deblur": ("photo.png -o deblurred.png", ""),
    "degrade": ("gaussian photo.png -o noisy.png --sigma 25", ""),
    "demo": ("-o demo --no-open", "filters"),
    "denoise": ("noisy.png -o clean.png", ""),
    "doctor": ("", ""),
    "evaluate": ("denoise-color nothing photos", ""),
    "explain": ("conv-transpose --stride 2", ""),
    "export": ("missing -o model.onnx", "train"),
    "filter": ("mean photo.png -o filtered.png", "filters"),
    "fuse": ("photo.png photo.png -o fused.png", ""),
    "import": ("missing.onnx -o model.onnx --task denoise", "train"),
    "inspect": ("noisy.png", ""),
    "measure": ("noisy.png photo.png --metric psnr-rgb", ""),
    "models": ("", ""),
    "networks": ("", "train"),
    "restore": ("photo.png -o restored.png", ""),
    "scene": ("photo.png -o scene.png", ""),
    "segment": ("photo.png -o segmented.png", ""),
    "show": ("denoise-color", ""),
    "studio": ("--help", ""),
    "swap": ("missing --upsampler bilinear -o swapped", "train"),
    "train": ("denoise photos -o run --steps 1 --network pixelwise --patch-size 16 --batch-size 2", "train"),
    "upscale": ("photo.png -o large.png --scale 2", ""),
}
"""For each command, what follows it, and the extra that it needs; the order is that of `repix --help`."""
REFUSES = {"export": "missing", "import": "missing.onnx", "scene": "scene", "swap": "missing"}
"""Commands whose smoke test is a refusal of one sentence, with a word of it."""


USES: Mapping[str, Sequence[str]] = {
    "parquet": ("convert denoise-gray --files list.parquet -o by-list",),
    "plots": ("audit upscale-x2 --page audit.html",),
    "cluster": ("convert denoise-gray photos --cluster local --threads 1 -o by-cluster",),
    "remote": (
        "convert denoise-gray s3://photos/photo.png -o from-s3.png",
        "convert denoise-gray sftp://127.0.0.1:9/photo.png -o from-sftp.png",
    ),
}
"""For extras that no command needs as a whole: commands with what they add. The last word is the result."""
CLOSED = "127.0.0.1:9"
"""An address that is not served; a command that names it is refused in one sentence, which repeats it."""
LISTED = """
import pyarrow, pyarrow.parquet
names = ["photos/a.png", "photos/b.png", "photos/c.png"]
pyarrow.parquet.write_table(pyarrow.table({"source": names}), "list.parquet")
"""
UPLOADED = """
import s3fs
system = s3fs.S3FileSystem()
system.call_s3("create_bucket", Bucket="photos")
system.put("photo.png", "photos/photo.png")
"""
PREPARED: Mapping[str, str] = {"parquet": LISTED, "remote": UPLOADED}
"""Code that runs in the environment with an extra, before its commands."""


@dataclass(frozen=True)
class Trial:
    """A command, and what is expected of it.

    Attributes:
        words: What follows `repix`.
        extra: The extra that the command needs, or "".
        refusal: A word of the sentence that refuses the command even if the extra is installed, or "".
        result: The file or folder that must be there afterwards, or "".
    """

    words: str
    extra: str = ""
    refusal: str = ""
    result: str = ""


def trials() -> Iterator[Trial]:
    """Yield every command once, then those of `USES`."""
    for name, (words, extra) in COMMANDS.items():
        yield Trial(f"{name} {words}".strip(), extra, REFUSES.get(name, ""))
    for extra, lines in USES.items():
        for words in lines:
            refused = CLOSED in words
            yield Trial(words, extra, CLOSED if refused else "", "" if refused else words.split()[-1])


def included(extras: Sequence[str]) -> set[str]:
    """Return the extras with those that they bring along.

    >>> sorted(included(["train"]))
    ['import', 'plots', 'train']
    """
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    brought = re.findall(r"repix\[([\w,]+)\]", " ".join(one for extra in extras for one in listed[extra]))
    found = {name for names in brought for name in names.split(",")} - set(extras)
    return included([*extras, *found]) if found else set(extras)


def environment(python: str, wheel: str, extras: list[str], folder: Path) -> Path:
    """Install the wheel into a new environment without pip, and return its folder."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    asked = f"{wheel}[{','.join(extras)}]" if extras else wheel
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), asked], check=True)
    return folder


def size(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def complaint(
    trial: Trial, repix: Sequence[str], extras: set[str], folder: Path, environment: Mapping[str, str]
) -> str:
    """Run a command; return what is wrong, or nothing."""
    done = subprocess.run(
        [*repix, *trial.words.split()], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    lines = done.stderr.strip().splitlines()
    refused = bool(done.returncode) and "Traceback" not in done.stderr
    if trial.extra and trial.extra not in extras:
        named = trial.extra not in USES or f"(extra {trial.extra})" in done.stderr
        expected, said = f"one sentence that names the extra {trial.extra}", refused and named
    elif trial.refusal:
        expected, said = f"a refusal with the word {trial.refusal}", refused and trial.refusal in done.stderr
    else:
        expected = f"exit code 0 and {trial.result}" if trial.result else "exit code 0"
        said = done.returncode == 0 and (folder / trial.result).exists()
    return "" if said else f"{trial.words}: expected {expected}, got {done.returncode}: {lines[-1] if lines else ''}"


@contextmanager
def surroundings(extras: set[str]) -> Iterator[dict[str, str]]:
    """Yield the environment variables of the commands; for `remote`, those that lead to moto's server."""
    if "remote" not in extras:
        yield dict(os.environ)
        return
    from tests.remote.servers import s3_server

    with s3_server() as address:
        keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "us-east-1"}
        yield {**os.environ, **keys, "AWS_ENDPOINT_URL": address, "AWS_EC2_METADATA_DISABLED": "true"}


def complaints(
    python: Sequence[str], repix: Sequence[str], extras: set[str], folder: Path
) -> Iterator[tuple[Trial, str]]:
    """Prepare the folder, run all commands there, and yield each with what is wrong, or nothing."""
    with surroundings(extras) as environment:
        for code in (DRAWN, *(code for extra, code in PREPARED.items() if extra in extras)):
            subprocess.run([*python, "-c", code], cwd=folder, env=environment, check=True)
        for trial in trials():
            yield trial, complaint(trial, repix, extras, folder, environment)


def main() -> int:
    """Install, run all commands, print what failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", help="the wheel, or several folders' newest one")
    parser.add_argument("--extra", action="append", default=[], help="install this extra, too; repeatable")
    parser.add_argument("--python", default=sys.executable, help="the Python of the environment")
    given = parser.parse_args()
    extras = included(given.extra)
    if "remote" in extras and find_spec("moto") is None:
        parser.error("--extra remote needs moto here: `pip install --group test`.")
    with tempfile.TemporaryDirectory() as place:
        folder = environment(given.python, str(Path(given.wheel).resolve()), given.extra, Path(place, "env"))
        used = size(folder)
        print(f"{', '.join(given.extra) or 'base'}: {used / 1e6:.0f} MB", flush=True)
        failed = [] if given.extra or used <= LARGEST else [f"the base has more than {LARGEST / 1e6:.0f} MB"]
        bin_folder = folder / "bin"
        found = list(complaints([str(bin_folder / "python")], [str(bin_folder / "repix")], extras, Path(place)))
        failed += [wrong for _, wrong in found if wrong]
    print(*failed, sep="\n") if failed else print(f"all {len(found)} commands passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
