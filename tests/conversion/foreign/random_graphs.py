"""Random graphs of other people's, with gaps, shifts, branches and other sizes inside; each from its seed."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CHANNELS, OPSET = 2, 17
EDGE = 6
"""The deepest that an edge is mirrored: strips are thicker."""


class Sketch:
    """A graph that is being drawn; every drawing keeps the picture's size and channels, or says its scale."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights = [], []
        self.gap = int(self.rng.choice([3, 20, 110]))
        """The farthest that a single layer looks."""

    def name(self):
        return f"t{len(self.nodes)}_{len(self.weights)}"

    def add(self, kind, inputs, **settings):
        name = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [name], **settings))
        return name

    def held(self, values, dtype=np.int64):
        name = f"w{self.name()}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def kernel(self, *shape):
        return self.held(
            self.rng.uniform(0.2, 1, shape) * self.rng.choice([-1, 1], shape) / np.sqrt(shape[1]), np.float32
        )

    def one_of(self, *ways):
        return ways[self.rng.integers(len(ways))]

    def number(self, low, high):
        return int(self.rng.integers(low, high, endpoint=True))


def gaps(s, x):
    """A convolution with holes, whose padding is not the same on both sides."""
    kernel = [s.number(1, 3), s.number(1, 3)]
    holes = [s.number(1, max(1, s.gap // max(1, one - 1))) for one in kernel]
    total = [(one - 1) * hole for one, hole in zip(kernel, holes, strict=True)]
    before = [s.number(0, one) for one in total]
    pads = before + [all_ - one for all_, one in zip(total, before, strict=True)]
    return s.add("Conv", [x, s.kernel(CHANNELS, CHANNELS, *kernel)], dilations=holes, pads=pads)


def same(s, x):
    how = s.one_of("SAME_UPPER", "SAME_LOWER")
    return s.add("Conv", [x, s.kernel(CHANNELS, CHANNELS, s.number(1, 4), s.number(1, 4))], auto_pad=how)


def shifted(s, x):
    """Moved by padding one side and cutting the other; or round the other way, where the cut comes first."""
    far, axis, back = s.number(1, s.gap), s.number(2, 3), s.number(0, 1)
    pads = [0] * 8
    pads[axis + 4 * back] = far
    low, high = (far, 2**31) if back else (0, -far)
    numbers = [s.held([low]), s.held([high]), s.held([axis])]
    if s.number(0, 1):
        padded = s.add("Pad", [x, s.held(pads)])
        return s.add("Slice", [padded, *numbers])
    cut = s.add("Slice", [x, *numbers])
    return s.add("Pad", [cut, s.held(pads)])


def there_and_back(s, x):
    """Shifts that undo each other: a pixel sees itself only, and tiles lose their edges all the same."""
    far = s.number(1, s.gap)
    there = s.add("Slice", [s.add("Pad", [x, s.held([0, 0, 0, far, 0, 0, 0, 0])]), *_part(s, 0, -far, 3)])
    return s.add("Slice", [s.add("Pad", [there, s.held([0, 0, 0, 0, 0, 0, 0, far])]), *_part(s, far, 2**31, 3)])


def _part(s, low, high, axis):
    return [s.held([low]), s.held([high]), s.held([axis])]


def mirrored(s, x):
    """Edges repeated or mirrored, then a convolution that takes them off."""
    before = [s.number(0, EDGE // 2) for _ in range(2)]
    behind = [s.number(0, EDGE // 2) for _ in range(2)]
    padded = s.add("Pad", [x, s.held([0, 0, *before, 0, 0, *behind])], mode=s.one_of("reflect", "edge"))
    kernel = [1 + one + other for one, other in zip(before, behind, strict=True)]
    return s.add("Conv", [padded, s.kernel(CHANNELS, CHANNELS, *kernel)])


def edge_by_slices(s, x):
    """As exporters write it: the first column put before the others."""
    axis = s.number(2, 3)
    first, rest = (s.add("Slice", [x, *_part(s, low, high, axis)]) for low, high in ((0, 1), (0, -1)))
    return s.add("Sub", [s.add("Concat", [first, rest], axis=axis), x])


def pooled(s, x):
    size = [s.number(0, 2), s.number(0, 2)]
    kind = s.one_of("MaxPool", "AveragePool")
    return s.add(kind, [x], kernel_shape=[2 * one + 1 for one in size], pads=size * 2)


def bent(s, x):
    return s.add(s.one_of("LeakyRelu", "Tanh", "Neg", "Softplus"), [x])


def branched(s, x):
    one, other = (chain(s, x, s.number(0, 2)) for _ in range(2))
    if s.number(0, 1):
        return s.add("Add", [one, other])
    return s.add("Conv", [s.add("Concat", [one, other], axis=1), s.kernel(CHANNELS, 2 * CHANNELS, 1, 1)])


def smaller(s, x):
    """Down, something, and up again, in one of many ways each."""
    block, gap = s.number(2, 3), s.gap
    s.gap = max(3, gap // block)  # in places, which are larger now
    low = chain(s, s.one_of(strided, unshuffled, pooled_down, resized_down)(s, x, block), s.number(0, 2))
    s.gap = gap
    return s.one_of(transposed, shuffled, by_hand, resized)(s, low, block)


def strided(s, x, block):
    more = s.number(0, 2)
    before = s.number(0, more)
    pads = [before, before, more - before, more - before]
    kernel = block + more
    return s.add("Conv", [x, s.kernel(CHANNELS, CHANNELS, kernel, kernel)], strides=[block] * 2, pads=pads)


def unshuffled(s, x, block):
    deep = s.add("SpaceToDepth", [x], blocksize=block)
    return s.add("Conv", [deep, s.kernel(CHANNELS, CHANNELS * block**2, 1, 1)])


def pooled_down(s, x, block):
    kind = s.one_of("MaxPool", "AveragePool")
    return s.add(kind, [x], kernel_shape=[block] * 2, strides=[block] * 2, ceil_mode=s.number(0, 1))


def resized_down(s, x, block):
    return _resize(s, x, 1 / block if block == 2 else np.float32(1) / np.float32(3))


def transposed(s, x, block):
    more = s.number(0, 2)
    before = s.number(0, more)
    pads = [before, before, more - before, more - before]
    kernel = block + more
    return s.add("ConvTranspose", [x, s.kernel(CHANNELS, CHANNELS, kernel, kernel)], strides=[block] * 2, pads=pads)


def shuffled(s, x, block):
    deep = s.add("Conv", [x, s.kernel(CHANNELS * block**2, CHANNELS, 1, 1)])
    return s.add("DepthToSpace", [deep], blocksize=block, mode=s.one_of("DCR", "CRD"))


def by_hand(s, x, block):
    """Pixel shuffle as torch's decompositions write it."""
    deep = s.add("Conv", [x, s.kernel(CHANNELS * block**2, CHANNELS, 1, 1)])
    sides = s.add("Shape", [deep])
    rows, columns = (s.add("Slice", [sides, s.held([at]), s.held([at + 1])]) for at in (2, 3))
    apart = s.add("Concat", [s.held([1, CHANNELS, block, block]), rows, columns], axis=0)
    six = s.add("Transpose", [s.add("Reshape", [deep, apart])], perm=[0, 1, 4, 2, 5, 3])
    high, wide = (s.add("Mul", [one, s.held([block])]) for one in (rows, columns))
    return s.add("Reshape", [six, s.add("Concat", [s.held([1, CHANNELS]), high, wide], axis=0)])


def resized(s, x, block):
    return _resize(s, x, block)


def _resize(s, x, by):
    mode = s.one_of("nearest", "linear", "cubic")
    where = s.one_of("half_pixel", "asymmetric", "pytorch_half_pixel")
    rounded = s.one_of("round_prefer_floor", "floor", "ceil", "round_prefer_ceil")
    settings = {"nearest_mode": rounded} if mode == "nearest" else {}
    if by < 1 and by != 0.5:
        mode, settings, where = "linear", {}, "half_pixel"  # 1/3 in 32 bits: where the engines round is their own
    return s.add(
        "Resize",
        [x, "", s.held([1, 1, by, by], np.float32)],
        mode=mode,
        coordinate_transformation_mode=where,
        **settings,
    )


KEEPING = (gaps, same, shifted, there_and_back, mirrored, edge_by_slices, pooled, bent, branched, smaller)


def chain(s, x, count):
    for _ in range(count):
        x = KEEPING[s.rng.integers(len(KEEPING))](s, x)
    return x


def random_graph(seed):
    """A model as bytes, and its scale."""
    s = Sketch(seed)
    x = chain(s, "x", s.number(1, 4))
    scale = s.one_of(1, 1, 2, 3)
    if scale > 1:
        x = s.one_of(transposed, shuffled, by_hand, resized)(s, x, scale)
    s.add("Identity", [x])
    last = s.nodes[-1].output[0]
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, CHANNELS, f"{name}h", f"{name}w"])]
        for name in ("x", last)
    ]
    graph = helper.make_graph(s.nodes, "random", *ends, s.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return model.SerializeToString(), scale
