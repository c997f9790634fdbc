"""Grids from the choices to the page: complete, resumable, and failures are sentences."""

import csv
import json
import math
import re
import shutil
from dataclasses import replace

import pytest

import repix
from repix.arithmetic.step_text import plural
from repix.audit.prediction import LIMIT
from repix.comparison import compare, planned
from repix.comparison.grid_folder import GridFolder
from repix.comparison.holdout_scores import artifact_score
from repix.comparison.plan import cores_here
from repix.comparison.run_alone import DISK_FULL
from repix.comparison.run_grid import answer
from repix.comparison.run_log import RunLog
from repix.comparison.runner import Runner
from repix.errors import DiskFull, RepixError, Unwritable, WrongUse
from repix.training import Reporter, checkpoint, train
from repix.training.run_folder import RunFolder
from repix.training.stop import Terminated
from tests.audit.zoo import content
from tests.comparison.conftest import CHOICES, Here, base, grid, trained
from tests.training.making import folder_for

TIMES = {"seconds", "ms_per_megapixel", "equal_seconds", "quality_at_equal_seconds", "answer", "speed"}
"""What differs between two equal grids: times, and the sentence about equal times."""


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key not in TIMES}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def results(output):
    return json.loads((output / "results.json").read_text(encoding="utf-8"))


