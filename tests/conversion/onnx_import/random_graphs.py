"""Random graphs with dilations, shifts, branches and resizing, each from a seed."""

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
    kernel = [2 * one + 1 for one in size]
    if s.number(0, 1):
        return s.add("AveragePool", [x], kernel_shape=kernel, pads=size * 2, count_include_pad=s.number(0, 1))
    holes = [s.number(1, 3), s.number(1, 3)]
    pads = [one * hole for one, hole in zip(size, holes, strict=True)] * 2
    if any(pad >= side for pad, side in zip(pads, kernel * 2, strict=True)):
        holes, pads = [1, 1], size * 2  # a pool takes no more padding than its kernel has places
    return s.add("MaxPool", [x], kernel_shape=kernel, pads=pads, dilations=holes)


def turned(s, x):
    """Channels behind the picture, as dense layers want them."""
    return s.add("Transpose", [x], perm=[0, 2, 3, 1])


def turned_back(s, x):
    return s.add("Transpose", [x], perm=[0, 3, 1, 2])


def dense(s, x):
    """Each pixel times a matrix, and another part of the picture added by the same node."""
    before, added = (turned(s, one) for one in (x, chain(s, x, s.number(0, 1))))
    flat = s.held([-1, CHANNELS])
    rows = [s.add("Reshape", [one, flat]) for one in (before, added)]
    matrix = s.held(s.rng.uniform(-1, 1, (CHANNELS, CHANNELS)), np.float32)
    made = s.add("Gemm", [rows[0], matrix, rows[1]], transB=s.number(0, 1))
    return turned_back(s, s.add("Reshape", [made, s.add("Shape", [before])]))


def scaled(s, x):
    """Channels normalized, with a scale that is made of another part of the picture."""
    before, scale = (turned(s, one) for one in (x, chain(s, x, s.number(0, 1))))
    return turned_back(s, s.add("LayerNormalization", [before, scale], axis=-1, epsilon=0.1))


def in_windows(s, x):
    """Windows of a few pixels get their own mean, by reshaping."""
    block = s.number(2, 3)
    sides = s.add("Shape", [x])
    high, wide = (s.add("Slice", [sides, s.held([at]), s.held([at + 1])]) for at in (2, 3))
    blocks = [s.add("Div", [one, s.held([block])]) for one in (high, wide)]
    apart = s.add("Concat", [s.held([1, CHANNELS]), blocks[0], s.held([block]), blocks[1], s.held([block])], axis=0)
    six = s.add("Reshape", [x, apart])
    mean = s.add("ReduceMean", [six], axes=[3, 5])
    return s.add("Reshape", [s.add("Sub", [six, mean]), sides])


def to_a_multiple(s, x):
    """Padded to a multiple, shifted by what was added, as only sizes that are no multiples show."""
    block, axis = s.number(2, 4), s.number(2, 3)
    side = s.add("Slice", [s.add("Shape", [x]), s.held([axis]), s.held([axis + 1])])
    rest = s.add("Mod", [s.add("Neg", [side]), s.held([block])])
    amounts = s.add("Concat", [s.held([0] * axis), rest, s.held([0] * (7 - axis))], axis=0)
    return s.add("Slice", [s.add("Pad", [x, amounts]), s.held([0]), side, s.held([axis])])


def by_numbers(s, x):
    """The first rows taken several times, then a convolution that takes the added ones off."""
    more, axis = s.number(1, 3), s.number(2, 3)
    shape = s.add("Shape", [x])
    side = s.add("Squeeze", [s.add("Slice", [shape, s.held([axis]), s.held([axis + 1])])])
    all_ = s.add("Range", [s.held(0), side, s.held(1)])
    added = sorted(s.rng.integers(0, EDGE // 2, more), reverse=True)
    places = s.add("Concat", [s.held(added), all_], axis=0)
    kernel = [1 + more if one == axis else 1 for one in (2, 3)]
    return s.add("Conv", [s.add("Gather", [x, places], axis=axis), s.kernel(CHANNELS, CHANNELS, *kernel)])


def zeros_before(s, x):
    """Rows of zeros put before the others, of which the last go."""
    axis, more = s.number(2, 3), s.number(1, EDGE)
    shape = s.add("Shape", [x])
    sides = [s.add("Slice", [shape, s.held([at]), s.held([at + 1])]) for at in (2, 3)]
    sides[axis - 2] = s.held([more])
    zeros = s.add("ConstantOfShape", [s.add("Concat", [s.held([1, CHANNELS]), *sides], axis=0)])
    return s.add("Slice", [s.add("Concat", [zeros, x], axis=axis), *_part(s, 0, -more, axis)])


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


def resized_by_parts(s, x):
    """Larger or smaller by a fraction, and back."""
    one, other = s.one_of((2, 3), (3, 4), (3, 2), (5, 4), (5, 3), (1, 3))
    ways = [
        s.one_of(*(["linear", "cubic"] if {one, other} != {2, 3} else ["nearest", "linear", "cubic"])) for _ in "12"
    ]
    for by, mode in zip((one / other, other / one), ways, strict=True):
        settings = {"nearest_mode": "floor"} if mode == "nearest" else {}
        x = s.add("Resize", [x, "", s.held([1, 1, by, by], np.float32)], mode=mode, **settings)
    return x


KEEPING = (
    gaps, same, shifted, there_and_back, mirrored, edge_by_slices, pooled, bent, branched, smaller, dense, scaled,
    in_windows, to_a_multiple, by_numbers, zeros_before, resized_by_parts,
)  # fmt: skip


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
