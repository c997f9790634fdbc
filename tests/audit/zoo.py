"""Small networks with known verdicts: clean by construction, broken by construction, trained for a moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from repix.upsampling._phases import equalize_phases


@dataclass
class Net:
    """A graph in the making; each method appends a layer and returns the net."""

    channels: int = 1
    axes: int = 2
    seed: int = 0
    size: int | None = None
    nodes: list = field(default_factory=list)
    weights: list = field(default_factory=list)
    at: str = "x"

    def __post_init__(self):
        self.width = self.channels
        self.rng = np.random.default_rng(self.seed)

    def constant(self, values, dtype=np.float32):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(kind, [self.at, *inputs], [name], name=f"{kind}_{len(self.nodes)}", **attributes)
        )
        self.at = name
        return self

    def random(self, *shape):
        return self.rng.normal(size=shape)

    def conv(self, out=4, kernel=3, *, weights=None, bias=None, **attributes):
        if weights is None:
            weights = self.random(out, self.width, *(kernel,) * self.axes) / kernel
        inputs = [self.constant(weights)] + ([] if bias is None else [self.constant(bias)])
        margin = [(side - 1) // 2 for side in weights.shape[2:]]
        self.width = len(weights)
        return self.node("Conv", *inputs, **{"pads": [*margin, *margin], **attributes})

    def transposed(self, weights, strides=None, **attributes):
        strides = strides or [2] * self.axes
        groups = attributes.get("group", 1)
        self.width = weights.shape[1] * groups
        return self.node("ConvTranspose", self.constant(weights), strides=strides, **attributes)

    def shuffle(self, block=2, mode="CRD"):
        self.width //= block**2
        return self.node("DepthToSpace", blocksize=block, mode=mode)

    def resize(self, scale=2, mode="nearest"):
        empty, scales = self.constant([], np.float32), self.constant([1, 1, scale, scale])
        more = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"} if mode == "nearest" else {}
        return self.node("Resize", empty, scales, mode=mode, **more)

    def relu(self):
        return self.node("Relu")

    def model(self):
        sides = ["h", "w"][: self.axes]
        x = helper.make_tensor_value_info(
            "x", TensorProto.FLOAT, ["n", self.channels, *(self.size or one for one in sides)]
        )
        y = helper.make_tensor_value_info(self.at, TensorProto.FLOAT, None)
        made = helper.make_graph(self.nodes, "small", [x], [y], self.weights)
        opsets = [helper.make_opsetid("", 18)]
        return helper.make_model(made, opset_imports=opsets, ir_version=8).SerializeToString()


def even(kernel, stride):
    """A kernel of two axes with equal phase sums."""
    return equalize_phases(np.asarray(kernel, np.float64), stride)


def outer(line):
    return np.outer(line, line)[None, None].astype(np.float64)


def even_line(kernel, stride):
    """A kernel with equal phase sums along its last axis, and any other axes."""
    made = np.array(kernel, np.float64)
    sums = np.stack([made[..., at::stride].sum(axis=tuple(range(2, made.ndim))) for at in range(stride)], -1)
    for at in range(stride):
        part = made[..., at::stride]
        missing = (sums.mean(-1) - sums[..., at]) / np.prod(part.shape[2:])
        part += missing.reshape(*missing.shape, *[1] * (made.ndim - 2))
    return made


def icnr(net, out, kernel=3, block=2, mode="CRD"):
    """Kernels that are equal in each block."""
    one = net.random(out, net.width, kernel, kernel) / kernel
    return np.repeat(one, block**2, 0) if mode == "CRD" else np.concatenate([one] * block**2)


def _r(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


def _dilated_even(seed=2):
    kernel = _r(2, 3, 3, 3, seed=seed)  # dilation 3, stride 2: the phases are 0, 1, 0 along each axis, as undilated
    return even(kernel, 2)


def _nearly_even():
    kernel = np.ones((1, 1, 4, 4))
    kernel[0, 0, 0, 0] = 1.01
    return kernel


def _one_bad_group():
    kernel = even(_r(4, 1, 4, 4), 2)
    kernel[3, 0, 0, 0] += 0.5
    return kernel


def _quantized():
    net = Net()
    net.at, start = net.constant(np.random.default_rng(0).integers(-127, 127, (1, 2, 4, 4)), np.int8), net.at
    net.node("DequantizeLinear", net.constant(np.float32(0.01)), net.constant(np.int8(0), np.int8))
    weights, net.at = net.at, start
    return net.node("ConvTranspose", weights, strides=[2, 2])


def _half():
    net = Net()
    net.at, start = net.constant(even(_r(1, 2, 4, 4), 2), np.float16), net.at
    net.node("Cast", to=TensorProto.FLOAT)
    weights, net.at = net.at, start
    return net.node("ConvTranspose", weights, strides=[2, 2])


def _shuffle_by_reshape(icnr_weights):
    net = Net(size=96)
    net.conv(weights=icnr(net, 2) if icnr_weights else None, out=8)
    net.node("Reshape", net.constant([0, 2, 2, 2, 96, 96], np.int64))
    net.node("Transpose", perm=[0, 1, 4, 2, 5, 3])
    net.node("Reshape", net.constant([0, 2, 192, 192], np.int64))
    return net


def _unet(kernel):
    net = Net(channels=3)
    net.conv(4).relu()
    kept = net.at
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]).conv(4).relu().transposed(kernel, pads=[1, 1, 1, 1])
    net.node("Concat", kept, axis=1)
    net.width = kernel.shape[1] + 4
    return net.conv(3, 3)


def _attention(kernel):
    """A gate by global mean, and a transposed convolution."""
    net = Net(channels=2).conv(4, 1).relu()
    kept = net.at
    net.node("GlobalAveragePool").conv(4, 1).node("Sigmoid")
    net.node("Mul", kept)
    return net.transposed(kernel, pads=[1, 1, 1, 1])


CLEAN: dict[str, Callable[[], Net]] = {
    "nearest, convolution": lambda: Net().resize().conv(3).relu().conv(1),
    "bilinear, convolution": lambda: Net().conv(4).resize(2, "linear").conv(3),
    "cubic, convolution": lambda: Net().conv(4).resize(2, "cubic").conv(3),
    "nearest x3": lambda: Net().conv(4).resize(3).conv(3),
    "nearest x4": lambda: Net().conv(4).resize(4).conv(3),
    "even 3x3 at stride 2": lambda: Net().transposed(outer([1, 2, 1])),
    "bilinear kernel at stride 2": lambda: Net().transposed(outer([1, 3, 3, 1]), pads=[1, 1, 1, 1]),
    "even 4x4": lambda: Net().conv(4).transposed(even(_r(4, 3, 4, 4), 2), pads=[1, 1, 1, 1]),
    "even random 3x3": lambda: Net().conv(4).transposed(even(_r(4, 3, 3, 3), 2)),
    "even 5x5": lambda: Net().conv(4).transposed(even(_r(4, 3, 5, 5), 2), pads=[2, 2, 2, 2]),
    "3x3 of ones at stride 3": lambda: Net().transposed(np.ones((1, 2, 3, 3)), [3, 3]),
    "even 6x6 at stride 3": lambda: Net().conv(2).transposed(even(_r(2, 2, 6, 6), 3), [3, 3]),
    "even 8x8 at stride 4": lambda: Net().conv(2).transposed(even(_r(2, 2, 8, 8), 4), [4, 4], pads=[2, 2, 2, 2]),
    "even, grouped": lambda: Net().conv(4).transposed(even(_r(4, 2, 4, 4), 2), group=2),
    "even, depthwise": lambda: Net().conv(4).transposed(even(_r(4, 1, 4, 4), 2), group=4),
    "even, dilated by 3": lambda: Net().conv(2).transposed(_dilated_even(), dilations=[3, 3]),
    "even, output padding": lambda: (
        Net().conv(4).transposed(even(_r(4, 3, 3, 3), 2), pads=[1, 1, 1, 1], output_padding=[1, 1])
    ),
    "even, same upper": lambda: Net().conv(4).transposed(even(_r(4, 3, 5, 5), 2), auto_pad="SAME_UPPER"),
    "even at strides (1, 2)": lambda: Net().conv(2).transposed(even_line(_r(2, 2, 3, 4), 2), [1, 2]),
    "even 1x4 at strides (1, 2)": lambda: Net().transposed(even_line(_r(1, 2, 1, 4), 2), [1, 2]),
    "even on a line": lambda: Net(axes=1).conv(2).transposed(even_line(_r(2, 2, 4), 2), [2]),
    "even on a line at stride 3": lambda: Net(axes=1).conv(2).transposed(even_line(_r(2, 2, 7), 3), [3]),
    "shuffle, equal kernels": lambda: (n := Net()).conv(weights=icnr(n, 2)).shuffle(),
    "shuffle, equal kernels, DCR": lambda: (n := Net()).conv(weights=icnr(n, 2, mode="DCR")).shuffle(mode="DCR"),
    "shuffle x3, equal biases": lambda: (
        (n := Net()).conv(weights=icnr(n, 2, block=3), bias=np.repeat([0.3, -0.2], 9)).shuffle(3)
    ),
    "shuffle, equal kernels, ReLU between": lambda: (n := Net()).conv(weights=icnr(n, 2)).relu().shuffle().conv(1),
    "shuffle by reshape, equal kernels": lambda: _shuffle_by_reshape(True),
    "two even layers": lambda: Net().transposed(even(_r(1, 3, 4, 4), 2)).relu().transposed(even(_r(3, 1, 3, 3), 2)),
    "uneven, then a box of two pixels": lambda: Net().transposed(outer([1, 1, 1])).conv(weights=outer([0.5, 0.5])),
    "uneven, then every second pixel": lambda: Net().transposed(outer([1, 1, 1])).conv(2, 1, strides=[2, 2]),
    "uneven, then cut by a ReLU": lambda: Net().transposed(-outer([1, 1, 1])).relu(),
    "U-Net, even": lambda: _unet(even(_r(4, 4, 4, 4), 2)),
    "gated, even": lambda: _attention(even(_r(4, 2, 4, 4), 2)),
    "even, in 16 bits": _half,
}
BROKEN: dict[str, Callable[[], Net]] = {
    "[1, 1, 1] at stride 2": lambda: Net().transposed(outer([1, 1, 1])),
    "random 4x4": lambda: Net().conv(4).transposed(_r(4, 3, 4, 4), pads=[1, 1, 1, 1]),
    "random 3x3": lambda: Net().conv(4).transposed(_r(4, 3, 3, 3)),
    "random 5x5 at stride 3": lambda: Net().conv(2).transposed(_r(2, 2, 5, 5), [3, 3]),
    "4x4 of ones, one value 1 % larger": lambda: Net().transposed(_nearly_even()),
    "one uneven group": lambda: Net().conv(4).transposed(_one_bad_group(), group=4),
    "dilated by 2 at stride 2: gaps": lambda: Net().transposed(outer([1, 2, 1]), dilations=[2, 2]),
    "random, output padding": lambda: Net().transposed(_r(1, 2, 3, 3), pads=[1, 1, 1, 1], output_padding=[1, 1]),
    "random at strides (2, 1)": lambda: Net().transposed(_r(1, 2, 4, 3), [2, 1]),
    "random on a line": lambda: Net(axes=1).conv(2).transposed(_r(2, 2, 4), [2]),
    "random 4x4 at stride 4": lambda: Net().conv(2).transposed(_r(2, 2, 4, 4), [4, 4]),
    "zeros between": lambda: Net().transposed(np.ones((1, 1, 1, 1)), [2, 2]),
    "shuffle, random kernels": lambda: Net().conv(8).shuffle(),
    "shuffle x3, random kernels": lambda: Net().conv(18).shuffle(3),
    "shuffle x4, random kernels": lambda: Net().conv(16).shuffle(4),
    "shuffle, unequal biases": lambda: (
        (n := Net()).conv(weights=icnr(n, 2), bias=np.array([0.1, 0.2, 0.1, 0.1, 0, 0, 0, 0])).shuffle()
    ),
    "shuffle, blocks in the other order": lambda: (n := Net()).conv(weights=icnr(n, 2)).shuffle(mode="DCR"),
    "shuffle by reshape, random kernels": lambda: _shuffle_by_reshape(False),
    "two uneven layers": lambda: Net().transposed(_r(1, 3, 4, 4)).transposed(_r(3, 1, 4, 4, seed=5)),
    "even, then uneven": lambda: Net().transposed(even(_r(1, 3, 4, 4), 2)).transposed(outer([1, 1, 1]).repeat(3, 0)),
    "uneven, then even": lambda: Net().transposed(outer([1, 1, 1])).transposed(even(_r(1, 1, 4, 4), 2)),
    "uneven, a leaky ReLU, a convolution": lambda: (
        Net().transposed(_r(1, 4, 4, 4)).node("LeakyRelu", alpha=0.2).conv(3)
    ),
    "uneven, a sigmoid": lambda: Net().transposed(_r(1, 2, 4, 4)).node("Sigmoid"),
    "U-Net, uneven": lambda: _unet(_r(4, 4, 4, 4)),
    "gated, uneven": lambda: _attention(_r(4, 2, 4, 4)),
    "quantized weights": _quantized,
}


def _graded(share):
    """An even kernel, and noise of a share of its size."""
    return Net().conv(4).transposed(even(_r(4, 3, 4, 4), 2) + share * _r(4, 3, 4, 4, seed=9), pads=[1, 1, 1, 1])


BROKEN |= {f"even and {share:.1%} noise": lambda share=share: _graded(share) for share in np.geomspace(0.01, 1, 12)}


@cache
def trained() -> dict[str, tuple[bytes, bool]]:
    """Networks that learned for a moment to double smooth random pictures, and whether they are clean."""
    import torch
    from torch.nn import functional

    made = {}
    kinds = {"transposed 4x4": False, "transposed 3x3": False, "shuffle": False, "resize": True, "equalized": True}
    for number, (name, is_clean) in enumerate(kinds.items()):
        generator = torch.Generator().manual_seed(number)
        size = {"transposed 3x3": 3, "resize": 3, "shuffle": 3}.get(name, 4)
        first = torch.randn(8, 1, 3, 3, generator=generator) / 3
        second = (
            torch.randn(
                *((4, 8) if name == "shuffle" else (1, 8) if name == "resize" else (8, 1)),
                size,
                size,
                generator=generator,
            )
            / 8
        )
        weights = [first.requires_grad_(), second.requires_grad_()]
        optimizer = torch.optim.Adam(weights, 3e-3)

        def doubled(x, name=name, weights=weights, size=size):
            x = functional.relu(functional.conv2d(x, weights[0], padding=1))
            if name == "shuffle":
                return functional.pixel_shuffle(functional.conv2d(x, weights[1], padding=1), 2)
            if name == "resize":
                return functional.conv2d(functional.interpolate(x, scale_factor=2.0), weights[1], padding=1)
            kernel = weights[1]
            if name == "equalized":
                from repix.upsampling.checkerboard_free import equalize_tensor

                kernel = equalize_tensor(kernel, 2)
            return functional.conv_transpose2d(x, kernel, None, 2, 1, 1 if size == 3 else 0)

        for _ in range(40):
            large = torch.rand(8, 1, 5, 5, generator=generator)
            truth = functional.interpolate(large, (32, 32), mode="bicubic")
            loss = (doubled(functional.avg_pool2d(truth, 2)) - truth).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        first_layer, second_layer = (one.detach().numpy() for one in weights)
        net = Net().conv(weights=first_layer).relu()
        if name == "shuffle":
            net.conv(weights=second_layer).shuffle()
        elif name == "resize":
            net.resize().conv(weights=second_layer)
        elif name == "equalized":
            net.transposed(even(second_layer, 2), pads=[1, 1, 1, 1])
        elif size == 3:
            net.transposed(second_layer, pads=[1, 1, 1, 1], output_padding=[1, 1])
        else:
            net.transposed(second_layer, pads=[1, 1, 1, 1])
        made[f"trained {name}"] = (net.model(), is_clean)
    return made


def verdicts() -> dict[str, bool]:
    """Whether each network is clean."""
    known = dict.fromkeys(CLEAN, True) | dict.fromkeys(BROKEN, False)
    names = {"transposed 4x4": False, "transposed 3x3": False, "shuffle": False, "resize": True, "equalized": True}
    return known | {f"trained {name}": value for name, value in names.items()}


@cache
def content(name: str) -> bytes:
    """The ONNX file of a network."""
    if name.startswith("trained "):
        return trained()[name][0]
    return (CLEAN | BROKEN)[name]().model()
