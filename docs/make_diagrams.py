"""Draw the diagrams of the documentation: run `python docs/make_diagrams.py`; a test compares them.

A row of boxes is a resolution, the finest at the top: encoder at the left, decoder at the right.
"""

from pathlib import Path

from repix.explanation.svg import INK, QUIET, Canvas

FOLDER = Path(__file__).parent / "pictures" / "diagrams"
CONVOLUTION, ATTENTION, PICTURE = "#dce9f5", "#fde3c8", "#eef0f2"
BOX = (190.0, 44.0)
ROW = 74.0
LEFT, MIDDLE, RIGHT = 24.0, 265.0, 506.0
WIDTH = 740.0


class Diagram:
    """Boxes with one or two lines of text, and the lines between them."""

    def __init__(self) -> None:
        self.canvas = Canvas()

    def box(self, x: float, row: float, fill: str, *lines: str) -> None:
        """Draw a box in a row."""
        y = _top(row)
        self.canvas.box(x, y, BOX, fill, INK)
        for number, line in enumerate(lines):
            style, ink = ("middle bold", INK) if number == 0 and len(lines) > 1 else ("middle", INK)
            offset = 27 if len(lines) == 1 else 18 + 17 * number
            self.canvas.text(x + BOX[0] / 2, y + offset, line, 12.5, ink, style)

    def down(self, x: float, row: float, text: str = "") -> None:
        """Draw the line from a box to the one below."""
        self._vertical(x, row, text, "▼", ROW - 3)

    def up(self, x: float, row: float, text: str = "") -> None:
        """Draw the line from the box below to a box."""
        self._vertical(x, row, text, "▲", BOX[1] + 10)

    def across(self, start: float, end: float, row: float, text: str = "") -> None:
        """Draw the line from the box at `start` to the one at `end`."""
        y = _top(row) + BOX[1] / 2
        self.canvas.box(start + BOX[0], y, (end - start - BOX[0] - 6, 0.01), stroke=QUIET)
        self.canvas.text(end - 6, y + 4.5, "►", 12, QUIET, "middle")
        self.canvas.text((start + BOX[0] + end) / 2, y - 6, text, 11.5, QUIET, "middle")

    def write(self, name: str, rows: float, title: str, description: str) -> None:
        """Write the diagram into the folder."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        text = self.canvas.finish(WIDTH, _top(rows), title, description)
        (FOLDER / f"{name}.svg").write_text(text, encoding="utf-8")

    def _vertical(self, x: float, row: float, text: str, head: str, at: float) -> None:
        middle, y = x + BOX[0] / 2, _top(row)
        self.canvas.box(middle, y + BOX[1], (0.01, ROW - BOX[1]), stroke=QUIET)
        self.canvas.text(middle, y + at, head, 11, QUIET, "middle")
        self.canvas.text(middle + 8, y + BOX[1] + 20, text, 11.5, QUIET)


def _top(row: float) -> float:
    return 20 + ROW * row


def transunet() -> None:
    """Draw the small TransUNet."""
    drawn = Diagram()
    drawn.box(LEFT, 0, PICTURE, "window", "256×256")
    drawn.box(RIGHT, 0, PICTURE, "classes", "256×256")
    drawn.down(LEFT, 0)
    drawn.up(RIGHT, 0, "convolution")
    for row, (width, side) in enumerate(((16, 256), (32, 128), (64, 64), (128, 32)), 1):
        drawn.box(LEFT, row, CONVOLUTION, "2 convolutions", f"{width} × {side}×{side}")
        drawn.box(RIGHT, row, CONVOLUTION, "convolution", f"{width} × {side}×{side}")
        drawn.across(LEFT, RIGHT, row, "skip: concatenated")
        drawn.down(LEFT, row, "max pooling")
        drawn.up(RIGHT, row, "upsampler")
    drawn.box(LEFT, 5, CONVOLUTION, "1×1 convolution", "192 × 16×16")
    drawn.box(MIDDLE, 5, ATTENTION, "4 transformer blocks", "256 tokens of 192")
    drawn.box(RIGHT, 5, CONVOLUTION, "convolution", "128 × 16×16")
    drawn.across(LEFT, MIDDLE, 5)
    drawn.across(MIDDLE, RIGHT, 5)
    drawn.write(
        "transunet", 6, "TransUNet, variant small",
        "An encoder of four levels with skips to a decoder; between them, transformer blocks on 16×16 tokens.",
    )  # fmt: skip


def unetmer() -> None:
    """Draw the U-Netmer for one patch size."""
    drawn = Diagram()
    drawn.box(LEFT, 0, PICTURE, "window", "256×256")
    drawn.box(RIGHT, 0, PICTURE, "classes", "256×256")
    drawn.down(LEFT, 0, "cut into patches")
    drawn.up(RIGHT, 0, "put together")
    drawn.box(LEFT, 1, CONVOLUTION, "encoder of a U-Net", "64 patches of 32×32")
    drawn.box(RIGHT, 1, CONVOLUTION, "decoder", "64 patches of 32×32")
    drawn.across(LEFT, RIGHT, 1, "skips, inside each patch")
    drawn.down(LEFT, 1, "pooling")
    drawn.up(RIGHT, 1, "upsampler")
    drawn.box(LEFT, 2, CONVOLUTION, "deepest features", "64 patches: 192 × 2×2")
    drawn.box(RIGHT, 2, CONVOLUTION, "sum", "64 patches: 192 × 2×2")
    drawn.across(LEFT, RIGHT, 2)
    drawn.down(LEFT, 2, "mean of each patch")
    drawn.up(RIGHT, 2, "to the whole patch")
    drawn.box(MIDDLE, 3, ATTENTION, "4 transformer blocks", "64 tokens of 192")
    drawn.box(LEFT, 3, ATTENTION, "tokens", "8×8")
    drawn.box(RIGHT, 3, ATTENTION, "tokens", "8×8")
    drawn.across(LEFT, MIDDLE, 3)
    drawn.across(MIDDLE, RIGHT, 3)
    drawn.write(
        "unetmer", 4, "U-Netmer with patches of 32×32",
        "Each patch passes encoder and decoder alone; transformer blocks relate one token per patch.",
    )  # fmt: skip


def sft() -> None:
    """Draw the network with feature transforms."""
    drawn = Diagram()
    drawn.box(LEFT, 0, ATTENTION, "map t, 0 to 1", "1 × H×W")
    drawn.box(MIDDLE, 0, PICTURE, "small picture", "3 × H×W")
    drawn.box(LEFT, 1, ATTENTION, "t · two 1×1 convolutions", "16 × H×W")
    drawn.box(MIDDLE, 1, CONVOLUTION, "3×3 convolution", "48 × H×W")
    drawn.box(LEFT, 2, ATTENTION, "1×1 convolution", "scale γ and shift β")
    drawn.box(MIDDLE, 2, CONVOLUTION, "ReLU((1 + γ) · y + β)", "48 × H×W")
    drawn.box(MIDDLE, 3, CONVOLUTION, "upsampler", "3 × 4H×4W")
    drawn.box(RIGHT, 3, PICTURE, "large picture", "the bilinear one is added")
    for row in (0, 1):
        drawn.down(LEFT, row)
        drawn.down(MIDDLE, row)
    drawn.down(MIDDLE, 2, "after 8 such pairs")
    drawn.across(LEFT, MIDDLE, 2)
    drawn.across(MIDDLE, RIGHT, 3)
    drawn.write(
        "sft", 4, "SFT: convolutions that a map steers",
        "Each 3×3 convolution is followed by a scale and a shift of its features, which 1×1 convolutions compute from "
        "the map.",
    )  # fmt: skip


def adversarial() -> None:
    """Draw one step of adversarial training."""
    drawn = Diagram()
    drawn.box(LEFT, 0, PICTURE, "source", "noisy")
    drawn.box(MIDDLE, 0, CONVOLUTION, "generator", "the model: it is exported")
    drawn.box(RIGHT, 0, PICTURE, "result")
    drawn.across(LEFT, MIDDLE, 0)
    drawn.across(MIDDLE, RIGHT, 0)
    drawn.box(LEFT, 1, PICTURE, "target", "clean")
    drawn.box(MIDDLE, 1, PICTURE, "feature network", "frozen")
    drawn.box(RIGHT, 1, ATTENTION, "discriminator", "learns in the same step")
    drawn.across(LEFT, MIDDLE, 1)
    drawn.down(RIGHT, 0)
    drawn.box(LEFT, 2, PICTURE, "pixel loss", "result and target")
    drawn.box(MIDDLE, 2, PICTURE, "perceptual loss", "features of both")
    drawn.box(RIGHT, 2, ATTENTION, "adversarial loss", "scores of both")
    drawn.down(LEFT, 1)
    drawn.down(MIDDLE, 1)
    drawn.down(RIGHT, 1)
    drawn.box(MIDDLE, 3, CONVOLUTION, "weighted sum", "updates the generator")
    drawn.down(MIDDLE, 2)
    drawn.write(
        "adversarial", 4, "A step of adversarial training",
        "The result is compared with the target by pixels, by features of a frozen network, and by a discriminator.",
    )  # fmt: skip


if __name__ == "__main__":
    adversarial()
    sft()
    transunet()
    unetmer()
