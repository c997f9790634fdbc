"""The recipe: what TOML holds of it is all of it, and what makes no sense is refused in a sentence."""

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from repix import registry
from repix.errors import UnknownName, Unreadable, WrongUse
from repix.training import Recipe, resume, train
from repix.training.recipe import from_dict, read_recipe
from tests.tasks.drawn import VARIANTS
from tests.training.making import Told, built, recipe

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=8)
PATH = TEXT.filter(lambda text: "\0" not in text and all(len(part.encode()) <= 255 for part in text.split("/")))
"""Paths that a file system may have; the others are refused, which tests/training/test_hand_made.py holds."""
LENGTH = st.one_of(
    st.fixed_dictionaries({"minutes": st.floats(0, 1e4)}), st.fixed_dictionaries({"steps": st.integers(1, 10**9)})
)
REST = st.fixed_dictionaries(
    {},
    optional={
        "network": st.sampled_from(registry.available("networks")),
        "upsampler": TEXT,
        "patch_size": st.integers(1, 4096),
        "batch_size": st.integers(1, 65536),
        "validations": st.integers(1, 100),
        "lr": st.floats(1e-12, 10),
        "optimizer": st.sampled_from(["muon", "adamw"]),
        "holdout": st.one_of(st.integers(0, 100), PATH),
        "ignore_index": st.integers(0, 2**24),
        "init_from": PATH,
        "seed": st.integers(0, 2**31),
        "device": st.sampled_from(["auto", "cpu", "cuda"]),
        "precision": st.sampled_from(["auto", "fp32", "bf16"]),
        "network_settings": st.dictionaries(TEXT, st.one_of(st.integers(), st.booleans(), TEXT), max_size=2),
    },
)


@given(PATH, st.one_of(st.just({}), LENGTH), REST, st.sampled_from(sorted(VARIANTS)))
def test_toml_holds_all_of_it(folder, length, rest, variant):
    task, settings = VARIANTS[variant]
    made = Recipe(task, folder, settings=settings, **length, **rest)
    assert from_dict(tomllib.loads(tomli_w.dumps(made.to_dict()))) == made


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_the_settings_of_a_task_come_back_as_they_are(variant):
    """None as well, where it is not what is left out."""
    name, settings = VARIANTS[variant]
    task = registry.get("tasks", name)(settings)
    made = Recipe(name, "photos", settings=task.settings.to_dict())
    again = from_dict(tomllib.loads(tomli_w.dumps(made.to_dict())))
    assert registry.get("tasks", name)(again.settings).settings == task.settings


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"tusk": 1}, "A recipe has no setting 'tusk'; did you mean 'task'"),
        ({"task": "denoize"}, "no 'denoize' among the tasks; did you mean 'denoise'"),
        ({"network": "unit"}, "no 'unit' among the networks; did you mean 'unet'"),
        ({"settings": {"sigmas": 3}}, "denoise has no setting 'sigmas'; did you mean 'sigma'"),
        ({"minutes": 1, "steps": 2}, "Both minutes and steps"),
        ({"task": 3}, "needs task as text"),
        ({"folder": 3}, "needs folder as text"),
        ({"network": 3}, "network is 3; it must be text"),
        ({"upsampler": 3}, "upsampler is 3; it must be text"),
        ({"init_from": 3}, "init_from is 3; it must be text"),
        ({"holdout": 0.5}, "holdout is 0.5"),
        ({"holdout": True}, "holdout is True"),
        ({"steps": 2.0}, "steps is 2.0; it must be a whole number"),
        ({"steps": 0}, "steps is 0; it must be from 1"),
        ({"steps": True}, "steps is True"),
        ({"validations": 0}, "validations is 0; it must be"),
        ({"minutes": "ten"}, "minutes is 'ten'; it must be a number"),
        ({"minutes": float("nan")}, "finite"),
        ({"lr": 0}, "lr is 0; it must be more than 0"),
        ({"lr": 1e10}, "lr is 1e.10; it must be"),
        ({"patch_size": -8}, "patch_size is -8"),
        ({"batch_size": "2"}, "batch_size is '2'"),
        ({"seed": -1}, "seed is -1"),
        ({"ignore_index": -1}, "ignore_index is -1"),
        ({"device": "gpu"}, "device is 'gpu'; choose from auto, cpu, cuda"),
        ({"precision": "fp16"}, "precision is 'fp16'; choose from"),
        ({"settings": 3}, "settings is 3; it must be a table"),
        ({"network_settings": []}, "network_settings is .*; it must be a table"),
    ],
)
def test_what_makes_no_sense_is_refused(table, sentence, tmp_path):
    with pytest.raises(WrongUse, match=sentence) as raised:
        from_dict({"task": "denoise", "folder": "photos"} | table)
    assert "\n" not in str(raised.value)
    written = {name: one for name, one in table.items() if one is not None}
    file = tmp_path / "recipe.toml"
    file.write_text(tomli_w.dumps({"task": "denoise", "folder": "photos"} | written))
    with pytest.raises(WrongUse, match=f"^{file}: "):
        read_recipe(file)


