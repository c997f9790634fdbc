"""Families: the file's name is the registration."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import filters, members
from repix.errors import MissingLibrary, UnknownName, WrongUse

ALL = [(family, name) for family in members.FAMILIES for name in members.names(family)]


@pytest.mark.parametrize(("family", "name"), ALL)
def test_every_file_of_a_family_is_a_member_with_a_summary(family, name):
    assert members.member(family, name) is not None
    summary = members.summary(family, name)
    assert summary.endswith("."), f"{family}/{name}: the docstring's first line is its line in every list"
    assert 20 <= len(summary) <= 120


@pytest.mark.parametrize(("family", "name"), [(f, n) for f, n in ALL if f not in ("engines", "tasks")])
def test_a_members_function_is_the_packages_attribute(family, name):
    package = __import__(f"repix.{family}", fromlist=["x"])
    attribute = name.replace("-", "_")
    assert callable(getattr(package, attribute))
    assert getattr(package, attribute) is members.function(family, attribute)
    assert attribute in dir(package)


def test_importing_a_members_file_leaves_the_function_in_the_package():
    code = "import repix.filters.median, repix; print(repix.filters.median.__name__, callable(repix.filters.median))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["median", "True"]


def test_listing_imports_no_member():
    code = "from repix import members\nmembers.names('filters')\nmembers.summary('filters', 'median')\nimport sys\n"
    code += "print([m for m in sys.modules if m.startswith('repix.filters.')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(("family", "name"), ALL)
def test_a_typo_gets_the_nearest_name(family, name):
    typo = name + "q"
    with pytest.raises(UnknownName, match=r"did you mean|choose from"):
        members.member(family, typo)


@given(st.text(max_size=20).filter(lambda name: name not in members.names("filters")))
def test_any_other_name_is_one_sentence(name):
    with pytest.raises(UnknownName, match="among the filters"):
        members.member("filters", name)


def test_a_family_is_called_as_people_say():
    with pytest.raises(UnknownName, match="There is no 'nearst' among the upsamplers; did you mean 'nearest'"):
        members.member("upsampling", "nearst")


def test_an_unknown_family_is_named():
    with pytest.raises(UnknownName, match="did you mean 'filters'"):
        members.names("filter")


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"repix\.filters"):
        _ = filters.no_such_filter


def test_a_missing_library_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(MissingLibrary, match=r'pip install "repix\[filters\]"'):
        members.library("skimage")


def test_a_library_of_no_extra_stays_an_ordinary_import_error():
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        members.library("no_such_library")


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Another distribution's filter, found through an entry point."""

    def install(source: str) -> None:
        (tmp_path / "stranger_filters.py").write_text(source)
        point = EntryPoint("negative", "stranger_filters", "repix.filters")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(members, "entry_points", lambda group: [point] if group == "repix.filters" else [])
        members._strangers.cache_clear()

    yield install
    members._strangers.cache_clear()
    sys.modules.pop("stranger_filters", None)


def test_another_distribution_adds_a_member(stranger):
    stranger(
        '"""Negative: black becomes white."""\n'
        "from repix.filters import Filter\n"
        "def negative(picture):\n    return 1 - picture\n"
        "FILTER = Filter(negative)\n"
    )
    assert "negative" in members.names("filters")
    assert members.member("filters", "negative").function(0.25) == 0.75
    assert members.summary("filters", "negative") == "Negative: black becomes white."
    assert filters.negative(0.25) == 0.75


def test_a_member_without_its_constant_is_named(stranger):
    stranger('"""Nothing."""\n')
    with pytest.raises(WrongUse, match="stranger_filters is listed among the filters but has no FILTER"):
        members.member("filters", "negative")
