"""Model files: the contract in the metadata, and messages for damaged files and other ONNX files."""

import json
import random
from dataclasses import replace

import onnx
import pytest

from repix.conversion import Contract, open_model, read_model, write_model
from repix.conversion.model_file import LARGEST, _checksum, with_contract
from repix.errors import Unreadable, Unwritable, WrongUse
from tests.conversion.models import mixing
from tests.pictures.damage import damaged

CONTRACT = Contract("denoise", channels=(3, 3), step=4, trained={"by": "Zoë"})


@pytest.fixture(scope="module")
def content() -> bytes:
    return with_contract(mixing(CONTRACT)[0], CONTRACT)


def placed(tmp_path, content: bytes):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    return path


def test_the_contract_comes_back(tmp_path, content):
    assert read_model(placed(tmp_path, content)).contract == CONTRACT


def test_onnx_itself_reads_the_file_and_finds_one_entry(content):
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model)
    assert [entry.key for entry in model.metadata_props] == ["repix"]


def test_a_contract_is_replaced_and_the_graph_kept(tmp_path, content):
    """Even where another tool's metadata comes after it."""
    model = onnx.load_from_string(content)
    model.metadata_props.add(key="other", value="kept")
    better = replace(CONTRACT, metrics=({"metric": "psnr-rgb", "value": 31.0},))
    path = tmp_path / "model.onnx"
    write_model(path, model.SerializeToString(), better)
    assert read_model(path).contract == better
    again = onnx.load_from_string(path.read_bytes())
    assert sorted(entry.key for entry in again.metadata_props) == ["other", "repix"]
    assert again.graph == model.graph


def test_a_foreign_model_gets_one_sentence(tmp_path):
    with pytest.raises(Unreadable, match=r"model\.onnx is an ONNX model with no repix contract"):
        read_model(placed(tmp_path, mixing(CONTRACT)[0]))


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"\x89PNG\r\n\x1a\n" + bytes(50), b"\x08" + b"\xff" * 30])
def test_what_is_no_model_gets_one_sentence(tmp_path, content):
    with pytest.raises(Unreadable, match=r"is not an ONNX model, or is damaged\.$"):
        read_model(placed(tmp_path, content))


def test_what_cannot_be_read_gets_one_sentence(tmp_path):
    with pytest.raises(Unreadable, match="there is no such file"):
        read_model(tmp_path / "nowhere.onnx")
    with pytest.raises(Unreadable, match=r"is a folder without model\.onnx"):
        read_model(tmp_path)
    with pytest.raises(Unreadable, match="cannot be read"):
        read_model("a\0b.onnx")


def test_what_is_larger_than_the_format_allows_is_not_read(tmp_path):
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)  # a hole: it takes no room on the disk
    with pytest.raises(Unreadable, match="larger than"):
        read_model(path)


def refused(path, content: bytes) -> bool:
    """Whether a file is refused in one line; what is read must be the sound one, written with a space more."""
    try:
        found = read_model(path)
    except Unreadable as error:
        return "\n" not in str(error)
    assert found.contract == CONTRACT
    assert onnx.load_from_string(found.content).graph == onnx.load_from_string(content).graph
    return False


def test_every_damaged_file_is_refused(tmp_path, content):
    rng = random.Random(11)  # noqa: S311
    files = [damaged(content, [content, content[::-1]], rng) for _ in range(1500)]
    outcomes = [refused(placed(tmp_path, broken), content) for broken in files if broken != content]
    assert len(outcomes) > 1400
    assert sum(outcomes) > 0.99 * len(outcomes)


def test_every_single_bit_is_guarded(tmp_path, content):
    for place in range(len(content)):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        assert refused(placed(tmp_path, bytes(broken)), content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 3}, r"was written by a newer repix \(format 3\); this one reads up to 2: upgrade repix\.$"),
        ({"format": 10**200}, r"was written by a newer repix \(format a whole number of about 201 digits\)"),
        ({"format": None}, "its format is None; it must be a whole number from 1 to 2"),
        ({"format": 0}, "its format is 0"),
        ({"format": True}, "its format is True"),
        ({"format": "2"}, "its format is '2'"),
        ({"sha256": "0"}, "its checksum is wrong"),
        ({"contract": []}, "its checksum is wrong"),
        ({"more": 1}, "entries besides format, sha256 and contract"),
    ],
)
def test_a_contract_in_another_form(tmp_path, content, change, words):
    model = onnx.load_from_string(content)
    entry = model.metadata_props[0]
    entry.value = json.dumps(json.loads(entry.value) | change)
    with pytest.raises(Unreadable, match=words):
        read_model(placed(tmp_path, model.SerializeToString()))


@pytest.mark.parametrize("value", ["", "{}", "[]", "{" * 10_000, "[" * 100_000, '{"format": 1}', "NaN", "1" * 10_000])
def test_a_contract_that_is_none(tmp_path, content, value):
    model = onnx.load_from_string(content)
    model.metadata_props[0].value = value
    with pytest.raises(Unreadable, match="a contract that cannot be used: it "):
        read_model(placed(tmp_path, model.SerializeToString()))


def test_a_checksum_does_not_make_nonsense_of_sense(tmp_path, content):
    """A file with a new checksum is still checked for a valid contract."""
    model = onnx.load_from_string(content)
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    bare.ClearField("metadata_props")
    for change, words in [({"stop": 1}, "'stop', which is unknown"), ({"step": "4"}, "step is '4'")]:
        promises = CONTRACT.to_dict() | change
        checksum = _checksum(promises, bare.SerializeToString())
        model.metadata_props[0].value = json.dumps({"format": 2, "sha256": checksum, "contract": promises})
        with pytest.raises(Unreadable, match=words):
            read_model(placed(tmp_path, model.SerializeToString()))


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("graph", [b"\x08\x08\x3a\x00", b"\x08\x08\x3a\x05hello", b"\x08\x63\x3a\x02\x0a\x00"])
def test_a_graph_that_is_none_gets_one_sentence(tmp_path, engine, graph):
    path = tmp_path / "model.onnx"
    write_model(path, graph, CONTRACT)
    with pytest.raises(Unreadable, match=r"(cannot be opened by O.*|is damaged)\.$") as caught:
        open_model(path, engine, threads=1)
    assert "\n" not in str(caught.value)


def test_writing_is_whole_or_not_at_all(tmp_path, content):
    path = placed(tmp_path, content)
    with pytest.raises(WrongUse):
        write_model(path, content, replace(CONTRACT, step=0))
    assert path.read_bytes() == content
    with pytest.raises(Unwritable, match="the folder does not exist"):
        write_model(tmp_path / "no" / "model.onnx", content, CONTRACT)
    assert [one.name for one in tmp_path.iterdir()] == ["model.onnx"]
