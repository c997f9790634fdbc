"""What is installed here: what is missing becomes advice."""

import sys

import pytest

from repix import installation


def test_a_missing_library_becomes_advice(monkeypatch):
    monkeypatch.setattr(
        installation, "requires", lambda _: ['no-such>=1; extra == "filters"', 'nor[this]; extra == "filters"']
    )
    assert installation.examine().advice[0].endswith(": `pip install no-such nor` (extra filters).")


@pytest.mark.parametrize("variable", installation.THREAD_LIMITS)
def test_a_thread_limit_becomes_advice(variable, monkeypatch):
    monkeypatch.setenv(variable, "0")
    assert any(variable in sentence for sentence in installation.examine().advice)


@pytest.mark.skipif(sys.platform != "linux", reason="processor features are read from Linux's own file")
def test_the_processor_has_some_known_feature():
    assert installation.examine().features
