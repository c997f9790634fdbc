"""Settings: through JSON and TOML and back, whatever they hold."""

import json
import tomllib
from dataclasses import dataclass, field, fields
from typing import Annotated, Literal

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.errors import WrongUse
from repix.parameters import Bounds, Json, Range
from repix.settings import Settings


@dataclass(frozen=True)
class Inner(Settings):
    far: Annotated[int, "how far", Bounds(0)] = 0


@dataclass(frozen=True)
class Sample(Settings):
    sizes: Annotated[tuple[int, ...], "sides", Bounds(1)]
    count: Annotated[int | None, "how many, if any"] = None
    limit: Annotated[float | None, "the most, if any"] = 4.5
    span: Annotated[Range | None, "from and to", Bounds(0)] = (0.0, 1.0)
    names: Annotated[tuple[str, ...], "names, if any"] = ()
    style: Annotated[Literal["plain", "fancy"], "how it looks"] = "plain"
    loud: Annotated[bool, "whether it is loud"] = False
    text: Annotated[str, "what it says"] = ""
    pair: Annotated[tuple[int, int], "two of them"] = (1, 1)
    inner: Annotated[Inner | None, "a part"] = None
    inners: Annotated[tuple[Inner, ...], "parts"] = ()
    free: Annotated[Json, "anything"] = field(default_factory=dict)


numbers = st.floats(0, 1e6)
samples = st.builds(
    Sample,
    sizes=st.lists(st.integers(1, 2**40), min_size=1, max_size=4).map(tuple),
    count=st.none() | st.integers(-(2**40), 2**40),
    limit=st.none() | st.floats(-1e300, 1e300),
    span=st.none() | st.tuples(numbers, numbers).map(lambda ends: tuple(sorted(ends))),
    names=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    style=st.sampled_from(["plain", "fancy"]),
    loud=st.booleans(),
    text=st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=5),
    pair=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    inner=st.none() | st.builds(Inner, st.integers(0, 9)),
    inners=st.lists(st.builds(Inner, st.integers(0, 9)), max_size=2).map(tuple),
)


@settings(max_examples=50)
@given(samples)
def test_settings_come_back_from_json_and_toml(sample):
    written = sample.to_dict()
    assert list(written) == [field.name for field in fields(Sample)]
    assert None not in written.values()
    assert Sample.from_dict(json.loads(json.dumps(written))) == sample


@settings(max_examples=50)
@given(samples.filter(lambda sample: "\x7f" not in "".join(sample.names)))
def test_settings_come_back_from_toml(sample):
    assert Sample.from_dict(tomllib.loads(tomli_w.dumps(sample.to_dict()))) == sample


def test_numpys_numbers_and_lists_become_plain_ones():
    sample = Sample([np.int64(3)], limit=np.float32(0.5), loud=np.bool_(True), span=[0, 1])
    assert sample == Sample((3,), limit=0.5, loud=True, span=(0, 1))
    assert json.loads(json.dumps(sample.to_dict())) == sample.to_dict()


@pytest.mark.parametrize(
    ("given_settings", "sentence"),
    [
        ({}, "The setting sizes is missing: sides."),
        ({"sizes": [1], "siz": 2}, "sample has no setting 'siz'; did you mean 'sizes'?"),
        ({"sizes": 3}, "sizes is 3; it must be a list."),
        ({"sizes": []}, "sizes is (); it must be a tuple of at least one number."),
        ({"sizes": [0]}, "A number of sizes is 0; it must be at least 1."),
        ({"sizes": [1], "names": [2]}, "A text of names is 2; it must be text."),
        ({"sizes": [1], "span": [2]}, "span is [2]; it must be two numbers, the smaller one first, such as [0, 25]."),
        ({"sizes": [1], "span": [2, 1]}, "span is [2, 1]; write the smaller number first."),
        ({"sizes": [1], "span": [-1, 1]}, "span is -1; it must be at least 0."),
        ({"sizes": [1], "loud": "yes"}, "loud is 'yes'; it must be true or false."),
        ({"sizes": [1], "style": []}, "style is (); choose from plain, fancy."),
        ({"sizes": [1], "span": []}, 'span is an empty list; write span = "none" for no value.'),
        ({"sizes": [1], "pair": [1]}, "pair is (1,); it must be 2 numbers."),
        ({"sizes": [1], "inner": 3}, "inner is 3; it must be a table of names and values."),
        ({"sizes": [1], "inner": {"fare": 3}}, "inner has no setting 'fare'; did you mean 'far'?"),
        ({"sizes": [1], "inners": [{"far": -1}]}, "far is -1; it must be at least 0."),
        ({"sizes": [1], "free": [1]}, "free is (1,); it must be a table of names and values."),
        (["sizes"], "sample is ['sizes']; it must be a table of names and values."),
    ],
)
def test_a_wrong_setting_is_one_sentence(given_settings, sentence):
    with pytest.raises(WrongUse) as caught:
        Sample.from_dict(given_settings)
    assert str(caught.value) == sentence
