"""The diagrams of the documentation are those that their script draws."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_diagrams_are_up_to_date(tmp_path):
    script = runpy.run_path(str(DOCS / "make_diagrams.py"))
    script["Diagram"].write.__globals__["FOLDER"] = tmp_path
    pages = {"transunet": "transformers", "unetmer": "transformers", "adversarial": "adversarial", "sft": "steering"}
    for name, page in pages.items():
        script[name]()
        made = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert made == (DOCS / "pictures" / "diagrams" / f"{name}.svg").read_text(encoding="utf-8")
        assert f"pictures/diagrams/{name}.svg" in (DOCS / f"{page}.md").read_text(encoding="utf-8")
