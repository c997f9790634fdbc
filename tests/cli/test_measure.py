"""`repix measure`: tables, JSON, CSV, folders, and every refusal in a sentence."""

import csv
import json
import re

import numpy as np
import pytest

from repix import metrics, registry
from repix.cli._app import run
from repix.pictures import Picture, write
from tests.metrics.scenes import label_map, mistaken, noisy, scene


def save(array, file):
    """Fractions of white become 8 bits; whole numbers and float32 are kept."""
    if array.dtype == np.float64:
        array = np.rint(255 * array).astype(np.uint8)
    write(Picture(array), file)
    return str(file)


@pytest.fixture
def pair(tmp_path):
    """A result and its truth in color."""
    return save(noisy(scene(), 10.0), tmp_path / "result.png"), save(scene(), tmp_path / "truth.png")


@pytest.fixture
def folders(tmp_path):
    """Three results and their truths."""
    for folder in ("results", "truths"):
        (tmp_path / folder).mkdir()
    for seed, name in enumerate(["one", "two", "dotted.name"]):
        save(noisy(scene(60, 50, seed=seed), 5.0 * (seed + 1)), tmp_path / "results" / f"{name}.png")
        save(scene(60, 50, seed=seed), tmp_path / "truths" / f"{name}.bmp")
    return tmp_path / "results", tmp_path / "truths"


def measure(capsys, *words):
    """Exit code, what was printed, and what was complained."""
    code = run(["measure", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows_of(table):
    """The rows of a CSV file by heading."""
    return list(csv.DictReader(table.read_text().splitlines()))


def report(capsys, *words):
    """The report of `--json`, which must be strict JSON."""
    code, out, _ = measure(capsys, *words, "--json")
    return code, json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))


def test_the_number_is_that_of_python_and_its_metric_stands_beside_it(pair, capsys):
    code, out, err = measure(capsys, *pair, "--metric", "psnr-y", "--scale", 2)
    expected = metrics.psnr_y(noisy(scene(), 10.0), scene(), scale=2)
    assert (code, err) == (0, "")
    assert "psnr-y (scale 2)" in out
    assert f"{expected:.2f} dB" in out
    _, found = report(capsys, *pair, "--metric", "psnr-y", "--scale", 2)
    assert found["measured"][0]["value"] == pytest.approx(expected, rel=1e-6)
    assert found["measured"][0]["settings"] == {"scale": 2}


def test_defaults_are_shown_too(pair, capsys):
    assert "edges-f1 (tolerance 2)" in measure(capsys, *pair, "--metric", "edges-f1")[1]
    assert "ssim-wang (border 0)" in measure(capsys, *pair, "--metric", "ssim-wang")[1]


def test_without_a_metric_all_are_listed(pair, capsys):
    code, _, err = measure(capsys, *pair)
    assert code == 2
    for name in registry.available("metrics"):
        assert f"  {name} " in err
        assert registry.summary("metrics", name) in err


def test_folders_are_matched_by_stem_and_psnr_is_averaged(folders, capsys):
    code, found = report(capsys, *folders, "--metric", "psnr-rgb")
    one = found["measured"][0]
    assert code == 0
    assert [pair["truth"].rpartition("/")[2] for pair in one["pairs"]] == ["dotted.name.bmp", "one.bmp", "two.bmp"]
    assert one["joined"] == "mean"
    assert one["value"] == pytest.approx(np.mean([pair["value"] for pair in one["pairs"]]))
    assert "mean of 3" in measure(capsys, *folders, "--metric", "psnr-rgb")[1]


