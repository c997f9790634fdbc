"""`repix demo`: the page that a stranger sees first."""

import re

from repix.cli._app import run


def test_the_page_shows_pictures_that_are_there_and_is_not_replaced_unasked(tmp_path, capsys):
    page = tmp_path / "demo" / "index.html"
    assert run(["demo", "-o", str(page.parent)]) == 0
    assert capsys.readouterr().out == f"{page}\n"
    shown = re.findall(r'src="([^":]+)"', page.read_text(encoding="utf-8"))
    assert len(shown) > 8
    assert all((page.parent / name).is_file() for name in shown)
    assert run(["demo", "-o", str(page.parent)]) == 1
    assert "use --overwrite" in capsys.readouterr().err


def test_a_file_where_the_folder_should_be(tmp_path, capsys):
    (tmp_path / "demo").touch()
    assert run(["demo", "-o", str(tmp_path / "demo")]) == 1
    assert capsys.readouterr().err == f"repix: {tmp_path / 'demo'}: there is a file of that name.\n"
