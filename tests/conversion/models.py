"""Tiny models made with `onnx`, whose results NumPy computes too."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from repix.conversion import Contract


def mixing(contract: Contract, seed: int = 0) -> tuple[bytes, np.ndarray]:
    """A graph that mixes channels and repeats each pixel `scale` times, and its weights out × in."""
    arriving, leaving = contract.channels
    weights = np.random.default_rng(seed).random((leaving, arriving), np.float32) / arriving
    shuffled = np.repeat(weights, contract.scale**2, axis=0).reshape(leaving, -1, arriving)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["mixed"]),
        helper.make_node("DepthToSpace", ["mixed"], ["y"], blocksize=contract.scale, mode="CRD"),
    ]
    constant = numpy_helper.from_array(shuffled.reshape(-1, arriving, 1, 1), "w")
    return graph(nodes, [constant], contract), weights


def mixed(x: np.ndarray, weights: np.ndarray, scale: int) -> np.ndarray:
    """The same in numpy."""
    y = np.einsum("oc,nchw->nohw", weights, x)
    return y.repeat(scale, axis=2).repeat(scale, axis=3)


def graph(nodes: list, constants: list, contract: Contract) -> bytes:
    arriving, leaving = contract.channels
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", arriving, "h", "w"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", leaving, "i", "j"])
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", [x], [y], constants), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    return model.SerializeToString()


def convolutions(contract: Contract, width: int = 16, layers: int = 4) -> bytes:
    """A row of 3×3 convolutions: enough arithmetic for fewer bits, memory and other sizes to be seen."""
    nodes, constants, channels = [], [], contract.channels[0]
    rng = np.random.default_rng(5)
    for layer in range(layers):
        last = layer == layers - 1
        leaving = contract.channels[1] if last else width
        weights = rng.standard_normal((leaving, channels, 3, 3)).astype(np.float32) / np.float32(3 * channels**0.5)
        constants.append(numpy_helper.from_array(weights, f"w{layer}"))
        name = "y" if last else f"c{layer}"
        nodes.append(helper.make_node("Conv", [f"r{layer}" if layer else "x", f"w{layer}"], [name], pads=[1, 1, 1, 1]))
        if not last:
            nodes.append(helper.make_node("Relu", [name], [f"r{layer + 1}"]))
        channels = leaving
    return graph(nodes, constants, contract)
