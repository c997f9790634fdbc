"""Pages that step: the script computes what NumPy does, with the page's own numbers and with others."""

import json
import re
import shutil
import subprocess
from inspect import signature
from pathlib import Path

import numpy as np
import pytest

from repix.errors import WrongUse
from repix.explanation.operations import OPERATIONS
from repix.report import step_page as pages
from repix.report.step_data import PROBES, _probe, explanation

NODE = shutil.which("node")
WEB = Path(__file__).parents[2] / "web"
PROGRAM = """
const fs = require("fs"), vm = require("vm");
vm.runInThisContext(fs.readFileSync(process.argv[1], "utf8"));
const cases = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({trace, changed}) => repixStepper.outputOf(trace, changed))));
"""
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js runs the page's script; it is not installed")
PADDED = {"data": "1 2 0; 4 5 6; 7 8 9", "padding": "1", "stride": "2"}
VARIANTS = [*((name, {}) for name in OPERATIONS), ("conv", PADDED), ("max-pool", PADDED), ("conv-dilated", PADDED)]


def values_of(name, given):
    return {key: one.default for key, one in signature(OPERATIONS[name]).parameters.items()} | given


def by_script(cases):
    """The outputs that the page's script computes."""
    script = pages.files("repix.report").joinpath("web", "stepper.js")
    ran = subprocess.run(
        [str(NODE), "-e", PROGRAM, str(script)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    return [np.array(one, dtype=float) for one in json.loads(ran.stdout)]


@needs_node
def test_the_script_computes_every_operation():
    traces = [explanation(name, values_of(name, given), "") for name, given in VARIANTS]
    found = by_script([{"trace": one, "changed": {}} for one in traces])
    for (name, given), output in zip(VARIANTS, found, strict=True):
        expected = OPERATIONS[name](**values_of(name, given)).output
        np.testing.assert_allclose(output, expected, rtol=1e-9, atol=1e-12, err_msg=name)


@needs_node
def test_changed_numbers_give_what_the_operation_gives():
    cases, expected, names = [], [], []
    for name, given in VARIANTS:
        values = values_of(name, given)
        trace = explanation(name, values, "")
        if any(one["editable"] for one in trace["inputs"]):
            other = OPERATIONS[name](**_probe(values, 7))
            cases.append({"trace": trace, "changed": {key: a.tolist() for key, a in other.inputs.items()}})
            expected.append(other.output)
            names.append(name)
    assert len(names) >= 24
    for name, output, wanted in zip(names, by_script(cases), expected, strict=True):
        np.testing.assert_allclose(output, wanted, rtol=1e-9, atol=1e-12, err_msg=name)


def test_numbers_that_move_the_steps_are_fixed():
    """The points of DySample depend on its data, so its trace holds for its own numbers only."""
    fixed = explanation("dysample", values_of("dysample", {}), "")
    assert not any(one["editable"] for one in fixed["inputs"])
    indices = explanation("unpool", values_of("unpool", {}), "")
    assert {one["name"]: one["editable"] for one in indices["inputs"]} == {"values": True, "indices": False}


def test_probes_have_the_form_of_the_data():
    for seed in PROBES:
        assert OPERATIONS["conv"](**_probe(values_of("conv", PADDED), seed)).inputs["picture"].shape == (3, 3)


def test_borders_are_repeated_from_their_places():
    """Bilinear interpolation reads the border pixel twice: 0 and 0, not a constant."""
    trace = explanation("bilinear", values_of("bilinear", {}), "")
    orders = [i["read"]["order"] for s in trace["steps"] for i in s["inputs"].values() if "order" in i.get("read", {})]
    assert [0, 0] in orders
    assert all(min(order) >= 0 for order in orders)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_page_is_complete_and_needs_no_network(name):
    page = pages.step_page(name, {})
    data = json.loads(re.search(r'id="trace">(.*?)</script>', page, re.DOTALL)[1])
    assert data["operation"] == name
    assert data["command"] == f"repix explain {name} --page {name}.html"
    assert "http" not in page.replace("http://www.w3.org/", "")
    assert page.count("<script") == page.count("</script>") == 2


def test_the_command_of_a_page_has_the_options_that_differ():
    page = pages.step_page("conv", {"data": "1 2; 3 </script>4".replace("</script>", ""), "kernel": "1", "stride": "2"})
    assert "repix explain conv --data '1 2; 3 4' --kernel 1 --stride 2 --page conv.html" in page


def test_too_many_steps_are_refused():
    with pytest.raises(WrongUse, match=r"^These are 1600 steps; a page has at most 500\. Give less data\.$"):
        pages.step_page("nearest", {"data": ";".join(["1 " * 20] * 20)})


def test_all_pages_have_a_list_that_links_them(tmp_path):
    index = pages.write_all_step_pages(tmp_path / "course", overwrite=False)
    linked = re.findall(r'href="([\w-]+\.html)"', index.read_text())
    assert linked == [f"{name}.html" for name in OPERATIONS]
    assert all((tmp_path / "course" / one).is_file() for one in linked)


@pytest.mark.skipif(not (WEB / "node_modules").is_dir(), reason="`make web` has not installed what builds the script")
@pytest.mark.parametrize(
    ("config", "package", "folder", "names"),
    [
        ("vite.config.js", "repix.report", "web", ("stepper.js", "stepper.css")),
        ("vite.studio.config.js", "repix.studio", "static", ("studio.js", "studio.css", "index.html")),
    ],
)
def test_the_scripts_are_built_from_their_source(tmp_path, config, package, folder, names):
    out = ["--outDir", str(tmp_path / "built"), "--logLevel", "error"]
    subprocess.run(
        [str(shutil.which("npx")), "--no-install", "vite", "build", "--config", config, *out], cwd=WEB, check=True
    )
    for name in names:
        kept = pages.files(package).joinpath(folder, name).read_bytes()
        assert (tmp_path / "built" / name).read_bytes() == kept
