"""`repix audit --fix`: any ONNX file gets even layers, and nothing else changes."""

import json
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from repix import registry
from repix.audit import audit_model, fix_model
from repix.audit.correction import Change, even_content
from repix.audit.graph import graph_of, read_graph
from repix.audit.prediction import Prediction, predict
from repix.audit.runner import channels_of
from repix.cli._app import run
from repix.conversion import Contract, read_model
from repix.conversion.model_file import with_contract
from repix.errors import MissingLibrary, RepixError, Unreadable, Unwritable, WrongUse
from repix.pictures import Picture, write
from tests.audit.zoo import BROKEN, Net, content, even, outer

GRADED = [one for one in BROKEN if one.endswith("noise")]
UNFIXABLE = {
    "dilated by 2 at stride 2: gaps": "phases without weights",
    "zeros between": "phases without weights",
    "shuffle by reshape, random kernels": "no kernel",
    "quantized weights": "not stored as",
}


def _r(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.fixture
def fixed(tmp_path):
    """Makes the layers of a model even, without measuring it: the changes, and the new model with its prediction."""

    def made(model: bytes | Net):
        source = tmp_path / "source.onnx"
        source.write_bytes(model if isinstance(model, bytes) else model.model())
        graph = read_graph(source)
        content, changes, skipped = even_content(graph, predict(graph, channels_of(graph)))
        new = graph_of(source, content, None)
        return Fixed(changes, skipped, predict(new, channels_of(new)), onnx.load_from_string(content))

    return made


@dataclass(frozen=True)
class Fixed:
    """A model with even layers."""

    changes: list[Change]
    skipped: list[str]
    prediction: Prediction
    model: onnx.ModelProto


def result(model, value=0.5):
    """The result for a constant picture, away from the border."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    channels = given.shape[1]
    sides = [one if isinstance(one, int) else 48 for one in given.shape[2:]]
    x = np.full((1, channels, *sides), value, np.float32)
    y = session.run(None, {given.name: x})[0]
    return y[(..., *(slice(side // 4, -(side // 4)) for side in y.shape[2:]))]


@pytest.mark.parametrize("name", [one for one in BROKEN if one not in {*UNFIXABLE, *GRADED[1:-1]}])
def test_every_layer_is_even_and_constants_stay_constant(fixed, name):
    found = fixed(content(name))
    assert found.skipped == []
    assert all(one.layer.phases.even for one in found.prediction.layers if one.layer.phases is not None)
    y = result(found.model)
    flat = np.ptp(y, axis=tuple(range(2, y.ndim))).max()
    assert flat <= 1e-5 * max(1.0, np.abs(y).max())
    assert found.prediction.is_clean is not False


@pytest.mark.parametrize(("name", "reason"), UNFIXABLE.items())
def test_a_layer_that_cannot_be_even_is_refused_with_the_reason(tmp_path, name, reason):
    source, target = tmp_path / "source.onnx", tmp_path / "even.onnx"
    source.write_bytes(content(name))
    with pytest.raises(WrongUse, match=reason):
        fix_model(source, target)
    assert [one.name for one in tmp_path.iterdir()] == ["source.onnx"]


@pytest.mark.parametrize(
    "net",
    [
        lambda: Net().conv(4).transposed(_r(4, 3, 3, 4), [3, 2], group=2),
        lambda: Net().conv(4).transposed(_r(4, 2, 3, 3), dilations=[3, 3], group=2),
        lambda: Net().conv(8, bias=_r(8)).relu().shuffle(mode="DCR").conv(1),
        lambda: Net().conv(8).conv(weights=_r(8, 4, 3, 3), group=2).shuffle(),
    ],
    ids=["groups, strides (3, 2)", "groups, dilation 3", "DCR, bias, ReLU", "shuffle, groups"],
)
def test_groups_dilations_strides_and_biases(fixed, net):
    new = fixed(net()).model
    y = result(new)
    assert np.ptp(y, axis=(2, 3)).max() <= 1e-5 * np.abs(y).max()


def test_groups_that_split_blocks_are_no_pair_of_phases(fixed):
    with pytest.raises(WrongUse, match="in several groups"):
        fixed(Net().conv(8).conv(weights=_r(8, 4, 3, 3), group=2).shuffle(mode="DCR"))


def test_a_bias_that_is_added_later_is_equalized_with_the_own_one(fixed):
    net = Net().conv(8, bias=_r(8))
    net.node("Add", net.constant(_r(1, 8, 1, 1, seed=2)))
    new = fixed(net.shuffle()).model
    y = result(new)
    assert np.ptp(y, axis=(2, 3)).max() <= 1e-5 * np.abs(y).max()


def test_weights_of_16_bits_stay_so_and_the_old_ones_are_removed(fixed):
    net = Net()
    net.at, start = net.constant(_r(1, 2, 4, 4), np.float16), net.at
    net.node("Cast", to=TensorProto.FLOAT)
    weights, net.at = net.at, start
    found = fixed(net.node("ConvTranspose", weights, strides=[2, 2]))
    (stored,) = found.model.graph.initializer
    assert stored.data_type == TensorProto.FLOAT16
    assert [node.op_type for node in found.model.graph.node] == ["Cast", "ConvTranspose"]
    assert found.prediction.layers[0].layer.phases.even


def test_weights_of_8_bits_with_scales_become_even_ones_of_32_bits(fixed):
    """As `repix export --weight-bits 8` stores them: codes, a cast, and a scale for each output channel."""
    net = Net().conv(8)
    start = net.at
    net.at = net.constant(np.rint(50 * _r(8, 8, 3, 3)), np.int8)
    net.node("Cast", to=TensorProto.FLOAT).node("Mul", net.constant(1 + _r(8, 1, 1, 1) ** 2))
    weights, net.at = net.at, start
    found = fixed(net.node("Conv", weights, pads=[1, 1, 1, 1]).shuffle())
    assert [node.op_type for node in found.model.graph.node] == ["Conv", "Conv", "DepthToSpace"]
    assert {one.data_type for one in found.model.graph.initializer} == {TensorProto.FLOAT}
    assert found.prediction.layers[0].layer.phases.even
    y = result(found.model)
    assert np.ptp(y[:, :, 4:-4, 4:-4], axis=(2, 3)).max() <= 1e-5 * np.abs(y).max()


def test_shared_weights_change_only_where_they_are_uneven(fixed):
    """One kernel is used at strides 2, 3 and 1: each uneven node gets its own, the third keeps it."""
    net = Net()
    kernel = _r(1, 1, 5, 5)
    net.transposed(kernel).transposed(kernel, [3, 3]).transposed(kernel, [1, 1])
    for node in net.nodes:
        node.input[1] = "w0"
    del net.weights[1:]
    found = fixed(net)
    values = {one.name: numpy_helper.to_array(one) for one in found.model.graph.initializer}
    used = [values[node.input[1]] for node in found.model.graph.node]
    assert len(found.changes) == 2
    assert len(values) == 3
    np.testing.assert_array_equal(used[2], kernel.astype(np.float32))
    assert np.abs(used[0] - used[1]).max() > 0.01


def test_equal_nodes_keep_sharing_their_weights(fixed):
    net = Net().transposed(_r(1, 1, 4, 4)).transposed(np.ones((1, 1, 4, 4)))
    net.nodes[1].input[1] = "w0"
    del net.weights[1:]
    new = fixed(net).model
    assert len(new.graph.initializer) == 1


def test_weights_in_constant_nodes(fixed):
    net = Net()
    value = numpy_helper.from_array(_r(1, 2, 4, 4).astype(np.float32))
    net.nodes.append(helper.make_node("Constant", [], ["kernel"], value=value))
    new = fixed(net.node("ConvTranspose", "kernel", strides=[2, 2])).model
    assert [node.op_type for node in new.graph.node] == ["ConvTranspose"]


def test_a_file_of_an_old_format_whose_weights_are_inputs_stays_valid(fixed):
    old = onnx.load_model_from_string(content("random 3x3"))
    old.ir_version = 3
    del old.opset_import[:]
    old.opset_import.extend([helper.make_opsetid("", 8)])
    old.graph.output[0].CopyFrom(helper.make_tensor_value_info(old.graph.output[0].name, 1, ["n", 3, "h2", "w2"]))
    for one in old.graph.initializer:
        old.graph.input.append(helper.make_tensor_value_info(one.name, one.data_type, one.dims))
    new = fixed(old.SerializeToString()).model
    assert {one.name for one in new.graph.initializer} < {one.name for one in new.graph.input}
    assert len(new.graph.input) == len(old.graph.input)
    onnx.checker.check_model(new)


def test_a_convolution_with_a_second_use_is_left(fixed):
    net = Net().conv(8)
    kept = net.at
    net.shuffle()
    shuffled = net.at
    net.at, net.width = kept, 8
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]).resize(4)
    net.width = 8
    net.conv(2, 1).node("Add", shuffled)
    with pytest.raises(WrongUse, match="is used by MaxPool"):
        fixed(net)


def test_layers_that_cannot_be_fixed_are_named_beside_those_that_can(fixed):
    found = fixed(Net().transposed(_r(1, 2, 4, 4)).transposed(np.ones((2, 1, 1, 1))))
    (sentence,) = found.skipped
    assert "stays as it is: a kernel of 1×1 at stride 2×2" in sentence
    assert len(found.changes) == 1


def _with_contract(path, net=None):
    contract = Contract(
        "upscale", {"color": False, "scale": 2}, channels=(1, 1), scale=2, halo=3, halo_measured=2,
        trained={"seed": 1}, metrics=({"name": "psnr-gray", "value": 30.0},),
    )  # fmt: skip
    net = net or Net().conv(4).transposed(_r(4, 1, 4, 4) / 8, pads=[1, 1, 1, 1])
    path.write_bytes(with_contract(net.model(), contract))
    return contract


def test_a_contract_is_kept_without_what_was_measured_before(tmp_path):
    source, target = tmp_path / "source.onnx", tmp_path / "even.onnx"
    contract = _with_contract(source)
    before = source.read_bytes()
    fix_model(source, target)
    new = read_model(target).contract  # with a checksum that is right
    assert (new.task, new.settings, new.halo, new.scale) == ("upscale", contract.settings, 3, 2)
    assert new.trained == {"seed": 1, "layers made even": ["transposed convolution 'ConvTranspose_1'"]}
    assert (new.metrics, new.halo_measured) == ((), None)
    assert source.read_bytes() == before


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(2):
        write(Picture(rng.integers(0, 255, (400, 400, 1), np.uint8)), folder / f"{number}.png")
    return folder


def test_the_cost_is_measured_on_pictures(tmp_path, pictures, capsys):
    source, target = tmp_path / "source.onnx", tmp_path / "even.onnx"
    _with_contract(source)
    assert run(["audit", str(source), "--fix", str(target), "--pictures", str(pictures)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("before: source.onnx has a checkerboard of period 2: ")
    assert "after: even.onnx has no checkerboard" in printed
    assert "PSNR between the results before and after, on 2 pictures: mean " in printed
    assert "PSNR against the truth: " in printed
    assert run(["audit", str(source), "--fix", str(tmp_path / "b.onnx"), "--pictures", str(pictures), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["before"]["score"] > 40
    assert found["after"]["score"] < 10
    assert found["cost"]["psnr_between_worst"] <= found["cost"]["psnr_between_mean"] < 60
    assert (tmp_path / "b.onnx").read_bytes() == target.read_bytes()


def test_the_limit_is_about_the_new_model(tmp_path):
    source = tmp_path / "source.onnx"
    source.write_bytes(content("random 4x4"))
    assert run(["audit", str(source), "--fail-above", "10"]) == 1
    assert run(["audit", str(source), "--fix", str(tmp_path / "even.onnx"), "--fail-above", "10"]) == 0


def test_a_file_that_exists_is_kept(tmp_path):
    source, target = tmp_path / "source.onnx", tmp_path / "even.onnx"
    source.write_bytes(content("random 4x4"))
    target.write_bytes(b"old")
    with pytest.raises(Unwritable):
        fix_model(source, target)
    assert target.read_bytes() == b"old"
    fix_model(source, target, overwrite=True)
    assert audit_model(target).score < 10
    with pytest.raises(WrongUse, match="is the model itself"):
        fix_model(source, source, overwrite=True)
    link = tmp_path / "link.onnx"
    link.symlink_to(source)
    with pytest.raises(WrongUse, match="is the model itself"):
        fix_model(source, link, overwrite=True)
    assert source.read_bytes() == content("random 4x4")


@pytest.mark.parametrize(
    ("net", "target", "sentence"),
    [
        (lambda: Net().transposed(outer([1, 2, 1])), "even.onnx", "has no uneven layer"),
        (lambda: Net().conv(2), "even.onnx", "has no uneven layer"),
        (lambda: Net().transposed(even(_r(1, 1, 3, 3), 2)), "even.pt", "must end in .onnx"),
    ],
)
def test_nothing_to_fix_is_said_and_nothing_is_written(tmp_path, net, target, sentence):
    source = tmp_path / "source.onnx"
    source.write_bytes(net().model())
    with pytest.raises(RepixError, match=sentence):
        fix_model(source, tmp_path / target)
    assert [one.name for one in tmp_path.iterdir()] == ["source.onnx"]


def test_weights_in_another_file_are_refused(tmp_path):
    source = tmp_path / "source.onnx"
    model = onnx.load_model_from_string(content("random 4x4"))
    onnx.save(model, source, save_as_external_data=True, location="weights.bin", size_threshold=0)
    with pytest.raises(Unreadable, match="weights in another file"):
        fix_model(source, tmp_path / "even.onnx")


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    source = tmp_path / "source.onnx"
    source.write_bytes(content("random 4x4"))

    def missing(*names):
        raise MissingLibrary(f"{names[0]} is missing")

    monkeypatch.setattr(registry, "require_libraries", missing)
    with pytest.raises(MissingLibrary, match="onnx is missing"):
        fix_model(source, tmp_path / "even.onnx")
    assert not (tmp_path / "even.onnx").exists()
