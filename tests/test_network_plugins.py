"""A network and an upsampler of another distribution, one file each, go everywhere that repix's own go.

`tests/plugins/two_sizes.py` and `tests/plugins/stamp.py` are all that the distribution has, but for its metadata.
"""

import json
import os
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from repix import networks, registry, upsampling
from repix.cli import main
from repix.explanation import print_trace, to_svg
from repix.pictures import Picture, write
from tests.data.drawing import photo
from tests.fork_server import Call

ROOT = Path(__file__).parents[1]
ENTRIES = "[repix.networks]\ntwo-sizes = two_sizes\n[repix.upsampling]\nstamp = stamp\n"


def installed(site: Path) -> Path:
    """A folder that holds the distribution, as pip would leave it."""
    (site / "plugins-1.0.dist-info").mkdir(parents=True)
    (site / "plugins-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1.0\n")
    (site / "plugins-1.0.dist-info" / "entry_points.txt").write_text(ENTRIES)
    for file in ("two_sizes.py", "stamp.py"):
        shutil.copy(ROOT / "tests" / "plugins" / file, site)
    return site


def command(site: str, folder: str, *words: str) -> None:
    """Run repix in a folder of a process that has the distribution installed."""
    enter(site, folder)
    sys.argv = ["repix", *words]
    main()


def pytest_run(site: str, *words: str) -> None:
    """Run pytest in a process that has the distribution installed."""
    enter(site, str(ROOT))
    sys.exit(pytest.main(list(words)))


def enter(site: str, folder: str) -> None:
    """Make this process one with the distribution installed, and those that it starts."""
    sys.path.insert(0, site)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    os.chdir(folder)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    installed(folder / "site")
    (folder / "photos").mkdir()
    for number in range(8):
        write(Picture(photo(number, (40, 56))), folder / "photos" / f"{number}.png")
    return folder


