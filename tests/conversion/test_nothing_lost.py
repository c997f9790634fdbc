"""A model that changes nothing, and files of every kind made by others: what comes out is what plain copying gives."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from repix.conversion import Budget, Contract, Echo
from repix.conversion.file import FileOptions, convert_file
from repix.errors import Unwritable
from repix.pictures import read, write
from repix.pictures.formats import FORMATS, WRITTEN
from tests.given import count
from tests.pictures.making import DTYPES, profiles, put, values
from tests.pictures.test_reading import CLOSE, EXACT, PLAIN

ECHOES = {
    "gray model": Echo(Contract("denoise", {"color": False}, halo=0, bytes_per_pixel=8)),
    "color model": Echo(Contract("denoise", {"color": True}, channels=(3, 3), step=4, halo=3, bytes_per_pixel=24)),
}
TILED = FileOptions(budget=Budget(tile=4))


@cache
def encoded(make: Callable[..., bytes], kind: str, depth: str, *how: object) -> bytes:
    """A file made by others, once for all tests; `how` is its orientation and its profile."""
    return make(values(kind, depth), *how)


def sources(folder: Path, turn: int) -> dict[str, Path]:
    """A file of every kind that is read; those that can be turned or carry a profile do, each differently.

    `make test-long` turns each in all eight ways, `make test` in one, which another `turn` changes.
    """
    made = {}
    for number, ((form, kind, depth), make) in enumerate(EXACT.items()):
        for orientation in orientations(number + turn):
            icc = profiles(kind in ("1", "L", "LA"))[(number + orientation) % 3]
            made[f"{form} {kind} {depth} {orientation}"] = encoded(make, kind, depth, orientation, icc)
    for number, ((form, kind), make) in enumerate(CLOSE.items()):
        for orientation in orientations(number + turn):
            icc = profiles(kind == "L")[orientation % 3]
            made[f"{form} {kind} {orientation}"] = encoded(make, kind, "8", orientation, icc)
    for (form, kind, depth), make in PLAIN.items():
        made[f"{form} {kind} {depth}"] = encoded(make, kind, depth)
    return {name: put(folder, name, data) for name, data in made.items()}


def orientations(turn: int) -> list[int]:
    return [1 + (turn + one) % 8 for one in range(count(1, 8))]


@pytest.mark.drawn
@pytest.mark.parametrize("model", ECHOES)
@pytest.mark.parametrize("form", WRITTEN)
def test_a_file_comes_out_as_plain_reading_and_writing_gives_it(form, model, tmp_path):
    (tmp_path / "sources").mkdir()
    result, plain = (tmp_path / f"{name}{FORMATS[form].suffixes[0]}" for name in ("result", "plain"))
    refused = 0
    turn = 3 * list(WRITTEN).index(form) + list(ECHOES).index(model)
    for name, source in sources(tmp_path / "sources", turn).items():
        picture = read(source)
        if form == "PGM" and not picture.is_gray:
            with pytest.raises(Unwritable, match="cannot store colors"):
                convert_file(source, result, ECHOES[model], TILED)
            refused += 1
            continue
        said = write(picture, plain, overwrite=True)
        told = convert_file(source, result, ECHOES[model], FileOptions(budget=TILED.budget, overwrite=True))
        assert result.read_bytes() == plain.read_bytes(), name
        assert told.lost == said.lost, name
    assert bool(refused) == (form == "PGM")


def test_every_depth_is_among_the_sources():
    assert {depth for _, _, depth in (*EXACT, *PLAIN)} == set(DTYPES)
