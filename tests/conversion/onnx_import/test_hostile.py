"""Malicious files: each is refused with one sentence before an engine sees it, and nothing is written."""

import json
import os
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from repix.conversion import Contract, open_model, read_model, write_model
from repix.conversion.graph_limits import require_bounded
from repix.conversion.model_file import _checksum
from repix.conversion.onnx_import import import_model, importer
from repix.conversion.onnx_import.receptive_field import UnboundedError, receptive_field
from repix.errors import RepixError, Unreadable
from tests.conversion.models import mixing
from tests.conversion.onnx_import import wire
from tests.conversion.onnx_import.models import PICTURE, graph_of, simple
from tests.conversion.onnx_import.random_graphs import CHANNELS, OPSET, random_graph
from tests.given import seeds
from tests.pictures.damage import damaged

CONTRACT = Contract("denoise", channels=(3, 3))


class EngineAsked(Exception):
    """The file came as far as an engine."""


def said(work):
    """What is said of a file, if anything; any other error than a refusal is a failure."""
    try:
        work()
    except (RepixError, UnboundedError, EngineAsked) as refusal:
        return str(refusal)
    return ""


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """Whatever is refused here is refused before an engine is asked."""

    def asked(*_):
        raise EngineAsked("an engine was asked")

    monkeypatch.setattr("repix.conversion.engines.openvino.open", asked)
    monkeypatch.setattr(importer, "bytes_per_pixel", lambda *_: 77)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path, sentence=""):
    """Both ways in: import, and the model opened with a contract."""
    with pytest.raises(Unreadable, match=sentence) as caught:
        import_model(path, "out.onnx", "denoise")
    assert "\n" not in str(caught.value)
    assert not Path("out.onnx").exists()
    return str(caught.value)


def refused_with_contract(path, sentence):
    write_model("own.onnx", path.read_bytes(), CONTRACT)
    with pytest.raises(Unreadable, match=sentence):
        open_model("own.onnx")


def outside(path, **told):
    """A model whose weights lie in another file."""
    weights = np.ones((3, 3, 1, 1), np.float32)
    node = helper.make_node("Conv", ["a", "w"], ["b"])
    graph_of(path, [node], {"a": PICTURE}, {"b": PICTURE}, weights={"w": weights})
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for name, value in told.items():
        tensor.external_data.add(key=name, value=value)
    path.write_bytes(model.SerializeToString())
    return path


SECRET = b"0123456789" * 10


BESIDE = {
    "a link": (lambda: Path("w").symlink_to("elsewhere/secret"), "w", "is a link"),
    "a link to a file beside": (lambda: Path("w").symlink_to("plain"), "w", "is a link"),
    "a folder that is a link": (lambda: Path("d").symlink_to("elsewhere"), "d/secret", "is a link"),
    "a pipe": (lambda: os.mkfifo("w"), "w", "not a regular file"),
    "a folder": (lambda: Path("w").mkdir(), "w", "not a regular file"),
    "a device": (lambda: Path("w").symlink_to("/dev/zero"), "w", "is a link"),
    "the model's folder": (lambda: None, ".", "outside of its folder"),
    "NUL": (lambda: None, "w\0x", "outside of its folder"),
    "above": (lambda: None, "elsewhere/../../secret", "outside of its folder"),
    "too long": (lambda: None, "w" * 5000, "cannot be read"),
    "commands for a terminal": (lambda: None, "w\n\x1b[31m", r"'w\\n\\x1b\[31m', outside of its folder"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize(("make", "name", "sentence"), BESIDE.values(), ids=BESIDE)
def test_weights_come_from_ordinary_files_only(here, make, name, sentence):
    """A pipe would be waited for without end; a link would bring any file's bytes into the new model."""
    Path("elsewhere").mkdir()
    for path in ("elsewhere/secret", "plain"):
        Path(path).write_bytes(SECRET)
    make()
    refused(outside(Path("m.onnx"), location=name, length="36"), sentence)


def test_a_link_to_the_model_is_fine(here, monkeypatch):
    """What its user named is its user's; the weights lie beside the name."""
    Path("w").write_bytes(np.ones(9, np.float32).tobytes())
    outside(here / "real.onnx", location="w")
    Path("m.onnx").symlink_to("real.onnx")
    with pytest.raises(EngineAsked, match="an engine was asked"):
        import_model("m.onnx", "out.onnx", "denoise")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"length": "9" * 5000}, "as the length of its tensor 'w'"),
        ({"offset": "9" * 5000}, "as the offset of its tensor 'w'"),
        ({"offset": "-4"}, "as the offset"),
        ({"offset": "0x10"}, "as the offset"),
        ({"offset": "१"}, "as the offset"),
        ({"offset": "9" * 18}, "is shorter than the weights"),
        ({"length": "35"}, "holds 35 bytes for its tensor 'w', whose shape needs 36"),
        ({"offset": "80"}, "is shorter than the weights"),
    ],
)
def test_places_in_a_file_of_weights(here, told, sentence):
    Path("w").write_bytes(SECRET)
    refused(outside(Path("m.onnx"), location="w", **told), sentence)


