"""Measured checkerboards: the score, inner outputs, and their agreement with the prediction."""

from fractions import Fraction

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from repix import registry, upsampling
from repix.audit import audit_model
from repix.audit.graph import read_graph
from repix.audit.measurement import measured_strength
from repix.audit.prediction import LIMIT
from repix.audit.probes import Shape, synthetic_probes, texture, without_side_inputs
from repix.audit.runner import with_output
from repix.audit.spectrum import Spectrum, harmonics, strength, tile_powers, window_power
from repix.conversion import Contract
from repix.errors import Unreadable, WrongUse
from repix.pictures import Picture, write
from tests.audit.zoo import Net, content, outer, verdicts

MEASURED = [name for number, name in enumerate(verdicts()) if "line" not in name and (number % 2 or "noise" in name)]
"""Half of the networks; those on a line take no pictures."""


def checkerboard(side: int, amplitude: float, base: float = 0.5) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side]
    return (base + amplitude * (1 - 2 * ((rows + columns) % 2)))[None, None]


@pytest.mark.parametrize(("levels", "score"), [(1.0, 30.1), (0.1, 10.5), (10.0, 50.1)])
def test_the_score_of_a_checkerboard_on_a_flat_area_follows_from_its_amplitude(levels, score):
    flat = checkerboard(96, levels * 0.5 / 255)  # relative to the root mean square, which is 0.5
    found = measured_strength([flat], harmonics((2, 2)))
    assert found.score == pytest.approx(score, abs=0.3)
    assert found.amplitude == pytest.approx(levels, rel=1e-3)
    assert found.frequency == (Fraction(1, 2), Fraction(1, 2))


def test_the_score_does_not_depend_on_the_range_of_values():
    x = checkerboard(96, 0.01) + 0.02 * texture(1, (96, 96), 3)
    scores = [measured_strength([scale * x], harmonics((2, 2))).score for scale in (1, 255, 1e-3)]
    np.testing.assert_allclose(scores, scores[0], atol=1e-6)


def test_texture_alone_has_no_pattern_and_hides_a_weak_one():
    x = texture(3, (192, 192), 5)[None]
    assert measured_strength([x], harmonics((2, 2))).score < 3
    faint = x + checkerboard(192, 0.002, 0.0)
    plain = measured_strength([checkerboard(192, 0.002)], harmonics((2, 2)))
    assert measured_strength([faint], harmonics((2, 2))).score < plain.score - 10


def test_the_spectrum_of_a_window_agrees_with_that_of_a_period():
    tile = np.random.default_rng(0).normal(size=(1, 2, 4, 4))
    found = Spectrum(window_power(np.tile(tile, (1, 1, 12, 12))), 1.0)
    for stride in (2, 4):
        frequencies = harmonics((stride, stride))
        for (_, measured, _), exact in zip(found.powers(frequencies), tile_powers(tile, frequencies), strict=True):
            # a window sees the mean of opposite waves of a real tensor, as a period does
            assert measured == pytest.approx(exact, rel=0.35)


def test_nothing_has_no_strength():
    assert strength([], 1.0) is None
    assert strength([((Fraction(1, 2), Fraction(0)), 0.0, 0.0)], 0.0) is None


def test_predicted_and_measured_agree_on_the_networks(tmp_path):
    predicted, constant, scores = [], [], []
    for name in MEASURED:
        path = tmp_path / "model.onnx"
        path.write_bytes(content(name))
        found = audit_model(path, engine="onnxruntime")
        by_kind = {one.kind: one.strength.score for one in found.measurement.kinds}
        result = found.prediction.result
        predicted.append(0.0 if result is None else result.score)
        constant.append(by_kind["constant"])
        scores.append(found.score)
        assert (found.score <= LIMIT) == verdicts()[name], name
    assert len(MEASURED) >= 30
    np.testing.assert_allclose(constant, predicted, atol=0.3)
    assert spearman(predicted, scores) >= 0.9


def spearman(first, second) -> float:
    """The rank correlation; equal values, up to a tenth of a decibel, have the mean of their ranks."""
    return float(np.corrcoef(*(ranks(np.round(one, 1)) for one in (first, second)))[0, 1])


