"""Where repix keeps what can be made again."""

from pathlib import Path

import pytest

from repix import user_cache as place


def test_the_users_folder_follows_the_systems_rule(monkeypatch, tmp_path):
    monkeypatch.setattr(place.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert place.user_cache_folder() == tmp_path / "repix"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place.user_cache_folder() == tmp_path / ".cache" / "repix"


@pytest.mark.parametrize(
    ("system", "expected"), [("darwin", "Library/Caches/repix"), ("win32", "AppData/Local/repix/Cache")]
)
def test_other_systems_have_rules_of_their_own(monkeypatch, tmp_path, system, expected):
    monkeypatch.setattr(place.sys, "platform", system)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert place.user_cache_folder() == tmp_path / expected
