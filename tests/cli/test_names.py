"""Names of files that would command a terminal: no verb prints them as they are, and JSON has them exactly."""

import csv
import json

import numpy as np
import pytest

import repix
from repix import registry
from repix.cli._app import run, verbs
from repix.conversion import Contract, write_model
from tests.conversion.models import mixing
from tests.data.drawing import photo, put
from tests.given import seeds
from tests.test_printable import commands

PIECES = ("\x1b[31m", "\x1b]0;owned\x07", "\x9b2J", "\n", "\r", "\u202e", "\u2066", "\u2028", "\udc9b", "a", "é", "日")
CONTRACT = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)
VERBS = {
    "convert": "convert {model} {picture} -o {out}",
    "convert to a name": "convert {model} {picture} -v -o {folder}/{name}.tif",
    "convert many": "convert {model} {folder} -o {out} -v",
    "convert many again": "convert {model} {folder} {folder} -o {out}",
    "convert what is planned": "convert {model} {folder} -o {out} --dry-run",
    "convert nothing": "convert {model} {folder}/no-{name} -o {out}",
    "convert damage": "convert {model} {damaged} {picture} -o {out}",
    "convert by nothing": "convert {folder}/{name}.onnx {picture} -o {out}",
    "filter": "filter mean {picture} {picture2} -v -o {out}",
    "filter damage": "filter mean {damaged} {picture} -o {out}",
    "degrade": "degrade gaussian {picture} -o {folder}/new-{name}.png",
    "measure": "measure {picture} {picture2} --metric psnr-rgb",
    "measure folders": "measure {folder} {folder} --metric psnr-rgb",
    "measure in all ways": "measure {picture} {picture2} --all",
    "measure damage": "measure {damaged} {picture} --metric psnr-rgb",
    "evaluate": "evaluate nothing {folder} --task denoise --metric psnr-rgb",
    "evaluate nobody": "evaluate {name} {folder} --task denoise",
    "evaluate a part": "evaluate nothing {folder} --task denoise --only {name}",
    "evaluate on a page": "evaluate nothing {folder} --task denoise --metric psnr-rgb --page {folder}/{name}.html",
    "measure on a page": "measure {folder} {folder} --metric psnr-rgb --page {folder}/{name}.html",
    "compare": "compare denoise {folder} -o {out} --dry-run",
    "compare with": "compare denoise {folder} -o {out} --with {name} --dry-run",
    "check": "check {folder} --task denoise --holdout 1",
    "check nobody": "check {folder}/no-{name} --task denoise",
    "fuse": "fuse {picture} {picture2} -v --drop-bad -o {folder}/new-{name}.png",
    "inspect": "inspect {picture} {damaged} {folder}",
    "audit": "audit {folder}/{name}.onnx",
    "swap": "swap {folder} --upsampler bilinear -o {out}",
    "swap to nothing": "swap {folder}/{name}.onnx --upsampler {name} -o {out}",
    "studio": "studio --token sixteen-letters-or-more --host {name}",
    "show": "show {folder}/{name}.onnx",
    "import": "import {damaged} -o {folder}/{name}.onnx",
    "explain": "explain conv --svg {folder}/{name}.svg --data 1 --kernel 1",
    "an option": "filter mean --{name}",
    "a verb": "{name}",
    "a member": "filter {name}",
}


def name_by(seed: int) -> str:
    rng = np.random.default_rng(seed)
    return "x" + "".join(rng.choice(PIECES, 1 + rng.integers(6)))


