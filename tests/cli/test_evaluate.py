"""`repix evaluate`: models and filters side by side on the same pictures, and every refusal in a sentence."""

import csv
import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from repix import registry
from repix.cli._app import run
from repix.conversion import Contract, write_model
from repix.data import find
from repix.data.cache import content_key
from repix.evaluation import Examples, filtered, measure, nothing
from tests.data.drawing import blobs, masks, pairs, photo, pictures, put, splits

SPOILED = ("--degrade", "gaussian sigma=25")


def evaluate(capsys, *words):
    """Exit code, what was printed, and what was complained."""
    code = run(["evaluate", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def report(capsys, *words):
    """What `--json` prints, which must be strict JSON."""
    code, out, _ = evaluate(capsys, *words, "--json")
    return code, json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))


def model(file, factor=1.0, task="denoise", settings=None, data=""):
    """A model that multiplies all numbers by a factor."""
    shape = ["n", 1, "h", "w"]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
    weight = helper.make_tensor("factor", TensorProto.FLOAT, [1], [factor])
    graph = helper.make_graph([helper.make_node("Mul", ["x", "factor"], ["y"])], "g", ends[:1], ends[1:], [weight])
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(content)
    file.parent.mkdir(parents=True, exist_ok=True)
    settings = {"color": False, "sigma": [25, 25]} if settings is None else settings
    write_model(file, content.SerializeToString(), Contract(task, settings, halo=0, data=data))
    return file


@pytest.fixture
def grays(tmp_path):
    """Gray pictures."""
    for number in range(3):
        put(tmp_path / "grays" / f"{number}.png", photo(number, channels=1))
    return tmp_path / "grays"


def test_the_numbers_are_those_of_python(grays, capsys):
    code, found = report(capsys, "median size=5", grays, *SPOILED)
    task = registry.get("tasks", "denoise")({"color": False})
    examples = Examples(grays, find(grays).parts["train"].items, task, degrade=["gaussian sigma=25"])
    expected = measure(filtered("median size=5").convert, examples, task.metrics)
    assert code == 0
    assert (found["task"], found["part"], found["pictures"], found["degrade"]) == ("denoise", "all", 3, [SPOILED[1]])
    (one,) = found["models"]
    assert (one["model"], one["failures"]) == ("median size=5", [])
    assert [m["value"] for m in one["measured"]] == pytest.approx(list(expected.totals.values()))
    numbers = {name: picture["value"] for name, picture in one["measured"][0]["pictures"].items()}
    assert numbers == pytest.approx({name: score.value for name, score in expected.measurements[0].scores.items()})


def test_every_model_gets_the_same_noise(grays, tmp_path, capsys):
    file = model(tmp_path / "run" / "model.onnx")
    _, together = report(capsys, file, "nothing", "median", grays, *SPOILED)
    values = [one["measured"][0]["value"] for one in together["models"]]
    assert [one["model"] for one in together["models"]] == [str(file), "nothing", "median"]
    assert values[0] == pytest.approx(values[1], abs=1e-4)  # a model that does nothing
    assert values[2] > values[1]
    _, alone = report(capsys, "median", grays, *SPOILED)
    assert alone["models"][0]["measured"][0]["value"] == values[2]


def test_a_model_says_its_task_and_a_run_is_its_model(grays, tmp_path, capsys):
    model(tmp_path / "run" / "model.onnx")
    _, found = report(capsys, tmp_path / "run", "nothing", grays)
    assert found["task"] == "denoise"
    assert found["settings"]["sigma"] == [25, 25]
    numbers = [one["measured"][0] for one in found["models"]]
    assert [number["metric"] for number in numbers] == ["psnr-gray", "psnr-gray"]
    assert [number["value"] for number in numbers] == pytest.approx([20.17, 20.17], abs=0.1)  # 20 log10(255 / 25)
    _, weaker = report(capsys, tmp_path / "run", grays, "--set", "sigma=5,5")
    assert weaker["models"][0]["measured"][0]["value"] == pytest.approx(34.15, abs=0.1)


def test_the_table_has_gains_and_says_whose(grays, tmp_path, capsys):
    code, out, err = evaluate(capsys, "median", "nothing", grays, *SPOILED, "--metric", "psnr-gray")
    assert (code, err) == (0, "")
    assert "gray, higher is better" in out
    assert "mean of 3" in out
    assert "gain: median over nothing" in out
    assert out.count("+") == 4
    assert "s per megapixel of the result" in out
    _, lost, _ = evaluate(capsys, "nothing", "median", grays, *SPOILED, "--metric", "psnr-gray")
    assert lost.count("│ -") == 4
    assert "+" not in lost


