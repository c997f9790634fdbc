"""The halo that is computed from a graph: at least the measured margin, and enough for tiles."""

from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from repix.conversion import read_model
from repix.conversion.graph_limits import require_bounded
from repix.conversion.model_file import write_model
from repix.conversion.onnx_import import ImportOptions, import_model, importer
from repix.conversion.onnx_import.receptive_field import MisalignedError, UnboundedError, receptive_field
from repix.conversion.onnx_reader import parse_graph
from repix.errors import Unreadable, WrongUse
from repix.models import catalog
from repix.networks import with_upsampler
from repix.registry import available
from tests.conversion.onnx_import.models import PICTURE, Shuffled, Unet, exported, graph_of, seeded
from tests.conversion.onnx_import.random_graphs import CHANNELS, EDGE, OPSET, random_graph
from tests.given import seeds
from tests.networks.measuring import prepared
from tests.networks.variants import NAMES, offered


@pytest.fixture(autouse=True)
def no_memory_measured(monkeypatch):
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)


def field_of(content, channels, scale, opset=OPSET):
    """The smallest step that suits a graph, and its field."""
    graph = require_bounded(Path("graph"), content)
    for step in range(1, 300):
        try:
            return step, receptive_field(graph, opset, channels, scale, step)
        except MisalignedError:
            continue
    raise UnboundedError("no step suits it")


class Strip:
    """A graph on long strips, which lie (axis 3) or stand (axis 2)."""

    def __init__(self, content, scale, step, axis):
        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.intra_op_num_threads = 4, 1
        # its fusion of Pad into pools makes pads that its pools then refuse
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.scale, self.step, self.axis = scale, step, axis

    def noise(self, length, thick, seed):
        return np.random.default_rng(seed).random((1, CHANNELS, thick, length), np.float32)

    def run(self, x):
        y = self.session.run(None, {"x": self._turned(x)})[0]
        return self._turned(y)

    def _turned(self, x):
        return x if self.axis == 3 else np.ascontiguousarray(x.transpose(0, 1, 3, 2))

    def seen(self, x, place):
        """How far before and behind it a result can lie that sees the pixels at this place."""
        plain, before, behind = self.run(x), 0, 0
        assert plain.shape[3] == x.shape[3] * self.scale
        for added in (1, 100, -100):
            changed = x.copy()
            changed[..., place] += np.float32(added)
            hit = (self.run(changed) != plain).any((0, 1, 2)).nonzero()[0] // self.scale
            if len(hit):
                before, behind = max(before, place - hit[0]), max(behind, hit[-1] - place)
        return before, behind

    def tiles_differ(self, x, margin, core):
        """How far tiles are from the whole, as a share of its largest number."""
        whole, length = self.run(x), x.shape[3]
        farthest = 0.0
        for begin in range(0, length, core):
            end = min(begin + core, length)
            low, high = max(0, begin - margin), min(length, end + margin)
            part = self.run(x[..., low:high])[..., (begin - low) * self.scale : (end - low) * self.scale]
            farthest = max(farthest, np.abs(part - whole[..., begin * self.scale : end * self.scale]).max())
        return farthest / max(1, np.abs(whole).max())


