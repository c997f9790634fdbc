"""docs/upsampling.md: its table and its text agree with the upsamplers."""

import re
from pathlib import Path

import numpy as np
import torch

from repix.registry import own_names

from .cases import offered

PAGE = Path(__file__).resolve().parents[2] / "docs" / "upsampling.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_says_what_is_declared():
    rows = re.findall(r"^\| \[([a-z-]+)\]\(([^)]+)\) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \| .+ \|$", TEXT, re.MULTILINE)
    said = {"yes": True, "no": False}
    assert tuple(row[0] for row in rows) == own_names("upsampling")
    for name, path, learns, channels, halo, flat in rows:
        found = offered(name)
        assert (PAGE.parent / path).is_file()
        assert (said[learns], channels, said[flat]) == (found.has_weights, found.channels, found.preserves_constants)
        assert (None if halo == "none" else int(halo)) == found.halo(2)


def test_the_examples_run():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        names = {}
        exec(block, names)  # noqa: S102 the page's own example
        assert names["layer"](torch.zeros(1, 64, 3, 5)).shape == (1, 32, 6, 10)


def test_positions_far_from_the_corner_are_exact_at_2_and_4_and_nearly_so_at_3():
    x = np.random.default_rng(0).random((1, 1, 2, 2000), np.float32)
    for name in ("bilinear", "bicubic"):
        for scale, low, high in ((2, 0, 1e-6), (4, 0, 1e-6), (3, 2e-5, 2e-4), (1.5, 2e-5, 2e-4)):
            layer = offered(name).layer(1, 1, scale)
            wrong = np.abs(layer(torch.from_numpy(x)).numpy() - offered(name).reference(x, {}, scale)).max()
            assert low <= wrong < high


def test_in_bf16_resize_convolution_stays_flat_and_checkerboard_free_nearly():
    torch.manual_seed(0)
    flat = torch.rand(1, 64, 1, 1).expand(1, 64, 8, 8).contiguous()
    ripple = {}
    for name in ("resize-conv", "checkerboard-free", "transposed"):
        layer = offered(name).layer(64, 8, 2)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            y = layer(flat)[:, :, 4:-4, 4:-4].float()
        ripple[name] = float((y.amax((2, 3)) - y.amin((2, 3))).max() / y.abs().max())
    assert ripple["resize-conv"] < 0.004  # one rounding of bf16
    assert ripple["checkerboard-free"] < 0.03
    assert ripple["transposed"] > 0.3
