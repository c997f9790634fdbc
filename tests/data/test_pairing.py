"""Pairs that are made once and kept in the cache."""

import numpy as np
import pytest

from repix import registry
from repix.data import Pairing, find, store
from repix.pictures import read
from tests.data.drawing import pairs, pictures


def pairing_of(name, settings=None):
    task = registry.get("tasks", name)(settings or {})
    key = f"{name} {task.settings.to_dict()}"
    return task, Pairing(key, lambda picture: task.make_pair(picture, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("name", "settings"),
    [("upscale", {"scale": 2}), ("upscale", {"scale": 3, "color": False}), ("colorize", {}), ("scene", {})],
)
def test_what_is_kept_is_what_the_task_makes(tmp_path, name, settings):
    items = find(pictures(tmp_path / "photos", 3)).parts["train"].items
    task, pairing = pairing_of(name, settings)
    cache = store(tmp_path / "photos", items, folder=tmp_path / "cache", pairing=pairing)
    for number, item in enumerate(items):
        source, target = task.make_pair(read(tmp_path / "photos" / item.picture), np.random.default_rng(1))
        kept = cache[number]
        assert np.array_equal(kept[0], source.pixels)
        assert np.array_equal(kept[1], target.pixels)
        assert kept[1].shape[:2] == tuple(task.scale * side for side in kept[0].shape[:2])


def test_another_pairing_is_another_cache(tmp_path):
    items = find(pictures(tmp_path / "photos", 3)).parts["train"].items
    made = [None, *(pairing_of("upscale", {"scale": scale})[1] for scale in (2, 3, 2))]
    caches = [store(tmp_path / "photos", items, folder=tmp_path / "cache", pairing=one) for one in made]
    keys = [cache.key for cache in caches]
    assert len({*keys}) == 3
    assert keys[1] == keys[3]
    assert [len(cache[0]) for cache in caches] == [1, 2, 2, 2]


def test_given_pairs_stay_as_they_are(tmp_path):
    items = find(pairs(tmp_path / "pairs", 2, scale=2)).parts["train"].items
    kept = store(tmp_path / "pairs", items, folder=tmp_path / "cache", pairing=pairing_of("upscale")[1])[0]
    assert np.array_equal(kept[0], read(tmp_path / "pairs" / items[0].picture).pixels)
    assert np.array_equal(kept[1], read(tmp_path / "pairs" / items[0].partner).pixels)