def test_weights_outside_of_a_finished_model_or_inside_a_node_are_refused(here):
    """An engine would look for them wherever it stands."""
    Path("w").write_bytes(SECRET)
    refused_with_contract(outside(here / "m.onnx", location="w"), "are in another file")
    tensor = onnx.load("m.onnx", load_external_data=False).graph.initializer[0]
    node = helper.make_node("Constant", [], ["c"], value=tensor)
    add = helper.make_node("Conv", ["a", "c"], ["b"])
    refused(graph_of(here / "n.onnx", [node, add], {"a": PICTURE}, {"b": PICTURE}), "are in another file")


def inner(*nodes, gives="i"):
    value = helper.make_tensor_value_info(gives, TensorProto.FLOAT, None)
    return helper.make_graph(list(nodes), "inner", [], [value])


def nested(depth):
    graph = inner(helper.make_node("Identity", ["a"], ["i"]))
    for _ in range(depth):
        graph = inner(helper.make_node("If", ["yes"], ["i"], then_branch=graph, else_branch=graph))
    return helper.make_node("If", ["yes"], ["b"], then_branch=graph, else_branch=graph)


def looping():
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Add", ["v", "v"], ["u"])], "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in (("d", TensorProto.BOOL), ("u", 1))],
    )  # fmt: skip
    return helper.make_node("Loop", ["many", "yes", "a"], ["b"], body=body)


def circle(*kinds):
    names = [f"c{number}" for number in range(len(kinds))]
    return [
        helper.make_node(kind, ["a", names[number - 1]], [name])
        for number, (kind, name) in enumerate(zip(kinds, names, strict=True))
    ]


def doubled(times):
    names = ["a", *(f"d{number}" for number in range(times)), "b"]
    return [helper.make_node("Concat", [one, one], [other], axis=1) for one, other in pairwise(names)]


