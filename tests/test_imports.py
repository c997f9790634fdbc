"""The import rules: arrows point down, and the base stays light."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in a fresh Python after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in result.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import repix",
        "import repix.arithmetic, repix.filters, repix.metrics, repix.conversion",
        "from repix import members; members.member('engines', 'openvino'), members.member('engines', 'onnxruntime')",
        "from repix import members; [members.member('tasks', name) for name in members.names('tasks')]",
        "from repix import members; members.names('networks'), members.summary('networks', 'unet')",
    ],
)
def test_importing_repix_loads_nothing_heavy(statement):
    assert not loaded_by(statement) & {"torch", "scipy", "openvino", "onnxruntime", "cv2", "skimage", "pyvips"}


def test_import_repix_alone_loads_not_even_numpy():
    assert not loaded_by("import repix") & {"numpy", "typer", "rich"}


def test_the_helper_sees_what_is_loaded():
    assert "numpy" in loaded_by("import numpy")


def test_arrows_point_down():
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_nothing_imports_openvino_past_repix_s_own_door():
    """Bare, it loads a converter that sends a message over the network, in a thread that stays until it got through."""
    root = Path(__file__).parents[1]
    files = [file for folder in ("src", "tests", "benchmarks") for file in (root / folder).rglob("*.py")]
    bare = re.compile(r"^\s*(import openvino\b|from openvino\b)", re.MULTILINE)
    assert [file for file in files if bare.search(file.read_text(encoding="utf-8"))] == []
    assert len(files) > 300
    code = "from repix.conversion.engines._light import openvino; openvino()\nimport threading; print(threading.enumerate())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.count("Thread(") == 1
