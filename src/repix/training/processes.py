"""Processes of a training on several devices: each computes a part of every batch, and all have the same weights.

Lightning Fabric starts the processes, or finds those that torchrun or SLURM started. torch's wrapper for modules
(DistributedDataParallel) is not used: it gives every process the same weight, but 7 patches on 2 devices are 4 and 3;
and it allows one forward pass per step, but adversarial training has several.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import torch
from lightning.fabric import Fabric
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.fabric.strategies.ddp import DDPStrategy
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from repix.errors import RepixError, WrongUse
from repix.training.recipe import Recipe

LONGEST_WAIT = timedelta(hours=12)
"""The longest validation of the first process, during which the others wait."""


class LostProcess(RepixError):
    """Another process of this training ended."""


class Split(DDPStrategy):
    """Fabric's launcher and process group, without its wrapper for modules."""

    def __init__(self) -> None:
        super().__init__(timeout=LONGEST_WAIT)

    def setup_module(self, module: nn.Module) -> nn.Module:  # type: ignore[override]
        """Return the module as it is; `averaged` averages its gradients."""
        return module


def with_processes(recipe: Recipe) -> Recipe:
    """Return the recipe with its number of devices and nodes; by default those that torchrun or SLURM started.

    Raises:
        WrongUse: the recipe asks for other ones, or several processes cannot train it.
    """
    asked, found = (recipe.devices, recipe.nodes), _started()
    devices, nodes = (one or other for one, other in zip(asked, found or (1, 1), strict=True))
    if found is not None and (devices, nodes) != found:
        raise WrongUse(
            f"This training is for {devices} processes on each of {nodes} nodes, but was started as {found[0]} on each "
            f"of {found[1]}; start it with as many, because the result depends on their number."
        )
    made = replace(recipe, devices=devices, nodes=nodes)
    if devices * nodes > 1 and recipe.steps is None:
        raise WrongUse("On several devices, a training has a number of steps; give --steps, not --minutes.")
    if devices * nodes > 1 and recipe.init_from is not None and recipe.init_from.endswith(".toml"):
        raise WrongUse(
            f"On several devices, a training cannot train {recipe.init_from} first; train that recipe by its own "
            "command, and give its run as init_from."
        )
    return made


def _started() -> tuple[int, int] | None:
    """Return the processes on each node and the nodes that torchrun or SLURM started; None without them."""
    if TorchElasticEnvironment.detect():
        each, count = (int(os.environ[name]) for name in ("LOCAL_WORLD_SIZE", "WORLD_SIZE"))
        return each, count // each
    if SLURMEnvironment.detect():
        count, nodes = (int(os.environ.get(name, 1)) for name in ("SLURM_NTASKS", "SLURM_NNODES"))
        return count // nodes, nodes
    return None


@contextmanager
def launched(fabric: Fabric) -> Iterator[None]:
    """Start the other processes, connect all of them, and end the others if this one fails in the block."""
    if fabric.world_size == 1:
        yield
        return
    before = dict(os.environ)
    try:
        fabric.launch()
    except RuntimeError as problem:
        raise LostProcess(f"The processes of this training cannot connect: {_first_line(problem)}.") from None
    started = getattr(fabric.strategy.launcher, "procs", ())
    try:
        yield
    except BaseException:
        for process in started:
            process.kill()  # it may wait for this one; it writes no files
        raise
    finally:
        torch.distributed.destroy_process_group()
        os.environ.clear()
        os.environ.update(before)


def share(fabric: Fabric, count: int) -> range:
    """Return the patches of a batch that this process computes.

    >>> from types import SimpleNamespace
    >>> [share(SimpleNamespace(global_rank=rank, world_size=2), 7) for rank in (0, 1)]
    [range(0, 3), range(3, 7)]
    """
    first, end = (count * rank // fabric.world_size for rank in (fabric.global_rank, fabric.global_rank + 1))
    return range(first, end)


def averaged(fabric: Fabric, network: nn.Module, values: Tensor, weight: float) -> Tensor:
    """Average a network's gradients, its batch statistics and some values over the processes; return the values.

    Args:
        fabric: one of several processes.
        network: the network after the backward pass.
        values: losses, in the same order in each process.
        weight: the share of the batch that this process computed.
    """
    parts = [one.grad for one in network.parameters() if one.grad is not None]
    for layer in network.modules():
        if isinstance(layer, _BatchNorm) and layer.running_mean is not None and layer.running_var is not None:
            parts += [layer.running_mean, layer.running_var]
    every = [*parts, values.detach()]
    total = _summed(fabric, torch.cat([one.flatten() for one in every]) * weight)
    parts_of_total: tuple[Tensor, ...] = torch.split(total, [one.numel() for one in every])
    *found, made = parts_of_total
    for part, value in zip(parts, found, strict=True):
        part.copy_(value.view(part.shape))
    return made


def any_of(fabric: Fabric, asked: bool) -> bool:
    """Return True in all processes if it is True in one."""
    if fabric.world_size == 1:
        return asked
    return bool(_summed(fabric, torch.tensor([float(asked)], device=fabric.device)).item() > 0)


def _summed(fabric: Fabric, values: Tensor) -> Tensor:
    try:
        total = fabric.all_reduce(values, reduce_op="sum")
    except RuntimeError as problem:
        raise LostProcess(
            "Another process of this training ended, so the training cannot go on; its own message says why. "
            f"--resume continues from the last checkpoint. ({_first_line(problem)})"
        ) from None
    assert isinstance(total, Tensor)  # noqa: S101 (for the type checker)
    return total


def _first_line(problem: RuntimeError) -> str:
    return str(problem).strip().partition("\n")[0].rstrip(".")[:200]
