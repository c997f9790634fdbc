"""Every class of settings of every family: there and back through the codec, and its JSON Schema says the same."""

import json
import tomllib
from collections.abc import Iterator
from inspect import Parameter as Signed
from typing import Any, Literal, get_args, get_origin

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repix import registry
from repix.conversion.contract import Contract
from repix.conversion.contract_parts import MeasuredPrecision, Windows
from repix.conversion.onnx_import import ImportOptions
from repix.errors import RepixError, WrongUse
from repix.masks import Encoding
from repix.parameters import NONE, Bounds, Parameter, Range, is_free, is_several, may_be_none, parameters, without_none
from repix.settings import Settings
from repix.side_inputs import SideInput
from tests.json_schema import accepts


def classes() -> Iterator[type[Settings]]:
    yield from (registry.get("tasks", name).settings for name in registry.available("tasks"))
    yield from (registry.get("networks", name).config for name in registry.available("networks"))
    yield from {registry.get("upsampling", name).settings: 0 for name in registry.available("upsampling")}
    yield from (Encoding, ImportOptions, Contract, SideInput, Windows, MeasuredPrecision)


CLASSES = list(classes())
every_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.title())

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=4).filter(lambda text: text != NONE)
FREE = st.dictionaries(TEXTS, st.integers(-9, 9) | TEXTS | st.lists(st.booleans(), max_size=2), max_size=2)


def values(kind: Any, bounds: Bounds) -> st.SearchStrategy[Any]:
    if may_be_none(kind):
        return st.none() | values(without_none(kind), bounds)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if is_several(kind):
        one, *others = get_args(kind)
        if others == [...]:
            return st.lists(values(one, bounds), min_size=1, max_size=3).map(tuple)
        drawn = st.tuples(*[values(one, bounds)] * (1 + len(others)))
        return drawn.map(lambda ends: tuple(sorted(ends))) if kind == Range else drawn
    if is_free(kind):
        return FREE
    if isinstance(kind, type) and issubclass(kind, Settings):
        return drawn_settings(kind)
    low = -1000 if bounds.low is None else bounds.low
    high = min(max(low, 0) + 1000, 10**6 if bounds.high is None else bounds.high)
    above = bounds.above is not None
    if kind is int:
        return st.integers(int(low), int(high)).filter(bounds.allow)
    if kind is float:
        return st.floats(bounds.above if above else low, high, exclude_min=above, width=32 if above else 64)
    return st.booleans() if kind is bool else TEXTS


@st.composite
def drawn_settings(draw: st.DrawFn, kind: type[Settings]) -> Settings:
    """Settings with a few that are not the default; the plainest where those do not go together."""
    given_ = {}
    for name, one in parameters(kind).items():
        if one.default is Signed.empty or draw(st.integers(0, 3)) == 0:
            given_[name] = draw(values(one.kind, one.bounds))
    try:
        return kind(**given_)
    except WrongUse:
        return kind(**REQUIRED.get(kind.__name__, {}))


REQUIRED = {
    "Segment": {"values": (0, 255)},
    "Encoding": {"kind": "levels", "values": (0, 255)},
    "Contract": {"task": "denoise"},
    "SideInput": {"name": "sigma", "kind": "noise-map"},
    "Windows": {"size": 64, "stride": 32},
    "MeasuredPrecision": {"name": "bf16"},
}
"""What must be given, in the classes where something must."""

quietly = settings(max_examples=30, suppress_health_check=list(HealthCheck))


@every_class
@quietly
@given(st.data())
def test_they_come_back_from_a_dictionary_from_json_and_from_toml(kind, data):
    made = data.draw(drawn_settings(kind))
    written = made.to_dict()
    assert kind.from_dict(written) == made
    assert kind.from_dict(json.loads(json.dumps(written))) == made
    assert kind.from_dict(tomllib.loads(tomli_w.dumps(written))) == made


@every_class
@quietly
@given(st.data())
def test_the_schema_accepts_what_is_written_and_refuses_other_names(kind, data):
    schema = kind.schema()
    assert json.loads(json.dumps(schema)) == schema
    written = json.loads(json.dumps(data.draw(drawn_settings(kind)).to_dict()))
    assert accepts(schema, written)
    assert not accepts(schema, written | {"no_such": 1})
    with pytest.raises(WrongUse, match="no_such"):
        kind.from_dict(written | {"no_such": 1})
    for name in schema["required"]:
        assert not accepts(schema, {key: value for key, value in written.items() if key != name})


JUNK = [True, 0, -1, 3, 10**9, 1.5, "", "no such", NONE, [], [1], ["a"], [[1, 2]], {}, {"a": 1}, [{"a": 1}]]


def written_anyhow(kind: type[Settings]) -> dict[str, Any]:
    """One way to write these settings."""
    return json.loads(json.dumps(kind(**REQUIRED.get(kind.__name__, {})).to_dict()))


@every_class
def test_what_the_schema_refuses_is_refused_and_what_it_accepts_has_the_right_type(kind):
    """Both ways, one wrong value at a time; only a rule that joins several settings may refuse what it accepts."""
    schema, good = kind.schema(), written_anyhow(kind)
    seen = set()
    for name, parameter in parameters(kind).items():
        for junk in JUNK:
            said = accepts(schema, good | {name: junk})
            assert said == _fits(parameter, junk) or is_nested(parameter)
            if not said:
                with pytest.raises(RepixError):
                    kind.from_dict(good | {name: junk})
            seen.add(said)
    assert seen <= {True, False}
    assert not parameters(kind) or False in seen


def is_nested(parameter: Parameter) -> bool:
    """Whether its own check sees settings, and not what they are written as."""
    kind = without_none(parameter.kind) if may_be_none(parameter.kind) else parameter.kind
    inner = get_args(kind)[0] if is_several(kind) else kind
    return isinstance(inner, type) and issubclass(inner, Settings)


def _fits(parameter: Parameter, value: Any) -> bool:
    """Whether the setting's own check takes what is written so."""
    if may_be_none(parameter.kind) and value == NONE:
        return True
    if may_be_none(parameter.kind) and value == []:
        return False

    def tupled(one: Any) -> Any:
        return tuple(map(tupled, one)) if isinstance(one, list) else one

    try:
        parameter.check(tupled(value))
    except WrongUse:
        return False
    return True


@pytest.mark.parametrize("name", registry.available("tasks"))
def test_a_schema_describes_every_setting_for_a_page(name):
    schema = registry.get("tasks", name).settings.schema()
    assert schema["title"] == name
    assert schema["description"]
    for setting in schema["properties"].values():
        assert setting["description"]
