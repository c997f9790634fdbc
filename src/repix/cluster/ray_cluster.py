"""Ray: connects to a cluster, and keeps as many worker processes in the crew as the cluster has processors for."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from repix.batch.place import PlaceLost
from repix.cluster.crew import Crew
from repix.cluster.head import Head, HeadWatch
from repix.cluster.ray_member import RayMember
from repix.cluster.shipment import Shipment
from repix.cluster.worker_process import WorkerProcess
from repix.errors import WrongUse
from repix.registry import library

PULSE = 1.0
"""Seconds between two looks at the cluster."""
RAMP = 8
"""Worker processes that start at the same time at first; later as many as there are."""
PATIENCE = 30.0
"""Seconds without a worker process after which the user is told."""
STORE = 80_000_000
"""Bytes of shared memory of a local cluster, for the model; Ray's default is a third of the memory."""
CONTINUE = "The finished results are kept; run the same command again to continue."

Tell = Callable[[str], None]
"""Prints a sentence for the user."""


@contextmanager
def ray_crew(address: str, shipment: Shipment, slots: int, tell: Tell) -> Iterator[Crew]:
    """Yield the worker processes of a cluster; they end with the block.

    Args:
        address: "auto" (a cluster that this machine belongs to), "local" (a new one on this machine), or
            "ray://HOST:PORT".
        shipment: What each worker process needs, such as the model.
        slots: Tasks that each worker process does at the same time.
        tell: Prints a sentence, such as about a worker process that cannot be used.

    Raises:
        PlaceLost: No cluster answers.
        WrongUse: The address is none.
        MissingLibrary: Ray is not installed.
    """
    named = _answering(address)
    ray = library("ray")
    head, crew = _connected(ray, address, named), Crew()
    watch = HeadWatch(head, lambda: crew.end(f"The head of the cluster ({head}) is gone. {CONTINUE}", stranded=True))
    staff = _Staff(ray, crew, shipment, slots, tell)
    staff.begin()
    try:
        yield crew
    finally:
        watch.end()
        if not crew.is_stranded:
            staff.end()
            with suppress(Exception):  # the cluster may be going down
                ray.shutdown()


class _Staff:
    """Starts worker processes, lets them join the crew when they are open, and asks them for their progress."""

    def __init__(self, ray: Any, crew: Crew, shipment: Shipment, slots: int, tell: Tell) -> None:
        self._ray, self._crew, self._slots, self._tell = ray, crew, slots, tell
        self._threads = shipment.threads
        self._shipment = ray.put(shipment)
        needs = _needs(shipment)
        self._needs = _needs_text(shipment)
        self._actor = ray.remote(max_concurrency=slots, concurrency_groups={"progress": 1}, **needs)(WorkerProcess)
        self._starting: dict[RayMember, Any] = {}
        """Members that open what they need, with the future of the answer."""
        self._refused = 0
        self._over = threading.Event()
        self._pulse = threading.Thread(target=self._until_over, daemon=True, name="repix-cluster")

    def begin(self) -> None:
        """Look at the cluster in a thread, again and again."""
        self._pulse.start()

    def end(self) -> None:
        """End all worker processes."""
        self._over.set()
        self._pulse.join(2 * PULSE)
        for member in [*self._members(), *self._starting]:
            member.end()

    def _until_over(self) -> None:
        began, is_told = monotonic(), False
        while not self._over.wait(PULSE if self._members() else PULSE / 10):
            try:
                self._welcome()
                self._start()
                for member in self._members():
                    member.ask_progress()
            except Exception as problem:  # noqa: BLE001 (whatever Ray raises, the run must end with a sentence)
                self._crew.end(f"The cluster failed: {type(problem).__name__}: {problem}. {CONTINUE}")
                return
            if not is_told and monotonic() - began > PATIENCE and not self._members():
                is_told = True
                self._tell(f"Waiting for the cluster: no worker process has started yet; each needs {self._needs}.")

    def _members(self) -> list[RayMember]:
        return [member for member in self._crew.members() if isinstance(member, RayMember)]

    def _start(self) -> None:
        """Start worker processes: one more than there are processors for, so that an autoscaling cluster grows."""
        joined = len(self._members())
        most = int(self._ray.cluster_resources().get("CPU", 0)) // self._threads + 1 - self._refused
        wanted = min(most - joined, max(RAMP, joined)) - len(self._starting)
        for _ in range(wanted):
            member = RayMember(self._ray, self._actor.remote(), self._slots)
            self._starting[member] = member.opened(self._shipment)

    def _welcome(self) -> None:
        """Let members join that have opened what they need."""
        for member, future in [*self._starting.items()]:
            if not future.done():
                continue
            del self._starting[member]
            try:
                refusal = future.result()
            except self._ray.exceptions.RayActorError as problem:
                refusal = _refusal(problem)
                if not refusal:
                    continue  # its machine was lost; another one is started
            if not refusal:
                self._crew.join(member)
                continue
            member.end()
            self._refused += 1
            if self._members():
                self._tell(refusal)
            else:
                self._crew.end(refusal)


def _needs(shipment: Shipment) -> dict[str, int]:
    """Return what a worker process takes of a machine, in Ray's names."""
    needs = {"num_cpus": shipment.threads, "num_gpus": shipment.gpus}
    return needs if shipment.memory is None else needs | {"memory": shipment.memory}


def _needs_text(shipment: Shipment) -> str:
    """Return the same in words."""
    needs = [f"{shipment.threads} CPU"]
    needs += [f"{shipment.gpus} GPU"] if shipment.gpus else []
    needs += [] if shipment.memory is None else [f"{shipment.memory / 1e9:g} GB of memory"]
    return " and ".join(needs)


def _refusal(problem: Any) -> str:
    """Return why a worker process could not start; empty if it was only lost."""
    if "ModuleNotFoundError" in str(problem):
        return "A machine of the cluster cannot import repix; install the same version on each of them."
    return ""


def _answering(address: str) -> Head | None:
    """Return the head that an address or RAY_ADDRESS names, after it answered; None if neither names one."""
    if address == "local":
        return None
    named = os.environ.get("RAY_ADDRESS", "auto") if address == "auto" else address
    if named in ("auto", "local"):
        return None
    if not named.startswith("ray://") and address != "auto":
        raise WrongUse(f"--cluster {address} is not an address; write auto, local or ray://HOST:PORT.")
    head = Head.of(named)
    if not head.answers():
        raise PlaceLost(f"No Ray cluster answers at {named}; check the address, or start one: ray start --head.")
    return head


def _connected(ray: Any, address: str, named: Head | None) -> Head:
    """Connect to a cluster, and return its head."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if address == "local":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report the use to its makers
        os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")  # enough for a busy machine
        quiet |= {"include_dashboard": False, "object_store_memory": STORE}
    # Ray prints about each lost worker on the standard output, which is for results; no public option turns it off.
    library("ray._private.worker").print_to_stdstream = lambda *_, **__: None
    try:
        ray.init(address, **quiet)
    except Exception as problem:  # noqa: BLE001 (Ray raises many kinds, Exception itself among them)
        if address == "auto" and named is None:
            raise PlaceLost(
                "No Ray cluster runs on this machine, and RAY_ADDRESS names none; start one with `ray start --head`, "
                "or use --cluster local."
            ) from None
        raise PlaceLost(f"--cluster {address}: Ray does not start: {str(problem).splitlines()[0]}") from None
    return named or Head.of(ray.get_runtime_context().gcs_address)
