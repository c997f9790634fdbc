"""The functions that packages offer by name: their stubs, their signatures, and the examples in their docstrings."""

import ast
import doctest
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from repix import networks, registry, upsampling

ROOT = Path(__file__).parents[1]
FAMILIES = [name for name in registry.FAMILIES if name not in (*registry.INSIDE, "tasks")]


def script():
    spec = importlib.util.spec_from_file_location("make_stubs", ROOT / "docs" / "make_stubs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stubs_are_what_the_script_writes():
    for file, text in script().stubs().items():
        assert file.read_text("utf-8") == text, f"{file} is old; run `python docs/make_stubs.py`"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_package_reads_its_stub_and_hides_its_getattr(family):
    """For type checkers only: what is not in the stub is then a mistake that they see."""
    source = (ROOT / "src" / "repix" / family / "__init__.py").read_text("utf-8")
    assert f"from repix.{family}._functions import *" in source
    visible = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert "__getattr__" not in visible
    names = {name.replace("-", "_") for name in registry.own_names(family)}
    assert names <= set(stubbed(family))


def stubbed(family: str) -> dict[str, ast.stmt]:
    """What a stub defines or passes on, by name."""
    tree = ast.parse((ROOT / "src" / "repix" / family / "_functions.pyi").read_text("utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname: node for alias in node.names if alias.asname}
    return found


MADE = [(home, name.replace("-", "_")) for home in ("networks", "upsampling") for name in registry.own_names(home)]
MADE += [("upsampling/reference", name.replace("-", "_")) for name in registry.own_names("upsampling")]


def offered(home: str, name: str):
    package = {"networks": networks, "upsampling": upsampling, "upsampling/reference": upsampling.reference}[home]
    return getattr(package, name)


@pytest.mark.parametrize(("home", "name"), MADE)
def test_a_stub_has_the_parameters_defaults_and_docstring_of_the_function(home, name):
    function, stub = offered(home, name), stubbed(home)[name]
    signature = inspect.signature(function)
    positional = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    keyword = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert [arg.arg for arg in stub.args.args] == [p.name for p in positional]
    assert [arg.arg for arg in stub.args.kwonlyargs] == [p.name for p in keyword]
    assert stub.args.kwarg is None
    assert stub.args.vararg is None
    given = [p.default for p in positional if p.default is not p.empty]
    assert [ast.literal_eval(one) for one in stub.args.defaults] == given
    assert [ast.literal_eval(one) for one in stub.args.kw_defaults] == [p.default for p in keyword]
    assert ast.get_docstring(stub) == inspect.getdoc(function)


@pytest.mark.parametrize(("home", "name"), MADE)
def test_a_made_functions_docstring_is_complete_and_its_example_runs(home, name):
    function = offered(home, name)
    text = inspect.getdoc(function)
    for section in ("Args:", "Returns:", "Raises:", "Example:"):
        assert f"\n{section}\n" in text
    for parameter in inspect.signature(function).parameters:
        assert f"\n    {parameter}: " in text
    assert text.startswith("Return ")
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_the_script_says_which_stub_is_old(tmp_path, monkeypatch, capsys):
    module = script()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "stubs", lambda: {tmp_path / "_functions.pyi": "new\n"})
    monkeypatch.setattr(sys, "argv", ["make_stubs.py", "--check"])
    assert module.main() == 1
    assert capsys.readouterr().out == "_functions.pyi differs\n"
    monkeypatch.setattr(sys, "argv", ["make_stubs.py"])
    assert module.main() == 0
    assert (tmp_path / "_functions.pyi").read_text() == "new\n"


USE = """
import repix
from torch import nn

net: nn.Module = repix.networks.unet(in_channels=1, out_channels=3, upsampler="bilinear")
layer: nn.Module = repix.upsampling.transposed(64, 32, scale=2, kernel=4)
reveal_type(repix.degradations.gaussian)
reveal_type(repix.upsampling.reference.nearest)
repix.networks.unet(in_chanels=1)
repix.networks.unett()
repix.upsampling.transposed("64")
"""


@pytest.mark.long
def test_a_type_checker_sees_signatures_and_typos(tmp_path):
    file = tmp_path / "use.py"
    file.write_text(USE)
    command = [Path(sys.executable).with_name("mypy"), "--config-file", ROOT / "pyproject.toml", file]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout
    assert "Found 3 errors" in said
    assert 'Unexpected keyword argument "in_chanels" for "unet"; did you mean "in_channels"?' in said
    assert 'Module has no attribute "unett"; maybe "unet"?' in said
    assert 'Argument 1 to "transposed" has incompatible type "str"; expected "int"' in said
    assert "sigma" in said
    assert "scale: " in said
