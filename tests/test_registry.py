"""Families: the file's name is the registration."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import filters, registry
from repix.errors import MissingLibrary, UnknownName, WrongUse

ALL = [(family, name) for family in registry.FAMILIES for name in registry.available(family)]


@pytest.mark.parametrize(("family", "name"), ALL)
def test_every_file_of_a_family_is_a_member_with_a_summary(family, name):
    assert registry.get(family, name) is not None
    summary = registry.summary(family, name)
    assert summary.endswith("."), f"{family}/{name}: the docstring's first line is its line in every list"
    assert 20 <= len(summary) <= 120


@pytest.mark.parametrize(("family", "name"), [(f, n) for f, n in ALL if f not in ("engines", "objectives", "tasks")])
def test_a_members_function_is_the_packages_attribute(family, name):
    package = __import__(f"repix.{family}", fromlist=["x"])
    attribute = name.replace("-", "_")
    assert callable(getattr(package, attribute))
    assert getattr(package, attribute) is registry.function(family, attribute)
    assert attribute in dir(package)


def test_importing_a_members_file_leaves_the_function_in_the_package():
    code = "import repix.filters.median, repix; print(repix.filters.median.__name__, callable(repix.filters.median))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["median", "True"]


def test_listing_imports_no_member():
    code = (
        "from repix import registry\nregistry.available('filters')\nregistry.summary('filters', 'median')\nimport sys\n"
    )
    code += "print([m for m in sys.modules if m.startswith('repix.filters.')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(("family", "name"), ALL)
def test_a_typo_gets_the_nearest_name(family, name):
    typo = name + "q"
    with pytest.raises(UnknownName, match=r"did you mean|choose from"):
        registry.get(family, typo)


@given(st.text(max_size=20).filter(lambda name: name not in registry.available("filters")))
def test_any_other_name_is_one_sentence(name):
    with pytest.raises(UnknownName, match="among the filters"):
        registry.get("filters", name)


def test_a_family_is_called_as_people_say():
    with pytest.raises(UnknownName, match="There is no 'nearst' among the upsamplers; did you mean 'nearest'"):
        registry.get("upsampling", "nearst")


def test_an_unknown_family_is_named():
    with pytest.raises(UnknownName, match="did you mean 'filters'"):
        registry.available("filter")


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"repix\.filters"):
        _ = filters.no_such_filter


DECLARED = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = {name: needs for name, needs in DECLARED["optional-dependencies"].items() if name != "all"}


def distribution(need: str) -> str:
    return re.split(r"[\[<>=~!; ]", need)[0]


def test_the_libraries_of_the_extras_are_those_of_the_project():
    declared = {(extra, distribution(need)) for extra, needs in EXTRAS.items() for need in needs} - {("train", "repix")}
    declared -= {("cuda", "onnxruntime-gpu")}  # another build of the library of the extra onnxruntime
    known = {(extra, registry.DISTRIBUTIONS.get(name, name)) for name, extra in registry.EXTRAS.items()}
    assert declared == known


def test_something_of_repix_imports_each_library_of_an_extra():
    """An extra that nothing uses brings only what could break."""
    source = "\n".join(path.read_text("utf-8") for path in Path(registry.__file__).parent.rglob("*.py"))
    for name in registry.EXTRAS:
        uses = rf"""import {name}\b|from {name}\b|library\("{name}[".]|^_?LIBRARIES = .*"{name}\""""
        assert re.search(uses, source, re.MULTILINE), f"nothing imports {name}"


@pytest.mark.parametrize("name", registry.EXTRAS)
def test_a_missing_library_is_named_as_pip_calls_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    called = registry.DISTRIBUTIONS.get(name, name)
    said = f"This needs {called}, which is not installed: `pip install {called}` (extra {registry.EXTRAS[name]})."
    with pytest.raises(MissingLibrary, match=f"^{re.escape(said)}$"):
        registry.library(name)


@given(
    st.sets(st.sampled_from(sorted(name for name, extra in registry.EXTRAS.items() if extra == "train")), min_size=1)
)
def test_all_that_is_missing_is_named_at_once(lacking):
    with pytest.MonkeyPatch.context() as patch:
        for name in lacking:
            patch.setitem(sys.modules, name, None)
        with pytest.raises(MissingLibrary) as problem:
            registry.require_libraries(*sorted(lacking), "json")
    words = str(problem.value).partition("pip install ")[2].partition("`")[0].split()
    assert words == [registry.DISTRIBUTIONS.get(name, name) for name in sorted(lacking)]


def test_no_message_and_no_page_tells_to_install_repix_from_the_index():
    """The name is not ours there: what it brought would be somebody else's code."""
    root = Path(__file__).parents[1]
    files = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("recipes/*"), *root.glob("src/**/*.py"),
             root / "Makefile"]  # fmt: skip
    texts = {str(file): file.read_text("utf-8") for file in files if file.is_file()}
    texts.pop(str(root / "CHANGELOG.md"))  # says what was
    assert [name for name, text in texts.items() if re.search(r"""pip install (-\S+ )*["']?repix""", text)] == []


def test_a_library_of_no_extra_stays_an_ordinary_import_error():
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        registry.library("no_such_library")


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Another distribution's filter, found through an entry point."""

    def install(source: str) -> None:
        (tmp_path / "stranger_filters.py").write_text(source)
        point = EntryPoint("negative", "stranger_filters", "repix.filters")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == "repix.filters" else [])
        registry._foreign.cache_clear()

    yield install
    registry._foreign.cache_clear()
    sys.modules.pop("stranger_filters", None)


def test_another_distribution_adds_a_member(stranger):
    stranger(
        '"""Negative: black becomes white."""\n'
        "from repix.filters import Filter\n"
        "def negative(picture):\n    return 1 - picture\n"
        "FILTER = Filter(negative)\n"
    )
    assert "negative" in registry.available("filters")
    assert registry.get("filters", "negative").function(0.25) == 0.75
    assert registry.summary("filters", "negative") == "Negative: black becomes white."
    assert filters.negative(0.25) == 0.75


def test_a_member_without_its_constant_is_named(stranger):
    stranger('"""Nothing."""\n')
    with pytest.raises(WrongUse, match="stranger_filters is registered among the filters but does not define FILTER"):
        registry.get("filters", "negative")


@pytest.mark.parametrize(
    ("text", "docstring"),
    [
        ('"""One line."""\nx = 1\n', "One line."),
        ('"""One.\n\n    More.\n"""\n', "One.\n\nMore."),
        (r'"""With \""" inside."""', 'With """ inside.'),
        ('"""Joined """ "of two."\n', "Joined of two."),
        ("'Other quotes.'\n", "Other quotes."),
        ('r"""Raw."""\n', "Raw."),
        ("x = 1\n", ""),
        ("", ""),
    ],
)
def test_a_docstring_is_found_as_python_finds_it(text, docstring, tmp_path, monkeypatch):
    (tmp_path / "stranger_docs.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_location", lambda *_: "stranger_docs")
    assert registry.docstring("filters", "any") == docstring
