"""Write the gallery, gallery.md, and its pictures: `python -m docs.make_gallery`.

Each restoring model has one photo of scikit-image, degraded left and restored right; the figures are those of
benchmarks/best_and_worst.py. `--only` draws some models again.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from benchmarks import best_and_worst
from docs.make_cards import extremes, rows, strip_of

import repix
from repix.arithmetic.arrays import Array
from repix.report.showcase import SEGMENTED, Restoration

FOLDER = Path(__file__).parent
LINE = 3
"""Columns of the white line between the halves."""
HEAD = """# Gallery

Each bundled model on a photo of scikit-image: degraded left, restored right, and below, the part of another photo where
the model is at its worst (degraded, restored, original). Nothing was chosen by eye: the [model cards](models-cards.md)
have all figures, `repix demo` makes the same results on your computer. Enlargers are compared with bicubic
interpolation. Written by `python -m docs.make_gallery`.

![The studio: a noisy photo is converted, and the border between before and after moves](pictures/studio.webp)

*[The studio](studio.md), recorded by `python -m docs.make_studio_film`.*
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(entry(best_and_worst.first(model)) for model in best_and_worst.models()), *segmented()])


def entry(shown: Restoration) -> str:
    """Return the part of the page for a model."""
    model = str(shown.model)
    own = next(row for row in rows(best_and_worst.NAME) if (row["model"], row["photo"]) == (model, photo(shown)))
    _, worst, _ = extremes(model)[1]
    gain = f"{worst['after'] - worst['before']:+.2f}".replace("-", "−")
    lines = [
        f"## {shown.title}: {model}",
        "",
        f"![{shown.photo}, degraded and restored]({picture(model)})",
        "",
        f"{own['before']:.2f} → {own['after']:.2f} dB. `repix degrade {shown.degrade}`, then `repix {shown.restore}`.",
        "",
        f"At its worst, `{Path(worst['photo']).stem}`, {gain} dB:",
        "",
        f"![{Path(worst['photo']).stem}, the part with the largest error]({strip_of(f'{model}-worst')})",
        "",
    ]
    return "\n".join(lines)


def segmented() -> list[str]:
    """Return the parts of the page for the segmentation models."""
    lines = []
    for model, (title, _, _) in SEGMENTED.items():
        lines += [f"## {title}: {model}", "", f"![{title}]({strip_of(model)})", ""]
    return lines


def photo(shown: Restoration) -> str:
    """Return the file name of the photo."""
    return f"{shown.photo}.png"


def picture(model: str) -> str:
    """Return the path of a model's picture, relative to the page."""
    return f"pictures/gallery-{model}.jpg"


def draw(shown: Restoration, folder: Path) -> Array:
    """Return a photo, degraded left and restored right."""
    before, after, _ = best_and_worst.pictures(str(shown.model), photo(shown), folder)
    return halves(*(repix.read(path).colors()[:, :, :3] for path in (before, after)))


def halves(before: Array, after: Array) -> Array:
    """Return the left half of a picture and the right half of another one, with a white line between them.

    >>> halves(np.zeros((1, 6, 1)), np.full((1, 6, 1), 0.5))[0, :, 0]
    array([0. , 0. , 1. , 1. , 1. , 0.5])
    """
    parts = [np.repeat(one, 3, axis=2) if one.shape[2] < max(before.shape[2], after.shape[2]) else one.copy()
             for one in (before, after)]  # fmt: skip
    middle = before.shape[1] // 2
    joined = np.concatenate([parts[0][:, :middle], parts[1][:, middle:]], axis=1)
    joined[:, middle - LINE // 2 : middle + LINE // 2 + 1] = 1
    return joined


def main() -> None:
    """Draw the pictures, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=best_and_worst.models(), metavar="MODEL", help="models to draw")
    with tempfile.TemporaryDirectory() as folder:
        for model in parser.parse_args().only:
            drawn = draw(best_and_worst.first(model), Path(folder))
            repix.write(repix.Picture.of(drawn, None, "8"), FOLDER / picture(model), overwrite=True)
    (FOLDER / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
