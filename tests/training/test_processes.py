"""Several processes: the same batches, gradients and weights as one, refusals, and what only the first one does."""

import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from repix.errors import WrongUse
from repix.training import resume
from repix.training.processes import LostProcess, any_of, averaged, share, with_processes
from repix.training.run_folder import RunFolder
from tests.training import making, two_processes
from tests.training.making import Told, built, environment, folder_for

NETWORK = {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "none"}}
SETTINGS = {"steps": 4, "batch_size": 16, "patch_size": 8, "optimizer": "adamw", **NETWORK}
ROOT = str(making.__file__).rpartition("/tests/")[0]


def started(words: list[str], cache, **more: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.training.two_processes", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(cache) | more, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def test_two_processes_have_the_gradients_and_weights_of_one(tmp_path):
    """Batches of 16, as 8 and 8; the late ones of 7 patches are 3 and 4. Fabric starts the second process.

    The network has no batch normalization, whose statistics are those of each part.
    """
    folder = folder_for("denoise", tmp_path / "photos")
    two = started(
        [str(folder), str(tmp_path / "two"), str(tmp_path / "two.grad"), json.dumps(SETTINGS | {"devices": 2})],
        tmp_path / "cache",
    )
    two_processes.main(str(folder), str(tmp_path / "one"), str(tmp_path / "one.grad"), json.dumps(SETTINGS))
    said, _ = two.communicate(timeout=300)
    assert (two.returncode, said) == (0, b"")
    one, *both = (torch.load(tmp_path / name, weights_only=True) for name in ("one.grad0", "two.grad0", "two.grad1"))
    for other in both:
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    weights = [load_file(RunFolder(tmp_path / name).weights) for name in ("one", "two")]
    for name, one in weights[0].items():
        torch.testing.assert_close(one, weights[1][name], rtol=0, atol=1e-6)
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == sorted(
        path.name for path in (tmp_path / "one").iterdir()
    )
    assert RunFolder(tmp_path / "two").read_recipe()[0].devices == 2


def test_the_parts_of_a_batch_are_the_batch(tmp_path):
    training = built(making.recipe(folder_for("denoise", tmp_path), batch_size=7))
    whole = training.dataset()
    for count in (2, 3, 7):
        fabrics = [SimpleNamespace(global_rank=rank, world_size=count) for rank in range(count)]
        parts = [replace(whole, share=lambda total, one=one: share(one, total))[0] for one in fabrics]
        for number in (0, 1):
            assert torch.equal(torch.cat([part[number] for part in parts]), whole[0][number])


class Fabric(SimpleNamespace):
    """The first of two processes; what the other one adds is known."""

    world_size, device = 2, "cpu"

    def all_reduce(self, values, reduce_op):
        assert reduce_op == "sum"
        return values + self.others


def test_averages_have_the_weights_of_the_parts():
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    network[0].weight.grad = torch.tensor([[2.0]])
    network[1].running_mean.fill_(10.0)
    values = averaged(Fabric(others=torch.tensor([3.0, 0.5, 0.5, 1.0])), network, torch.tensor([4.0]), 0.25)
    assert (network[0].weight.grad.item(), network[1].running_mean.item(), network[1].running_var.item()) == (
        3.5,
        3.0,
        0.75,
    )
    assert values.tolist() == [2.0]


def test_one_request_stops_all_and_a_lost_process_is_said():
    assert [any_of(Fabric(others=other), asked) for other, asked in ((1, False), (0, True), (0, False))] == [
        True,
        True,
        False,
    ]

    def lost(*_, **__):
        raise RuntimeError("Connection closed by peer\nmore")

    with pytest.raises(LostProcess, match=r"Another process .* \(Connection closed by peer\)"):
        any_of(SimpleNamespace(world_size=2, device="cpu", all_reduce=lost), False)


TORCHRUN = {"TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "2", "WORLD_SIZE": "6", "GROUP_RANK": "0", "RANK": "0"}
SLURM = {"SLURM_NTASKS": "6", "SLURM_NNODES": "3", "SLURM_JOB_NAME": "train", "SLURM_PROCID": "0"}


@pytest.mark.parametrize("variables", [TORCHRUN, SLURM], ids=["torchrun", "SLURM"])
def test_processes_that_are_started_already_are_counted(variables, monkeypatch):
    plain = making.recipe("photos")
    assert (with_processes(plain).devices, with_processes(plain).nodes) == (1, 1)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = with_processes(plain)
    assert (found.devices, found.nodes) == (2, 3)
    with pytest.raises(WrongUse, match="for 4 processes on each of 3 nodes, but was started as 2 on each of 3"):
        with_processes(replace(plain, devices=4))


def test_what_several_processes_cannot_train_is_refused(tmp_path):
    plain = making.recipe(folder_for("denoise", tmp_path), devices=2)
    with pytest.raises(WrongUse, match="give --steps, not --minutes"):
        with_processes(replace(plain, steps=None, minutes=1))
    with pytest.raises(WrongUse, match=r"cannot train first\.toml first"):
        with_processes(replace(plain, init_from="first.toml"))
    with pytest.raises(WrongUse, match="only 1 patches for 2 processes"):
        built(replace(plain, batch_size=1))


def test_a_run_of_two_processes_is_not_continued_by_three(tmp_path, monkeypatch):
    folder = folder_for("denoise", tmp_path / "photos")
    training = built(making.recipe(folder, devices=2, batch_size=4))
    run = RunFolder(tmp_path / "run")
    run.begin(training.config.as_recipe(), training.record, training.findings.split)
    for name, value in (TORCHRUN | {"LOCAL_WORLD_SIZE": "3", "WORLD_SIZE": "3"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongUse, match="for 2 processes on each of 1 nodes, but was started as 3"):
        resume(run.path, Told().reporter())
