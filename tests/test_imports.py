"""The import rules: arrows point down, and the base stays light."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import repix


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
        "from repix import registry; registry.get('engines', 'openvino'), registry.get('engines', 'onnxruntime')",
        "from repix import registry; [registry.get('tasks', name) for name in registry.available('tasks')]",
        "from repix import registry; registry.available('networks'), registry.summary('networks', 'unet')",
        "import repix; repix.networks, repix.training, repix.train, repix.Recipe",
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


def test_nothing_in_repix_imports_repix_itself():
    """import-linter takes the stubs' star imports for that, and is told to pass over it."""
    files = Path(__file__).parents[1].joinpath("src", "repix").rglob("*.py")
    bare = re.compile(r"^\s*import repix\s*(#|,|$|as )", re.MULTILINE)
    assert [file for file in files if bare.search(file.read_text(encoding="utf-8"))] == []


BODIES = ("body", "orelse", "finalbody", "handlers", "cases")
"""The parts of a statement that hold others; no expression imports."""


def imported_by(file: Path, modules: set[str]) -> set[str]:
    """The modules of repix that a file imports, inside functions too; not what only the type checker reads."""
    found, waiting = set(), list(ast.parse(file.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (full & modules) or {str(node.module)}
        waiting += [inside for part in BODIES for inside in getattr(node, part, ())]
    return found & modules


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """The groups of modules each of which leads to all others."""
    reached = {}
    for module in imports:
        seen, waiting = set(), [module]
        while waiting:
            new = imports[waiting.pop()] - seen
            seen |= new
            waiting += new
        reached[module] = seen
    found = []
    for module, others in reached.items():
        circle = {module} | {other for other in others if module in reached[other]}
        if len(circle) > 1 and circle not in found:
            found.append(circle)
    return found


def test_no_two_modules_import_each_other():
    root = Path(repix.__file__).parent
    files = {
        file.relative_to(root.parent).with_suffix("").as_posix().replace("/", "."): file for file in root.rglob("*.py")
    }
    files = {name.removesuffix(".__init__"): file for name, file in files.items()}
    imports = {name: imported_by(file, set(files)) - {name} for name, file in files.items()}
    assert "repix.batch.runner" in imports["repix.batch.watcher"]
    assert circles(imports) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]


def test_nothing_imports_openvino_past_repix_s_own_door():
    """Bare, it loads a converter that sends a message over the network, in a thread that stays until it got through."""
    root = Path(__file__).parents[1]
    files = [file for folder in ("src", "tests", "benchmarks") for file in (root / folder).rglob("*.py")]
    bare = re.compile(r"^\s*(import openvino\b|from openvino\b)", re.MULTILINE)
    assert [file for file in files if bare.search(file.read_text(encoding="utf-8"))] == []
    assert len(files) > 300
    code = (
        "from repix.conversion.engines._openvino_library import openvino\nopenvino()\n"
        "import threading\nprint(threading.enumerate())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.count("Thread(") == 1


WITHOUT_TORCH = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "lightning", "safetensors", "tensorboard", "tomli_w", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Nowhere())
"""
"""The base install: what the extra `train` lists cannot be imported."""


def said_by(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_public_names_are_all_there_without_torch_and_nothing_else_is_listed():
    code = "import repix\nprint(*dir(repix))\nprint(*(n for n in repix.__all__ if getattr(repix, n) is not None))"
    listed, found = said_by(f"{WITHOUT_TORCH}\n{code}").splitlines()
    import repix

    assert listed.split() == sorted(repix.__all__)
    assert found.split() == repix.__all__


@pytest.mark.parametrize("before", [WITHOUT_TORCH, ""])
def test_help_shows_the_public_names(before):
    """The same with and without torch: what the package is, not what is installed."""
    shown = said_by(f"{before}\nimport repix, pydoc\nprint(pydoc.render_doc(repix, renderer=pydoc.plaintext))")
    import repix

    for name in repix.__all__:
        assert name in shown or name == "__version__"
    for name in ("Any", "TYPE_CHECKING", "import_module", "_HOMES", "_ROOMS"):
        assert f"\n    {name} = " not in shown
        assert f"\n    {name}(" not in shown


@pytest.mark.parametrize("call", ["repix.train(repix.Recipe('denoise', 'photos'), 'run')", "repix.networks.unet()"])
def test_what_needs_torch_says_so_when_it_is_called(call):
    code = f"import repix\ntry:\n    {call}\nexcept repix.errors.MissingLibrary as problem:\n    print(problem)"
    said = said_by(f"{WITHOUT_TORCH}\n{code}")
    assert said.startswith("This needs torch")
    assert said.count("\n") == 1
