"""`repix explain checkerboard` and `repix explain hypercolumn`: explanations on a photo."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from repix.errors import WrongUse
from repix.printable import printable

Photo = Annotated[Path, typer.Argument(metavar="PHOTO", readable=False, help="A photo.")]
FigureFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", readable=False, help="The figure, .png or .svg; default: a .png."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the figure if it exists.")]


def checkerboard(
    photo: Photo,
    output: FigureFile = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the untrained weights.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Checkerboards on a photo, of kernel 3, kernel 4, and bilinear + 1×1.

    The photo becomes gray, at most 224 pixels wide and high. An untrained convolution makes 64 feature maps; transposed
    convolutions and bilinear interpolation double them. The figure shows the photo, four maps and the results.

    repix explain checkerboard photo.jpg -o checkerboard.png
    """
    from repix.pictures import read
    from repix.report.checkerboard import checkerboard_figure, gray_photo
    from repix.report.figure import check_figure_file, write_figure

    target = output or Path(f"{photo.stem}-checkerboard.png")
    check_figure_file(target, overwrite)
    drawing, made = checkerboard_figure(gray_photo(read(photo)), seed)
    write_figure(drawing, target, overwrite)
    for one in made:
        height, width = one.result.shape
        print(f"{one.name:32} {width}×{height}  pattern {one.pattern:5.1f} %")
    print(printable(target))


def hypercolumn(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A bundled model's name, a model file (.onnx), or the folder of a run."),
    ],
    photo: Photo,
    at: Annotated[str, typer.Option(metavar="X,Y", help="The pixel: column and row, counted from 0.")],
    output: FigureFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Feature maps of a trained model, and its values at a pixel.

    The model is run on the part of the photo around the pixel. The table has the size of each layer, and the channels
    that stand out most at the pixel; the figure shows them.

    repix explain hypercolumn denoise-color photo.jpg --at 120,80
    """
    from repix.evaluation.hypercolumn import hypercolumn as column_of
    from repix.evaluation.hypercolumn import hypercolumn_figure
    from repix.pictures import read
    from repix.report.figure import check_figure_file, write_figure

    words = at.split(",")
    if len(words) != 2 or not all(word.strip().isdecimal() and len(word.strip()) < 10 for word in words):
        raise WrongUse(f"--at {at[:60]}: give the column and the row of a pixel, such as 120,80.")
    point = int(words[0]), int(words[1])
    target = output or Path(f"{photo.stem}-hypercolumn.png")
    check_figure_file(target, overwrite)
    found = column_of(read(photo), model, point)
    write_figure(
        hypercolumn_figure(found, f"Hypercolumn of {Path(model).name} at {point[0]},{point[1]}"), target, overwrite
    )
    print("layer  channels        size  channel: value at the pixel")
    for layer in found.layers:
        channels, height, width = layer.maps.shape
        size = f"{width}×{height}"
        values = ", ".join(f"{i}: {layer.column[i]:.3g}" for i in layer.strongest(3))
        print(f"{layer.number:5}  {channels:8}  {size:>10}  {values}")
    print(printable(target))


PHOTO_COMMANDS: dict[str, Callable[..., None]] = {"checkerboard": checkerboard, "hypercolumn": hypercolumn}
"""The explanations on a photo, by their names."""