GRAPHS = {
    "a circle of one": ([helper.make_node("Add", ["a", "b"], ["b"])], {}, "cycle"),
    "a circle": ([*circle("Add", "Mul", "Sub"), helper.make_node("Relu", ["c0"], ["b"])], {}, "cycle"),
    "an unknown input": ([helper.make_node("Add", ["a", "z"], ["b"])], {}, "reads 'z'"),
    "given twice": (
        [helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Neg", ["a"], ["b"])],
        {},
        "have the output 'b'",
    ),
    "no output": ([helper.make_node("Relu", ["a"], ["c"])], {}, "no node computes its output 'b'"),
    "a loop": ([looping()], {"many": np.array(10**12), "yes": np.array(True)}, "repeats a graph"),
    "choices in choices": ([nested(12)], {"yes": np.array(True)}, "too deep"),
    "a loop in a choice": (
        [
            helper.make_node(
                "If", ["yes"], ["b"], then_branch=inner(looping(), gives="b"), else_branch=inner(looping(), gives="b")
            )
        ],
        {"many": np.array(10**12), "yes": np.array(True)},
        "repeats a graph",
    ),
    "doubled": (doubled(60), {}, "a tensor of more than"),
    "tiled": (
        [helper.make_node("Tile", ["one", "times"], ["t"]), helper.make_node("Add", ["a", "t"], ["b"])],
        {"one": np.ones((1, 1, 1, 1), np.float32), "times": np.array([1, 1, 2**40, 2**40])},
        "a tensor of more than",
    ),
    "padded": (
        [helper.make_node("Pad", ["a", "many"], ["t"]), helper.make_node("ReduceMax", ["t"], ["b"])],
        {"many": np.array([0, 0, 2**20, 2**20, 0, 0, 0, 0])},
        "a tensor of more than",
    ),
    "resized": (
        [helper.make_node("Resize", ["a", "", "by"], ["t"]), helper.make_node("ReduceMax", ["t"], ["b"])],
        {"by": np.array([1, 1, 2**20, 2**20], np.float32)},
        "a tensor of more than",
    ),
    "doubled in a choice": (
        [
            helper.make_node(
                "If",
                ["yes"],
                ["b"],
                then_branch=inner(*doubled(60), gives="b"),
                else_branch=inner(helper.make_node("Neg", ["a"], ["c"]), gives="c"),
            )
        ],
        {"yes": np.array(True)},
        "a tensor of more than",
    ),
    "made of nothing": (
        [helper.make_node("ConstantOfShape", ["sides"], ["t"]), helper.make_node("Add", ["a", "t"], ["b"])],
        {"sides": np.array([2**31, 2**31, 64])},
        "a tensor of more than",
    ),
}


@pytest.mark.parametrize(("nodes", "weights", "sentence"), GRAPHS.values(), ids=GRAPHS)
def test_graphs_that_might_never_end_are_refused(here, nodes, weights, sentence):
    path = graph_of(here / "m.onnx", nodes, {"a": PICTURE}, {"b": PICTURE}, weights=weights)
    refused(path, sentence)
    refused_with_contract(path, sentence)


def test_functions_that_call_each_other_are_counted(here):
    """Forty functions, each of which calls the next one twice: a million million nodes."""
    functions = []
    for number in range(40):
        called = ("Relu", "") if number == 39 else (f"f{number + 1}", "f")
        body = [
            helper.make_node(called[0], ["x"], ["y"], domain=called[1]),
            helper.make_node(called[0], ["y"], ["z"], domain=called[1]),
        ]
        functions.append(helper.make_function("f", f"f{number}", ["x"], ["z"], body, OPSETS))
    node = helper.make_node("f0", ["a"], ["b"], domain="f")
    path = graph_of(here / "m.onnx", [node], {"a": PICTURE}, {"b": PICTURE}, domains=["f"])
    model = onnx.load(path)
    model.functions.extend(functions)
    path.write_bytes(model.SerializeToString())
    refused(path, "more than 50,000 nodes")
    model.functions[-1].node[0].op_type, model.functions[-1].node[0].domain = "f0", "f"
    path.write_bytes(model.SerializeToString())
    refused(path, "calls itself")


def with_functions(path, functions, called):
    node = helper.make_node(called.name, ["a"], ["b"], domain=called.domain)
    graph_of(path, [node], {"a": PICTURE}, {"b": PICTURE}, domains=[called.domain] if called.domain == "f" else [])
    model = onnx.load(path)
    model.functions.extend(functions)
    path.write_bytes(model.SerializeToString())
    return path


OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]


