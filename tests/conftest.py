"""What every test may ask for."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repix", deadline=None)  # no test is about time
settings.load_profile("repix")

os.environ["REPIX_ENGINE_CACHE"] = "off"  # the user's own stays as it is; tests of the cache turn it on
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers share the cores; more threads than cores only wait

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that starts the tests in the background says so
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and some tests are about Ctrl-C

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures beside the checkout, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("the real pictures (../shared/data) are not on this machine")
    return SHARED
