"""The public functions: their docstrings say what goes in, what comes out and what can go wrong, with an example."""

import inspect
import re

import pytest

import repix
from repix import networks, registry
from repix.parameters import parameters

FUNCTIONS = {name: getattr(repix, name) for name in dir(repix) if inspect.isfunction(getattr(repix, name))}
OTHERS = {f"networks.{name}": getattr(networks, name) for name in ("parse_upsampler", "with_encoder", "with_upsampler")}


def test_the_functions_are_found():
    assert {"convert", "convert_folder", "evaluate", "export", "read", "train", "write"} <= set(FUNCTIONS)


@pytest.mark.parametrize(("name", "function"), (FUNCTIONS | OTHERS).items(), ids=(FUNCTIONS | OTHERS).keys())
def test_a_public_function_says_all_and_has_an_example(name, function):
    text = inspect.getdoc(function)
    first = text.partition("\n")[0]
    assert first.endswith(".")
    assert not first.startswith(("What", "How", "Whether"))
    for section in ("Args:", "Returns:", "Raises:"):
        assert f"\n{section}\n" in text, f"{name} has no section {section}"
    arguments = text.partition("\nArgs:\n")[2].partition("\n\n")[0]
    described = re.findall(r"^    (\w+): \S", arguments, re.MULTILINE)
    assert described == list(inspect.signature(function).parameters)
    assert ">>> " in text


@pytest.mark.parametrize(("name", "function"), (FUNCTIONS | OTHERS).items(), ids=(FUNCTIONS | OTHERS).keys())
def test_a_public_function_takes_no_argument_of_any_name(name, function):
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty


def test_every_public_name_of_networks_is_there():
    for name in dir(networks):
        assert getattr(networks, name) is not None
    assert {"unet", "with_encoder", "Network"} <= set(dir(networks))
    assert not [name for name in dir(networks) if name.startswith("_")]


def test_the_settings_of_networks_are_named_as_torch_names_them():
    for name in registry.available("networks"):
        described = parameters(registry.get("networks", name).config)
        assert list(described)[:2] == ["in_channels", "out_channels"]