def test_the_results_are_complete(finished):
    output, found = finished
    said = results(output)
    assert [row["name"] for row in said["members"]] == ["widths 4", "widths 5"]
    assert [row["name"] for row in said["others"]] == ["nothing", "median size=3"]
    assert (said["task"], said["steps"], said["minutes"], said["seeds"]) == ("denoise", 3, None, 2)
    assert (said["metric"], said["unit"], said["better"], said["pictures"]) == ("psnr-gray", "dB", "higher", 2)
    for row in said["members"]:
        values = [run["metrics"]["psnr-gray"] for run in row["runs"]]
        assert row["quality"] == pytest.approx(sum(values) / 2)
        assert row["spread"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
        assert [run["steps"] for run in row["runs"]] == [3, 3]
        assert (row["network"], row["halo"]) == ("pixelwise", 0)
        assert row["ms_per_megapixel"] > 0
        assert row["checkerboard_db"] is None  # there is no upsampling in it
        assert row["quality_at_equal_steps"] == pytest.approx(
            sum(run["curve"][-1]["psnr-gray"] for run in row["runs"]) / 2
        )
    assert said["members"][1]["parameters"] > said["members"][0]["parameters"] > 0
    assert said["answer"] == answer(found)


def test_the_table_has_a_row_for_each_value(finished):
    output, _ = finished
    rows = list(csv.DictReader((output / "results.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["name"] for row in rows} == {"widths 4", "widths 5", "nothing", "median size=3"}
    assert len(rows) == 3 * (2 * 2 + 2)  # two metrics and the pooled first one, of each run and of the others
    said = results(output)
    for row in rows[:2]:
        assert float(row["value"]) == said["members"][0]["runs"][0]["metrics"][row["metric"]]


def test_the_page_shows_the_answer_the_table_the_plots_and_the_pictures(finished):
    output, _ = finished
    html = (output / "index.html").read_text(encoding="utf-8")
    assert results(output)["answer"][0] in html
    assert html.count("data:image/svg+xml;base64,") == 3
    figure = re.search(r'<figure class="views wide">.*?</figure>', html, re.DOTALL)[0]
    labels = re.findall(r'alt="([^"]+)">', figure.partition('class="strip"')[2])
    assert labels[:2] == ["source", "truth"]
    assert set(labels[2:]) == {"widths 4", "widths 5", "nothing", "median size=3"}
    assert not re.search(r"""(src|href)=["'](?!data:)""", html)
    for title in ("at equal steps", "at equal seconds", "checkerboard (dB)", "ms per megapixel", "parameters", "halo"):
        assert f">{title}</button>" in html


def test_the_checkerboard_score_is_that_of_the_audit(tmp_path):
    model = tmp_path / "model.onnx"
    model.write_bytes(content("even, then uneven"))
    score = artifact_score(model)
    assert score == pytest.approx(repix.audit_model(model).score)
    assert score > LIMIT
    assert math.isnan(artifact_score("there-is-no-such-model"))


class Done(Here):
    """A run that has ended."""

    def __init__(self, _):
        self.code = 0


def copying(output):
    """Start runs that are those of a finished grid: equal trainings are equal to the bit."""

    def start(job):
        shutil.copytree(output / "runs" / job.run.path.name, job.run.path)
        return Done(job)

    return start


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("kept", [1, 3])
def test_a_killed_grid_that_is_continued_gives_the_same_results(kept, finished, photos, tmp_path):
    output, _ = finished
    started = []

    def killing(job):
        if len(started) == kept:
            raise Killed
        started.append(job)
        return copying(output)(job)

    with pytest.raises(Killed):
        trained(grid(photos), tmp_path / "grid", killing)
    assert not (tmp_path / "grid" / "results.json").exists()
    messages = []
    resumed = []
    trained(grid(photos), tmp_path / "grid", lambda job: resumed.append(job) or Here(job), ("median size=3",), messages)
    assert len(resumed) == 4 - kept
    assert (f"{kept} of 4 runs are finished already." in messages) == bool(kept)
    assert without_times(results(tmp_path / "grid")) == without_times(results(output))


def test_a_run_that_was_killed_is_resumed(finished, photos, tmp_path, monkeypatch):
    output, _ = finished
    save = checkpoint.Checkpoint.save

    def killing(self, state):
        save(self, state)
        if state.step == 2 and self.folder.path.name.endswith("5-seed0"):
            raise Killed

    monkeypatch.setattr(checkpoint.Checkpoint, "save", killing)
    with pytest.raises(Killed):
        trained(grid(photos), tmp_path / "grid")
    monkeypatch.setattr(checkpoint.Checkpoint, "save", save)
    assert planned(grid(photos)).states(GridFolder(tmp_path / "grid")) == {
        "widths 4": ["finished", "to train"],
        "widths 5": ["to continue", "to train"],
    }
    trained(grid(photos), tmp_path / "grid", others=("median size=3",))
    assert without_times(results(tmp_path / "grid")) == without_times(results(output))


def test_a_finished_grid_trains_nothing_and_more_seeds_are_added(finished, photos, tmp_path):
    output, _ = finished
    shutil.copytree(output, tmp_path / "grid")
    started = []

    def starting(job):
        started.append(job.title)
        return Here(job)

    trained(grid(photos), tmp_path / "grid", starting, ("median size=3",))
    assert started == []
    assert without_times(results(tmp_path / "grid")) == without_times(results(output))
    trained(grid(photos, seeds=3, settings={"widths": ("4",)}), tmp_path / "grid", starting)
    assert started == ["pixelwise, widths 4, seed 2"]
    assert [len(row["runs"]) for row in results(tmp_path / "grid")["members"]] == [3]


class Failing(Here):
    """A run that has failed."""

    def __init__(self, _):
        self.code = 1

    def reason(self):
        return "The disk is full."


def test_a_failed_run_does_not_stop_the_others_and_is_tried_again(finished, photos, tmp_path):
    output, _ = finished
    messages = []
    copy = copying(output)
    found = trained(
        grid(photos),
        tmp_path / "grid",
        lambda job: Failing(job) if job.member == "widths 4" else copy(job),
        ("median size=3",),
        messages,
    )
    assert found.failures == [("widths 4", seed, "The disk is full.") for seed in range(2)]
    assert "1 of 4: widths 4, seed 0 failed: The disk is full." in messages
    said = results(tmp_path / "grid")
    assert said["members"][0]["quality"] is None
    assert said["members"][1]["quality"] == results(output)["members"][1]["quality"]
    html = (tmp_path / "grid" / "index.html").read_text(encoding="utf-8")
    assert "Failed runs" in html
    assert html.count("The disk is full.") == 2
    trained(grid(photos), tmp_path / "grid", copy, ("median size=3",))
    assert without_times(results(tmp_path / "grid")) == without_times(results(output))


def test_a_grid_whose_runs_all_failed_is_a_sentence(photos, tmp_path):
    with pytest.raises(RepixError, match=r"^All 2 runs failed; the first: The disk is full\.$"):
        trained(grid(photos, settings={"widths": ("4",)}, seeds=2), tmp_path / "grid", Failing)
    assert not (tmp_path / "grid" / "index.html").exists()


def test_one_seed_says_that_the_spread_is_unknown(finished, photos, tmp_path):
    output, _ = finished
    trained(grid(photos, seeds=1), tmp_path / "grid", copying(output))
    said = results(tmp_path / "grid")
    assert [row["spread"] for row in said["members"]] == [None, None]
    assert any("the spread is unknown" in one for one in said["answer"])


def test_a_real_failure_of_a_run_is_its_sentence(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "photos")
    plan = planned(grid(tmp_path / "photos"))
    shutil.rmtree(tmp_path / "photos")
    with pytest.raises(RepixError, match=r"^All 4 runs failed; the first: .*photos"):
        compare(plan, tmp_path / "grid", Reporter(lambda _: None), start=Here)


@pytest.mark.parametrize("content", [b"step,loss\n1,many\n", b"step\n1,2\n"])
def test_a_damaged_table_of_a_run_is_a_failure_of_that_run(content, finished, photos, tmp_path):
    shutil.copytree(finished[0], tmp_path / "grid")
    [run] = (tmp_path / "grid" / "runs").glob("*4-seed1")
    table = run / "metrics.csv"
    table.write_bytes(content)
    found = trained(grid(photos), tmp_path / "grid", others=("median size=3",))
    sentence = f"{table} is damaged; move {run} away, and repeat the command to train it again."
    assert found.failures == [("widths 4", 1, sentence)]
    assert results(tmp_path / "grid")["members"][1]["quality"] == results(finished[0])["members"][1]["quality"]


def test_a_folder_of_one_picture_is_the_training_s_own_sentence(tmp_path):
    one = folder_for("denoise", tmp_path / "one", 1)
    with pytest.raises(WrongUse) as of_training:
        train(base(one), tmp_path / "run", Reporter(lambda _: None))
    with pytest.raises(WrongUse) as of_grid:
        planned(grid(one))
    assert str(of_grid.value) == str(of_training.value)
    assert not (tmp_path / "grid").exists()


def test_without_held_out_pictures_there_is_nothing_to_compare(photos):
    with pytest.raises(WrongUse, match="held out"):
        planned(grid(photos, base=replace(base(photos), holdout=0)))


def test_combinations_that_do_not_fit_are_left_out(photos, tmp_path):
    made = grid(photos, networks=("encoder-decoder",), upsamplers=("unpool", "reshape", "bilinear"), settings={})
    plan = planned(made)
    fitting = [one.member.name for one in plan.members]
    assert set(fitting) | set(plan.left_out) == {"unpool", "reshape", "bilinear"}
    assert all(reason.endswith(".") for reason in plan.left_out.values())
    with pytest.raises(WrongUse, match="did you mean 'bilinear'"):
        planned(grid(photos, networks=("unet",), upsamplers=("bilinear", "bilinnear"), settings={}))


def test_a_grid_of_another_budget_or_other_settings_is_refused(finished, photos, tmp_path):
    output, _ = finished
    with pytest.raises(WrongUse, match="is a grid with steps 3, and now it is 5"):
        trained(grid(photos, base=base(photos, steps=5)), output)
    with pytest.raises(WrongUse, match=r"was trained with other settings \(lr differs\)"):
        trained(grid(photos, base=replace(base(photos), lr=0.02)), output)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("not ours")
    with pytest.raises(Unwritable, match="is not empty"):
        trained(grid(photos), tmp_path / "full")
    with pytest.raises(Unwritable, match="is a file"):
        trained(grid(photos), tmp_path / "full" / "letter.txt")


def test_a_model_of_another_task_cannot_join(photos):
    with pytest.raises(WrongUse, match="--with upscale-x2: this model is for upscale at scale 2"):
        planned(grid(photos), ("upscale-x2",))
    with pytest.raises(WrongUse, match="'no-such' is not a file"):
        planned(grid(photos), ("no-such",))


def test_class_maps_are_shown_in_their_colors(tmp_path):
    streets = folder_for("segment", tmp_path / "streets", 6)
    asked = replace(base(streets), task="segment", settings={})
    found = trained(grid(streets, base=asked, settings={"loss": ("cross-entropy",)}, seeds=1), tmp_path / "grid")
    assert found.protocol.label == "miou (classes 3, ignore-index 255)"
    assert [row.name for row in found.others] == ["the commonest class"]
    html = (tmp_path / "grid" / "index.html").read_text(encoding="utf-8")
    assert html.count('class="views wide"') == 2
    assert results(tmp_path / "grid")["members"][0]["name"] == "pixelwise, loss cross-entropy"


class Slow:
    """A process that ends after some looks."""

    running = 0
    most = 0

    def __init__(self, _):
        self.looks, self.stopped = 3, False
        Slow.running += 1
        Slow.most = max(Slow.most, Slow.running)

    def poll(self):
        self.looks -= 1
        if self.looks == 0:
            Slow.running -= 1
        return 0 if self.looks <= 0 or self.stopped else None

    def reason(self):
        return ""

    def stop(self):
        self.stopped = True


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_more_runs_at_a_time_than_asked(parallel, photos, tmp_path, monkeypatch):
    monkeypatch.setattr("repix.comparison.runner.POLL", 0)
    monkeypatch.setattr(Slow, "running", 0)
    monkeypatch.setattr(Slow, "most", 0)
    jobs = GridFolder(tmp_path).jobs(grid(photos).members(), 3)
    Runner(Slow, parallel, lambda _: None).run(jobs)
    assert Slow.most == parallel


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Terminated, Killed])
def test_what_ends_the_grid_stops_the_runs_with_a_checkpoint(stop, photos, tmp_path):
    started = []

    def starting(job):
        if len(started) == 2:
            raise stop
        started.append(Slow(job))
        return started[-1]

    jobs = GridFolder(tmp_path).jobs(grid(photos).members(), 3)
    with pytest.raises(stop):
        Runner(starting, 3, lambda _: None).run(jobs)
    assert [one.stopped for one in started] == [True, True]


class WithoutRoom(Failing):
    """A run that found the disk full."""

    def __init__(self, _):
        self.code = DISK_FULL


def test_a_full_disk_stops_the_grid_and_the_same_command_continues_it(finished, photos, tmp_path):
    copy, started = copying(finished[0]), []

    def starting(job):
        started.append(job.title)
        return copy(job) if len(started) == 1 else WithoutRoom(job)

    with pytest.raises(DiskFull) as raised:
        trained(grid(photos), tmp_path / "grid", starting)
    assert str(raised.value) == "The disk is full. Make room on it; then the same command continues."
    assert len(started) <= 3  # those that ran side by side
    trained(grid(photos), tmp_path / "grid", copy, ("median size=3",))
    assert without_times(results(tmp_path / "grid")) == without_times(results(finished[0]))


def test_the_validations_of_each_run_are_shown_once(photos, tmp_path):
    messages = []
    made = grid(photos, settings={"widths": ("4",)}, seeds=1)
    trained(made, tmp_path / "grid", messages=messages)
    name = "pixelwise, widths 4, seed 0"
    log = (tmp_path / "grid" / "runs" / "pixelwise-widths-4-seed0" / "log.txt").read_text(encoding="utf-8")
    steps = [line[20:] for line in log.splitlines() if " step " in line]
    assert len(steps) == 3
    assert messages == [
        f"{name}: the training begins.",
        *(f"{name}: {step}" for step in steps),
        f"1 of 1: {name} is trained.",
    ]


def test_a_log_is_read_by_whole_lines_from_where_it_ended(tmp_path):
    file = tmp_path / "log.txt"
    assert RunLog(file).messages() == []
    file.write_bytes(b"2026-01-31 23:59:59 step 1 of 9: before\n")
    log = RunLog(file)
    with file.open("ab") as more:
        for said in (b"step 2 of 9: now\n", b"note: short\n", b"other\n", b"step 3"):
            more.write(b"2026-01-31 23:59:59 " + said)
        more.flush()
        assert log.messages() == ["step 2 of 9: now", "note: short"]
        more.write(b" of 9: later\n")
        more.flush()
        assert log.messages() == ["step 3 of 9: later"]
    assert log.messages() == []


def test_the_runs_that_are_left_are_announced_with_their_budget(finished, photos, tmp_path):
    output, _ = finished
    plan = planned(grid(photos, seeds=3), parallel=2)
    threads = max(1, cores_here() // 2)
    machine = f"{plural(cores_here(), 'core')}; 2 runs at a time, with {plural(threads, 'thread')} each"
    assert plan.announcement(GridFolder(tmp_path / "new")) == [
        f"6 runs of 3 steps ({machine}):",
        "  widths 4: seed 0, 1, 2",
        "  widths 5: seed 0, 1, 2",
    ]
    shutil.copytree(output, tmp_path / "grid")
    shutil.rmtree(next((tmp_path / "grid" / "runs").glob("*4-seed1")))
    folder = GridFolder(tmp_path / "grid")
    assert planned(grid(photos), parallel=2).announcement(folder)[1:] == ["  widths 4: seed 1"]
    assert planned(grid(photos)).announcement(GridFolder(output)) == []
    by_time = replace(base(photos), steps=None, minutes=2.5)
    [first, *_] = planned(grid(photos, base=by_time), parallel=2).announcement(GridFolder(tmp_path / "new"))
    assert first == f"4 runs of 2.5 min, about 5 min 0 s in all ({machine}):"


def test_a_grid_that_was_killed_before_its_record_is_begun_again(photos, tmp_path):
    folder = tmp_path / "grid"
    folder.mkdir()
    for name in (".lock", ".repix-0123456789abcdef.tmp"):
        (folder / name).write_bytes(b"")
    trained(grid(photos, settings={"widths": ("4",)}, seeds=1), folder)
    assert (folder / "index.html").exists()
    assert not list(folder.glob(".*"))


def test_the_unfinished_files_of_a_killed_run_do_not_stop_it_and_are_removed(photos, tmp_path):
    run = tmp_path / "grid" / "runs" / "pixelwise-widths-4-seed0"
    (run / "samples").mkdir(parents=True)
    made = grid(photos, settings={"widths": ("4",)}, seeds=1)
    GridFolder(tmp_path / "grid").begin(made.base, made.members(), 1)
    shutil.rmtree(run / "samples")
    for name in (".lock", "log.txt", ".repix-0123456789abcdef.tmp", ".resume-01234567.tmp"):
        (run / name).write_bytes(b"")
    found = trained(made, tmp_path / "grid")
    assert not found.failures
    assert not list(run.rglob(".*"))


def test_the_classical_filter_is_left_out_of_the_runs(photos, tmp_path, monkeypatch):
    monkeypatch.setattr("repix.training.comparison.classical", lambda _: pytest.fail("it takes minutes"))
    found = trained(grid(photos, settings={"widths": ("4",)}, seeds=1), tmp_path / "grid")
    assert not found.failures
    [run] = (tmp_path / "grid" / "runs").iterdir()
    recipe, _ = RunFolder(run).read_recipe()
    assert recipe.classical is False


def test_a_grid_whose_runs_have_the_classical_filter_is_continued(finished, photos, tmp_path):
    shutil.copytree(finished[0], tmp_path / "grid")
    for run in (tmp_path / "grid" / "runs").iterdir():  # as an older repix wrote it
        file = run / "run.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("classical = false\n", ""), encoding="utf-8")
        assert RunFolder(run).read_recipe()[0].classical is True
    trained(grid(photos), tmp_path / "grid", lambda job: pytest.fail(job.title), ("median size=3",))


def test_choices_and_seeds_take_turns(photos, tmp_path):
    titles = [job.title for job in GridFolder(tmp_path).jobs(grid(photos).members(), 2)]
    assert titles == [f"widths {width}, seed {seed}" for seed in range(2) for width in CHOICES["widths"]]
