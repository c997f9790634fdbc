"""Recipes and runs that somebody made by hand, or that were damaged: they work, or one sentence says why not."""

import random
import shutil
import tomllib
from pathlib import Path

import pytest
import tomli_w
import torch
from safetensors.torch import save

from repix.data import Split
from repix.errors import RepixError, Unreadable, WrongUse
from repix.training import resume, train
from repix.training.checkpoint import Checkpoint
from repix.training.pretrained import read_weights
from repix.training.recipe import chained, read_recipe
from repix.training.run_export import export_run
from repix.training.run_folder import RunFolder
from tests.given import seeds
from tests.pictures.damage import damaged
from tests.training.making import Told, recipe

RECIPE = {
    "task": "restore", "folder": "photos", "network": "unet", "upsampler": "transposed kernel=4", "steps": 5,
    "patch_size": 8, "batch_size": 2, "lr": 0.01, "optimizer": "muon", "holdout": 1, "init_from": "run", "seed": 3,
    "device": "cpu", "precision": "fp32", "settings": {"scale": 1},
    "network_settings": {"widths": [4, 8], "norm": "batch"},
}  # fmt: skip
DIGITS, HEX = "9" * 5000, "0x" + "f" * 5000
VALUES = (
    DIGITS, HEX, "9" * 400, "-9223372036854775809", "1e999", "nan", "-inf", "[]", "{}", '""', "true", "0.5", "-1", "0",
    '"\\u0000"', '"a\\u0000b"', '"\\u001b[31m"', f'"{"x" * 300}"', "[[[1]]]", "1979-05-27", "{ a = 1 }",
    "[" * 15 + "]" * 15, "[" * 90 + "]" * 90, "[" * 5000 + "]" * 5000, "[" * 100_000, '{a=' * 15 + "1" + "}" * 15,
    '{a=' * 5000, f"[{DIGITS}]", f"{{ a = {HEX} }}", '["gaussian sigma=' + DIGITS + '"]', '["gaussian ' * 2 + '"]',
)  # fmt: skip


def hand_made(table: dict, rng: random.Random) -> str:
    """A recipe's text with one value replaced, here or in a table of it, or a name with thousands of parts."""
    names = [name for name in table if name != "record"]
    tables = [name for name in names if isinstance(table[name], dict) and table[name]]
    name = rng.choice(names)
    within = rng.choice(sorted(table[name])) if name in tables and rng.random() < 0.7 else None
    if rng.random() < 0.05:
        return f"{'.'.join('a' * rng.choice((5, 30, 3000)))} = 1\n{tomli_w.dumps(table)}"
    stand_in = "STAND-IN"
    changed = {**table, name: {**table[name], within: stand_in} if within else stand_in}
    return tomli_w.dumps(changed).replace(f'"{stand_in}"', rng.choice(VALUES))


def sentence(asked) -> str | None:
    """What an error of repix says in one short sentence; None where it works."""
    try:
        asked()
    except RepixError as problem:
        said = str(problem.args[0])  # under it there may be a list of what would do
    else:
        return None
    assert "\n" not in said
    assert len(said) < 1500
    return said


