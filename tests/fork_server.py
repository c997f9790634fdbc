"""A process that has imported torch and Lightning once, and forks for each command that must be one of its own.

`python -m tests.fork_server` reads requests, one JSON object a line: a function of a test module, by name,
with its arguments, and the files for what it prints. A fork calls the function and ends as every process does, with the
code that the server prints. Nothing has been computed before a fork: torch's threads would not survive it.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from tests.environment import environment
from tests.torch_export import read_operators_once

Call = Callable[..., "subprocess.CompletedProcess[str]"]
"""Calls a function of a test module with JSON's values in a fork, and returns when the fork has ended."""


@contextmanager
def fork_server(folder: Path) -> Iterator[Call]:
    """Start the server; warnings are errors there, too. A fork has the cache of the test that asks for it."""
    command = [sys.executable, "-W", "error", "-m", "tests.fork_server"]
    cache = folder / "cache"
    server = subprocess.Popen(
        command, env=environment(cache), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    out, err = folder / "out", folder / "err"

    def call(function: Callable[..., object], *args: object) -> "subprocess.CompletedProcess[str]":
        request = {"module": function.__module__, "function": function.__name__, "args": args}
        request["cache"] = os.environ.get("XDG_CACHE_HOME", str(cache))
        server.stdin.write(json.dumps(request | {"out": str(out), "err": str(err)}) + "\n")
        code = server.stdout.readline()
        assert code, "the server has ended"
        return subprocess.CompletedProcess(args, int(code), out.read_text(), err.read_text())

    try:
        yield call
    finally:
        server.communicate()


def output_to(out: str, err: str) -> None:
    """Print to files, and read nothing."""
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, (path, mode) in enumerate(((os.devnull, os.O_RDONLY), (out, write), (err, write))):
        opened = os.open(path, mode, 0o600)
        os.dup2(opened, number)
        os.close(opened)


def main() -> None:
    """Fork for each request, until the input ends."""
    import torch

    for name in ("lightning.fabric.loggers", "tests.training.making"):  # for the forks
        import_module(name)
    torch.set_num_threads(1)
    read_operators_once()  # in the first export; here, torch's exporter is imported for all forks
    gc.collect()
    gc.freeze()  # or each fork would look at, and so copy, all that was imported when it ends
    for line in sys.stdin:
        request = json.loads(line)
        function = getattr(import_module(request["module"]), request["function"])
        child = os.fork()
        if not child:
            os.environ["XDG_CACHE_HOME"] = request["cache"]
            output_to(request["out"], request["err"])
            function(*request["args"])
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
