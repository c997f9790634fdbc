"""docs/networks.md: its table says what the networks declare, and its example runs."""

import re
from pathlib import Path

from repix.registry import own_names
from tests.networks.variants import offered

PAGE = Path(__file__).resolve().parents[2] / "docs" / "networks.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_says_what_is_declared():
    pattern = r"^\| \[([a-z0-9-]+)\]\(([^)]+)\) \| (\d+) \| (\d+) \| (\w+) \| ([\d,]+) \| ([\d,]+) \| .+ \|$"
    rows = re.findall(pattern, TEXT, re.MULTILINE)
    assert tuple(row[0] for row in rows) == own_names("networks")
    for name, path, scale, step, halo, parameters, work in rows:
        network, counts = offered(name), offered(name).cost()
        assert (PAGE.parent / path).is_file()
        assert (int(scale), int(step)) == (network.scale(), network.step())
        assert (None if halo == "all" else int(halo)) == network.halo()
        assert (parameters, work) == (f"{counts.parameters:,}", f"{counts.macs:,}")


def test_the_example_runs():
    block = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
    names: dict = {}
    exec(block, names)  # noqa: S102 the page's own example
    assert names["y"].shape == (1, 4, 64, 96)
    network, config = names["network"], names["config"]
    assert (network.scale(config), network.step(config), network.halo(config)) == (1, 32, 155)