def test_label_maps_of_a_folder_are_counted_together(tmp_path, capsys):
    results, truths = tmp_path / "r", tmp_path / "t"
    results.mkdir()
    truths.mkdir()
    maps = [(mistaken(label_map(seed=s), 0.1 + 0.2 * s, seed=s), label_map(seed=s)) for s in range(3)]
    for number, (result, truth) in enumerate(maps):
        save(result, results / f"{number}.png")
        save(truth, truths / f"{number}.png")
    code, found = report(capsys, results, truths, "--all", "--classes", 5, "--ignore-index", 4)
    assert code == 0
    assert [one["metric"] for one in found["measured"]] == ["dice", "miou", "pixel-accuracy"]
    stacked = [np.concatenate(parts) for parts in zip(*maps, strict=True)]
    expected = metrics.miou(*stacked, classes=5, ignore_index=4)
    assert found["measured"][1]["value"] == pytest.approx(expected)
    assert found["measured"][1]["joined"] == "together"
    assert set(found["measured"][1]["parts"]) == {"class 0", "class 1", "class 2", "class 3"}


def test_files_without_partner_are_listed_and_the_others_measured(folders, capsys):
    results, truths = folders
    (truths / "one.bmp").unlink()
    (results / "two.png").unlink()
    (truths / "notes.txt").write_text("no picture")
    code, out, err = measure(capsys, results, truths, "--metric", "psnr-rgb")
    assert code == 1
    assert "dotted.name" in out
    lines = err.splitlines()
    assert [line.split(" has ")[0] for line in lines] == [f"repix: {results}/one.png", f"repix: {truths}/two.bmp"]


def test_a_pair_that_cannot_be_measured_is_said_and_the_others_go_on(folders, capsys):
    results, truths = folders
    (results / "one.png").write_bytes(b"nothing")
    save(scene(60, 51), results / "three.png")
    save(scene(60, 50), truths / "three.png")
    code, found = report(capsys, results, truths, "--metric", "psnr-rgb")
    assert code == 1
    assert len(found["measured"][0]["pairs"]) == 2
    assert len(found["failures"]) == 2
    assert "60×51 and 60×50 (height × width)" in found["failures"][1]


def test_equal_pictures_are_inf_also_in_json_and_csv(pair, tmp_path, capsys):
    truth, table = pair[1], tmp_path / "table.csv"
    code, found = report(capsys, truth, truth, "--metric", "psnr-rgb", "--csv", table)
    assert code == 0
    assert found["measured"][0]["value"] == "inf"
    assert rows_of(table)[0]["value"] == "inf"
    assert "inf dB" in measure(capsys, truth, truth, "--metric", "psnr-rgb")[1]


def test_all_shows_how_far_metrics_differ_and_why_some_are_left_out(pair, capsys):
    code, found = report(capsys, *pair, "--all", "--scale", 2)
    assert code == 0
    names = {one["metric"] for one in found["measured"]}
    assert names == {
        "psnr-y-bicubic",
        "colorfulness",
        "edges-f1",
        "ms-ssim",
        "psnr-rgb",
        "ssim-skimage",
        "ssim-wang",
        "psnr-y",
    }
    assert (
        found["not_measured"].pop("niqe").startswith("the picture is 200×180 (height × width); niqe needs at least 4")
    )
    assert found["not_measured"] == {"psnr-gray": "result and truth are color; this metric needs gray pictures."}
    _, out, _ = measure(capsys, *pair, "--all")
    assert "not measured by psnr-y: it needs --scale" in out
    assert "nearer to 1" in out


def test_the_bicubic_baseline_looks_at_the_truth_alone(pair, folders, capsys):
    result, truth = pair
    expected = metrics.psnr_y_bicubic(scene(), scale=2)
    code, found = report(capsys, truth, "--metric", "psnr-y-bicubic", "--scale", 2)
    assert (code, found["measured"][0]["pairs"][0]["result"]) == (0, None)
    assert found["measured"][0]["value"] == pytest.approx(expected)
    assert "of the truth alone" in measure(capsys, truth, "--metric", "psnr-y-bicubic", "--scale", 2)[1]
    code, _, err = measure(capsys, result, truth, "--metric", "psnr-y-bicubic", "--scale", 2)
    assert (code, "give TRUTH only" in err) == (2, True)
    assert len(report(capsys, folders[1], "--metric", "psnr-y-bicubic", "--scale", 2)[1]["measured"][0]["pairs"]) == 3


