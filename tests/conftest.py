"""What every test may ask for."""

import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import is_hypothesis_test, settings

from tests import given
from tests.torch_export import read_operators_once

if TYPE_CHECKING:
    from tests.fork_server import Call
    from tests.networks.exported import Exports

os.environ["REPIX_ENGINE_CACHE"] = "off"  # the user's own stays as it is; tests of the cache turn it on
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers share the cores; more threads than cores only wait

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that starts the tests in the background says so
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and some tests are about Ctrl-C

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Every test leaves the process as it was, or the next one would not be the same test in another order."""
    before = _state()
    threads = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - threads:
        if not thread.daemon:  # libraries' own watchmen, and what libvips calls Python from
            thread.join(60)
            assert not thread.is_alive(), f"the test left {thread} behind"
    after = _state()
    loaded = {name for name, value in before.items() if value is None}  # torch came in meanwhile
    assert {name: value for name, value in after.items() if name not in loaded and value != before.get(name)} == {}
    assert after.keys() == before.keys()


def _state() -> dict[str, object]:
    """What a process has only once, by name."""
    umask = os.umask(0o022)
    os.umask(umask)
    torch = sys.modules.get("torch")
    by_torch = None if torch is None else (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled())
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    limits = (sys.getrecursionlimit(), sys.get_int_max_str_digits())
    others = {"umask": umask, "folder": Path.cwd(), "numpy": np.geterr(), "limits": limits, "torch": by_torch}
    # what libraries set when they are first used
    own = ("LD_LIBRARY_PATH", "PYTEST_CURRENT_TEST", "PYTORCH_NVML_BASED_CUDA_CHECK", "TORCHINDUCTOR_CACHE_DIR")
    own += ("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK")  # threadpoolctl, which scipy.io imports where it is installed
    return {**handlers, **others, **{name: one for name, one in os.environ.items() if name not in own}}


@pytest.fixture(scope="session", autouse=True)
def operators_are_read_once() -> None:
    if "torch" in sys.modules:  # collected tests import it where they need it
        read_operators_once()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures beside the checkout, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("the real pictures (../shared/data) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def in_fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Call"]:
    """Calls functions of test modules in processes of their own, which have imported torch already."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    from tests.fork_server import fork_server

    with fork_server(tmp_path_factory.mktemp("forks")) as call:
        yield call


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> "Exports":
    """Each network's model file, made once for all processes of a run."""
    from tests.networks.exported import exports

    if "PYTEST_XDIST_WORKER" not in os.environ:
        return exports(tmp_path_factory.mktemp("exported"))
    folder = tmp_path_factory.getbasetemp().parent / "exported"
    folder.mkdir(exist_ok=True)
    return exports(folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "run the tests marked long or drawn and no others, with thousands of drawn cases, and print a log"
    parser.addoption("--long", action="store_true", help=words)


@pytest.hookimpl(trylast=True)  # pytest-randomly draws its seed first
def pytest_configure(config: pytest.Config) -> None:
    given.Run.long = config.getoption("--long")
    seed = config.getoption("randomly_seed", 0)
    given.Run.seed = seed if isinstance(seed, int) else 0  # "default" under -p no:randomly
    settings.register_profile("repix", deadline=None, max_examples=given.count(100, 300))  # no test is about time
    settings.load_profile("repix")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def wanted(item: pytest.Item) -> bool:
        long, drawn = item.get_closest_marker("long"), item.get_closest_marker("drawn")
        drawn = drawn or is_hypothesis_test(getattr(item, "function", None))
        return bool(long or drawn) if given.Run.long else not long

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = filter(wanted, items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The log of `make test-long`: each test with its cases and their time.

    A test that draws many cases inside says how many with `record_property("cases", number)`.
    """
    if not given.Run.long:
        return
    terminalreporter.section(f"cases drawn, from seed {given.Run.seed}")
    cases, failed, seconds = defaultdict(int), defaultdict(int), defaultdict(float)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            test = report.nodeid.partition("[")[0]
            seconds[test] += report.duration
            if report.when == "call":
                cases[test] += dict(report.user_properties).get("cases", 1)
            failed[test] += outcome == "failed"
    for test in sorted(seconds):
        words = f", {failed[test]} FAILED" if failed[test] else ""
        terminalreporter.write_line(f"{cases[test]:>7,} cases {seconds[test]:8.1f} s  {test}{words}")
    terminalreporter.write_line(f"{sum(cases.values()):>7,} cases {sum(seconds.values()):8.1f} s  in all")
