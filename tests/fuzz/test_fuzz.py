"""A minute of each fuzzer in `make test-long`, where atheris is installed."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

SECONDS = 60


@pytest.mark.long
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed: pip install --group long")
def test_the_reader_of_onnx_files_refuses_what_it_cannot_read(tmp_path, record_property):
    command = [sys.executable, "-m", "tests.fuzz.onnx_reader", str(tmp_path / "corpus")]
    settings = [f"-max_total_time={SECONDS}", "-print_final_stats=1", f"-artifact_prefix={tmp_path}/", "-timeout=20"]
    done = subprocess.run([*command, *settings], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stderr + done.stdout)[-4000:]  # the traceback is in stdout
    runs = next(line for line in done.stderr.splitlines() if "number_of_executed_units" in line)
    record_property("cases", int(runs.split()[-1]))