@seeds(60, 5000)
def test_recipes_made_by_hand(seed, tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(hand_made(RECIPE, random.Random(seed)))  # noqa: S311
    said = sentence(lambda: chained(read_recipe(file)))
    assert said is None or str(file) in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps = " + DIGITS, "contains a number that is too long"),
        ("steps = " + HEX, r"contains a whole number of about 6021 digits; whole numbers have at most 64 bits"),
        ("settings = " + "[" * 100_000, "contains lists or tables that are nested too deep"),
        (".".join("a" * 3000) + " = 1", "contains lists or tables nested more than 20 deep"),
        ('init_from = "a\\u0000b"', r"init_from is 'a\\x00b'; a path cannot contain a NUL"),
        ('holdout = "a\\u0000b"', r"holdout is 'a\\x00b'; a path cannot contain a NUL"),
        ('init_from = "' + "x" * 256 + '"', "init_from is 'xxx.*; no file or folder has a name of more than 255 bytes"),
    ],
)
def test_what_is_said_of_them(text, words, tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(f'task = "denoise"\nfolder = "photos"\n{text}\n')
    with pytest.raises(RepixError, match=words) as raised:
        read_recipe(file)
    assert str(file) in str(raised.value)
    assert len(str(raised.value)) < 500


def test_paths_with_a_nul(tmp_path):
    path = Path("a\0b")
    for asked in (read_recipe, read_weights, resume, export_run):
        with pytest.raises(RepixError) as raised:
            asked(path)
        assert "\n" not in str(raised.value)
    with pytest.raises(RepixError):
        train(recipe(path), tmp_path / "run", Told().reporter())
    with pytest.raises(RepixError):
        train(recipe(tmp_path), path, Told().reporter())


def spoiled(half: Path, tmp_path: Path, file: str, rng: random.Random) -> Path:
    run = shutil.copytree(half, tmp_path / "run")
    content = (run / file).read_bytes()
    (run / file).write_bytes(damaged(content, [content], rng))
    return run


@seeds(40, 3000)
def test_a_damaged_state_is_a_sentence_or_the_state(seed, half, tmp_path):
    run = spoiled(half, tmp_path, "resume.ckpt", random.Random(seed))  # noqa: S311
    state = None

    def read():
        nonlocal state
        state = Checkpoint(RunFolder(run)).read()

    said = sentence(read)
    assert said in (
        None,
        f"{run / 'resume.ckpt'} is damaged, so this run cannot be continued; train again into another folder.",
    )
    if said is None:
        whole = Checkpoint(RunFolder(half)).read()
        assert state.keys() == whole.keys()
        assert all(torch.equal(one, state["ema"][name]) for name, one in whole["ema"].items())


@seeds(40, 3000)
def test_damaged_weights_are_a_sentence_or_weights(seed, half, tmp_path):
    run = spoiled(half, tmp_path, "model.safetensors", random.Random(seed))  # noqa: S311
    said = sentence(lambda: read_weights(run))
    assert said is None or str(run / "model.safetensors") in said


@pytest.mark.parametrize("kind", ["F4", "F8_E8M0", "F6_E2M3", "I4", "", "X" * 5000])
def test_weights_of_a_kind_that_torch_does_not_have(kind, tmp_path):
    content = save({"a": torch.zeros(16, dtype=torch.uint8)})
    (tmp_path / "a.safetensors").write_bytes(content.replace(b'"U8"', f'"{kind}"'.encode()))
    fixed = bytearray((tmp_path / "a.safetensors").read_bytes())
    fixed[:8] = (int.from_bytes(content[:8], "little") + len(kind) - 2).to_bytes(8, "little")
    (tmp_path / "a.safetensors").write_bytes(fixed)
    with pytest.raises(Unreadable, match="contains no weights"):
        read_weights(tmp_path / "a.safetensors")


@pytest.mark.parametrize("missing", sorted({"schedule", "objective", "ema", "history"}))
def test_a_state_that_lacks_a_part(missing, half, tmp_path):
    run = shutil.copytree(half, tmp_path / "run")
    state = torch.load(run / "resume.ckpt", weights_only=True)
    del state[missing]
    torch.save(state, run / "resume.ckpt")
    with pytest.raises(Unreadable, match="is damaged"):
        resume(run, Told().reporter())


FILES = ("run.toml", "split.json", "metrics.csv", "model.safetensors", "resume.ckpt", "log.txt")


@seeds(8, 400)
def test_a_damaged_run_goes_on_or_says_why_not(seed, half, tmp_path, lean):
    rng = random.Random(seed)  # noqa: S311
    file = rng.choice(FILES)
    run = spoiled(half, tmp_path, file, rng)
    said = sentence(lambda: resume(run, Told().reporter()))
    assert said is None or str(run) in said or "run.toml" in said or file == "run.toml"


@seeds(8, 400)
def test_a_run_made_by_hand_goes_on_or_says_why_not(seed, half, tmp_path, lean):
    rng = random.Random(seed)  # noqa: S311
    run = shutil.copytree(half, tmp_path / "run")
    toml = RunFolder(run).recipe
    table = tomllib.loads(toml.read_text())
    toml.write_text(hand_made(table, rng))
    sentence(lambda: resume(run, Told().reporter()))


def test_a_split_that_is_none(half, tmp_path):
    for record in (5, [], "all", None, {}, {"rule": 1}, {"rule": "r", "train": 1, "validation": [], "test": []}):
        with pytest.raises(WrongUse, match="record of a split"):
            Split.from_json(record)