def ranks(values) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def test_the_rank_correlation_is_what_scipy_computes():
    from scipy.stats import spearmanr

    values = np.random.default_rng(0).integers(0, 9, (2, 30))
    assert spearman(*values) == pytest.approx(spearmanr(*values).statistic)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_layer_is_measured_inside_the_model(engine, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content("uneven, then a box of two pixels"))
    found = audit_model(path, engine=engine)
    (layer,) = found.measurement.layers
    assert layer.constant.score == pytest.approx(found.prediction.layers[0].in_layer.score, abs=0.3)
    assert layer.constant.score > 60
    assert found.score < 3
    assert found.origin is None


def test_a_copy_with_another_output_computes_the_same(tmp_path):
    net = Net().conv(4)
    inside = net.at
    model = net.relu().transposed(np.ones((4, 1, 2, 2))).model()
    session = onnxruntime.InferenceSession(with_output(model, inside))
    x = np.random.default_rng(0).random((1, 1, 8, 8), np.float32)
    assert [one.name for one in session.get_outputs()] == [inside]
    assert session.run(None, {"x": x})[0].shape == (1, 4, 8, 8)
    with pytest.raises(Unreadable):
        with_output(b"", inside)


def test_the_layer_where_a_pattern_is_born_is_named(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content("even, then uneven"))
    found = audit_model(path)
    assert found.origin.layer.node.name == "ConvTranspose_1"
    assert "checkerboard of period 2" in found.verdict
    assert "ConvTranspose_1" in found.verdict


class Trained(nn.Module):
    """A torch module with an uneven and an even upsampler."""

    def __init__(self, upsampler):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.up = upsampler
        self.last = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, x):
        return self.last(torch.relu(self.up(torch.relu(self.first(x)))))


