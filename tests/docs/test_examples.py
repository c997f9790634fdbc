"""The code of pages without a test of their own runs, and their lists are complete."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_checkerboard_is_found_and_removed(capsys):
    names: dict = {}
    for block in blocks("checkerboards.md"):
        exec(block, names)  # noqa: S102 the page's own code
    before, after = map(float, capsys.readouterr().out.split())
    assert 0.9 < before < 1.5
    assert after < 1e-5


def test_the_findings_of_check_are_listed_with_their_severity():
    page = (DOCS / "data.md").read_text(encoding="utf-8").partition("## Findings")[2]
    listed = set(re.findall(r"^\| `([\w-]+)` \| (error|warning) \|", page, re.MULTILINE))
    tree = ast.parse((ROOT / "src" / "repix" / "data" / "rules.py").read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
    ]
    said = {tuple(arg.value for arg in call.args[:2]) for call in calls if isinstance(call.args[0], ast.Constant)}
    assert listed >= said
    assert {kind for kind, _ in listed - said} == {"mixed-colors", "mixed-depths"}  # made in a loop
