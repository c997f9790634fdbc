"""A plugin of pytest that writes the outcome of each test to a file: `pytest -p release.outcomes --outcomes FILE`.

One JSON object a line, {"test": ..., "outcome": ...}, as soon as the test has ended: a run that is killed leaves the
lines of the tests before.
"""

import json
from pathlib import Path

import pytest

RANKS = ("passed", "skipped", "failed", "error")
"""Outcomes from the best to the worst; the worst of its setup, call and teardown is that of a test."""


class Outcomes:
    """Collect the phases of each test, and write its outcome after the last one."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.worst: dict[str, str] = {}
        file.write_text("", encoding="utf-8")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of one phase."""
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        self.worst[report.nodeid] = max(self.worst.get(report.nodeid, "passed"), outcome, key=RANKS.index)
        if report.when == "teardown":
            self._write(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the tests that began and never ended, because their worker died."""
        for test in list(self.worst):
            self._write(test)

    def _write(self, test: str) -> None:
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"test": test, "outcome": self.worst.pop(test)}) + "\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--outcomes FILE`."""
    parser.addoption("--outcomes", type=Path, help="write the outcome of each test to this file, as JSON lines")


def pytest_configure(config: pytest.Config) -> None:
    """Write in the process that hears of all tests: not in a worker of pytest-xdist."""
    file = config.getoption("outcomes")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(file))
