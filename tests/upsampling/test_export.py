"""Every upsampler as ONNX with dynamic sizes: two engines give what torch gives, at sizes never seen in the export."""

import logging

import numpy as np
import onnxruntime
import pytest
import torch

from repix.conversion.engines._openvino_library import openvino
from repix.upsampling.unpool import max_pool

from .cases import NAMES, in_channels, offered

CASES = [(name, scale) for name in NAMES for scale in (2, 3)] + [("bilinear", 1.5), ("bicubic", 1.5), ("unpool", 4)]
SIZES = [(1, 1, 1), (1, 5, 7), (2, 13, 9), (1, 31, 2), (3, 17, 64)]


class Pooled(torch.nn.Module):
    """A max pool and the upsampler that needs its indices, as they stand in a network."""

    def __init__(self, scale, layer):
        super().__init__()
        self.scale = scale
        self.layer = layer

    def forward(self, x):
        return self.layer(*max_pool(x, self.scale))


def module(name, scale):
    torch.manual_seed(0)
    layer = offered(name).layer(in_channels(name, 3, scale), 3, scale)
    return (Pooled(scale, layer) if offered(name).needs_indices else layer).eval()


def exported(built, channels, side):
    """The ONNX file's bytes."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    free = dict.fromkeys((0, 2, 3), torch.export.Dim.DYNAMIC)
    return torch.onnx.export(
        built,
        (torch.rand(2, channels, side, 2 * side),),
        input_names=["x"],
        output_names=["y"],
        dynamic_shapes=(free,),
        dynamo=True,
        verbose=False,
    ).model_proto


@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec:FutureWarning")
@pytest.mark.parametrize(("name", "scale"), CASES)
def test_engines_give_what_torch_gives_at_any_size(name, scale):
    built, channels = module(name, scale), in_channels(name, 3, scale)
    proto = exported(built, channels, 12)
    assert {node.domain for node in proto.graph.node} == {""}  # plain operations only
    assert all(len(node.output) == 1 for node in proto.graph.node if node.op_type == "MaxPool")  # slow in engines
    content = proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    core = openvino().Core()
    compiled = core.compile_model(core.read_model(content, b""), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    step = scale if offered(name).needs_indices else 1
    for n, height, width in SIZES:
        x = torch.rand((n, channels, step * height, step * width), generator=torch.Generator().manual_seed(width))
        for picture in (x, (3 * x).round()):  # noise, and few levels, where maxima tie
            expected = built(picture).detach().numpy()
            found = {
                "ONNX Runtime": session.run(None, {"x": picture.numpy()})[0],
                "OpenVINO": compiled(picture.numpy())[0],
            }
            for engine, y in found.items():
                assert y.shape == expected.shape
                unit = max(1.0, float(picture.max()))
                np.testing.assert_allclose(y / unit, expected / unit, rtol=0, atol=1e-5, err_msg=engine)
