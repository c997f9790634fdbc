"""Large remote pictures, which are decoded from ranges: as from a local file, or refused."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st

import repix
from repix import batch
from repix.batch import ranged_file
from repix.batch.jobs import Naming, find
from repix.batch.remote_journal import read_remote_record
from repix.cli._app import run
from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.conversion.model_loader import open_model
from repix.conversion.side_outputs import COMPARE
from repix.errors import Unreachable
from repix.pictures import Picture, open_bands, ranged_bytes
from repix.pictures.ranged_bytes import RangedBytes
from repix.remote.objects import ObjectStore
from tests.remote.folder_store import FolderStore
from tests.remote.test_batch import outputs, states

CONVERT = ["convert", "denoise-color", "--engine", "echo"]
BLOCK, KEPT = 4096, 3
SIZE = (150, 160)
WAYS = {
    "strips.tif": {},
    "tiles.tif": {"tile": True, "tile_width": 16, "tile_height": 16},
    "lzw.tif": {"compression": "lzw"},
    "copies.tif": {"tile": True, "tile_width": 64, "tile_height": 64, "pyramid": True},
    "big.tif": {"bigtiff": True},
    "a.jpg": {"Q": 98},
    "progressive.jpg": {"Q": 98, "interlace": True},
}
"""Ways in which libvips saves a picture, by the name of the file."""


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """All files but the smallest are read in ranges, in small blocks."""
    monkeypatch.setattr("repix.batch.transfer.LARGEST_FETCHED", 2 * BLOCK)
    monkeypatch.setattr(ranged_bytes, "BLOCK", BLOCK)
    monkeypatch.setattr(ranged_file, "BLOCK", BLOCK)
    monkeypatch.setattr(ranged_bytes, "KEPT", KEPT)


def noise() -> np.ndarray:
    return np.random.default_rng(11).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def save(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pyvips.Image.new_from_array(noise()).write_to_file(str(folder / name), **WAYS[name])
    return folder / name


class Watched(FolderStore):
    """A store that keeps the requested ranges, and calls a function before one of them."""

    def __init__(self, folder: Path, at: int = -1, event=lambda: None) -> None:
        super().__init__(folder)
        self._at, self._event = at, event
        self.asked: list[tuple[int, int]] = []

    def read_range(self, key, start, stop):
        if len(self.asked) == self._at:
            self._event()
        self.asked.append((start, stop))
        return super().read_range(key, start, stop)


@pytest.fixture(scope="module")
def work() -> batch.Work:
    return model_work(open_model("denoise-color", "echo"), FileOptions())


def converted(store: FolderStore, work: batch.Work) -> batch.Report:
    return batch.run(find([store.path("in")], store.path("out")), work)


@pytest.mark.parametrize("name", WAYS)
def test_results_are_those_of_the_local_file_and_no_copy_exists(name, tmp_path, work):
    save(tmp_path / "store" / "in", name)
    store = Watched(tmp_path / "store")
    assert states(converted(store, work)) == ["done"]
    batch.run(find([tmp_path / "store" / "in"], tmp_path / "local"), work)
    assert outputs(tmp_path / "store" / "out") == outputs(tmp_path / "local")
    length = (tmp_path / "store" / "in" / name).stat().st_size
    assert length > 3 * KEPT * BLOCK
    assert not {"fetch"} & store.requests.keys()
    assert max(stop - start for start, stop in store.asked) == BLOCK
    most = 2 if name == "copies.tif" else 1  # the hash needs the blocks after the smaller copies again
    assert len(store.asked) <= most * -(-length // BLOCK) + 3


@given(st.lists(st.tuples(st.integers(-70, 70), st.integers(-70, 70)), max_size=12), st.integers(1, 64))
def test_ranges_are_the_slices_of_the_bytes(places, length):
    content, asked, block = bytes(range(length)), [], 7
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranged_bytes, "BLOCK", block)
        patch.setattr(ranged_bytes, "KEPT", 2)

        def fetch(start, stop):
            assert (start % block, stop) == (0, min(start + block, length))
            asked.append(start)
            return content[start:stop]

        data = RangedBytes("x", length, fetch)
        for start, stop in places:
            assert data[start:stop] == content[start:stop]
            assert len(data._blocks) <= 2
            requests = len(asked)
            assert data[stop - 1 : stop] == content[stop - 1 : stop]
            assert len(asked) == requests or start >= stop or start < 0  # the last block is there


def test_the_first_rows_need_the_first_blocks_only(tmp_path):
    path, asked = save(tmp_path, "a.jpg"), []
    content = path.read_bytes()

    def fetch(start, stop):
        asked.append(start // BLOCK)
        return content[start:stop]

    with open_bands(RangedBytes("x", len(content), fetch)) as bands:
        rows = bands.read(16)
    assert (rows.pixels == repix.read(path).pixels[:16]).all()
    assert max(asked) < len(content) // BLOCK // 2


def test_the_memory_of_the_blocks_counts(tmp_path):
    path = save(tmp_path, "a.jpg")
    content = path.read_bytes()
    data = RangedBytes("x", len(content), lambda start, stop: content[start:stop])
    with open_bands(data) as ranged, open_bands(path) as local:
        assert ranged.decoder_memory == local.decoder_memory + (KEPT + 1) * BLOCK


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
@pytest.mark.parametrize("shorter", [True, False])
def test_a_picture_that_changes_while_it_is_read_gives_no_result(name, shorter, tmp_path, work):
    file = save(tmp_path / "store" / "in", name)

    def replace_it():
        content = file.read_bytes()
        file.write_bytes(content[: BLOCK // 2] if shorter else content[:-1] + bytes([content[-1] ^ 1]))

    for at in (2, 6, 10):
        store = Watched(tmp_path / "store", at, replace_it)
        report = converted(store, work)
        assert report.outcomes[0].reason == (
            f"test://in/{name} changed while it was read; try again when no program writes to it."
        )
        assert outputs(tmp_path / "store" / "out") == {}
        save(tmp_path / "store" / "in", name)


def test_a_single_file_that_changes_while_it_is_read_gives_no_result(tmp_path, work):
    """Without a journal there is no hash; the status tells."""
    file = save(tmp_path / "store" / "in", "strips.tif")
    changed = file.read_bytes()[:-1] + b"?"
    store = Watched(tmp_path / "store", 6, lambda: file.write_bytes(changed))
    report = batch.run(find([store.path("in/strips.tif")], tmp_path / "x.tif"), work)
    assert report.outcomes[0].reason.startswith("test://in/strips.tif changed while it was read")
    assert not (tmp_path / "x.tif").exists()


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
def test_a_picture_that_is_deleted_while_it_is_read_gives_no_result(name, tmp_path, work):
    file = save(tmp_path / "store" / "in", name)
    report = converted(Watched(tmp_path / "store", 5, file.unlink), work)
    assert report.outcomes[0].reason == f"test://in/{name}: there is no such file."
    assert outputs(tmp_path / "store" / "out") == {}


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
def test_a_connection_that_is_lost_stops_the_run_which_goes_on_later(name, tmp_path, work):
    save(tmp_path / "store" / "in", name)

    def lose():
        raise Unreachable("The connection to test:// was lost.")

    report = converted(Watched(tmp_path / "store", 5, lose), work)
    assert (report.stopped, states(report)) == ("The connection to test:// was lost.", ["left"])
    assert outputs(tmp_path / "store" / "out") == {}
    assert states(converted(FolderStore(tmp_path / "store"), work)) == ["done"]


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
def test_a_truncated_picture_is_read_as_a_local_one(name, tmp_path, work):
    """A JPEG loses pixels, a TIFF is refused; with the same words."""
    file = save(tmp_path / "store" / "in", name)
    file.write_bytes(file.read_bytes()[: -10 * BLOCK])
    remote = converted(FolderStore(tmp_path / "store"), work).outcomes[0]
    local = batch.run(find([tmp_path / "store" / "in"], tmp_path / "local"), work).outcomes[0]
    assert remote.state == local.state
    assert remote.reason == local.reason.replace(str(tmp_path / "store") + "/", "test://")
    assert replace(remote.fidelity, advice=()) == replace(local.fidelity, advice=())
    assert outputs(tmp_path / "store" / "out") == outputs(tmp_path / "local")


def test_the_journal_knows_the_file(tmp_path, work):
    """Its hash is that of the content, so that later runs of any kind find the result up to date."""
    file = save(tmp_path / "store" / "in", "copies.tif")
    store = Watched(tmp_path / "store")
    converted(store, work)
    (known,) = read_remote_record(store.path("out")).made["copies.tif"]
    assert known.input.sha256 == batch.fingerprint.fingerprint(file).sha256
    store.asked.clear()
    assert states(converted(store, work)) == ["kept"]
    assert not store.asked


@pytest.mark.parametrize(
    ("name", "ranges"), [("a.png", False), ("a.bmp", False), ("a.npy", True), ("a.ppm", True), ("pages.tif", False)]
)
def test_formats(name, ranges, tmp_path, work):
    folder = tmp_path / "store" / "in"
    folder.mkdir(parents=True)
    if name == "pages.tif":
        tall = pyvips.Image.new_from_array(noise()[:, :, 0])
        tall.copy().write_to_file(str(folder / name), page_height=SIZE[0] // 2)
    else:
        repix.write(Picture(noise()), folder / name)
    store = FolderStore(tmp_path / "store")
    if name != "pages.tif":
        assert states(converted(store, work)) == ["done"]
        batch.run(find([folder], tmp_path / "local"), work)
        assert outputs(tmp_path / "store" / "out") == outputs(tmp_path / "local")
    else:
        converted(store, work)
    assert ("fetch" in store.requests) is not ranges


def test_a_large_file_that_is_no_picture_is_not_fetched(tmp_path, work):
    (tmp_path / "store" / "in").mkdir(parents=True)
    (tmp_path / "store" / "in" / "a.tif").write_bytes(b"no picture" * BLOCK)
    store = Watched(tmp_path / "store")
    assert "test://in/a.tif is not an image repix can read" in converted(store, work).outcomes[0].reason
    assert store.asked == [(0, BLOCK)]
    assert "fetch" not in store.requests


def test_crops_and_side_outputs(tmp_path):
    save(tmp_path / "store" / "in", "strips.tif")
    crop = Crop.read("20,10,40,30")
    work = model_work(open_model("denoise-color", "echo"), FileOptions(crop=crop, compare=True))
    store, naming = FolderStore(tmp_path / "store"), Naming(side_outputs=(COMPARE,))
    assert states(batch.run(find([store.path("in")], store.path("out"), naming), work)) == ["done"]
    batch.run(find([tmp_path / "store" / "in"], tmp_path / "local", naming), work)
    assert "fetch" not in store.requests
    assert outputs(tmp_path / "store" / "out") == outputs(tmp_path / "local")


def test_pictures_that_are_inspected_first_are_fetched(tmp_path):
    save(tmp_path / "store" / "in", "strips.tif")
    store = FolderStore(tmp_path / "store")
    converted(store, model_work(open_model("denoise-color", "echo"), FileOptions(fail_unsuitable=True)))
    assert (store.requests["fetch"], store.requests["read_range"]) == (1, 0)


@contextmanager
def counted(monkeypatch, kind):
    """The ranges and copies that a store is asked for."""
    asked = []
    read, fetch = kind.read_range, kind.fetch

    def read_range(self, key, start, stop):
        asked.append((start, stop))
        return read(self, key, start, stop)

    def fetched(self, key, path):
        asked.append("fetch")
        return fetch(self, key, path)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "read_range", read_range)
        patch.setattr(kind, "fetch", fetched)
        yield asked


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
def test_s3(name, s3, tmp_path, monkeypatch):
    file = save(tmp_path / "in", name)
    s3.put_file(str(file), f"photos/in/{name}")
    with counted(monkeypatch, ObjectStore) as asked:
        assert run([*CONVERT, f"s3://photos/in/{name}", "-o", str(tmp_path / name)]) == 0
    assert "fetch" not in asked
    assert len(asked) > 3 * KEPT
    assert run([*CONVERT, str(file), "-o", str(tmp_path / "local" / name)]) == 0
    assert (tmp_path / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


def test_s3_replaced_by_a_shorter_object(s3, tmp_path, monkeypatch, capsys):
    s3.put_file(str(save(tmp_path / "in", "a.jpg")), "photos/in/a.jpg")
    read, calls = ObjectStore.read_range, []

    def read_range(self, key, start, stop):
        calls.append(start)
        if len(calls) == 5:
            s3.pipe_file("photos/in/a.jpg", b"short")
        return read(self, key, start, stop)

    monkeypatch.setattr(ObjectStore, "read_range", read_range)
    assert run([*CONVERT, "s3://photos/in/a.jpg", "-o", "s3://photos/out/a.jpg"]) == 1
    assert "s3://photos/in/a.jpg changed while it was read; try again" in capsys.readouterr().err
    assert s3.find("photos/out") == []


@pytest.mark.parametrize("name", ["strips.tif", "a.jpg"])
def test_sftp(name, sftp, tmp_path, monkeypatch):
    from repix.remote.sftp import SftpStore

    file = save(tmp_path / "in", name)
    with counted(monkeypatch, SftpStore) as asked:
        assert run([*CONVERT, sftp.url(file), "-o", sftp.url(tmp_path / "out" / name)]) == 0
    assert "fetch" not in asked
    assert len(asked) > 3 * KEPT
    assert run([*CONVERT, str(file), "-o", str(tmp_path / "local" / name)]) == 0
    assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
