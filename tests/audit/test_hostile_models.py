"""Models that are damaged, or that repix cannot run: one sentence, an exit code, and nothing half-written."""

import json
import warnings

import numpy as np
import onnx
import pytest

from repix.cli._app import run
from tests.audit.zoo import content

UNEVEN = np.random.default_rng(0).normal(size=(3, 3, 3, 3)).astype(np.float32)


def saved(path, nodes, weights, shape=("n", 3, "h", "w"), outputs=("y",)):
    """A model of some nodes; a weight is an array by its name."""
    made = onnx.helper.make_graph(
        [onnx.helper.make_node(kind, *names, **more) for kind, names, more in nodes],
        "hostile",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        [onnx.numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def transposed(path, kernel=UNEVEN, **more):
    """A model of one transposed convolution."""
    node = ("ConvTranspose", (["x", "w"], ["y"]), {"strides": [2, 2], "pads": [1, 1, 1, 1]})
    return saved(path, [node], {"w": kernel}, **more)


def said(capsys, *words):
    """The exit code, what was printed, and the only line of the errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code = run(list(map(str, words)))
    captured = capsys.readouterr()
    assert captured.err.count("\n") <= 1
    return code, captured.out, captured.err


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(value, tmp_path, capsys):
    kernel = UNEVEN.copy()
    kernel[1, 2, 0, 1] = value
    path = transposed(tmp_path / "broken.onnx", kernel)
    for words in ((), ("--fix", tmp_path / "even.onnx"), ("--fail-above", 10), ("--json",)):
        code, out, err = said(capsys, "audit", path, *words)
        assert (code, out) == (1, "")
        assert "weights that are NaN or infinite, in the transposed convolution 'y'" in err
    assert [one.name for one in tmp_path.iterdir()] == ["broken.onnx"]


def test_results_that_overflow_are_not_a_score(tmp_path, capsys):
    """float32 overflows; the prediction is made with 64 bits."""
    path = transposed(tmp_path / "large.onnx", np.float32(3e38) * np.sign(UNEVEN))
    code, out, err = said(capsys, "audit", path, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert "returns NaN or infinite values" in found["unmeasured"]
    assert found["inputs"] == []


@pytest.mark.parametrize("fix", [False, True])
def test_a_model_without_an_output_is_refused(fix, tmp_path, capsys):
    path = transposed(tmp_path / "none.onnx", outputs=())
    code, out, err = said(capsys, "audit", path, *(("--fix", tmp_path / "even.onnx") if fix else ()))
    assert (code, out) == (1, "")
    assert "none.onnx has no output" in err
    assert [one.name for one in tmp_path.iterdir()] == ["none.onnx"]


def test_a_model_of_whole_batches_is_predicted(tmp_path, capsys):
    path = transposed(tmp_path / "four.onnx", shape=(4, 3, 64, 64))
    code, out, err = said(capsys, "audit", path)
    assert (code, err) == (0, "")
    assert "four.onnx has a checkerboard of period 2" in out
    assert "takes 4 pictures at a time, so it can be predicted but not measured" in out


def test_what_hides_in_a_branch_is_no_even_layer(tmp_path, capsys):
    """The audit does not look into the branches of `If`, so it cannot say that there is nothing to fix."""
    branches = [
        onnx.helper.make_graph(
            [onnx.helper.make_node("ConvTranspose", ["x", "w"], [name], strides=[2, 2])],
            name,
            [],
            [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)],
        )
        for name in ("then", "else")
    ]
    choice = ("If", (["c"], ["y"]), {"then_branch": branches[0], "else_branch": branches[1]})
    path = saved(tmp_path / "if.onnx", [choice], {"w": UNEVEN, "c": np.array(True)})
    code, out, err = said(capsys, "audit", path, "--fix", tmp_path / "even.onnx")
    assert (code, out) == (2, "")
    assert "has no layer that repix could make even: If 'y'" in err
    assert [one.name for one in tmp_path.iterdir()] == ["if.onnx"]


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "folder", "missing"])
def test_files_that_are_no_models(damage, tmp_path, capsys):
    path = tmp_path / "model.onnx"
    whole = content("random 3x3")
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"not a model\n" * 50}[damage])
    for words in ((), ("--fix", tmp_path / "even.onnx")):
        code, out, err = said(capsys, "audit", path, *words)
        assert (code, out) == (1, "")
        assert "model.onnx" in err
    assert not (tmp_path / "even.onnx").exists()
