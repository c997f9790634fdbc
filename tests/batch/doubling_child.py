"""A program that doubles files, run by the tests as `python -m tests.batch.doubling_child`."""

import os
import signal

from repix.batch.child import serve
from repix.errors import Unreadable, WrongUse
from repix.pictures import Fidelity


def work_of(settings, pool):
    if settings.get("refusal"):
        raise WrongUse(settings["refusal"])

    def double(source, target, advance):
        advance()
        with pool.take(settings.get("memory", 1)):
            advance(5)
            target.write_bytes(b"half")
            if source.stem in settings.get("fatal", ()):
                os.kill(os.getpid(), signal.SIGKILL)
            if source.stem == "bad":
                raise Unreadable(f"{source} is bad, and {target} is not written.")
            if source.stem == "bug":
                raise ZeroDivisionError("by nothing")
            target.write_bytes(2 * source.read_bytes())
        return Fidelity(converted=(f"by {os.getpid()}",))

    return double


if __name__ == "__main__":
    serve(work_of)
