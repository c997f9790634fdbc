"""Keep phrases out of the documentation that a reader must read twice: `python docs/check_words.py`.

`make check` runs it. The list has phrases without a legitimate use; the others need a reader's eye. A file that needs
one of them is listed in EXCEPTIONS with the phrase. Exit code 1 if a phrase is found.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

COVERED = ("*.md", "docs/**/*.md", "docs/m*.py", "recipes/*.*", "benchmarks/*.py", "release/*.py", "src/**/*.py")
"""The files that are read."""

BANNED: Mapping[str, str] = {
    r"by heart": "overfit sanity check",
    r"rehears(al|ed?|es)": "overfit sanity check",
    r"kept out|keep-out": "held out",
    r"bears? (it|bf16)|does not bear": "stays accurate in bf16",
    r"bell of": "Gaussian blur, σ =",
    r"told (σ|sigma)": "with known σ (non-blind)",
    r"spoil(s|t|ed|ing)?": "degrade",
    r"mend(s|ed|ing)?": "restore",
    r"learnt": "learned",
    r"wished": "on request",
    r"levels of 255": "gray levels (8-bit)",
    r"running average": "exponential moving average (EMA)",
    r"picture numbers|numbers of a model|a model's numbers": "array, tensor, prediction",
    r"how far (it|a network|a pixel|a model|its pixels?) (sees?|is seen)|sees so far": "receptive field, halo",
    r"so many times": "the number, or: factor",
    r"is no picture": "is not an image repix can read",
    r"nothing must be": "no problems found",
    r"every door": "CLI, Python and HTTP",
    r"rooms": "packages",
    r"somebody|nobody": "name the person: you, another program",
    r"strangers?": "plugin, another distribution",
    r"psnr-?(rgb|gray|y) protocol|protocol `(rgb|grey|gray|y-crop|bicubic-y)`": "metric `psnr-rgb`",
    r"colou?rful(ness)? protocol": "metric `colorfulness`",
    r"lectures?": "the source paper, or the plain fact",
    r"anew": "again",
    r"doing nothing": "the unchanged source",
    r"must be alike": "the property that must be equal",
    r"how many times": "number, factor",
    r"none where": "None if",
    r"left out, (the one|auto|0|10)": "default:",
    r"(?<=\"\"\")(what|how|whether)": "a noun, Return ..., or True if ...",
    r"(?<!-)\b(colour|grey|licence|catalogue)\w*": "American spelling",
}
"""Each phrase as a regular expression of whole words, and what to write instead."""

AMERICAN = next(pattern for pattern, better in BANNED.items() if better == "American spelling")
HELD_OUT = next(pattern for pattern, better in BANNED.items() if better == "held out")
LECTURE = next(pattern for pattern in BANNED if pattern.startswith("lecture"))

EXCEPTIONS: Mapping[str, tuple[str, ...]] = {
    "src/repix/conversion/contract_formats.py": (AMERICAN, HELD_OUT),  # the names in old model files
    "src/repix/pictures/vips_reader.py": (AMERICAN,),  # names of libvips
    "src/repix/pictures/vips_writer.py": (AMERICAN,),
    "src/repix/registry.py": (AMERICAN,),  # synonyms on the command line
    "CHANGELOG.md": (LECTURE,),  # the experiments of lectures, rerun
    "docs/choosing-an-upsampler.md": (LECTURE,),
    "docs/index.md": (LECTURE,),
    "docs/lectures.md": (LECTURE,),
    "docs/make_results.py": (LECTURE,),
    "docs/tutorials/segment-pets.md": (LECTURE,),  # a link to that page
}
"""The phrases, as they stand in BANNED, that a file may have."""

GENERATED = re.compile(r"<!-- generated: .*?<!-- end -->", re.DOTALL)
"""Tables that are written from the source, whose words are the source's."""


def found(text: str, allowed: tuple[str, ...] = ()) -> Iterator[tuple[int, str, str]]:
    r"""Return the line, the phrase and the better word of every banned phrase in a text.

    >>> list(found("It is\nkept out of training."))
    [(2, 'kept out', 'held out')]
    """
    text = GENERATED.sub(lambda table: "\n" * table[0].count("\n"), text)
    for pattern, better in BANNED.items():
        if pattern in allowed:
            continue
        for hit in re.finditer(rf"\b(?:{pattern})(?!\w)", text, re.IGNORECASE):
            yield text.count("\n", 0, hit.start()) + 1, hit[0], better


def complaints(root: Path = ROOT) -> list[str]:
    """Return one line for each banned phrase in the covered files."""
    files = sorted({file for pattern in COVERED for file in root.glob(pattern)})
    names = {file: file.relative_to(root).as_posix() for file in files}
    return [
        f"{names[file]}:{line}: {phrase!r}; write: {better}"
        for file in files
        for line, phrase, better in found(file.read_text(encoding="utf-8"), EXCEPTIONS.get(names[file], ()))
    ]


if __name__ == "__main__":
    lines = complaints()
    print(*lines, sep="\n", end="\n" if lines else "")
    sys.exit(bool(lines))
