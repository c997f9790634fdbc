"""The dataset of patches: a step's number says all about its batch, and every task's batches fit its loss."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from repix import registry
from repix.data import Crops, check, store
from repix.pictures import Picture
from repix.tasks.segment import settings_for
from repix.training import Recipe
from repix.training.build import pairing
from repix.training.config import suited
from repix.training.dataset import PatchDataset, StepSampler, loader
from repix.training.schedule import Schedule
from tests.training.making import CLASSES, SIZE, TASKS, built, folder_for


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """A dataset for each task, by name: four steps, of which the last has larger patches."""
    made = {}

    def dataset(name):
        if name not in made:
            folder = folder_for(name, tmp_path_factory.mktemp(name))
            found = check(folder, name, 1)
            settings = {} if found.encoding is None else settings_for(found.encoding)
            task = registry.get("tasks", name)(settings)
            cache = store(folder, found.split.train, found.encoding, pairing=pairing(task))
            made[name] = PatchDataset(cache, task, Schedule.of(4, 8, 2, 2, 13), seed=5)
        return made[name]

    return dataset


def equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", TASKS)
def test_batches_fit_the_loss(datasets, name):
    dataset = datasets(name)
    task = dataset.task
    for step in range(4):
        phase = dataset.schedule.phase(step)
        source, target = dataset[step]
        assert source.shape == (phase.count, task.channels[0], phase.size, phase.size)
        assert source.dtype == torch.float32
        assert source.is_contiguous(memory_format=torch.channels_last)
        assert source.isfinite().all()
        side = phase.size * task.scale
        if task.logits:
            assert (target.dtype, target.shape) == (torch.int64, (phase.count, side, side))
            assert set(target.unique().tolist()) <= {*range(CLASSES), 255}
        else:
            assert (target.dtype, target.shape) == (torch.float32, (phase.count, task.channels[1], side, side))
            assert target.is_contiguous(memory_format=torch.channels_last)
        prediction = torch.zeros(phase.count, task.channels[1], side, side, requires_grad=True)
        loss = task.loss(prediction, target)
        assert loss.shape == ()
        loss.backward()
        assert prediction.grad.abs().sum() > 0
    assert dataset.schedule.phase(3).size == 12


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("degradations", [(), ("jpeg quality=50..90",)], ids=["made once", "made at each step"])
def test_the_size_of_patches_is_that_of_the_source(scale, degradations, tmp_path):
    folder = folder_for("upscale", tmp_path / "photos")
    recipe = Recipe("upscale", str(folder), patch_size=4, settings={"scale": scale, "degradations": degradations})
    training = built(recipe)
    assert training.task.random == bool(degradations)
    size = training.schedule.phases[0].size
    source, target = training.dataset()[0]
    assert (source.shape[2:], target.shape[2:]) == ((size, size), (scale * size, scale * size))
    assert size == 4
    large = built(replace(recipe, patch_size=4096))
    assert large.dataset()[0][0].shape[2] == large.schedule.phases[0].size == min(SIZE) // scale


@pytest.mark.parametrize("name", ["denoise", "segment", "upscale"])
def test_a_batch_depends_on_seed_and_step_only(datasets, name):
    dataset = datasets(name)
    batches = [dataset[step] for step in range(4)]
    fresh = replace(dataset)
    assert all(equal(fresh[step], batches[step]) for step in (3, 1, 0, 2))
    assert not equal(batches[0], batches[1])
    other = replace(dataset, seed=6)
    assert not equal(other[0], batches[0])


@pytest.mark.filterwarnings("ignore:This DataLoader will create 2 worker")  # where there is one core
@pytest.mark.parametrize("workers", [0, 2])
def test_the_loader_goes_on_from_any_step(datasets, workers):
    dataset = datasets("denoise")
    for first in (0, 3) if workers == 0 else (1,):
        given = list(loader(dataset, first, workers))
        assert len(given) == 4 - first
        assert all(equal(batch, dataset[step]) for step, batch in enumerate(given, first))


def test_the_sampler_gives_the_steps_that_are_left():
    assert (list(StepSampler(3, 6)), len(StepSampler(3, 6))) == ([3, 4, 5], 3)
    assert (list(StepSampler(6, 6)), len(StepSampler(6, 6))) == ([], 0)


def test_every_crop_has_noise_of_its_own(datasets):
    """On gray pictures of one value nothing but the noise differs."""
    dataset = datasets("denoise")
    flat = Picture(np.full((8, 8, 3), 128, np.uint8))
    noise = [dataset._made(flat, index)[0].pixels for index in (0, 1, 2)]
    again = replace(dataset)._made(flat, 1)[0].pixels
    other = replace(dataset, seed=6)._made(flat, 1)[0].pixels
    assert np.array_equal(noise[1], again)
    assert not np.array_equal(noise[0], noise[1])
    assert not np.array_equal(noise[1], noise[2])
    assert not np.array_equal(noise[1], other)


@pytest.mark.parametrize("name", ["colorize", "scene", "upscale"])
def test_pairs_that_are_not_random_are_crops_of_the_whole_picture_s(datasets, name):
    dataset = datasets(name)
    task = dataset.task
    crops = Crops(dataset.cache, 8, dataset.seed, dataset.orientations)
    source, target = dataset[0]
    for index in range(2):
        pair = [Picture(np.ascontiguousarray(cut)) for cut in crops.cut(index)]
        assert np.array_equal(source[index].numpy(), task.encode(pair[0])[0])
        assert np.array_equal(target[index].numpy(), task.encode_target(pair[1])[0])
        assert pair[1].size == (8 * task.scale, 8 * task.scale)
    assert not task.random


def test_the_patches_of_masks_lie_on_their_photos(tmp_path):
    """Photos that are drawn as their own masks."""
    from tests.data.drawing import blobs, put

    for number in range(3):
        ids = blobs(number, CLASSES, SIZE)
        put(tmp_path / "masks" / f"{number}.png", ids)
        put(tmp_path / "images" / f"{number}.png", np.repeat(ids[:, :, None] * np.uint8(80), 3, axis=2))
    found = check(tmp_path, "segment", 1)
    task = registry.get("tasks", "segment")(settings_for(found.encoding))
    dataset = PatchDataset(store(tmp_path, found.split.train, found.encoding), task, Schedule.of(3, 8, 4, 1, 8), seed=0)
    for step in range(3):
        source, target = dataset[step]
        assert torch.equal((source[:, 0] * 255 / 80).round().long(), target)


def test_photos_with_classes_are_zoomed_and_relit_where_the_task_says_so(datasets):
    """The same crops by number: other colors only with `photometric_jitter`, another section only with `zoom`."""
    plain = datasets("segment")
    settings = plain.task.settings.to_dict()

    def varied(**more):
        return replace(plain, task=registry.get("tasks", "segment")({**settings, **more}))[0]

    (photos, classes), (lit, same), (zoomed, other) = plain[0], varied(photometric_jitter=0.5), varied(zoom=[1.5, 2.0])
    assert torch.equal(classes, same)
    assert not torch.equal(photos, lit)
    assert not torch.equal(classes, other)
    assert zoomed.shape == photos.shape
    assert zoomed.diff(dim=3).abs().mean() < photos.diff(dim=3).abs().mean()


@pytest.mark.parametrize("name", TASKS)
def test_what_suits_a_task_goes_together(name, tmp_path):
    """Nothing chosen, the usual network named, and another one named; a settled recipe means what it says."""
    found = Recipe(
        name, str(folder_for(name, tmp_path)), steps=1, patch_size=32, holdout=1, device="cpu", precision="fp32"
    )
    usual = suited(name)
    settings = {"color": False} if name == "denoise" else {}

    def prepared(**more):
        one = replace(found, settings=settings, **more)
        return built(one)

    nothing_said, named, other = (
        prepared(),
        prepared(network=usual.network),
        prepared(network="super-resolution" if name == "upscale" else "pixelwise"),
    )
    for one in (nothing_said, named):
        assert one.network.name == usual.network
        plain = one.network_config.to_dict()
        assert {key: plain[key] for key in usual.network_settings} == json.loads(json.dumps(usual.network_settings))
        assert one.dataset(Schedule.of(1, 8, 1, 2, 8)).orientations == (8 if one.task.rotations else 2)
    taken = nothing_said.task.settings.to_dict()
    assert {key: taken[key] for key in usual.settings} == json.loads(json.dumps(usual.settings))
    assert named.task.settings == other.task.settings == registry.get("tasks", name)(other.task.settings).settings
    assert not usual.settings or named.task.settings != nothing_said.task.settings
    again = built(nothing_said.config.as_recipe())
    assert again.config == nothing_said.config