def test_csv_has_one_number_in_a_row(grays, tmp_path, capsys):
    file = tmp_path / "table.csv"
    assert evaluate(capsys, "median", "nothing", grays, *SPOILED, "--csv", file)[0] == 0
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert len(rows) == 2 * 2 * (3 + 1)
    gray = [row for row in rows if row["model"] == "median" and row["metric"] == "psnr-gray"]
    numbers = {row["picture"]: float(row["value"]) for row in gray}
    assert numbers.pop("") == pytest.approx(np.mean(list(numbers.values())))
    assert list(numbers) == ["0.png", "1.png", "2.png"]
    code, _, err = evaluate(capsys, "median", grays, *SPOILED, "--csv", file)
    assert (code, "exists already" in err) == (1, True)
    assert evaluate(capsys, "median", grays, *SPOILED, "--csv", file, "--overwrite")[0] == 0


def test_metrics_take_the_task_s_settings_or_their_own(tmp_path, capsys):
    folder = pictures(tmp_path, 2)
    words = ("nothing", folder, "--task", "upscale", "--set", "scale=3", "--set", "color=yes")
    metrics = ("psnr-y", "psnr-y scale=5", "psnr-y-bicubic scale=2", "ssim-skimage")
    code, found = report(capsys, *words, *(word for name in metrics for word in ("--metric", name)))
    assert code == 0
    labels = [(one["metric"], one["settings"].get("scale")) for one in found["models"][0]["measured"]]
    assert labels == [("psnr-y", 3), ("psnr-y", 5), ("psnr-y-bicubic", 2), ("ssim-skimage", None)]


def test_what_the_layout_holds_out_is_evaluated(tmp_path, capsys):
    splits(tmp_path, classes=3)
    words = ("nothing", tmp_path, "--task", "segment")
    parts = {}
    for part in (None, "all", "train", "validation"):
        _, found = report(capsys, *words, *(() if part is None else ("--part", part)))
        parts[part] = list(found["models"][0]["measured"][0]["pictures"])
    assert parts[None] == [f"test/{number}.png" for number in range(80, 86)]
    assert parts["validation"] == [f"val/{number}.png" for number in range(50, 56)]
    assert parts["train"] == [f"train/{number:02}.png" for number in range(6)]
    assert sorted(parts[None] + parts["validation"] + parts["train"]) == parts["all"]


def test_the_pictures_that_a_training_keeps_out_can_be_asked_for(tmp_path, capsys):
    folder = pictures(tmp_path, 10)
    _, found = report(capsys, "nothing", folder, *SPOILED, "--holdout", 3)
    from repix.data import split

    kept = [item.picture for item in split(find(folder), 3).validation]
    assert list(found["models"][0]["measured"][0]["pictures"]) == kept
    assert len(kept) == 3
    _, some = report(capsys, "nothing", folder, *SPOILED, "--only", "0[13].png")
    assert list(some["models"][0]["measured"][0]["pictures"]) == ["01.png", "03.png"]


def test_segmenting_counts_the_commonest_class_of_the_training_masks(tmp_path, capsys):
    masks(tmp_path, 4)
    _, found = report(capsys, "nothing", tmp_path, "--task", "segment")
    (one,) = found["models"]
    share = np.mean([blobs(number, 2) == 0 for number in range(4)])
    assert found["settings"]["values"] == [0, 255]
    assert one["model"] == "the commonest class"
    assert [m["value"] for m in one["measured"]] == pytest.approx([max(share, 1 - share) / 2, max(share, 1 - share)])
    assert one["measured"][0]["joined"] == "together"


def test_pictures_with_masks_can_be_denoised_too(tmp_path, capsys):
    code, found = report(capsys, "nothing", masks(tmp_path, 2), *SPOILED, "--task", "denoise")
    assert (code, found["pictures"]) == (0, 2)


def test_pairs_need_no_task(tmp_path, capsys):
    code, found = report(capsys, "lanczos scale=2", pairs(tmp_path, 2, scale=2), "--metric", "psnr-y scale=2")
    assert code == 0
    assert len(found["models"][0]["measured"][0]["pictures"]) == 2


