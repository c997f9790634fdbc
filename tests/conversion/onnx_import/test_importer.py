"""Import: measurements are true, and results equal the original model with pre- and postprocessing in NumPy."""

from functools import partial

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from repix import registry
from repix.conversion import convert, open_model, read_model
from repix.conversion.onnx_import import ImportOptions, import_model, importer
from repix.conversion.onnx_import.onnx_graph import read_graph
from repix.errors import Unreadable, Unwritable, WrongUse
from tests.conversion.onnx_import.models import (
    PICTURE,
    Placed,
    Residual,
    Shuffled,
    Unet,
    exported,
    graph_of,
    mixing_weights,
    seeded,
    simple,
)
from tests.tasks.drawn import drawn


@pytest.fixture(autouse=True)
def no_memory_measured(monkeypatch):
    """It takes seconds in a process of its own, and has tests of its own."""
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model.onnx"


@pytest.fixture
def source(tmp_path):
    return tmp_path / "foreign.onnx"


def by_hand(path, x):
    """The original file in ONNX Runtime, in its own value range."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def planes(picture):
    return picture.colors().astype(np.float32).transpose(2, 0, 1)[np.newaxis]


def pixels(y):
    return y[0].transpose(1, 2, 0)


def close(result, expected):
    np.testing.assert_allclose(result.pixels, expected, rtol=1e-5, atol=2e-5)


def test_an_enlarging_model(source, target):
    exported(source, seeded(Shuffled), 3)
    imported = import_model(source, target, "upscale")
    contract = imported.contract
    assert (contract.channels, contract.scale, contract.step, contract.size) == ((3, 3), 2, 1, None)
    assert (contract.halo_measured, contract.halo, contract.bytes_per_pixel) == (4, 4, 77)
    held = [numpy_helper.to_array(one) for one in onnx.load(source).graph.initializer]
    assert contract.parameters == sum(one.size for one in held if one.dtype == np.float32)
    assert contract.trained["imported"] == "foreign.onnx"
    assert contract == read_model(target).contract
    assert contract.make_task().scale == 2
    picture = drawn((17, 23), depth="float")
    close(convert(picture, open_model(target)), pixels(by_hand(source, planes(picture))))


def test_the_finished_file_is_right_to_onnx_itself(source, target):
    exported(source, seeded(Shuffled), 3, opset=11)
    import_model(source, target, "upscale", ImportOptions(range="-1-1", bgr=True, mean=(0.1, 0.2, 0.3), std=(0.5,)))
    model = onnx.load(target)
    onnx.checker.check_model(model, full_check=True)
    assert [len(model.graph.input), len(model.graph.output)] == [1, 1]


def test_the_weights_that_lie_beside_are_taken_in(source, target, tmp_path):
    """As torch writes it since its newer exporter."""
    beside = source.with_name("foreign.onnx.data")
    model = onnx.load(exported(source, seeded(Shuffled), 3))
    onnx.save(model, source, save_as_external_data=True, location=beside.name, size_threshold=0)
    assert beside.stat().st_size > source.stat().st_size / 2
    contract = import_model(source, target, "upscale").contract
    picture = drawn((9, 14), depth="float")
    expected = pixels(by_hand(source, planes(picture)))
    beside.rename(tmp_path / "away")
    close(convert(picture, open_model(target)), expected)
    assert contract.halo_measured == 4
    with pytest.raises(Unreadable, match=r"foreign.onnx.data, which is missing"):
        import_model(source, target, "upscale")
    beside.write_bytes((tmp_path / "away").read_bytes()[:-300])
    with pytest.raises(Unreadable, match="shorter than the weights"):
        import_model(source, target, "upscale")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", ""])
def test_no_name_of_weights_leads_out_of_the_folder(source, target, name):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=name)
    simple(source)
    model = onnx.load(source)
    model.graph.initializer.append(tensor)
    source.write_bytes(model.SerializeToString())
    with pytest.raises(Unreadable, match="outside of its folder"):
        import_model(source, target, "denoise")


RANGES = {
    "0-255": ImportOptions(range="0-255"),
    "-1-1": ImportOptions(range="-1-1"),
    "0-255 in, 0-1 out": ImportOptions(range="0-255", output_range="0-1"),
    "blue first": ImportOptions(range="0-255", bgr=True),
    "mean and deviation": ImportOptions(mean=(0.48, 0.45, 0.4), std=(0.229, 0.224, 0.225)),
    "everything": ImportOptions(range="0-255", mean=(103.5, 116.0, 123.7), std=(57.0,), bgr=True),
}


@pytest.mark.parametrize("told", RANGES.values(), ids=RANGES)
def test_every_range_is_brought_inside(source, target, told):
    """By hand: what the words say, one after the other."""
    weights = mixing_weights(3, 3)
    node = helper.make_node("Conv", ["a", "w"], ["b"])
    graph_of(source, [node], {"a": PICTURE}, {"b": PICTURE}, weights={"w": weights}, opset=9)
    import_model(source, target, "denoise", told)
    picture = drawn((13, 19), depth="float")
    black, white = {"0-1": (0, 1), "0-255": (0, 255), "-1-1": (-1, 1)}[told.range]
    mean, std = (np.float32(one).reshape(-1, 1, 1) for one in (told.mean or 0, told.std or 1))
    x = planes(picture)[:, ::-1] if told.bgr else planes(picture)
    y = by_hand(source, ((x * (white - black) + black - mean) / std).astype(np.float32))
    if told.output_range is None:
        y = (y * std + mean - black) / (white - black)
    y = y[:, ::-1] if told.bgr else y
    close(convert(picture, open_model(target)), pixels(y))


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_channels_last_and_other_floats(source, target, kind):
    """Enlarges by repeating rows and columns, and turns bright to dark."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    nodes = [
        helper.make_node("Transpose", ["a"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("Resize", ["t", "", "s"], ["r"], mode="nearest"),
        helper.make_node("Transpose", ["r"], ["u"], perm=[0, 2, 3, 1]),
        helper.make_node("Sub", ["one", "u"], ["b"]),
    ]
    weights = {"s": np.array([1, 1, 3, 3], np.float32), "one": np.ones(1, dtype)}
    shape = ["n", "h", "w", 1]
    graph_of(source, nodes, {"a": shape}, {"b": shape}, weights=weights, kind=kind)
    imported = import_model(source, target, "upscale")
    contract = imported.contract
    assert (contract.channels, contract.scale, contract.halo_measured, contract.step) == ((1, 1), 3, 0, 1)
    assert ("float16" in " ".join(imported.unknown)) == (kind == TensorProto.FLOAT16)
    picture = drawn((7, 10), 1, depth="float")
    expected = 1 - picture.pixels.repeat(3, axis=0).repeat(3, axis=1)
    result = convert(picture, open_model(target))
    np.testing.assert_allclose(result.pixels, expected, rtol=0, atol=2e-3 if kind == TensorProto.FLOAT16 else 1e-6)


@pytest.mark.parametrize(
    ("make", "channels", "step", "reach"),
    [
        (partial(Residual, 1, 5), 1, 1, 6),
        (partial(Residual, 1, 3, norm=True), 1, 1, None),
        (Unet, 3, 4, 13),
        (partial(Unet, resized=True), 3, 4, 13),
    ],
    ids=["convolutions", "instance norm", "u-net", "u-net of any size"],
)
def test_step_and_reach_are_what_they_are(source, target, make, channels, step, reach):
    """The last one takes any height and width, but repeats itself only every four pixels."""
    exported(source, seeded(make), channels)
    imported = import_model(source, target, "denoise")
    contract = imported.contract
    assert (contract.step, contract.halo_measured) == (step, reach)
    assert contract.halo == reach
    picture = drawn((4 * 7, 4 * 9), channels, depth="float")
    close(convert(picture, open_model(target)), pixels(by_hand(source, planes(picture))))
    assert any(line.startswith("halo: ") for line in imported.measured)


def test_noted_sizes_are_freed_where_others_run_as_well(source, target):
    exported(source, seeded(Residual), 1, free=False)
    imported = import_model(source, target, "denoise")
    assert imported.contract.size is None
    assert "sizes: its file has 32×32, but others run too: the model takes any" in imported.measured
    exported(source, seeded(Residual), 1)
    picture = drawn((11, 20), 1, depth="float")
    close(convert(picture, open_model(target)), pixels(by_hand(source, planes(picture))))


def test_one_size_stays_one_size(source, target):
    exported(source, seeded(partial(Placed, 16, 16)), 3, free=False, size=(16, 16))
    imported = import_model(source, target, "denoise")
    assert (imported.contract.size, imported.contract.halo) == (16, None)
    picture = drawn((16, 16), depth="float")
    close(convert(picture, open_model(target)), pixels(by_hand(source, planes(picture))))
    with pytest.raises(WrongUse, match="16×16 only"):
        convert(drawn((15, 16)), open_model(target))


def test_a_model_of_one_picture_at_a_time_gets_them_one_by_one(source, target):
    nodes = [
        helper.make_node("Shape", ["a"], ["all"]),
        helper.make_node("Slice", ["all", "two", "four"], ["sides"]),
        helper.make_node("Concat", ["one", "sides"], ["size"], axis=0),
        helper.make_node("Reshape", ["a", "size"], ["b"]),
    ]
    weights = {"two": np.array([2]), "four": np.array([4]), "one": np.array([1, 3])}
    graph_of(source, nodes, {"a": PICTURE}, {"b": PICTURE}, weights=weights)
    import_model(source, target, "denoise")
    assert read_graph(source).inputs[0].shape == (None, 3, None, None)
    assert onnx.load(target).graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1
    x = np.random.default_rng(0).random((2, 3, 6, 5), np.float32)
    for engine in registry.available("engines"):
        np.testing.assert_array_equal(open_model(target, engine).run(x), x)


@pytest.mark.parametrize("opset", [11, 13])
def test_scores_of_classes_become_probabilities(source, target, opset):
    node = helper.make_node("Conv", ["a", "w"], ["b"])
    weights = {"w": 9 * mixing_weights(3, 5)}
    graph_of(source, [node], {"a": PICTURE}, {"b": None}, weights=weights, opset=opset)
    with pytest.raises(WrongUse, match=r"not probabilities; if these are scores \(logits\), .* \(--softmax\)"):
        import_model(source, target, "segment")
    imported = import_model(source, target, "segment", ImportOptions(softmax=True))
    assert imported.contract.channels == (3, 5)
    assert imported.contract.settings["values"] == [0, 1, 2, 3, 4]
    picture = drawn((20, 12), depth="float")
    scores = by_hand(source, planes(picture))
    powers = np.exp(scores)
    result = open_model(target).run(planes(picture))
    np.testing.assert_allclose(result, powers / powers.sum(axis=1, keepdims=True), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(convert(picture, open_model(target)).pixels[:, :, 0], scores[0].argmax(axis=0))


@pytest.mark.parametrize("softmax", [False, True])
def test_one_class_is_the_foreground(source, target, softmax):
    nodes = [helper.make_node("Conv", ["a", "w"], ["c"]), helper.make_node("Sigmoid", ["c"], ["b"])]
    if softmax:
        nodes = [helper.make_node("Conv", ["a", "w"], ["b"])]
    out = ["n", 1, "h", "w"]
    graph_of(source, nodes, {"a": PICTURE}, {"b": out}, weights={"w": np.float32([6, 0, -6]).reshape(1, 3, 1, 1)})
    imported = import_model(source, target, "segment", ImportOptions(softmax=softmax), {"values": (0, 255)})
    assert imported.contract.channels == (3, 2)
    picture = drawn((8, 9), depth="float")
    y = by_hand(source, planes(picture))
    foreground = (y > 0) if softmax else (y > 0.5)
    assert 0 < foreground.mean() < 1
    np.testing.assert_array_equal(convert(picture, open_model(target)).pixels[:, :, 0], foreground[0, 0] * 255)


def test_one_of_several_outputs_is_taken(source, target):
    nodes = [helper.make_node("Neg", ["a"], ["aux"]), helper.make_node("Relu", ["a"], ["out"])]
    graph_of(source, nodes, {"a": PICTURE}, {"aux": PICTURE, "out": PICTURE})
    with pytest.raises(Unreadable, match=r"2 outputs: aux \(\?×3×\?×\?\), out .*--graph-output"):
        import_model(source, target, "denoise")
    with pytest.raises(WrongUse, match="no output 'oot'"):
        import_model(source, target, "denoise", ImportOptions(output="oot"))
    import_model(source, target, "denoise", ImportOptions(output="out"))
    picture = drawn((5, 6), depth="float")
    close(convert(picture, open_model(target)), picture.pixels)


def test_a_wrong_range_is_suspected(source, target):
    """It clips to 0 to 255, and loses nothing there; with 1 as white it would lose what is below a gray level."""
    nodes = [helper.make_node("Div", ["a", "white"], ["d"]), helper.make_node("Mul", ["d", "white"], ["m"])]
    nodes += [helper.make_node("Round", ["m"], ["b"])]
    weights = {"white": np.float32([255])}
    graph_of(source, nodes, {"a": PICTURE}, {"b": PICTURE}, weights=weights)
    suspicion = "value range: 0-1 looks wrong"
    assert any(line.startswith(suspicion) for line in import_model(source, target, "denoise").unknown)
    unknown = import_model(source, target, "denoise", ImportOptions(range="0-255")).unknown
    assert not any("looks wrong" in line for line in unknown)


def test_every_task_takes_what_fits_it(source, target):
    for leaving, task, other in ((3, "restore", "denoise"), (2, "colorize", "scene")):
        node = helper.make_node("Conv", ["a", "w"], ["b"])
        ends = {"a": ["n", 1, "h", "w"]}, {"b": None}
        graph_of(source, [node], *ends, weights={"w": mixing_weights(1, leaving)})
        assert import_model(source, target, task).contract.channels == (1, leaving)
        with pytest.raises(WrongUse, match=f"turns 1 channels into {leaving} .* {other} .* needs"):
            import_model(source, target, other)


def sentences():
    """What is wrong with a file: how it is made, what is asked, the sentence."""
    of = partial(simple)
    yield (
        "two inputs",
        lambda p: graph_of(
            p, [helper.make_node("Add", ["a", "sigma"], ["b"])], {"a": PICTURE, "sigma": [1]}, {"b": PICTURE}
        ),
        {},
        r"2 inputs: a \(\?×3×\?×\?\), sigma \(1\); repix supports models with one",
    )
    yield "no shape", partial(of, shape=None), {}, r"input a \(no shape\); it must have four axes"
    yield "three axes", partial(of, shape=[3, "h", "w"], out=None), {}, r"a \(3×\?×\?\); it must have four axes"
    yield "uint8", partial(of, kind=TensorProto.UINT8), {}, "of uint8; it must be float32"
    yield (
        "unknown operator",
        partial(of, operator="Magic", domains=["my.core"]),
        {},
        "cannot be opened by OpenVINO: .*Magic",
    )
    yield (
        "four channels",
        partial(of, shape=["n", 4, "h", "w"], out=None),
        {},
        "4 channels into 4 with scale 1, .* 3 into 3 or 1",
    )
    yield (
        "smaller",
        lambda p: graph_of(
            p, [helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[3, 3])], {"a": PICTURE}, {"b": None}
        ),
        {},
        "returns 1×3×62×94 for a picture of 64×96, which is not a multiple",
    )
    yield "one number", partial(of, operator="GlobalAveragePool", out=None), {}, "returns 1×3×1×1 for a picture"
    yield (
        "not finite",
        partial(of, operator="Log"),
        {"options": ImportOptions(range="-1-1")},
        "values that are not finite",
    )
    yield (
        "not square",
        lambda p: exported(p, seeded(partial(Placed, 8, 32)), 3, free=False, size=(8, 32)),
        {},
        "8×32 only",
    )
    yield "not larger", of, {"task": "upscale"}, "returns pictures of the same size; upscale has the scales 2, 3 and 4"
    yield (
        "larger",
        lambda p: exported(p, seeded(Shuffled), 3),
        {},
        "enlarges pictures 2 times, but denoise keeps their size",
    )
    yield "softmax", of, {"options": ImportOptions(softmax=True)}, "softmax is for class scores"
    yield "bgr", partial(of, shape=["n", 1, "h", "w"], out=None), {"options": ImportOptions(bgr=True)}, "no BGR order"
    yield "means", of, {"options": ImportOptions(mean=(0.1, 0.2))}, "mean holds 2 numbers for 3 channels"
    yield "old", partial(of, opset=6), {"options": ImportOptions(bgr=True)}, "opset 6"


@pytest.mark.parametrize(
    ("make", "asked", "sentence"), [one[1:] for one in sentences()], ids=[s[0] for s in sentences()]
)
def test_what_cannot_be_used_is_one_sentence(source, target, make, asked, sentence):
    make(source)
    with pytest.raises((Unreadable, WrongUse), match=sentence):
        import_model(source, target, **{"task": "denoise", **asked})
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not an ONNX model"),
        (b"no model", "not an ONNX model"),
        (b"PK\x03\x04 archive", "a PyTorch checkpoint"),
        (b"\x08\x08\x3a\x05abcde", "not an ONNX model, or is damaged"),
    ],
)
def test_other_files_are_refused(source, target, content, sentence):
    source.write_bytes(content)
    with pytest.raises(Unreadable, match=sentence):
        import_model(source, target, "denoise")


def test_every_cut_of_a_file_is_one_sentence(source, target):
    """Where the engine would not notice, the graph lacks an output."""
    content = simple(source).read_bytes()
    for end in range(0, len(content), 3):
        source.write_bytes(content[:end])
        with pytest.raises(Unreadable):
            import_model(source, target, "denoise")


def test_a_model_of_repix_needs_no_import(source, target):
    simple(source)
    import_model(source, target, "denoise")
    with pytest.raises(Unreadable, match="has a contract already"):
        import_model(target, source, "denoise")
    with pytest.raises(Unwritable, match="is a folder"):
        import_model(source, target.parent, "denoise")