@pytest.fixture
def large(tmp_path):
    """Two folders with a large picture of the same name, and one more."""
    for folder, sigma in (("noisy", 20.0), ("clean", 1.0)):
        (tmp_path / folder).mkdir()
        save(noisy(scene(192, 200), sigma), tmp_path / folder / "one.png")
    save(scene(200, 192, seed=3), tmp_path / "clean" / "two.png")
    return tmp_path / "noisy", tmp_path / "clean"


def test_niqe_needs_no_truth_and_measures_any_number_of_files_and_folders(large, tmp_path, capsys):
    noises, clean = large
    expected = metrics.niqe(noisy(scene(192, 200), 20.0))
    code, found = report(capsys, noises / "one.png", "--metric", "niqe")
    said = found["measured"][0]
    assert (code, said["value"], said["better"]) == (0, pytest.approx(expected), "lower")
    assert said["pairs"][0]["result"].endswith("noisy/one.png")
    assert said["pairs"][0]["truth"] is None
    code, found = report(capsys, noises, clean / "two.png", clean, "--metric", "niqe", "--csv", tmp_path / "t.csv")
    assert (code, len(found["measured"][0]["pairs"])) == (0, 3)
    assert [row["truth"] for row in rows_of(tmp_path / "t.csv")] == [""] * 3
    out = measure(capsys, clean, "--metric", "niqe")[1]
    assert "mean of 2" in out
    assert "niqe (pristine photos of repix)" in out
    assert measure(capsys, *large, "--metric", "niqe", "-o", tmp_path / "values")[0] == 0
    assert len(list((tmp_path / "values").rglob("one.png.json"))) == 2


def test_niqe_beside_other_metrics_measures_the_result(large, capsys):
    result, truth = (folder / "one.png" for folder in large)
    code, found = report(capsys, result, truth, "--metric", "niqe", "--metric", "psnr-rgb")
    assert code == 0
    assert [one["metric"] for one in found["measured"]] == ["niqe", "psnr-rgb"]
    assert found["measured"][0]["pairs"][0]["truth"] is None
    assert found["measured"][0]["value"] == pytest.approx(metrics.niqe(noisy(scene(192, 200), 20.0)))
    assert {"niqe", "psnr-rgb"} <= {one["metric"] for one in report(capsys, result, truth, "--all")[1]["measured"]}


