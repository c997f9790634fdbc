"""`repix swap` on a tiny run: the report, the new run, interruptions, and refusals that write nothing."""

import json
import re
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from repix.cli._app import run as repix
from repix.comparison import holdout_scores, run_swap, swap
from repix.comparison.swap_report import Stage
from repix.comparison.swap_source import default_output, swap_source
from repix.conversion import open_model
from repix.errors import RepixError
from repix.training import Recipe, Reporter, checkpoint, loop, resume, train
from repix.training.pretrained import read_weights
from repix.training.run_folder import RunFolder
from tests.training.making import Told, folder_for, learning_only, quick

SETTINGS = {"width": 3, "depth": 1, "upsampler": "transposed kernel=3"}
STEPS = 3


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A run that nobody may change."""
    photos = folder_for("upscale", tmp_path_factory.mktemp("upscaled"), 6)
    recipe = Recipe(
        "upscale", str(photos), network="super-resolution", network_settings=SETTINGS, steps=20, validations=1,
        patch_size=8, batch_size=2, lr=0.01, holdout=2, device="cpu", precision="fp32",
    )  # fmt: skip
    path = tmp_path_factory.mktemp("swap") / "run"
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        train(recipe, path, Reporter(lambda _: None))
    return path


@pytest.fixture(scope="session")
def swapped(trained, tmp_path_factory):
    """A finished swap that nobody may change: its report, its folder and its messages."""
    output, told = tmp_path_factory.mktemp("swapped") / "new", Told()
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        patch.setattr(holdout_scores, "artifact_score", lambda model: float(model.stat().st_size))  # has its own test
        return swap(trained, "bilinear", output, steps=STEPS, reporter=told.reporter()), output, told


def test_the_report_has_the_three_models(swapped, trained):
    report, output, _ = swapped
    said = json.loads((output / "swap.json").read_text(encoding="utf-8"))
    assert said == json.loads(json.dumps(report.to_dict()))
    assert [one["name"] for one in said["models"]] == ["before", "swapped", "fine-tuned"]
    assert said["upsampler"] == {"before": "transposed kernel=3", "after": "bilinear"}
    assert (said["steps"], said["complete"], said["pictures"]) == (STEPS, True, 2)
    assert [one["way"] for one in said["weights"]] == ["no weights", "least squares"]
    models = {one["name"]: one for one in said["models"]}
    for one, path in (("before", trained), ("fine-tuned", output)):
        assert models[one]["bytes"] == (path / "model.onnx").stat().st_size
        assert models[one]["parameters"] == open_model(path / "model.onnx").contract.parameters
        assert models[one]["checkerboard_db"] == models[one]["bytes"]
        recorded = {row["metric"]: row["value"] for row in RunFolder(path).read_recipe()[1]["metrics"]}
        assert models[one]["metrics"] == pytest.approx(recorded)
    assert models["swapped"]["parameters"] == models["fine-tuned"]["parameters"] < models["before"]["parameters"]
    assert said["answer"][0].startswith("transposed kernel=3 → bilinear: psnr-y")


def test_the_new_run_is_a_run_like_any_other(swapped, trained):
    _, output, told = swapped
    recipe, record = RunFolder(output).read_recipe()
    old, _ = RunFolder(trained).read_recipe()
    assert recipe.network_settings["upsampler"] == "bilinear"
    assert (recipe.steps, recipe.lr, recipe.patch_size, recipe.seed) == (STEPS, old.lr, old.patch_size, old.seed)
    assert record["trained"]["steps"] == STEPS
    assert RunFolder(output).finished
    assert "tail: least squares" in (output / "log.txt").read_text(encoding="utf-8")
    assert any(line.startswith("tail: least squares, explains ") for line in told)


def test_all_weights_besides_those_named_are_the_old_ones(swapped, trained):
    _, output, _ = swapped
    old, initial = read_weights(trained), read_weights(output / "initial.safetensors")
    kept = [name for name in initial if not name.startswith("tail.")]
    assert kept
    assert all(bool((old[name] == initial[name]).all()) for name in kept)


def test_the_page_has_the_table_and_the_crops(swapped):
    report, _, _ = swapped
    html = report.page()
    assert report.answer()[0] in html
    for text in ("fine-tuned", "least squares", "The same crops side by side", "checkerboard (dB)"):
        assert text in html
    assert re.findall(r"<option selected>([^<]*)", html)[:2] == ["before", "fine-tuned"]


def test_a_tenth_of_the_steps_is_the_default(trained, tmp_path):
    source = swap_source(trained, "pixel-shuffle")
    assert source.fine_tuning(tmp_path, None, None).steps == 2
    assert source.fine_tuning(tmp_path, 3.0, None).minutes == 3
    assert source.fine_tuning(tmp_path, 3.0, None).steps is None
    by_the_clock = replace(source, recipe=replace(source.recipe, steps=None, minutes=1.0))
    assert by_the_clock.fine_tuning(tmp_path, None, None).steps == 2
    assert default_output("a/run", "transposed kernel=4 bias=no") == Path("a/run-transposed-kernel-4-bias-no")


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("when", ["before the run begins", "before the first checkpoint", "after a step"])
def test_a_killed_swap_goes_on_with_the_same_weights(when, swapped, trained, tmp_path, monkeypatch):
    learning_only(monkeypatch)
    monkeypatch.setattr(checkpoint, "EVERY", -1)

    def killing(made, name, before):
        """Kill in a method; only after it has done its work, unless `before`."""
        own = getattr(made, name)

        def killed(self, *given):
            if not before:
                own(self, *given)
            raise Killed

        return killed

    places = {
        "before the run begins": (loop.Loop, "begin", True),
        "before the first checkpoint": (loop.Loop, "step", True),
        "after a step": (checkpoint.Checkpoint, "save", False),
    }
    made, name, before = places[when]
    output = tmp_path / "new"
    with monkeypatch.context() as patch:
        patch.setattr(made, name, killing(made, name, before))
        with pytest.raises(Killed):
            swap(trained, "bilinear", output, steps=STEPS, reporter=Told().reporter())
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    told = Told()
    monkeypatch.setattr(run_swap, "_measured", lambda *_: (list(swapped[0].stages), None))
    if when == "before the first checkpoint":  # the training alone may be continued, too
        assert resume(output, told.reporter()).complete
        assert told[-1].endswith("repeat its command to write the report, swap.json.")
        assert not (output / "swap.json").exists()
    initial = (output / "initial.safetensors").read_bytes()
    assert swap(trained, "bilinear", output, steps=STEPS, reporter=told.reporter()).complete
    assert (f"{output} is continued." in told) == (when != "before the run begins")
    assert (output / "initial.safetensors").read_bytes() == initial
    assert (output / "model.safetensors").read_bytes() == (swapped[1] / "model.safetensors").read_bytes()
    assert json.loads((output / "swap.json").read_bytes())["steps"] == STEPS


CONTROL = "not swapped, fine-tuned"


def test_a_control_is_the_old_network_trained_for_the_same_steps(swapped, trained, tmp_path, monkeypatch):
    """It is what a plain training makes that begins with the weights of the run. A finished swap gets it later."""
    learning_only(monkeypatch)
    output, stages = tmp_path / "new", swapped[0].stages
    measured = [*stages, replace(stages[0], name=CONTROL)]
    monkeypatch.setattr(run_swap, "_measured", lambda models, *_: (measured[: len(models)], None))
    shutil.copytree(swapped[1], output)
    recipe, record = RunFolder(output).read_recipe()
    report = swap(trained, "bilinear", output, steps=STEPS, control=True, reporter=Told().reporter())
    assert (output / "model.safetensors").read_bytes() == (swapped[1] / "model.safetensors").read_bytes()
    said = json.loads((output / "swap.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in said["models"]] == ["before", "swapped", "fine-tuned", CONTROL]
    assert (said["steps"], said["control_steps"], said["complete"]) == (STEPS, STEPS, True)
    assert len(report.rows()) == 4
    control = RunFolder(output / "control")
    made, record = control.read_recipe()
    assert recipe.differs(replace(made, network_settings=recipe.network_settings)) is None
    assert (made.network_settings["upsampler"], record["trained"]["steps"]) == ("transposed kernel=3", STEPS)
    plain = replace(RunFolder(trained).read_recipe()[0], steps=STEPS, validations=None, init_from=str(trained))
    train(plain, tmp_path / "plain", Told().reporter())
    assert control.weights.read_bytes() == RunFolder(tmp_path / "plain").weights.read_bytes()
    assert control.weights.read_bytes() != RunFolder(trained).weights.read_bytes()
    assert "contains a complete run" in refused(trained, "bilinear", output, steps=STEPS, control=True)


def test_the_answer_separates_the_swap_from_the_longer_training(swapped):
    """Values that nobody measured, so that no two differences are equal."""

    def stage(name: str, quality: float, artifact: float) -> Stage:
        old = swapped[0].stages[0]
        totals = {swapped[0].protocol.label: quality}
        return replace(old, name=name, scores=replace(old.scores, totals=totals, artifact=artifact))

    values = {"before": (30.0, 9.0), "swapped": (29.0, 8.0), "fine-tuned": (31.0, 2.0), CONTROL: (30.5, 7.0)}
    stages = [stage(name, *value) for name, value in values.items()]
    answer = replace(swapped[0], stages=stages, control_steps=STEPS).answer()
    assert [line.split(" dB")[0] for line in answer[:2]] == [
        "transposed kernel=3 → bilinear: psnr-y (scale 2) 30.00",
        "Without fine-tuning: psnr-y (scale 2) 30.00",
    ]
    assert answer[0].endswith("; the same training without the swap: 30.50 dB.")
    assert answer[2] == f"The fine-tuning made {STEPS} steps."
    assert answer[3].startswith(f"Not swapped, but fine-tuned for {STEPS} steps: psnr-y (scale 2) 30.00 dB → 30.50 dB")
    assert answer[4].startswith("From that to the swapped and fine-tuned one: psnr-y (scale 2) 30.50 dB → 31.00 dB")
    assert "checkerboard 7.0 dB → 2.0 dB" in answer[4]
    stopped = replace(swapped[0], stages=stages, control_steps=1, complete=False).answer()
    assert "fine-tuned for 1 step, because it was stopped; the same command continues it: psnr-y" in stopped[3]
    assert "without the swap" not in stopped[0]


def test_another_swap_in_the_same_folder_is_refused(swapped, trained, tmp_path, monkeypatch):
    quick(monkeypatch)
    output = tmp_path / "new"
    shutil.copytree(swapped[1], output)
    (output / "swap.json").write_bytes(b"damaged")
    assert "(steps differs)" in refused(trained, "bilinear", output, steps=STEPS + 1)
    assert "(upsampler differs)" in refused(trained, "pixel-shuffle", output, steps=STEPS)
    other = changed(trained, tmp_path / "other")
    weights = {name: one + 1 for name, one in read_weights(other).items()}
    RunFolder(other).write_weights(weights)
    with pytest.raises(RepixError, match="began with the weights of another run"):
        swap(other, "bilinear", output, steps=STEPS, reporter=Told().reporter())
    assert (output / "swap.json").read_bytes() == b"damaged"


def test_no_other_training_writes_to_the_folder_between_the_weights_and_the_training(trained, tmp_path, monkeypatch):
    """Another swap could replace the initial weights there."""
    quick(monkeypatch)
    output = tmp_path / "new"

    def begun(*_):
        with pytest.raises(RepixError, match="Another training writes to"), RunFolder(output).locked():
            pass
        raise Killed

    monkeypatch.setattr(run_swap, "train_on", begun)
    with pytest.raises(Killed):
        swap(trained, "bilinear", output, steps=STEPS, reporter=Told().reporter())


def test_a_full_disk_is_a_sentence_and_the_same_swap_works_afterwards(trained, tmp_path, monkeypatch):
    learning_only(monkeypatch)
    output, before = tmp_path / "new", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(RepixError, match=r"initial.safetensors cannot be written: the file is larger"):
            swap(trained, "bilinear", output, steps=STEPS, reporter=Told().reporter())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(output.iterdir()) == []
    monkeypatch.setattr(run_swap, "train_on", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        swap(trained, "bilinear", output, steps=STEPS, reporter=Told().reporter())
    assert (output / "initial.safetensors").exists()


def refused(*given, **more) -> str:
    with pytest.raises(RepixError) as problem:
        swap(*given, **more, reporter=Reporter(lambda _: pytest.fail("nothing is to be said")))
    return str(problem.value)


def changed(run: Path, to: Path, **settings: object) -> Path:
    """A copy of a run with another recipe."""
    shutil.copytree(run, to)
    folder = RunFolder(to)
    recipe, record = folder.read_recipe()
    folder.write_recipe(replace(recipe, **settings), {name: one for name, one in record.items() if name != "repix"})
    return to


@pytest.mark.parametrize(
    ("upsampler", "sentence"),
    [
        ("transposed kernel=3", "has the upsampler 'transposed kernel=3' already; name another one."),
        ("bilinea", "did you mean 'bilinear'?"),
        ("bilinear size=2", "bilinear has no setting 'size'"),
        ("transposed kernel=1", "'transposed kernel=1' does not fit super-resolution"),
        ("reshape", "'reshape' does not fit super-resolution"),
        ("unpool", "it needs that pool's indices"),
    ],
)
def test_an_upsampler_that_is_the_same_or_does_not_fit_is_refused(upsampler, sentence, trained, tmp_path):
    assert sentence in refused(trained, upsampler, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_size_of_a_kernel_may_be_its_default(trained, tmp_path):
    run = changed(trained, tmp_path / "run", network_settings={**SETTINGS, "upsampler": "transposed kernel=4"})
    assert "has the upsampler 'transposed' already" in refused(run, "transposed", tmp_path / "new")


def test_what_is_no_run_is_refused(trained, tmp_path):
    output = tmp_path / "new"
    assert "upscale-x2 is a bundled model" in refused("upscale-x2", "bilinear", output)
    assert "is a file; name the folder" in refused(trained / "model.onnx", "bilinear", output)
    assert "contains no run.toml" in refused(tmp_path / "nowhere", "bilinear", output)
    begun = changed(trained, tmp_path / "begun")
    (begun / "resume.ckpt").write_bytes(b"")
    assert "is not complete; end its training first" in refused(begun, "bilinear", output)
    plain = changed(trained, tmp_path / "plain", network="dncnn", network_settings={})
    assert refused(plain, "bilinear", output) == "dncnn has no upsampler to replace."
    assert not output.exists()


def test_an_output_that_exists_and_two_budgets_are_refused(trained, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("mine")
    assert "new is not empty" in refused(trained, "bilinear", tmp_path / "new")
    assert "contains a complete run" in refused(trained, "bilinear", trained)
    assert "Both minutes and steps" in refused(trained, "bilinear", tmp_path / "other", minutes=1, steps=1)
    assert "steps is 0" in refused(trained, "bilinear", tmp_path / "other", steps=0)
    assert not (tmp_path / "other").exists()


def test_other_pictures_than_those_of_the_run_are_refused(trained, tmp_path, monkeypatch):
    quick(monkeypatch)
    photos = folder_for("upscale", tmp_path / "photos", 7)
    run = changed(trained, tmp_path / "run", folder=str(photos))
    assert "are not those that this run was trained on" in refused(run, "bilinear", tmp_path / "new")
    gone = changed(trained, tmp_path / "gone", folder=str(tmp_path / "nowhere"))
    assert "nowhere: there is no such folder." in refused(gone, "bilinear", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_damaged_weights_are_refused(trained, tmp_path, monkeypatch):
    quick(monkeypatch)
    run = changed(trained, tmp_path / "run")
    (run / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(RepixError, match="contains no weights"):
        swap(run, "bilinear", tmp_path / "new", steps=1, reporter=Told().reporter())
    assert not (tmp_path / "new").exists()


def command(capsys, *words):
    code = repix(["swap", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_prints_the_table_or_json_and_writes_the_page(swapped, trained, tmp_path, capsys, monkeypatch):
    report = swapped[0]
    given = {}
    monkeypatch.setattr(run_swap, "swap", lambda **values: given.update(values) or report)
    page = tmp_path / "page.html"
    code, out, err = command(capsys, trained, "--upsampler", "bilinear", "--steps", 3, "--page", page)
    assert (code, err) == (0, "")
    assert "fine-tuned" in out
    assert report.answer()[0] in out
    assert page.read_text(encoding="utf-8") == report.page()
    assert (given["run"], given["upsampler"], given["output"], given["steps"]) == (trained, "bilinear", None, 3)
    code, out, _ = command(capsys, trained, "--upsampler", "bilinear", "--json")
    assert json.loads(out) == json.loads(json.dumps(report.to_dict()))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Name the new upsampler: --upsampler NAME."),
        (("--upsampler", "bilinear", "--page", "page.txt"), "the file name must end in .html"),
        (("--upsampler", "bilinear", "--page", "there.html"), "there.html"),
        (("--upsampler", "transposed kernel=3"), "already; name another one."),
    ],
)
def test_a_refusal_of_the_command_is_one_sentence(words, sentence, trained, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.html").write_text("mine")
    code, out, err = command(capsys, trained, *words)
    assert code in (1, 2)
    assert (out, err.count("\n")) == ("", 1)
    assert sentence in err
    assert [path.name for path in tmp_path.iterdir()] == ["there.html"]
