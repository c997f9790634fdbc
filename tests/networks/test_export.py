"""Variants of networks as ONNX with dynamic sizes give what torch gives, at sizes never seen in the export.

The small configuration of every network is in tests/training/test_export.py.
"""

import logging
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from tests.networks.measuring import picture, prepared
from tests.networks.variants import offered

CHOSEN = [
    ("encoder-decoder", {"norm": "instance", "upsampler": "unpool", "widths": (4, 6)}),
    ("efficient-unet", {"conditioned": True}),
    ("super-resolution", {"framework": "iterative", "block": "pyramid"}),
    ("super-resolution", {"framework": "progressive", "block": "channel-attention"}),
]


def exported(module: torch.nn.Module, x: torch.Tensor, free: bool) -> bytes:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    sizes = ({2: torch.export.Dim.AUTO, 3: torch.export.Dim.AUTO},) if free else None
    program = torch.onnx.export(
        module, (x,), input_names=["x"], output_names=["y"], dynamic_shapes=sizes, dynamo=True, verbose=False
    )
    return program.model_proto.SerializeToString()


@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec:FutureWarning")
@pytest.mark.parametrize(("name", "settings"), CHOSEN)
def test_onnx_gives_what_torch_gives_at_any_size(name, settings):
    network = offered(name)
    config = replace(network.small, **settings)
    module, step, fixed = prepared(network, config), network.step(config), network.fixed(config)
    content = exported(module, picture(config.in_channels, fixed or 4 * step, fixed or 5 * step), not fixed)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for height, width in [(fixed, fixed)] if fixed else [(step, step), (3 * step, 7 * step), (6 * step, 2 * step)]:
        x = picture(config.in_channels, height, width)
        with torch.no_grad():
            expected = module(x).numpy()
        np.testing.assert_allclose(session.run(None, {"x": x.numpy()})[0], expected, rtol=0, atol=1e-5)