@pytest.mark.parametrize("content", [b"task = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_is_refused(tmp_path, content):
    file = tmp_path / "recipe.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Unreadable, match=r"is not valid TOML|there is no such file"):
        read_recipe(file)


def test_folders_are_seen_from_the_recipe_s_own(tmp_path):
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "recipe.toml"
    file.write_text('task = "denoise"\nfolder = "../photos"\nholdout = "others"\ninit_from = "/runs/old"\n')
    found = read_recipe(file)
    expected = (str(tmp_path / "photos"), str(tmp_path / "deep" / "others"), "/runs/old")
    assert (found.folder, found.holdout, found.init_from) == expected
    file.write_text('task = "denoise"\nfolder = "."\nholdout = 3\n')
    assert (read_recipe(file).folder, read_recipe(file).holdout) == (str(tmp_path / "deep"), 3)


def test_an_unknown_task_is_refused():
    with pytest.raises(UnknownName, match="'denoize'"):
        Recipe("denoize", "photos")


def test_the_recipe_of_a_finished_run_repeats_it(finished, tmp_path, lean):
    made = read_recipe(finished.path / "run.toml")
    assert made.steps == finished.recipe.steps
    train(made, tmp_path / "again", Told().reporter())
    first, second = (path / "model.safetensors" for path in (finished.path, tmp_path / "again"))
    assert first.read_bytes() == second.read_bytes()


def test_another_seed_is_another_model(finished, tmp_path, lean):
    """The test before could not fail otherwise."""
    from dataclasses import replace

    train(replace(read_recipe(finished.path / "run.toml"), seed=1), tmp_path / "other", Told().reporter())
    first, second = (path / "model.safetensors" for path in (finished.path, tmp_path / "other"))
    assert first.read_bytes() != second.read_bytes()


def test_what_an_older_repix_wrote_is_refused_with_the_new_names(tmp_path):
    old = {"task": "denoise", "folder": "photos", "size": 64, "batch": 8, "rate": 0.001, "keep_out": 2, "start": "run"}
    for name in ("recipe.toml", "run.toml"):
        file = tmp_path / name
        file.write_text(tomli_w.dumps(old))
        with pytest.raises(WrongUse) as raised:
            read_recipe(file) if name == "recipe.toml" else resume(tmp_path)
        assert str(raised.value) == (
            f"{file}: This recipe is of an older format; write patch_size in place of size, batch_size in place of "
            "batch, lr in place of rate, holdout in place of keep_out, init_from in place of start."
        )
    ignored = {"task": "segment", "folder": "camvid", "ignored": 11}
    with pytest.raises(WrongUse, match="write ignore_index in place of ignored"):
        from_dict(ignored)


@pytest.mark.parametrize(
    "more", [{}, {"steps": None, "minutes": 3}, {"holdout": None}, {"network": None, "network_settings": {}}]
)
def test_a_config_says_all_and_its_recipe_resolves_to_it(more, photos):
    """Nothing is open any more; what is written down comes back as it was."""
    config = built(recipe(photos, **more)).config
    assert all(value is not None for value in vars(config).values())
    table = tomllib.loads(tomli_w.dumps(config.as_recipe().to_dict()))
    assert built(from_dict(table)).config == config