@pytest.fixture
def repix(place: Path, in_fork: Call) -> Callable[..., str]:
    def call(*words: str) -> str:
        done = in_fork(command, str(place / "site"), str(place), *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def converted(repix: Callable[..., str], place: Path, run: str) -> tuple[bytes, bytes]:
    """A photo as the model of a run converts it, whole and in tiles."""
    for name, tile in (("whole", "1000"), ("tiles", "16")):
        words = ("photos/0.png", "-o", f"{run}-{name}.png", "--precision", "exact", "--tile", tile)
        repix("convert", run, *words)
    return (place / f"{run}-whole.png").read_bytes(), (place / f"{run}-tiles.png").read_bytes()


TRAINING = ("--steps", "3", "--patch-size", "16", "--batch-size", "2", "--holdout", "2", "--device", "cpu")


def test_both_are_listed_trained_together_exported_and_convert_in_tiles(repix, place):
    rows = {row["name"]: row for row in json.loads(repix("networks", "--json"))}
    assert (rows["two-sizes"]["scale"], rows["two-sizes"]["step"], rows["two-sizes"]["halo"]) == (1, 2, 6)
    assert "Hidden channels" in repix("networks", "two-sizes")

    network = ("--network", "two-sizes", "--set", "width=8", "--set", "upsampler=stamp bias=no")
    repix("train", "deblur", "photos", "-o", "run", *network, *TRAINING)
    contract = json.loads(repix("show", "run", "--json"))
    assert (contract["network"], contract["network_settings"]["width"], contract["step"]) == ("two-sizes", 8, 2)
    assert contract["network_settings"]["upsampler"] == "stamp bias=no"
    whole, tiles = converted(repix, place, "run")
    assert whole == tiles


def uses(site: str) -> None:
    """Print what Python, the explanation and the tables know, in a process that has the distribution installed."""
    enter(site, str(ROOT))
    sys.path.append("docs")
    layer = upsampling.stamp(4, scale=3, bias=False)
    network = networks.two_sizes(upsampler="stamp", width=8)
    print(type(network.enlarge).__name__, type(layer).__name__)
    trace = registry.get("upsampling", "stamp").explain(2)
    print_trace(trace, Console(width=120, no_color=True), 1)
    print("Stamp</title>" in to_svg(trace), "is in the picture")
    print("stamp" in dir(upsampling.reference), "two_sizes" in dir(networks))
    tables = runpy.run_path("docs/make_reference.py")["TABLES"]
    print(tables["networks"]())
    print(tables["upsamplers"]())


def test_python_the_explanation_and_the_tables_of_the_docs_know_them(place, in_fork):
    done = in_fork(uses, str(place / "site"))
    assert done.returncode == 0, done.stderr
    first, *_ = said = done.stdout.splitlines()
    assert first == "Stamp Stamp"
    assert "Stamp: every pixel becomes a small picture times its value." in said
    assert "True is in the picture" in said
    assert "True True" in said
    assert "| two-sizes | 1 | 2 | 6 | 11,299 | 4,288 | Tests need a network of another distribution |" in said
    assert "| stamp | yes | same | 0 | no | Tests need an upsampler of another distribution |" in said


FAMILIES = {
    "tests/networks/test_family.py": {
        "test_sizes_come_out_as_declared", "test_other_sizes_are_refused_with_the_size_to_pad_to",
        "test_nothing_is_seen_beyond_the_halo", "test_nothing_is_seen_beyond_the_halo_with_any_upsampler",
        "test_tiles_grown_by_the_halo_equal_the_whole", "test_every_upsampler_works_or_is_refused_with_the_reason",
        "test_gradients_reach_every_parameter", "test_settings_travel_as_toml_and_json",
        "test_every_setting_is_described_and_held_to_its_range", "test_work_is_counted_as_by_torch",
    },
    "tests/networks/test_encoder.py": {"test_any_upsampler_stands_in_the_decoder"},
    "tests/conversion/test_networks_in_tiles.py": {"test_tiles_give_what_the_whole_gives_at_many_sizes"},
    "tests/training/test_export.py": {
        "test_both_engines_convert_as_torch_does", "test_the_contract_says_what_was_exported",
        "test_weights_of_16_bits_are_what_torch_makes_of_them_and_take_half_the_room", "test_the_card_is_shown",
    },
    "tests/training/test_whole_path.py": {"test_from_a_folder_to_a_measured_model"},
    "tests/upsampling/test_family.py": {
        "test_the_layer_gives_what_the_reference_gives", "test_the_declared_halo_is_the_measured_influence",
        "test_flat_channels_do_not_stay_flat_where_that_is_not_declared", "test_the_explanation_is_the_computation",
        "test_the_gradient_reaches_every_weight_and_every_pixel", "test_a_layer_starts_as_lively_as_a_convolution",
        "test_the_shapes_of_the_weights_are_known_without_torch", "test_fits_says_what_the_layer_can_do",
    },
    "tests/upsampling/test_export.py": {"test_engines_give_what_torch_gives_at_any_size"},
    "tests/explanation/test_diagram.py": {"test_a_drawing_says_what_it_is"},
    "tests/test_settings_families.py": {"test_the_schema_accepts_what_is_written_and_refuses_other_names"},
    "tests/test_registry.py": {"test_every_file_of_a_family_is_a_member_with_a_summary"},
}  # fmt: skip
"""Files whose tests run over every member, and some of the laws in them."""
SHORT = ("tests/networks/test_family.py", "tests/upsampling/test_family.py")
"""What `make test` runs of them."""


def family_tests(in_fork: Call, site: Path, report: Path, which: str, *files: str) -> tuple[str, dict[str, set[str]]]:
    """Run tests with the distribution installed; what pytest printed, and the laws that held, by file."""
    options = ("-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly", f"--junitxml={report}")
    done = in_fork(pytest_run, str(site), *options, "-k", which, *files)
    held: dict[str, set[str]] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own file
        if not len(case):  # neither failed nor skipped
            file = case.attrib["classname"].replace(".", "/") + ".py"
            held.setdefault(file, set()).add(case.attrib["name"].partition("[")[0])
    return done.stdout, held


@pytest.mark.parametrize("files", [SHORT, pytest.param(tuple(FAMILIES), marks=pytest.mark.long)], ids=["short", "all"])
def test_the_family_tests_pick_them_up_and_every_law_holds(files, place, in_fork):
    said, held = family_tests(in_fork, place / "site", place / "report.xml", "two-sizes or stamp", *files)
    assert "failed" not in said
    assert "error" not in said
    assert [law for file in files for law in FAMILIES[file] - held.get(file, set())] == []


def test_a_family_test_fails_for_a_plugin_that_breaks_its_law(tmp_path, in_fork):
    site = installed(tmp_path / "site")
    honest = (site / "two_sizes.py").read_text()
    lying = honest.replace("return coarse.join(fine)", "return ReceptiveField(step=2)")
    assert lying != honest
    (site / "two_sizes.py").write_text(lying)
    which = "two-sizes and test_nothing_is_seen_beyond_the_halo"
    said, held = family_tests(in_fork, site, tmp_path / "report.xml", which, "tests/networks/test_family.py")
    assert "failed" in said
    assert held == {}