@pytest.fixture
def places(tmp_path, request, monkeypatch):
    """A folder of a hostile name, full of them."""
    monkeypatch.chdir(tmp_path)
    name = name_by(request.getfixturevalue("seed"))
    folder = tmp_path / f"in {name}"
    for number in range(3):
        put(folder / f"{number} {name}.png", photo(number, (30, 26)))
    (folder / f"9 {name}.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    write_model(tmp_path / "model.onnx", mixing(CONTRACT)[0], CONTRACT)
    return {
        "name": name, "folder": folder, "picture": folder / f"0 {name}.png", "picture2": folder / f"1 {name}.png",
        "damaged": folder / f"9 {name}.png", "model": tmp_path / "model.onnx", "out": tmp_path / f"out {name}",
    }  # fmt: skip


def words_of(text: str, places: dict) -> list[str]:
    return [word.format(**places) for word in text.split()]


@seeds(2, 100)
@pytest.mark.parametrize("what", sorted(VERBS))
def test_no_verb_prints_what_commands_a_terminal(what, seed, places, capsys):
    words = words_of(VERBS[what], places)
    if what == "convert many again":
        run(words)
        capsys.readouterr()
    run(words)
    printed = capsys.readouterr()
    assert printed.out + printed.err
    assert not commands((printed.out + printed.err).replace("\n", "")), (printed.out, printed.err)
    assert places["name"] not in printed.out + printed.err or not commands(places["name"])


def test_every_verb_with_files_is_asked():
    assert {text.split()[0] for text in VERBS.values()} | {
        "train", "export", "demo", "doctor", "models", "networks",  # training has a test of its own; no names of files
        *registry.own_names("tasks"),  # convert, by another name
    } >= set(verbs())  # fmt: skip


@seeds(2, 100)
def test_a_name_is_one_line(seed, places, capsys):
    """As many lines as files, so that no name can speak for repix."""
    assert run(words_of("convert {model} {picture} {picture2} {damaged} -o {out}", places)) == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    said = [line for line in printed.err.splitlines() if line.startswith("repix: ")]
    assert len([line for line in said if "the picture has" not in line and "the result differs" not in line]) == 1
    assert len(said) <= 3  # the damaged file's sentence, and advice for the others
    for words in ("convert {model} {folder}/no-{name}", "filter mean {folder}/no-{name}", "show {folder}/no-{name}"):
        assert run(words_of(words, places)) > 0
        assert len(capsys.readouterr().err.splitlines()) == 1


@seeds(2, 100)
def test_json_and_csv_have_the_names_exactly(seed, places, capsys, tmp_path):
    def report(words: str) -> dict:
        run(words_of(f"{words} --json", places))
        text = capsys.readouterr().out
        assert not commands(text.replace("\n", ""))
        return json.loads(text)

    files = [str(places["folder"] / f"{number} {places['name']}.png") for number in range(3)]
    made = report("convert {model} {folder} -o {out}")
    assert {one["source"] for one in made["files"]} >= set(files)
    pair = report("measure {picture} {picture2} --metric psnr-rgb")["measured"][0]["pairs"][0]
    assert (pair["result"], pair["truth"]) == tuple(files[:2])
    pictures = report("evaluate nothing {folder} --task denoise --metric psnr-rgb")["models"][0]["measured"][0][
        "pictures"
    ]
    assert set(pictures) == {f"{number} {places['name']}.png" for number in range(3)}
    assert report("check {folder} --task denoise")["split"]
    run(words_of("measure {picture} {picture2} --metric psnr-rgb --csv table.csv", places))
    with (tmp_path / "table.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        assert [row["truth"] for row in csv.DictReader(file)] == files[1:2]


def test_what_a_model_says_of_itself_commands_nothing(tmp_path, capsys):
    contract = Contract(
        "denoise", {"color": True}, channels=(3, 3), halo=0, trained={"by": "\x1b[31m\nrepix: all is well"}
    )
    write_model(tmp_path / "model.onnx", mixing(contract)[0], contract)
    assert run(["show", str(tmp_path / "model.onnx")]) == 0
    assert not commands(capsys.readouterr().out.replace("\n", ""))
    assert run(["show", str(tmp_path / "model.onnx"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trained"] == contract.trained


def test_errors_in_python_have_the_names_exactly(tmp_path):
    with pytest.raises(repix.errors.RepixError) as raised:
        repix.read(tmp_path / "a\x1b[31m.png")
    assert "a\x1b[31m.png" in str(raised.value)