def test_several_metrics_have_a_column_each(folders, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    wanted = ("--metric", "psnr-rgb", "--metric", "ssim-wang", "--metric", "psnr-y", "--scale", 2)
    code, out, err = measure(capsys, *folders, *wanted)
    assert (code, err) == (0, "")
    for title in ("psnr-rgb, higher is better", "ssim-wang (border 0), higher", "psnr-y (scale 2), higher"):
        assert title in out
    rows = [line.split("│")[1:-1] for line in out.splitlines() if line.startswith("│")]
    assert [row[0].strip() for row in rows] == ["dotted.name", "one", "two", "mean of 3"]
    assert all(len(row) == 4 for row in rows)
    found = report(capsys, *folders, *wanted)[1]["measured"]
    assert [one["metric"] for one in found] == ["psnr-rgb", "ssim-wang", "psnr-y"]
    assert f"{found[2]['value']:.2f} dB" in rows[3][3]


def test_a_metric_that_refuses_a_pair_is_named_beside_others(pair, capsys):
    code, out, err = measure(capsys, *pair, "--metric", "niqe", "--metric", "psnr-rgb")
    assert (code, "dB" in out) == (1, True)
    assert "not measured by niqe: the picture is 200×180" in err


def test_csv_has_a_number_in_every_row_and_is_not_replaced_unasked(folders, tmp_path, capsys):
    table = tmp_path / "table.csv"
    words = [*folders, "--all", "--csv", table]
    assert measure(capsys, *words)[0] == 0
    rows = rows_of(table)
    assert {row["metric"] for row in rows} == {"colorfulness", "edges-f1", "psnr-rgb", "ssim-skimage", "ssim-wang"}
    assert len(rows) == 15
    assert all(float(row["value"]) > 0 for row in rows)
    before = table.read_bytes()
    code, _, err = measure(capsys, folders[0], folders[1], "--metric", "psnr-rgb", "--csv", table)
    assert (code, "use --overwrite" in err, table.read_bytes() == before) == (1, True, True)
    assert measure(capsys, *words, "--overwrite")[0] == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["results", "table.csv", "truths"]


def test_float_results_are_measured_unrounded_with_a_note(tmp_path, capsys):
    truth = scene(channels=1)
    result = (truth + np.random.default_rng(0).normal(0, 50 / 255, truth.shape)).astype(np.float32)
    files = save(result, tmp_path / "r.tif"), save(truth, tmp_path / "t.png")
    code, found = report(capsys, *files, "--metric", "psnr-gray")
    assert code == 0
    assert found["measured"][0]["value"] == pytest.approx(metrics.psnr_gray(result.astype(float), truth), abs=1e-5)
    assert (
        "the bit depths are float and 8; both are scaled to white = 1"
        in measure(capsys, *files, "--metric", "psnr-gray")[2]
    )


def test_a_note_on_many_pairs_is_one_line(folders, capsys):
    results, truths = folders
    for file in results.iterdir():
        pixels = np.array(scene(60, 50) * 65535, np.uint16)
        file.unlink()
        save(pixels, file)
    code, _, err = measure(capsys, results, truths, "--metric", "psnr-rgb")
    assert code == 0
    assert len(err.splitlines()) == 1
    assert "dotted.name.bmp and 2 more: the bit depths are 16 and 8" in err


WRONG = [
    (("truth.png", "nowhere.png", "--metric", "psnr-rgb"), 1, "nowhere.png: there is no such file or folder."),
    (("truth.png", ".", "--metric", "psnr-rgb"), 2, "is a folder and .*truth.png is a file; give two files, or two"),
    (("empty", "empty", "--metric", "psnr-rgb"), 1, "empty contains no pictures"),
    (("twins", "twins", "--metric", "psnr-rgb"), 2, "differ only in their suffix"),
    (("truth.png", "--metric", "psnr-rgb"), 2, "Give two files or two folders.*1 given"),
    (
        ("truth.png", "truth.png", "--metric", "psnr-rbg"),
        2,
        "no 'psnr-rbg' among the metrics; did you mean 'psnr-rgb'",
    ),
    (("truth.png", "truth.png", "--metric", "psnr-y"), 2, "needs --scale"),
    (("truth.png", "truth.png", "--metric", "psnr-y", "--scale", "0"), 2, "scale is 0; it must be at least 1"),
    (("truth.png", "truth.png", "--metric", "psnr-y", "--scale", "99"), 1, "too small to cut 99 pixels"),
    (("truth.png", "truth.png", "--metric", "psnr-rgb", "--scale", "2"), 2, "psnr-rgb has no option --scale"),
    (
        ("truth.png", "truth.png", "--metric", "psnr-rgb", "--ignore-index", "2"),
        2,
        "psnr-rgb has no option --ignore-index",
    ),
    (("truth.png", "truth.png", "--metric", "psnr-y", "--scale", "2", "--border", "2"), 2, "it takes --scale"),
    (("truth.png", "truth.png", "--all", "--ignore-index", "2"), 2, "None of .* has the option --ignore-index"),
    (("truth.png", "truth.png", "--all", "--metric", "psnr-rgb"), 2, "either --all or --metric"),
    (("truth.png", "--metric", "psnr-rgb", "--metric", "niqe"), 2, "Give two files or two folders.*1 given"),
    (("truth.png", "truth.png", "--metric", "niqe", "--metric", "miou"), 2, "niqe is for pictures and miou for label"),
    (
        ("truth.png", "--metric", "niqe"),
        1,
        r"truth.png: the picture is 40×50 \(height × width\); niqe needs at least 4",
    ),
    (("truth.png", "--metric", "niqe", "--page", "page.html"), 2, "add a metric that compares both, such as"),
    (("truth.png", "--metric", "psnr-y-bicubic", "--scale", "2", "--page", "p.html"), 2, "give both, RESULT TRUTH"),
    (("nowhere.png", "--metric", "niqe"), 1, "nowhere.png: there is no such file or folder"),
    (("empty", "--metric", "niqe"), 1, "empty contains no pictures"),
    (("truth.png", "--metric", "niqe", "--scale", "2"), 2, "niqe has no option --scale; it takes no options"),
    (("twins/a.png", "./twins/a.png", "--metric", "niqe"), 1, "niqe needs at least 4"),
    (("truth.png", "truth.png", "--metric", "psnr-rgb", "--overwrite"), 2, "without them, leave it out"),
    (("truth.png", "truth.png", "--metric", "edges-f1", "--drawing", "gray"), 2, "choose from dark, bright"),
    (("truth.png", "truth.png", "--metric", "psnr-rgb", "--csv", "empty"), 1, "empty is a folder"),
    (("gray.png", "truth.png", "--metric", "psnr-rgb"), 1, "result is gray and truth is color.*repix degrade gray"),
    (("alpha.png", "truth.png", "--metric", "psnr-rgb"), 1, "alpha.png has an alpha channel"),
    (("nan.tif", "truth.png", "--metric", "psnr-rgb"), 1, "result holds nan"),
    (("truth.png", "truth.png", "--metric", "miou"), 1, "truth.png is a color picture; a label map is a gray"),
    (("float.tif", "gray.png", "--metric", "miou"), 1, "float.tif contains floats; a label map is a gray"),
    (("gray.png", "gray.png", "--metric", "miou", "--classes", "3"), 1, "has the label"),
]


@pytest.mark.parametrize(("words", "code", "sentence"), WRONG, ids=[" ".join(words) for words, *_ in WRONG])
def test_wrong_use_and_unfit_files_are_one_sentence(words, code, sentence, tmp_path, monkeypatch, capsys):
    truth = scene(40, 50)
    save(truth, tmp_path / "truth.png")
    save(truth[:, :, 0], tmp_path / "gray.png")
    save(np.dstack([truth, truth[:, :, 0]]), tmp_path / "alpha.png")
    save(np.where(truth > 0.5, np.nan, truth).astype(np.float32), tmp_path / "nan.tif")
    save(truth[:, :, 0].astype(np.float32), tmp_path / "float.tif")
    for folder in ("empty", "twins"):
        (tmp_path / folder).mkdir()
    save(truth, tmp_path / "twins" / "a.png")
    save(truth, tmp_path / "twins" / "a.bmp")
    monkeypatch.chdir(tmp_path)
    found, out, err = measure(capsys, *words)
    complaints = [line for line in err.splitlines() if "note:" not in line]
    assert found == code
    assert len(complaints) == 1
    assert complaints[0].startswith("repix: ")
    assert re.search(sentence, complaints[0])
    assert out == ""


@pytest.mark.parametrize("name", ["x[bold] (1)", "[red]", "café :smile: 中", "-dash", "a name as long as it is " * 5])
@pytest.mark.parametrize("width", [40, 80])
def test_any_name_and_the_whole_metric_stand_in_the_table(name, width, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    for folder in ("results", "truths"):
        (tmp_path / folder).mkdir()
        save(scene(40, 40), tmp_path / folder / f"{name}.png")
    code, out, _ = measure(capsys, tmp_path / "results", tmp_path / "truths", "--metric", "ssim-wang", "--border", 3)
    cells = [line.split("│")[1:3] for line in out.splitlines() if line.startswith("│")]
    shown = ["".join("".join(column).split()) for column in zip(*cells, strict=True)]
    assert (code, shown) == (0, ["".join(name.split()), "ssim-wang(border3)"])
