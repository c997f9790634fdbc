"""docs/tasks.md: its tables say what the code says, and its Python runs."""

import json
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from repix import registry
from repix.parameters import parameters
from tests.tasks.drawn import VARIANTS, task_of

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
NAMES = registry.available("tasks")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_lists_every_setting_with_its_default_and_range(name):
    settings = registry.get("tasks", name).settings
    section = PAGE.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    rows = []
    for setting, schema in settings.schema()["properties"].items():
        default = f"`{json.dumps(schema['default'])}`" if "default" in schema else "must be given"
        rows.append(f"| `{setting}` | {default} | {parameters(settings)[setting].help} |")
    assert re.findall(r"^\| `.*$", section, re.MULTILINE) == rows


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_page_lists_every_task_with_its_loss_and_metrics(variant):
    task = task_of(variant)
    row = re.search(rf"^\| \[`{task.name}`\].*$", PAGE, re.MULTILINE)[0]
    default = next(field.default for field in fields(task.settings) if field.name == "loss")
    assert f"| `{default}` |" in row
    named = row.rpartition(f"| `{default}` |")[2]
    assert all(f"`{spec.name}`" in named for spec in task.metrics)


def test_the_page_lists_every_loss():
    section = PAGE.partition("## Losses")[2].partition("## Settings")[0]
    assert sorted(re.findall(r"^\| `([\w-]+)` ", section, re.MULTILINE)) == list(registry.available("losses"))


def test_the_pages_python_runs():
    names = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], names)  # noqa: S102 - our own page
    assert names["x"].shape == names["t"].shape == (1, 1, 40, 30)
    assert names["result"].size == (40, 30)
    np.testing.assert_array_equal(names["result"].pixels, names["source"].pixels)