@pytest.mark.parametrize(("name", "clean"), [("transposed", False), ("checkerboard-free", True), ("bilinear", True)])
def test_torch_modules_are_audited(name, clean):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        make = getattr(upsampling, name.replace("-", "_"))
        module = Trained(make(8, 8, scale=2) if name != "bilinear" else make(8, scale=2))
    before = {key: value.clone() for key, value in module.state_dict().items()}
    found = audit_model(module)
    assert found.prediction.is_clean is clean
    assert (found.score <= LIMIT) is clean
    assert module.training
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_pictures_of_a_folder_are_measured_and_located(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(Net().transposed(outer([1, 2, 2]) / 6, pads=[1, 1, 1, 1], output_padding=[1, 1]).model())
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(2):
        colors = np.moveaxis(texture(3, (400, 420), number), 0, -1)
        write(Picture.of(colors), photos / f"{number}.png")
    found = audit_model(path, pictures=photos)
    kind = next(one for one in found.measurement.kinds if one.kind == "pictures")
    assert kind.strength.score > LIMIT
    assert kind.worst.name in ("0.png", "1.png")
    assert len(kind.truth) == len(kind.azimuthal)


def test_the_audit_of_a_bundled_model_agrees_with_its_prediction():
    found = audit_model("upscale-x2")
    layer, measured = found.prediction.layers[0], found.measurement.layers[0]
    assert measured.constant.score == pytest.approx(layer.in_layer.score, abs=0.5)
    assert found.prediction.is_clean
    assert found.score < LIMIT


class TestBadInput:
    def test_no_upsampling(self, tmp_path):
        path = tmp_path / "plain.onnx"
        path.write_bytes(Net().conv(3).model())
        found = audit_model(path)
        assert found.verdict == "plain.onnx has no upsampling layer, so it makes no checkerboard."
        assert (found.score, found.measurement) == (0.0, None)

    def test_computed_kernel(self, tmp_path):
        net = Net()
        net.node("ReduceMean", keepdims=1)
        net.node("Mul", net.constant(np.ones((1, 2, 4, 4))))
        kernel, net.at = net.at, "x"
        path = tmp_path / "computed.onnx"
        path.write_bytes(net.node("ConvTranspose", kernel, strides=[2, 2]).model())
        found = audit_model(path)
        assert found.prediction.layers[0].layer.note == "its weights are computed while the model runs"
        assert "weights that are computed from the picture" in found.prediction.unknown
        assert found.notes == [f"{found.prediction.unknown}, so the prediction is not complete."]
        assert found.prediction.is_clean is None

    def test_control_flow(self, tmp_path):
        from onnx import TensorProto, helper

        branch = helper.make_graph(
            [helper.make_node("Identity", ["big"], ["same"])],
            "branch",
            [],
            [helper.make_tensor_value_info("same", TensorProto.FLOAT, None)],
        )
        net = Net()
        net.transposed(outer([1, 1, 1]))
        net.nodes[-1].output[0] = "big"
        condition = net.constant(True, np.bool_)
        net.nodes.append(
            helper.make_node("If", [condition], ["y"], name="If_1", then_branch=branch, else_branch=branch)
        )
        net.at = "y"
        path = tmp_path / "branched.onnx"
        path.write_bytes(net.model())
        found = audit_model(path)
        assert found.prediction.unknown == "If 'If_1' chooses or repeats a graph (control flow)"
        assert found.score > LIMIT  # it is measured all the same
        assert found.notes == [f"{found.prediction.unknown}, so the prediction is not complete."]

    def test_result_that_is_no_picture(self, tmp_path):
        path = tmp_path / "classes.onnx"
        path.write_bytes(Net().resize().conv(3).node("GlobalAveragePool").node("Flatten").model())
        found = audit_model(path)
        assert found.verdict == (
            "classes.onnx cannot be judged as a whole (its result of 1×3 is not a picture); all its upsampling layers "
            "are even."
        )

    def test_several_inputs(self, tmp_path):
        from onnx import TensorProto, helper

        x = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1, "h", "w"]) for name in ("a", "b")]
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        made = helper.make_model(helper.make_graph([helper.make_node("Add", ["a", "b"], ["y"])], "two", x, [y]))
        path = tmp_path / "two.onnx"
        path.write_bytes(made.SerializeToString())
        with pytest.raises(Unreadable, match=r"has 2 inputs \(a, b\); repix audits models with one"):
            audit_model(path)

    def test_wrong_arguments(self, tmp_path):
        with pytest.raises(WrongUse, match="white, must be larger"):
            audit_model("upscale-x2", levels=(1.0, 0.0))
        with pytest.raises(WrongUse, match="it is for torch modules"):
            audit_model("upscale-x2", channels=3)
        with pytest.raises(WrongUse, match="The model is a list"):
            audit_model([1])
        with pytest.raises(Unreadable, match="no such file"):
            audit_model(tmp_path / "nowhere.onnx")

    def test_folder_without_large_pictures(self, tmp_path):
        write(Picture.of(np.zeros((20, 20, 3))), tmp_path / "small.png")
        with pytest.raises(Unreadable, match="all are smaller than"):
            audit_model("upscale-x2", pictures=tmp_path)


def test_channels_last_is_read(tmp_path):
    from onnx import TensorProto, helper

    net = Net()
    net.at = "planes"
    net.transposed(outer([1, 1, 1]))
    turned = helper.make_node("Transpose", ["x"], ["planes"], perm=[0, 3, 1, 2])
    back = helper.make_node("Transpose", [net.at], ["y"], perm=[0, 2, 3, 1])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", "h", "w", 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([turned, *net.nodes, back], "last", [x], [y], net.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    path = tmp_path / "last.onnx"
    path.write_bytes(model.SerializeToString())
    found = audit_model(path)
    assert read_graph(path).inputs[0].channels_last
    assert found.score == pytest.approx(found.prediction.result.score, abs=0.3)
    assert found.score > 60


def test_a_model_with_side_inputs_is_measured_with_their_defaults():
    task = registry.get("tasks", "colorize")({"hints": [0, 50]})
    contract = Contract("colorize", task.settings.to_dict(), channels=task.channels, side_inputs=task.side.inputs)
    shape = Shape(4, (32, 40), (0.0, 1.0))
    before, plain = list(synthetic_probes(shape)), Contract("denoise", channels=(4, 4))
    for probe in before:
        measured = without_side_inputs(probe, contract)
        np.testing.assert_array_equal(measured.x[:, :1], probe.x[:, :1])
        assert (measured.x[:, 1:] == 0).all()
        assert without_side_inputs(probe, plain) is without_side_inputs(probe, None) is probe
    assert any(probe.x[:, 1:].any() for probe in before)
