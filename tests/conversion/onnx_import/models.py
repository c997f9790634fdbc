"""Small models as other programs export them."""

import logging
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional


def exported(path, module, channels, *, opset=17, free=True, size=(32, 32), batch=1):
    """What torch's older exporter writes, with free axes or without; the module's own numbers repeat."""
    x = torch.zeros(batch, channels, *size)
    axes = {"input": {0: "batch", 2: "height", 3: "width"}} if free else None
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), x, str(path), opset_version=opset, dynamo=False,
            input_names=["input"], output_names=["output"], dynamic_axes=axes,
        )  # fmt: skip
    return path


def seeded(make):
    """A module with fixed weights; the global random state is not changed."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return make()


class Shuffled(nn.Module):
    """Real-ESRGAN's compact network in small: convolutions, pixel shuffle, the picture itself enlarged."""

    def __init__(self, channels=3, scale=2, deep=2):
        super().__init__()
        middle = [part for _ in range(deep) for part in (nn.Conv2d(8, 8, 3, padding=1), nn.PReLU(8))]
        self.body = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1), *middle, nn.Conv2d(8, channels * scale**2, 3, padding=1)
        )
        self.scale = scale

    def forward(self, x):
        large = functional.interpolate(x, scale_factor=float(self.scale), mode="nearest")
        return functional.pixel_shuffle(self.body(x), self.scale) + large


class Residual(nn.Module):
    """DnCNN in small: what it says is noise is taken off."""

    def __init__(self, channels=1, deep=3, norm=False):
        super().__init__()
        layers = []
        for _ in range(deep):
            layers += [nn.Conv2d(channels if not layers else 8, 8, 3, padding=1), nn.ReLU()]
        if norm:
            layers.append(nn.InstanceNorm2d(8, affine=True))
        self.body = nn.Sequential(*layers, nn.Conv2d(8, channels, 3, padding=1))

    def forward(self, x):
        return x - self.body(x)


class Unet(nn.Module):
    """Two levels; back up by transposed convolutions, or by resizing to what is there."""

    def __init__(self, leaving=3, resized=False):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(one, 6, 3, padding=1) for one in (3, 6)])
        self.middle = nn.Conv2d(6, 6, 3, padding=1)
        self.up = nn.ModuleList([nn.ConvTranspose2d(6, 6, 2, 2) for _ in range(2)])
        self.join = nn.ModuleList([nn.Conv2d(12, 6, 3, padding=1) for _ in range(2)])
        self.last = nn.Conv2d(6, leaving, 1)
        self.resized = resized

    def forward(self, x):
        kept = []
        for layer in self.down:
            x = functional.relu(layer(x))
            kept.append(x)
            x = functional.max_pool2d(x, 2, ceil_mode=self.resized)
        x = self.middle(x)
        for enlarge, layer in zip(self.up, self.join, strict=True):
            there = kept.pop()
            x = functional.interpolate(x, size=there.shape[2:], mode="nearest") if self.resized else enlarge(x)
            x = functional.relu(layer(torch.cat([x, there], 1)))
        return self.last(x)


class Placed(nn.Module):
    """One size only: each place has weights of its own."""

    def __init__(self, *size):
        super().__init__()
        self.dense = nn.Linear(size[0] * size[1], size[0] * size[1])
        self.size = size

    def forward(self, x):
        return self.dense(x.reshape(1, 3, -1)).reshape(1, 3, *self.size)


def graph_of(path, nodes, going_in, coming_out, *, weights=(), opset=17, kind=TensorProto.FLOAT, domains=()):
    """A graph from onnx's own parts; inputs and outputs by name and shape."""
    ends = [
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in values.items()]
        for values in (going_in, coming_out)
    ]
    held = [numpy_helper.from_array(array, name) for name, array in dict(weights).items()]
    model = helper.make_model(
        helper.make_graph(nodes, "foreign", *ends, held),
        opset_imports=[helper.make_opsetid("", opset), *(helper.make_opsetid(name, 1) for name in domains)],
        ir_version=8,
        producer_name="somebody",
    )
    onnx.save(model, path)
    return path


PICTURE = ["n", 3, "h", "w"]


def simple(path, operator="Relu", shape=PICTURE, out=PICTURE, **settings):
    """One node between an input `a` and an output `b`."""
    return graph_of(
        path,
        [helper.make_node(operator, ["a"], ["b"], domain="".join(settings.get("domains", ())))],
        {"a": shape},
        {"b": out},
        **settings,
    )


def mixing_weights(arriving, leaving, seed=0):
    return np.random.default_rng(seed).normal(0.3, 0.2, (leaving, arriving, 1, 1)).astype(np.float32)
