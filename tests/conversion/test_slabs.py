"""Models for volumes: slabs and tiles give what the whole volume gives, at every budget, and memory is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import WHOLE, Budget, Contract, Echo, Slices, convert
from repix.conversion.file import FileOptions
from repix.conversion.slab_plan import plan_slabs
from repix.conversion.slab_runner import SlabRunner
from repix.conversion.volume_file import convert_any_file, convert_stack
from repix.errors import RepixError, TooLarge, WrongShape, WrongUse
from repix.pictures import Picture
from repix.volumes import Metadata, Stack, VolumeReader
from repix.volumes import read as read_volume
from tests.conversion.test_volume_file import stack
from tests.volumes.test_tiff import voxels


class Around:
    """Each voxel: the sum of the blocks of step voxels that lie up to `reach` from it, edges as zeros; of integers."""

    def __init__(self, step: tuple[int, int], reach: tuple[int, int], **more) -> None:
        self.step, self.reach, self.shapes = step, reach, []
        slices = Slices(step[0], reach[0] + step[0] - 1)
        about = {"bytes_per_pixel": 8, "halo": reach[1] + step[1] - 1} | more
        self.contract = Contract("denoise", {"color": False}, dimensions=3, slices=slices, step=step[1], **about)

    def run(self, x: np.ndarray) -> np.ndarray:
        self.contract.require(x)
        self.shapes.append(x.shape[2:])
        y = x
        sides = zip((self.step[0], *2 * self.step[1:]), (self.reach[0], *2 * self.reach[1:]), strict=True)
        for axis, (step, reach) in enumerate(sides, 2):
            y = np.moveaxis(y, axis, 0)
            blocks = sum(y[i::step] for i in range(step)).repeat(step, axis=0)
            padded = np.pad(blocks, ((reach, reach), *[(0, 0)] * 4))
            y = np.moveaxis(sum(padded[i : i + len(y)] for i in (0, reach, 2 * reach)), 0, axis)
        return y + 100 * x


def reading(made: np.ndarray) -> VolumeReader:
    slices = iter(made)
    return VolumeReader("a.tif", made.shape, "float", Metadata(), lambda: Picture(next(slices)))


def converted(made: np.ndarray, engine: Around, budget: Budget, progress=None) -> np.ndarray:
    plan = plan_slabs(reading(made), engine.contract, engine.contract.slices, budget, 4)
    runner = SlabRunner(engine)
    found = list(runner.convert(reading(made).read, len(made), plan, progress))
    for (source, _), one in zip(found, made, strict=True):
        assert np.array_equal(source.pixels[:, :, 0], one)
    return np.stack([result.pixels[:, :, 0] for _, result in found])


def test_a_stack_in_memory_gives_what_its_file_would_give():
    made = np.random.default_rng(3).integers(0, 9, (7, 12, 15)).astype(np.float32)
    engine = Around((2, 2), (1, 2))
    for budget in (WHOLE, Budget(tile=4)):
        result = convert(Stack.of_voxels(made), engine, budget)
        assert isinstance(result, Stack)
        assert np.array_equal(result.voxels[..., 0], converted(made, engine, Budget(memory=None)))


def test_without_a_limit_no_stack_is_too_large():
    made = np.random.default_rng(3).integers(0, 9, (7, 12, 15)).astype(np.float32)
    engine = Around((2, 2), (1, 2), bytes_per_pixel=10**9)
    with pytest.raises(TooLarge):
        convert(Stack.of_voxels(made), engine, Budget(memory=10**9))
    result = convert(Stack.of_voxels(made), engine, WHOLE)
    assert np.array_equal(result.voxels[..., 0], converted(made, Around((2, 2), (1, 2)), Budget(memory=None)))


def test_a_model_for_pictures_converts_each_slice_of_a_stack_alone():
    made = np.random.default_rng(3).integers(0, 256, (4, 5, 9)).astype(np.uint8)
    engine = Echo(Contract("upscale", {"color": False}, channels=(1, 1), scale=2, step=8))
    result = convert(Stack.of_voxels(made), engine)
    assert (result.slices, result.slice_size) == (4, (10, 18))
    for number, one in enumerate(made):
        np.testing.assert_array_equal(result.slice(number).pixels, convert(Picture(one), engine).pixels)


@settings(max_examples=20, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 14), st.integers(1, 20), st.integers(1, 20)),
    step=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    reach=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    tile=st.integers(1, 9),
)
def test_slabs_and_tiles_equal_the_whole(shape, step, reach, tile):
    made = np.random.default_rng(3).integers(0, 9, shape).astype(np.float32)
    engine = Around(step, reach)
    whole = converted(made, engine, Budget(memory=None))
    assert len(engine.shapes) == 1
    x = engine.contract.pad(made[None, None])
    assert np.array_equal(whole, engine.contract.crop(engine.run(x), shape)[0, 0])
    told = []
    assert np.array_equal(converted(made, engine, Budget(tile=tile), told.append), whole)
    assert sum(told) == made.size


def test_the_budget_changes_the_plan_and_not_the_bytes(tmp_path):
    made = voxels((24, 40, 44), np.uint16)
    source, engine, results = stack(tmp_path / "a.tif", made), Around((2, 4), (3, 5), bytes_per_pixel=2000), []
    for number, memory in enumerate((None, 600e6, 300e6, 260e6)):
        engine.shapes.clear()
        budget = Budget(None if memory is None else int(memory))
        convert_any_file(source, tmp_path / f"{number}.tif", engine, FileOptions(budget=budget))
        results.append((len(engine.shapes), (tmp_path / f"{number}.tif").read_bytes()))
    counts, contents = zip(*results, strict=True)
    assert len(set(contents)) == 1
    assert len(set(counts)) > 2
    with pytest.raises(TooLarge, match=r"24 slices of 44×40, needs about .* more than the 0.2 GB"):
        convert_any_file(source, tmp_path / "no.tif", engine, FileOptions(budget=Budget(int(2e8))))
    assert not (tmp_path / "no.tif").exists()


def test_few_slices_are_held():
    """At most those of one slab, and those that the next ones need."""
    made, engine = np.zeros((60, 8, 8), np.float32), Around((2, 2), (2, 2))
    reader = reading(made)
    plan = plan_slabs(reader, engine.contract, engine.contract.slices, Budget(tile=8), 4)
    longest = max(cut.read[1] - cut.read[0] for cut in plan)
    for number, _ in enumerate(SlabRunner(engine).convert(reader.read, 60, plan)):
        assert 60 - reader.slices_left <= number + longest + 1
    assert longest <= 16


def test_the_strength_blends_with_the_source():
    made = np.random.default_rng(3).random((4, 6, 6)).astype(np.float32)
    engine = Around((1, 1), (1, 1))
    plan = plan_slabs(reading(made), engine.contract, engine.contract.slices, Budget(), 4)
    full, half = (
        np.stack([y.pixels[:, :, 0] for _, y in SlabRunner(engine, strength).convert(reading(made).read, 4, plan)])
        for strength in (1.0, 0.5)
    )
    np.testing.assert_allclose(half, (full + made) / 2, rtol=1e-5)


def test_a_stack_of_files_is_a_volume(tmp_path):
    made, engine = voxels((5, 9, 8), np.uint8), Around((2, 2), (1, 1))
    convert_stack(stack(tmp_path / "a.tif", made), tmp_path / "slices", engine, FileOptions())
    convert_stack(tmp_path / "slices", tmp_path / "b.tif", engine, FileOptions())
    assert read_volume(tmp_path / "b.tif").voxels.shape == made.shape


def test_pictures_and_models_for_volumes_do_not_go_together(tmp_path):
    with pytest.raises(WrongUse, match="is for volumes; name a multi-page TIFF"):
        convert(Picture(np.zeros((4, 4), np.uint8)), Around((1, 1), (1, 1)))


class Full(Around):
    """An engine without memory."""

    def run(self, _: np.ndarray) -> np.ndarray:
        raise MemoryError


def test_no_memory_for_a_tile_is_said():
    with pytest.raises(RepixError, match="4 slices of 6×6; set a smaller --memory"):
        converted(np.zeros((4, 6, 6), np.float32), Full((1, 1), (1, 1)), Budget())


def test_what_a_contract_for_volumes_refuses():
    with pytest.raises(WrongUse, match="dimensions is 3; a model for volumes has 3 and slices"):
        Contract("denoise", dimensions=3)
    with pytest.raises(WrongUse, match="dimensions is 2"):
        Contract("denoise", slices=Slices())
    contract = Contract("denoise", dimensions=3, slices=Slices(4, 3), step=2)
    with pytest.raises(WrongShape, match="multiples of 4 slices, but was given 6"):
        contract.require(np.zeros((1, 1, 6, 2, 2), np.float32))
    with pytest.raises(WrongShape, match="N×C×D×H×W"):
        contract.require(np.zeros((1, 1, 2, 2), np.float32))
    assert Contract.from_dict(contract.to_dict()) == contract
    assert "slices" not in Contract("denoise").to_dict()  # so older versions of repix read it