@seeds(60, 3000)
def test_no_random_graph_sees_farther(seed):
    """Gaps, shifts, mirrored edges, branches, other sizes inside: what is seen, and what tiles need."""
    content, scale = random_graph(seed)
    step, field = field_of(content, CHANNELS, scale)
    rng = np.random.default_rng(seed)
    for axis, (before, behind) in ((2, (field.top, field.bottom)), (3, (field.left, field.right))):
        strip = Strip(content, scale, step, axis)
        blocks = (field.halo + EDGE) // step + 2
        thick = step * -(-(2 * EDGE + (field.left + field.right if axis == 2 else field.top + field.bottom)) // step)
        x = strip.noise((2 * blocks + 1) * step, thick or step, seed)
        for place in {0, step - 1, int(rng.integers(step))}:
            seen_behind, seen_before = strip.seen(x, blocks * step + place)
            assert seen_before <= before
            assert seen_behind <= behind
        margin = -(-field.halo // step) * step
        assert strip.tiles_differ(x, margin, step * max(1, blocks // 2)) < 1e-4


@pytest.mark.parametrize(("there", "back"), [(110, 57), (40, 40), (40, 1)])
def test_a_shift_needs_tiles_longer_than_what_it_cuts_off(there, back):
    """To the left and partly back again: from a shorter tile less can be cut, so that it comes out too long."""
    nodes = [
        helper.make_node("Slice", ["x", "there", "far", "axis"], ["a"]),
        helper.make_node("Pad", ["a", "behind"], ["b"]),
        helper.make_node("Slice", ["b", "none", "back", "axis"], ["c"]),
        helper.make_node("Pad", ["c", "before"], ["d"]),
        helper.make_node("Softplus", ["d"], ["e"]),  # zeros become numbers, so that the next one sees where they end
        helper.make_node("Conv", ["e", "w"], ["y"], pads=[0, 1, 0, 1]),
    ]
    numbers = {"there": [there], "far": [2**31], "axis": [3], "none": [0], "back": [-back]}
    numbers |= {"behind": [0] * 7 + [there], "before": [0, 0, 0, back, 0, 0, 0, 0]}
    weights = {name: np.array(one, np.int64) for name, one in numbers.items()}
    weights["w"] = np.ones((CHANNELS, CHANNELS, 1, 3), np.float32)
    content = drawn(nodes, weights)
    step, field = field_of(content, CHANNELS, 1)
    strip = Strip(content, 1, step, 3)
    x = strip.noise(3 * there + 1, 2, 0)
    assert step == 1
    assert there <= field.left <= there + 1
    assert strip.tiles_differ(x, field.halo, 3 * there) < 1e-6  # the last tile is one pixel and its halo
    assert strip.tiles_differ(x, there - 2, 3 * there) > 0.01


def test_the_law_can_fail():
    """A convolution that sees 5 to the left and 2 to the right: both are found, and a smaller margin is seen."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], pads=[0, 5, 0, 2])
    weights = np.ones((CHANNELS, CHANNELS, 1, 8), np.float32)
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("x", 1, [1, CHANNELS, "h", "w"])], [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(weights, "w")],
    )  # fmt: skip
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8).SerializeToString()
    step, field = field_of(content, CHANNELS, 1)
    assert (step, field.top, field.bottom, field.left, field.right) == (1, 0, 0, 5, 2)
    strip = Strip(content, 1, 1, 3)
    x = strip.noise(40, 8, 0)
    assert strip.seen(x, 20) == (2, 5)
    assert strip.tiles_differ(x, 5, 10) < 1e-6 < strip.tiles_differ(x, 4, 10)


@pytest.mark.parametrize("far", [100, *(pytest.param(far, marks=pytest.mark.long) for far in (96, 150, 400))])
@pytest.mark.parametrize("how", ["dilation", "kernel", "pad"])
def test_a_gap_is_found_by_import(tmp_path, far, how):
    """What probing alone took for a halo of 0: a first look at strips of 96 pixels saw nothing of it."""
    nodes, weights = [], {}
    if how == "dilation":
        kernel = np.zeros((3, 3, 1, 3), np.float32)
        kernel[:, :, 0, ::2] = 0.2
        nodes = [helper.make_node("Conv", ["a", "w"], ["c"], dilations=[1, far], pads=[0, far, 0, far])]
        weights = {"w": kernel}
    elif how == "kernel":
        kernel = np.zeros((3, 3, 1, far + 1), np.float32)
        kernel[:, :, 0, 0] = 0.2
        nodes = [helper.make_node("Conv", ["a", "w"], ["c"], pads=[0, far, 0, 0])]
        weights = {"w": kernel}
    else:
        nodes = [
            helper.make_node("Pad", ["a", "pads"], ["p"]),
            helper.make_node("Slice", ["p", "zero", "end", "axis"], ["c"]),
        ]
        weights = {
            "pads": np.array([0, 0, far, 0, 0, 0, 0, 0]), "zero": np.array([0]), "end": np.array([-far]),
            "axis": np.array([2]),
        }  # fmt: skip
    nodes.append(helper.make_node("Add", ["a", "c"], ["b"]))
    graph_of(tmp_path / "gap.onnx", nodes, {"a": PICTURE}, {"b": PICTURE}, weights=weights)
    contract = import_model(tmp_path / "gap.onnx", tmp_path / "out.onnx", "denoise").contract
    assert contract.halo == contract.halo_measured == far


@pytest.mark.parametrize("name", list(catalog()))
def test_the_bundled_models_get_their_own_halo_back(name):
    """From the graph alone; no more than their networks declare, and no less than was seen."""
    file = read_model(name)
    contract = file.contract
    step, field = field_of(file.content, contract.channels[0], contract.scale, opset=20)
    assert (contract.step % step, contract.halo_measured <= field.halo <= contract.halo) == (0, True)


OWN = [("unet", "bilinear"), ("encoder-decoder", None), ("hypercolumn", None), ("dncnn", None)]
UPSAMPLERS = [
    one
    for one in available("upsampling")
    if one != "bilinear" and offered("unet").fits(with_upsampler(offered("unet"), offered("unet").small, one)) is None
]
MORE = [
    *(("unet", one) for one in UPSAMPLERS),
    *((one, None) for one in NAMES if one not in ("compact", "dense-reshape", "unet", *(own for own, _ in OWN))),
]


@pytest.mark.parametrize(("name", "upsampler"), [*OWN, *(pytest.param(*one, marks=pytest.mark.long) for one in MORE)])
def test_our_networks_get_a_halo_from_their_graphs(tmp_path, name, upsampler):
    """By torch's older exporter; the bundled models, compact networks among them, were written by the newer one."""
    network = offered(name)
    config = with_upsampler(network, network.small, upsampler) if upsampler else network.small
    module = prepared(network, config)
    step, halo, side = network.step(config), network.halo(config), 2 * network.step(config)
    channels = config.in_channels
    content = exported(tmp_path / "own.onnx", module, channels, size=(max(side, 32), max(side, 32))).read_bytes()
    graph = require_bounded(Path(name), content)
    if halo is None:
        with pytest.raises(UnboundedError):
            receptive_field(graph, OPSET, channels, network.scale(config), step)
        return
    field = receptive_field(graph, OPSET, channels, network.scale(config), step)
    assert network.measured_halo(module, config) <= field.halo <= halo


def simple_sum(path, operator, **settings):
    nodes = [helper.make_node(operator, ["a"], ["g"], **settings), helper.make_node("Add", ["a", "g"], ["b"])]
    return graph_of(path, nodes, {"a": PICTURE}, {"b": PICTURE})


@pytest.mark.parametrize(
    ("operator", "settings"),
    [
        ("GlobalAveragePool", {}), ("GlobalMaxPool", {}), ("ReduceMean", {"axes": [2, 3]}), ("ReduceMax", {}),
        ("Softmax", {"axis": 3}), ("LpNormalization", {"axis": 2}),
    ],
)  # fmt: skip
def test_what_looks_at_everything_has_no_halo_and_is_named(tmp_path, operator, settings):
    imported = import_model(
        simple_sum(tmp_path / "a.onnx", operator, **settings),
        tmp_path / "b.onnx",
        "denoise",
        ImportOptions(range="0-1"),
    )
    assert imported.contract.halo is None
    said = next(line for line in imported.measured if line.startswith("halo"))
    assert f"{operator} 'g' depends on all pixels" in said
    assert "--halo" in said


def drawn(nodes, weights, opset=OPSET):
    """A graph from `x` to `y`, as bytes."""
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, CHANNELS, "h", "w"])] for name in "xy"]
    held = [numpy_helper.from_array(np.asarray(numbers), name) for name, numbers in weights.items()]
    graph = helper.make_graph(nodes, "g", *ends, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()


def width(*behind):
    """Nodes that take the picture's width, and then others."""
    return [helper.make_node("Shape", ["x"], ["w"], start=3), *behind]


def flattened(operator):
    """The mean of the whole picture added, after an operator that moves nothing has all its pixels in one axis."""
    return [
        helper.make_node("Reshape", ["x", "flat"], ["f"]),
        helper.make_node(operator, ["f"], ["g"], blocksize=1),
        helper.make_node("ReduceMean", ["g"], ["m"], axes=[2, 3]),
        helper.make_node("Add", ["x", "m"], ["y"]),
    ]


def cast(name, made, kind=TensorProto.FLOAT):
    return helper.make_node("Cast", [name], [made], to=kind)


FLAT = {"flat": np.array([1, CHANNELS, -1, 1])}
NO_HALO = {
    "pixels of one axis to depth": (flattened("SpaceToDepth"), FLAT, "merged axes"),
    "depth to pixels of one axis": (flattened("DepthToSpace"), FLAT, "merged axes"),
    "where a maximum lies": (
        [helper.make_node("MaxPool", ["x"], ["p", "at"], kernel_shape=[1, 1]), cast("at", "y")], {}, "reads 'at'"
    ),
    "a second output": (
        [
            helper.make_node("BatchNormalization", ["x", "one", "one", "one", "one"], ["n", "m"]),
            helper.make_node("Identity", ["m"], ["y"]),
        ],
        {"one": np.ones(2, np.float32)},
        "reads 'm'",
    ),
    "a kernel that is not the weights'": (
        [helper.make_node("Conv", ["x", "k"], ["y"], kernel_shape=[1, 1])],
        {"k": np.ones((2, 2, 1, 101), np.float32)},
        "shape is not its kernel shape",
    ),
    "times the width": (
        width(cast("w", "c"), helper.make_node("Mul", ["x", "c"], ["y"])), {}, "depends on the picture's size"
    ),
    "wide pictures are others": (
        width(
            helper.make_node("Greater", ["w", "far"], ["g"]), cast("g", "c"), helper.make_node("Add", ["x", "c"], ["y"])
        ),
        {"far": np.array([2000])},
        "depends on the picture's size",
    ),
    "a sum of ones of all columns": (
        width(
            helper.make_node("ConstantOfShape", ["w"], ["o"]), helper.make_node("Exp", ["o"], ["e"]),
            helper.make_node("ReduceSum", ["e"], ["s"]), helper.make_node("Mul", ["x", "s"], ["y"]),
        ),
        {},
        "depends on the picture's size",
    ),
    "added as often as there are columns": (
        width(
            helper.make_node("Concat", ["w", "ones"], ["s"], axis=0),
            helper.make_node("Unsqueeze", ["x", "none"], ["u"]),
            helper.make_node("Expand", ["u", "s"], ["e"]),
            helper.make_node("ReduceSum", ["e", "none"], ["y"], keepdims=0),
        ),
        {"ones": np.ones(4, np.int64), "none": np.array([0])},
        "no step suits it",
    ),
    "narrow pictures are shifted": (
        width(
            helper.make_node("Sub", ["far", "w"], ["d"]), helper.make_node("Max", ["d", "none"], ["m"]),
            helper.make_node("Concat", ["three", "m", "four"], ["p"], axis=0),
            helper.make_node("Pad", ["x", "p"], ["q"]), helper.make_node("Slice", ["q", "none", "w", "axis"], ["y"]),
        ),
        {
            "far": np.array([400]), "none": np.array([0]), "three": np.zeros(3, np.int64), "axis": np.array([3]),
            "four": np.zeros(4, np.int64),
        },
        "Pad 'q' depends on the picture's size",
    ),
    "rows that count columns": (
        width(
            cast("w", "c"), helper.make_node("Squeeze", ["c"], ["end"]),
            helper.make_node("Range", ["begin", "end", "by"], ["r"]),
            helper.make_node("Reshape", ["r", "row"], ["row1"]),
            helper.make_node("Mul", ["row1", "begin"], ["row0"]),
            helper.make_node("Concat", ["row0", "row1"], ["rows"], axis=2),
            helper.make_node("Concat", ["rows", "rows"], ["both"], axis=1),
            helper.make_node("Concat", ["both", "x"], ["l"], axis=2),
            helper.make_node("Slice", ["l", "none", "last", "axis"], ["y"]),
        ),
        {
            "begin": np.float32(0), "by": np.float32(1), "row": np.array([1, 1, 1, -1]), "none": np.array([0]),
            "last": np.array([-2]), "axis": np.array([2]),
        },
        "depends on the picture's size",
    ),
    "a shape from a large array": (
        [
            helper.make_node("Slice", ["large", "none", "four"], ["s"]),
            helper.make_node("Reshape", ["k", "s"], ["r"]),
            helper.make_node("Conv", ["x", "r"], ["y"], pads=[4, 0, 4, 0]),
        ],
        {
            "large": np.array([2, 2, 9, 1] * 5000), "none": np.array([0]), "four": np.array([4]),
            "k": np.ones((2, 2, 1, 9), np.float32),
        },
        "too many sizes or indices",
    ),
    "smaller by an operator that enlarges": (
        [
            helper.make_node("Upsample", ["x", "by"], ["s"], mode="linear"),
            helper.make_node("Upsample", ["s", "up"], ["y"]),
        ],
        {"by": np.float32([1, 1, 1, 1 / 7]), "up": np.float32([1, 1, 1, 7])},
        "shrinks the picture",
    ),
    "between two places": (
        [
            helper.make_node(
                "Resize", [one, "", by], [other], coordinate_transformation_mode="asymmetric", nearest_mode="ceil"
            )
            for one, by, other in (("x", "up", "l"), ("l", "down", "y"))
        ],
        {"up": np.float32([1, 1, 1, 7 / 3]), "down": np.float32([1, 1, 1, 3 / 7])},
        "rounding is ambiguous",
    ),
    "nearly twice": (
        [helper.make_node("Resize", ["x", "", "by"], ["l"]), helper.make_node("Resize", ["l", "", "half"], ["y"])],
        {"by": np.array([1, 1, 1, np.nextafter(np.float32(2), np.float32(3))]), "half": np.float32([1, 1, 1, 0.5])},
        "resizes by 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "weights", "sentence"), NO_HALO.values(), ids=NO_HALO)
def test_no_halo_follows_where_it_is_not_known(nodes, weights, sentence):
    """Each had a halo of 0, or made the field fail, and a tile is not the whole."""
    with pytest.raises(UnboundedError, match=sentence):
        field_of(drawn(nodes, weights), CHANNELS, 1)


def test_a_graph_without_an_input_has_no_field():
    graph = drawn([helper.make_node("Identity", ["x"], ["y"])], {"x": np.ones((1, 2, 4, 4), np.float32)})
    with pytest.raises(UnboundedError, match="takes no picture"):
        field_of(graph, CHANNELS, 1)


FOLDED = {
    "Sigmoid": ([helper.make_node("Sigmoid", ["a"], ["s"]), helper.make_node("Mul", ["s", "b"], ["m"]),
                 cast("m", "n", TensorProto.INT64)],
                {"a": np.float32([0, 0, 0, 0, 0, 0, 0, 0]), "b": np.float32([0, 0, 0, 14, 0, 0, 0, 0])}),
    "Pad": ([helper.make_node("Pad", ["a", "before", "v"], ["b"]), helper.make_node("Pad", ["b", "behind"], ["n"])],
            {"a": np.zeros(3, np.int64), "before": np.array([0, 1]), "v": np.array(7), "behind": np.array([0, 4])}),
    "Mod": ([helper.make_node("Mod", ["a", "b"], ["m"], fmod=1), helper.make_node("Neg", ["m"], ["n"])],
            {"a": np.array([0, 0, 0, -7, 0, 0, 0, 0]), "b": np.array([9])}),
    "ReduceSum": ([helper.make_node("ReduceSum", ["a"], ["n"], noop_with_empty_axes=1)],
                  {"a": np.array([0, 0, 0, 7, 0, 0, 0, 0])}),
    "ReduceMean": ([helper.make_node("ReduceMean", ["a"], ["m"], axes=[0]), helper.make_node("Mul", ["m", "b"], ["n"])],
                   {"a": np.array([[0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 2, 0, 0, 0, 0]]), "b": np.array([7])}),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "weights"), FOLDED.values(), ids=FOLDED)
def test_numbers_that_are_worked_out_are_the_engines_own(nodes, weights):
    """Each gives seven columns to pad with; a shift by them is as far as it is seen."""
    shift = [
        helper.make_node("Pad", ["x", "n"], ["p"]),
        helper.make_node("Slice", ["p", "zero", "last", "axis"], ["y"]),
    ]
    places = {"zero": np.array([0]), "last": np.array([-7]), "axis": np.array([3])}
    content = drawn([*nodes, *shift], {**weights, **places})
    step, field = field_of(content, CHANNELS, 1)
    assert (step, field.left, field.right) == (1, 7, 0)
    strip = Strip(content, 1, 1, 3)
    assert strip.seen(strip.noise(40, 8, 0), 20) == (0, 7)


@pytest.mark.parametrize("sizes", [[1, 2, 2**62, 2**62], [1, 2, 0, 0], [1, 2, -5, -5], [1, 2, 10**6, 10**6]])
def test_no_size_is_counted_up_to(sizes):
    """The fuzzer's find: places of a Resize to 2⁶² rows were gone through one after the other."""
    node = helper.make_node("Resize", ["x", "", "", "s"], ["y"])
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, CHANNELS, "h", "w"])] for name in "xy"]
    graph = helper.make_graph([node], "g", *ends, [numpy_helper.from_array(np.array(sizes), "s")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    graph = parse_graph(model.graph.SerializeToString())
    with pytest.raises(UnboundedError):
        receptive_field(graph, OPSET, CHANNELS, 1, 1)
    if max(sizes) > 10**5:
        with pytest.raises(Unreadable, match="a tensor of more than"):
            require_bounded(Path("graph"), model.SerializeToString())


def test_a_halo_that_is_told_is_held_against_the_model(tmp_path):
    """An average of neighbors by an operator that repix does not follow: Einsum of the picture with itself."""
    nodes = [
        helper.make_node("Einsum", ["a"], ["e"], equation="nchw->nchw"),
        helper.make_node("AveragePool", ["e"], ["b"], kernel_shape=[7, 7], pads=[3, 3, 3, 3]),
    ]
    source, target = tmp_path / "a.onnx", tmp_path / "b.onnx"
    graph_of(source, nodes, {"a": PICTURE}, {"b": PICTURE})
    assert import_model(source, target, "denoise").contract.halo is None
    assert import_model(source, target, "denoise", ImportOptions(halo=3)).contract.halo == 3
    assert import_model(source, target, "denoise", ImportOptions(halo=9)).contract.halo == 9
    target.unlink()
    with pytest.raises(WrongUse, match="does not fit a halo of 2: the measured margin is 3 pixels"):
        import_model(source, target, "denoise", ImportOptions(halo=2))
    graph_of(source, nodes[1:], {"e": PICTURE}, {"b": PICTURE})
    with pytest.raises(WrongUse, match="has a halo of 3 by its graph; a halo of 2 is too small"):
        import_model(source, target, "denoise", ImportOptions(halo=2))
    assert not target.exists()


@pytest.mark.parametrize("make", [Shuffled, Unet, partial(Unet, resized=True)], ids=["compact", "unet", "resized"])
def test_torchs_exports_are_understood(tmp_path, make):
    scale = 2 if make is Shuffled else 1
    content = exported(tmp_path / "a.onnx", seeded(make), 3).read_bytes()
    step, field = field_of(content, 3, scale)
    assert (step, field.halo) == ((1, 4) if make is Shuffled else (4, 13))


def test_contracts_do_not_matter_to_it(tmp_path):
    """A finished file has the same field as the graph it was made of."""
    source, target = tmp_path / "a.onnx", tmp_path / "b.onnx"
    exported(source, seeded(Shuffled), 3)
    contract = import_model(source, target, "upscale", ImportOptions(range="0-255", bgr=True)).contract
    write_model(target, target.read_bytes(), contract)
    assert field_of(target.read_bytes(), 3, 2)[1].halo == field_of(source.read_bytes(), 3, 2)[1].halo == contract.halo
