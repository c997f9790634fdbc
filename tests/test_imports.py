"""The import rules: arrows point down, and the base stays light."""

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
