"""Install a wheel into clean environments, and run every command there.

    python -m release.smoke dist/repix-0.1.0-py3-none-any.whl
    python -m release.smoke dist/repix-0.1.0-py3-none-any.whl --extra filters --extra studio --python python3.12

Without `--extra`, only the base is installed. A command whose extra is missing must say so in one sentence. The
environments are in a temporary folder, without pip in them; their sizes are printed.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
LARGEST = 350e6
"""Bytes that the environment of the base may have."""

DRAWN = """
import numpy, repix
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


def complaint(repix: str, name: str, extras: list[str], folder: Path) -> str:
    """Run a command; return what is wrong, or nothing."""
    words, extra = COMMANDS[name]
    done = subprocess.run([repix, name, *words.split()], cwd=folder, capture_output=True, text=True, check=False)
    lines = done.stderr.strip().splitlines()
    if extra and extra not in extras:
        expected, said = "one sentence that names the extra", done.returncode and "Traceback" not in done.stderr
    elif name in REFUSES:
        expected, said = (
            "a refusal",
            done.returncode and "Traceback" not in done.stderr and REFUSES[name] in done.stderr,
        )
    else:
        expected, said = "exit code 0", done.returncode == 0
    return "" if said else f"{name}: expected {expected}, got {done.returncode}: {lines[-1] if lines else ''}"


def main() -> int:
    """Install, run all commands, print what failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", help="the wheel, or several folders' newest one")
    parser.add_argument("--extra", action="append", default=[], help="install this extra, too; repeatable")
    parser.add_argument("--python", default=sys.executable, help="the Python of the environment")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = environment(given.python, str(Path(given.wheel).resolve()), given.extra, Path(place, "env"))
        used = size(folder)
        print(f"{', '.join(given.extra) or 'base'}: {used / 1e6:.0f} MB")
        subprocess.run(
            [folder / "bin" / "python", "-c", "import pathlib; pathlib.Path('photos').mkdir()" + DRAWN],
            cwd=place,
            check=True,
        )
        failed = [] if given.extra or used <= LARGEST else [f"the base has more than {LARGEST / 1e6:.0f} MB"]
        for name in COMMANDS:
            failed += filter(None, [complaint(str(folder / "bin" / "repix"), name, given.extra, Path(place))])
    print(*failed, sep="\n") if failed else print(f"all {len(COMMANDS)} commands passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