def test_functions_that_double_are_counted_with_what_they_call(here):
    """Four functions, each of which doubles ten times what the one before it gives."""
    functions = []
    for number in range(4):
        body = [helper.make_node(f"f{number - 1}", ["a"], ["d"], domain="f")] if number else []
        taken = "d" if number else "a"
        nodes = doubled(9)
        nodes[0].input[:] = [taken, taken]
        functions.append(helper.make_function("f", f"f{number}", ["a"], ["b"], [*body, *nodes], OPSETS))
    path = with_functions(here / "m.onnx", functions[::-1], functions[-1])
    refused(path, "a tensor of more than")
    refused_with_contract(path, "a tensor of more than")
    with pytest.raises(EngineAsked):
        import_model(with_functions(here / "n.onnx", functions[:2], functions[1]), "out.onnx", "denoise")


@pytest.mark.parametrize("domain", ["", "ai.onnx"])
def test_a_function_does_not_take_the_place_of_an_operator(here, domain):
    """onnxruntime would run it, and the graph's halo would be that of the operator."""
    body = [helper.make_node("GlobalMaxPool", ["a"], ["m"]), helper.make_node("Add", ["a", "m"], ["b"])]
    relu = helper.make_function(domain, "Relu", ["a"], ["b"], body, OPSETS[:1])
    refused(with_functions(here / "m.onnx", [relu], relu), "its function Relu has the name of an ONNX operator")


def test_functions_of_one_name_are_refused(here):
    """Versions of a function differ in a field that older readers skip."""
    one = helper.make_function("f", "f", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], OPSETS)
    refused(with_functions(here / "m.onnx", [one, one], one), "two of its functions have the same name")