@pytest.mark.parametrize("name", ["0.png", "1.png"])
def test_a_bad_picture_is_named_once_and_the_others_are_measured(name, grays, capsys):
    (grays / name).write_bytes(b"no picture")
    code, out, err = evaluate(capsys, "nothing", "median", grays, *SPOILED)
    assert code == 1
    assert err.count(name) == 1
    assert "gray, higher is better" in out
    assert "mean of 2" in out


def test_what_fails_for_one_model_only_is_said_of_it(tmp_path, capsys):
    folder, task = pictures(tmp_path, 2), {"scale": 3}
    code, found = report(capsys, "lanczos scale=2", "nothing", folder, "--task", "upscale", "--set", "scale=3")
    assert code == 1
    assert [len(one["failures"]) for one in found["models"]] == [4, 0]
    examples = Examples(folder, find(folder).parts["train"].items, registry.get("tasks", "upscale")(task))
    expected = measure(nothing(examples.task).convert, examples, examples.task.metrics).deciding
    assert found["models"][1]["measured"][0]["value"] == pytest.approx(expected)


def test_a_model_on_the_pictures_it_was_trained_on_gets_a_warning(grays, tmp_path, capsys):
    items = find(grays).parts["train"].items
    file = model(tmp_path / "seen.onnx", data=content_key(grays, items))
    code, _, err = evaluate(capsys, file, grays)
    assert code == 0
    assert f"{file} was trained on 3 of these 3 pictures" in err
    _, _, err = evaluate(capsys, model(tmp_path / "other.onnx", data="0123"), grays)
    assert err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing", "FOLDER"], "Filters need a task"),
        (["medain", "FOLDER", *SPOILED], "did you mean 'median'"),
        (["median size=4", "FOLDER", *SPOILED], "size is 4"),
        (["nowhere.onnx", "FOLDER"], "nowhere.onnx: there is no such file"),
        (["", "FOLDER"], "A MODEL is empty"),
        (["FOLDER", "FOLDER"], "is a folder without model.onnx"),
        (["nothing", "nowhere", *SPOILED], "nowhere: there is no such folder"),
        (["nothing", "nothing", "FOLDER", *SPOILED], "named twice"),
        (["nothing", "FOLDER", "--task", "denoize"], "did you mean 'denoise'"),
        (["nothing", "FOLDER", "--task", "denoise", "--set", "sigme=3"], "did you mean 'sigma'"),
        (["nothing", "FOLDER", "--task", "denoise", "--set", "sigma=none"], "are all none"),
        (["nothing", "FOLDER", "--task", "segment"], "There are no masks"),
        (["classical", "FOLDER", "--task", "colorize"], "no classical filter for colorize"),
        (["nothing", "FOLDER", *SPOILED, "--metric", "psnr"], "among the metrics"),
        (["nothing", "FOLDER", *SPOILED, "--metric", "psnr-y"], "psnr-y needs scale"),
        (["nothing", "FOLDER", *SPOILED, "--metric", "miou"], "compares label maps"),
        (["nothing", "FOLDER", *SPOILED, "--part", "tests"], "did you mean 'test'"),
        (["nothing", "FOLDER", *SPOILED, "--part", "test"], "has no pictures in its test part"),
        (["nothing", "FOLDER", *SPOILED, "--only", "*.jpg"], "whose names match *.jpg"),
        (["nothing", "FOLDER", *SPOILED, "--overwrite"], "--overwrite is for the files of --csv and --page"),
        (["nothing", "FOLDER", "--degrade", "gaussain"], "did you mean 'gaussian'"),
        (["MODEL", "FOLDER", "--task", "upscale"], "different tasks: upscale, denoise"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(words, said, grays, tmp_path, capsys):
    places = {"FOLDER": grays, "MODEL": tmp_path / "model.onnx"}
    if "MODEL" in words:
        model(places["MODEL"])
    code, out, err = evaluate(capsys, *(places.get(word, word) for word in words))
    assert (code, out) in ((1, ""), (2, ""))
    assert said in err
    assert "Traceback" not in err


def test_a_damaged_model_is_refused_before_any_work(grays, tmp_path, capsys):
    file = model(tmp_path / "model.onnx")
    file.write_bytes(file.read_bytes()[:-7])
    code, out, err = evaluate(capsys, file, grays)
    assert (code, out) == (1, "")
    assert "model.onnx" in err


def test_evaluating_loads_no_torch(grays, tmp_path):
    file = model(tmp_path / "model.onnx")
    words = ["evaluate", str(file), "nothing", str(grays), "--json"]
    code = (
        f"import sys; from repix.cli._app import run; code = run({words!r}); sys.exit(code or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
