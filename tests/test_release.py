"""The scripts of release/: reproducible archives, the public face, the bill of materials, the smoke test."""

import io
import json
import re
import sys
import tarfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from release import bill_of_materials, build, pins, public_face, smoke

from repix._version import VERSION
from repix.cli._app import verbs
from repix.models import catalog

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_public_face_is_the_committed_list():
    """A change on purpose is written by `python -m release.public_face`, and gets a line in CHANGELOG.md."""
    assert public_face.public_face() == json.loads(public_face.FILE.read_text(encoding="utf-8"))


def archive(names, seconds, owner):
    """A .tar.gz as a machine writes it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uid, member.uname = len(name), seconds, owner, f"user{owner}"
            tar.addfile(member, io.BytesIO(name.encode()))
    return made.getvalue()


def test_archives_of_two_machines_become_equal_and_keep_their_files():
    first, second = archive(["a/b", "a/c"], 1e9, 1000), archive(["a/c", "a/b"], 1.5e9, 0)
    assert first != second
    packed = build.packed_again(first, 1_700_000_000)
    assert packed == build.packed_again(second, 1_700_000_000)
    assert packed != build.packed_again(first, 1_700_000_001)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert {one.name: tar.extractfile(one).read() for one in tar} == {"a/b": b"a/b", "a/c": b"a/c"}
        assert {one.mtime for one in tar} == {1_700_000_000}


def test_the_smoke_test_has_every_command():
    assert list(smoke.COMMANDS) == sorted(verbs())
    assert smoke.REFUSES.keys() <= smoke.COMMANDS.keys()


def test_the_smoke_test_has_every_extra_that_is_for_a_part_of_a_command():
    tried = {trial.extra for trial in smoke.trials()}
    assert {"parquet", "plots", "cluster", "remote", "filters", "train"} <= tried
    assert smoke.included(["all"]) >= {"import", "plots", "parquet", "train"}
    assert smoke.included(["parquet"]) == {"parquet"}
    with pytest.raises(KeyError):
        smoke.included(["no-such"])


@pytest.mark.parametrize(
    ("done", "extras", "wrong"),
    [
        ("open('made', 'w')", {"plots"}, ""),
        ("", {"plots"}, "expected exit code 0 and made, got 0"),
        ("sys.exit('no')", {"plots"}, "expected exit code 0 and made, got 1: no"),
        ("sys.exit('This needs ray: (extra plots).')", set(), ""),
        ("sys.exit('This needs ray: (extra cluster).')", set(), "expected one sentence that names the extra plots"),
        ("import no_such_library_plots", set(), "expected one sentence that names the extra plots, got 1: Module"),
        ("open('made', 'w')", set(), "expected one sentence that names the extra plots, got 0"),
    ],
    ids=["made", "nothing made", "failed", "refused", "other extra", "traceback", "needs nothing"],
)
def test_the_smoke_test_sees_what_is_wrong(done, extras, wrong, tmp_path):
    trial = smoke.Trial("audit --page made", "plots", "", "made")
    command = [sys.executable, "-S", "-c", f"import sys; {done}"]
    said = smoke.complaint(trial, command, extras, tmp_path, {})
    assert said.startswith(f"audit --page made: {wrong}") if wrong else not said


def test_the_bill_has_every_pin_with_the_license_of_what_is_installed():
    made = bill_of_materials.bill("# why\nnumpy==2.0\nno-such-thing==1.0\n", "0.1.0")
    numpy, unknown = made["components"]
    assert numpy["licenses"][0]["license"]["name"] == distribution("numpy").metadata["License-Expression"]
    assert (unknown["purl"], "licenses" in unknown) == ("pkg:pypi/no-such-thing@1.0", False)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")


def test_the_bill_says_who_needs_a_distribution():
    known = bill_of_materials.scopes()
    assert {known[name] for name in ("numpy", "openvino", "pygments")} == {"required"}
    assert {known[name] for name in ("torch", "scipy", "starlette", "onnxruntime-gpu")} == {"optional"}
    assert "pytest" not in known
    made = bill_of_materials.bill("numpy==2.0\nstarlette==1.0\npytest==1.0\n", "0.1.0")["components"]
    assert [one["scope"] for one in made] == ["required", "optional", "excluded"]


def test_pins_of_every_extra_are_renewed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    within = set(re.findall(r"[\w-]+", " ".join(listed["all"] + listed["train"])))
    assert set(pins.APART) == listed.keys() - within - {"all"}


def test_the_page_about_installing_has_every_extra():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == listed.keys() - {"all"}


def test_a_pin_changes_with_its_version_only():
    text = "# why\nJinja2==3.1\nold-one==1.0\ntorch==2.0\n"
    found = {"jinja2": "jinja2==3.1", "torch": "torch==2.1", "added": "added==1.0"}
    assert pins.renewed(text, found) == "# why\nadded==1.0\nJinja2==3.1\nold-one==1.0\ntorch==2.1\n"


def test_the_version_to_cite_is_the_version():
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_readme_is_short_and_has_nine_wishes():
    assert len(README.splitlines()) <= 120
    wishes = README.partition("## What you want")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| .+ \| `repix .+ \|$", wishes, re.MULTILINE)) == 9


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(r"(?:^|`)(repix [\w-]+(?: [^`\n#]*)?)(?=[`\n#])", README, re.MULTILINE)))
)
def test_the_commands_of_the_readme_exist(line):
    words = line.split()
    known = public_face.public_face()["commands"]
    assert words[1] in known
    options = known[words[1]]
    options = options[words[2]] if isinstance(options, dict) else options
    assert {word for word in words if word.startswith("--")} <= set(options)


def test_the_licenses_of_models_are_those_of_the_cards():
    """Each training set that a card names is in the table of docs/releasing.md, with this model, and no other."""
    cards = (ROOT / "docs" / "models-cards.md").read_text(encoding="utf-8")
    trained = dict(re.findall(r"^## ([\w-]+)\n.*?^\*\*Trained on:\*\* (.+?)$", cards, re.DOTALL | re.MULTILINE))
    assert trained.keys() == catalog().keys()
    page = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8").partition("| training set |")[2]
    rows = re.findall(r"^\| ([\w-]+)[^|]*\| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    assert {name for name, _ in rows} == {"BSDS500", "wallpapers", "CQ100", "ImageNet", "Oxford-IIIT", "CamVid", "ISBI"}
    for name, models in rows:
        users = {model for model, text in trained.items() if name.removesuffix("s") in text}
        named = set(models.split(", "))
        assert users == (trained.keys() - set(models[8:].split(", ")) if models.startswith("all but ") else named), name