def drawn(node, *, behind=b"", tensor=b""):
    """A model of one node, all of it given as bytes; `behind` follows the graph."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, PICTURE) for name in "ab"]
    parts = [wire.text(number, end.SerializeToString()) for number, end in zip((11, 12), ends, strict=True)]
    held = wire.text(5, tensor) if tensor else b""
    graph = b"".join([wire.text(1, node), held, *parts])
    opset = wire.text(8, wire.number(2, 17))
    return wire.number(1, 8) + opset + wire.text(7, graph) + behind


RELU = helper.make_node("Relu", ["a"], ["b"]).SerializeToString()
POOL = helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[1, 1]).SerializeToString()
HELD = numpy_helper.from_array(np.ones(3, np.float32), "w").SerializeToString()
OTHERWISE = {
    "two graphs": drawn(RELU, behind=wire.text(7, wire.text(1, looping().SerializeToString()))),
    "two operators": drawn(RELU + wire.text(4, b"Loop")),
    "two domains": drawn(RELU + wire.text(7, b"") + wire.text(7, b"com.microsoft")),
    "an input that is a number": drawn(wire.number(1, 0) + RELU),
    "an operator that is a number": drawn(RELU + wire.number(4, 0)),
    "two attributes of a name": drawn(POOL + wire.text(5, wire.text(1, b"kernel_shape"))),
    "two names of an attribute": drawn(POOL + wire.text(5, wire.text(1, b"pads") + wire.text(1, b"p"))),
    "two values of an attribute": drawn(
        POOL + wire.text(5, wire.text(1, b"ceil_mode") + wire.number(3, 0) + wire.number(3, 1))
    ),
    "two names of a tensor": drawn(RELU, tensor=HELD + wire.text(8, b"v")),
    "two types of a tensor": drawn(RELU, tensor=HELD + wire.number(2, 1)),
    "sides that are a float": drawn(RELU, tensor=HELD + wire.real(1, 1.0)),
    "two versions": drawn(RELU, behind=wire.text(8, wire.text(1, b"ai.onnx") + wire.number(2, 11))),
}


@pytest.mark.parametrize("content", OTHERWISE.values(), ids=OTHERWISE)
def test_what_other_readers_take_otherwise_is_refused(here, content):
    """Protobuf takes the last of several fields, merges messages, and skips what is written in another way."""
    Path("m.onnx").write_bytes(content)
    refused(Path("m.onnx"), "damaged")


def test_a_place_of_more_than_32_bits_is_a_place_too(here):
    """Readers keep 32 bits of it: a tensor that has its numbers, and lies in another file all the same."""
    tensor = HELD + wire.number(14, 2**32 + 1) + wire.text(13, external("/etc/passwd"))
    Path("m.onnx").write_bytes(drawn(RELU, tensor=tensor))
    refused(Path("m.onnx"), "outside of its folder")
    refused_with_contract(Path("m.onnx"), "are in another file")


def external(location):
    return wire.text(1, b"location") + wire.text(2, location.encode())


def test_tensors_of_one_name_are_refused(here):
    path = simple(here / "m.onnx", weights={"w": np.ones(3, np.float32)})
    model = onnx.load(path)
    model.graph.initializer.append(numpy_helper.from_array(np.ones(5, np.float32), "w"))
    path.write_bytes(model.SerializeToString())
    refused(path, "two of its tensors are called 'w'")


@pytest.mark.parametrize(
    ("dims", "sentence"),
    [
        ([2**62, 2**62], "too large shape 4611686018427387904×4611686018427387904"),
        ([-1], "too large shape -1"),
        ([3, 3, 1, 2], "more or fewer values"),
        ([1] * 100, "100 dimensions"),
        ([2**31], "too large shape 2147483648"),
        ([2**63 - 1] * 60, "too large shape"),
    ],
)
def test_tensors_hold_what_their_sides_say(here, dims, sentence):
    weights = np.ones((3, 3, 1, 1), np.float32)
    node = helper.make_node("Conv", ["a", "w"], ["b"])
    path = graph_of(here / "m.onnx", [node], {"a": PICTURE}, {"b": PICTURE}, weights={"w": weights})
    model = onnx.load(path)
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend(dims)
    path.write_bytes(model.SerializeToString())
    refused(path, sentence)


HUGE = "9" * 5000


@pytest.mark.parametrize(
    "promises",
    [
        '{"step": ' + HUGE + "}", '{"halo": ' + "[" * 5000 + "]" * 5000 + "}", '{"settings": {"a": ' + HUGE + "}}",
        '{"trained": ' + '{"a":' * 3000 + "1" + "}" * 3000 + "}", '{"step": 1e999}', '{"halo": "\\ud800"}',
        '{"settings": {"\\u0000": "\\u0000"}}', '{"channels": [' + "3," * 100000 + "3]}", '{"task": "../../x"}',
        '{"task": "a\\u0000b"}', '{"bytes_per_pixel": ' + "9" * 4000 + "}",
        '{"metrics": [{"value": ' + "9" * 4300 + "}]}",
        '{"size": ' + "9" * 4000 + "}",
    ],
)  # fmt: skip
def test_contracts_of_odd_json(here, promises):
    """Deep objects, numbers of 5,000 digits, half characters: refused, or read as any other text."""
    model = onnx.load_from_string(mixing(CONTRACT)[0])
    bare = model.SerializeToString()
    whole = json.dumps(CONTRACT.to_dict())
    name = promises[2 : promises.index('"', 2)]
    kept = {key: value for key, value in CONTRACT.to_dict().items() if key != name}
    whole = json.dumps(kept)[:-1] + ", " + promises[1:]
    try:
        checksum = _checksum(json.loads(whole), bare)
    except (ValueError, RecursionError):
        checksum = "0"
    text = '{"format": 2, "sha256": "' + checksum + '", "contract": ' + whole + "}"
    model.metadata_props.add(key="repix", value=text)
    Path("own.onnx").write_bytes(model.SerializeToString())
    assert "\n" not in said(lambda: read_model("own.onnx").contract.make_task())


ODD = "a\nb\x1b[31m"
"""A name that would break a line, and color a terminal."""


@pytest.mark.parametrize(
    "nodes",
    [
        [helper.make_node("Relu", [ODD], ["b"])],
        [helper.make_node("Relu", ["a"], [ODD]), helper.make_node("Relu", ["a"], [ODD])],
        [helper.make_node("Loop", ["a"], ["b"], name=ODD)],
        [helper.make_node("Resize", ["a", "", "w"], ["b"], coordinate_transformation_mode=ODD)],
        [helper.make_node("Pad", ["a"], ["b"], mode=ODD, name=ODD)],
        [helper.make_node(ODD, ["a"], ["b"], domain=ODD)],
    ],
    ids=["input", "output", "node", "resize", "pad", "operator"],
)
def test_names_that_command_a_terminal_are_written_out(nodes):
    value = [helper.make_tensor_value_info(name, 1, [1, CHANNELS, "h", "w"]) for name in "ab"]
    held = [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "w")]
    content = helper.make_model(helper.make_graph(nodes, "g", value[:1], value[1:], held)).SerializeToString()
    words = said(lambda: receptive_field(require_bounded(Path("m.onnx"), content), OPSET, CHANNELS, 1, 1))
    assert r"a\nb\x1b[31m" in words
    assert words.isprintable()


def test_a_graph_without_an_output_has_no_field():
    value = helper.make_tensor_value_info("a", 1, [1, CHANNELS, "h", "w"])
    graph = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "g", [value], [])
    content = helper.make_model(graph).SerializeToString()
    words = said(lambda: receptive_field(require_bounded(Path("m.onnx"), content), OPSET, CHANNELS, 1, 1))
    assert words == "The graph has no output."


@seeds(150, 20_000)
def test_every_damaged_graph_is_read_or_refused(seed):
    """Bytes changed, cut, repeated, put elsewhere: the reader, the limits and the field say something of each."""
    rng = random.Random(seed)  # noqa: S311
    content, scale = random_graph(seed % 500)
    broken = damaged(content, [content, content[::-1]], rng)

    def read():
        graph = require_bounded(Path("m.onnx"), broken)
        receptive_field(graph, OPSET, CHANNELS, scale, rng.choice([1, 6, 12]))

    assert "\n" not in said(read)


@seeds(60, 5000)
def test_every_damaged_file_is_imported_or_refused(seed, tmp_path, monkeypatch):
    """As far as the engine, of which nothing is asked here."""
    monkeypatch.chdir(tmp_path)
    rng = random.Random(seed)  # noqa: S311
    Path("w").write_bytes(np.ones(9, np.float32).tobytes())
    content = outside(Path("m.onnx"), location="w", offset="0", length="36").read_bytes()
    content = rng.choice([content, simple(Path("n.onnx")).read_bytes()])
    Path("m.onnx").write_bytes(damaged(content, [content, content[::-1]], rng))
    assert "\n" not in said(lambda: import_model("m.onnx", "out.onnx", "denoise"))


def test_a_good_graph_with_a_choice_goes_on_to_the_engine(here):
    weights = {"yes": np.array(True)}
    path = graph_of(here / "m.onnx", [nested(2)], {"a": PICTURE}, {"b": PICTURE}, weights=weights)
    with pytest.raises(EngineAsked, match="an engine was asked"):
        import_model(path, "out.onnx", "denoise")


def test_the_check_is_quick_for_large_graphs(here):
    """Forty thousand nodes are read, one by one, and none of them twice."""
    names = ["a", *(f"d{number}" for number in range(40_000)), "b"]
    nodes = [helper.make_node("Relu", [one], [other]) for one, other in pairwise(names)]
    held = [numpy_helper.from_array(np.zeros(1, np.float32), "w")]
    graph = helper.make_graph(
        nodes,
        "long",
        [helper.make_tensor_value_info("a", 1, None)],
        [helper.make_tensor_value_info("b", 1, None)],
        held,
    )
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    assert len(require_bounded(Path("m.onnx"), content).nodes) == 40_001


@pytest.mark.parametrize("text", [b"somebody", b"location", b"36"])
def test_texts_that_are_not_utf_8_are_refused(here, text):
    """Protobuf's own parser takes them and gives bytes where a text is meant."""
    Path("w").write_bytes(SECRET)
    content = outside(Path("m.onnx"), location="w", length="36").read_bytes()
    assert content.count(text) == 1
    Path("m.onnx").write_bytes(content.replace(text, b"\xff" * len(text)))
    refused(Path("m.onnx"), "is damaged")
