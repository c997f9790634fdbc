"""A Ray cluster of several nodes on this machine, in a process of its own: `python -m tests.cluster.nodes NODES`.

It prints the address, and obeys lines on its standard input: `replace` kills a node other than the head and starts a
new one, `behead` kills the head. It answers each with a line, and ends with its standard input.
"""

import inspect
import os
import random
import socket
import sys
from pathlib import Path

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "200"}  # the machine may be busy
NODE = {"num_cpus": 1, "memory": 4 * 10**9, "object_store_memory": 80_000_000, "include_dashboard": False}
PORTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
"""A node ends if its agents do not write these down in 15 seconds; no option helps (ray-project/ray issue 65983)."""


def main(count: int) -> None:
    from ray._private import services
    from ray.cluster_utils import Cluster

    services.start_raylet = with_ports_written(services.start_raylet)
    choice = random.Random(0)  # noqa: S311 (nodes, not secrets)
    cluster = Cluster(initialize_head=True, head_node_args=node())
    nodes = [cluster.add_node(**node()) for _ in range(count - 1)]
    print(cluster.address, flush=True)
    try:
        for line in sys.stdin:
            if line.strip() == "replace":
                cluster.remove_node(nodes.pop(choice.randrange(len(nodes))), allow_graceful=False)
                nodes.append(_added(cluster))
            else:
                cluster.remove_node(cluster.head_node, allow_graceful=False)
            print("done", flush=True)
    finally:
        cluster.shutdown()


def node():
    """The settings of a new node, whose agents get free ports."""
    sockets = [socket.create_server(("", 0)) for _ in PORTS]
    try:
        return NODE | {name: one.getsockname()[1] for name, one in zip(PORTS, sockets, strict=True)}
    finally:
        for one in sockets:
            one.close()


def with_ports_written(start):
    """Ray's function that starts a node, which then finds its agents' ports written down already."""

    def started(*given, **named):
        arguments = inspect.signature(start).bind(*given, **named).arguments
        for name in PORTS:
            Path(arguments["session_dir"], f"{name}_{arguments['node_id']}").write_text(str(arguments[name]))
        return start(*given, **named)

    return started


def _added(cluster):
    """A new node; on a busy machine Ray may not start one in its 30 seconds, then once more."""
    try:
        return cluster.add_node(**node())
    except Exception as problem:  # noqa: BLE001 (Ray raises nothing more special)
        print(problem, file=sys.stderr)
        return cluster.add_node(**node())


if __name__ == "__main__":
    main(int(sys.argv[1]))
