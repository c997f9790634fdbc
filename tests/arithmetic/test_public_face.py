"""The public names of `repix.arithmetic`."""

from types import ModuleType

from repix import arithmetic


def test_everything_public_is_listed():
    public = {name for name, value in vars(arithmetic).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert public == set(arithmetic.__all__)


def test_everything_listed_says_what_it_does():
    assert all(getattr(arithmetic, name).__doc__ for name in arithmetic.__all__)
