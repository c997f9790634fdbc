"""Names, refusals and accidents: one sentence each, and nothing is left behind."""

import errno
import io
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import repix
from repix.errors import FidelityLost, RepixError, TooLarge, Unreadable, Unwritable
from repix.pictures import OWN, UPLOAD, Limits, Picture
from repix.pictures.atomic import atomic_file, check_free
from tests.pictures.making import chunk, png, put, tiff, values

SMALL = Picture(np.full((4, 5, 3), 7, np.uint8))


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def sentence(error: RepixError) -> str:
    """The message, which must be one line that names the file."""
    text = str(error)
    assert "\n" not in text
    assert text.endswith((".", ")"))
    return text


@pytest.mark.parametrize(
    "name",
    ["写真.png", "🦊.png", "two words.png", "photo[n=2].png", "a[page=1,Q=9].tif", "-o.png", "%s{}'\"$(x).png",
     "a\nb.png", ".hidden.png", "UPPER.PNG", "x" * 251 + ".png", os.fsdecode(b"latin-\xe9.png")],
)  # fmt: skip
def test_any_name(tmp_path, name):
    repix.write(SMALL, tmp_path / name)
    assert names_in(tmp_path) == [name]
    np.testing.assert_array_equal(repix.read(str(tmp_path / name)).pixels, SMALL.pixels)


@pytest.mark.parametrize(
    ("beginning", "name", "words"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.heic", "HEIC"),
        (b"\xff\x0a....", "a.jxl", "JPEG XL.*djxl"),
        (b"\0\0\0\x0cjP  \r\n", "a.jp2", "JPEG 2000"),
        (b"8BPS\0\1", "a.psd", "PSD.*TIFF"),
        (b"%PDF-1.7", "a.pdf", "PDF.*pdftoppm"),
        (b"<?xml version='1.0'?><svg>", "a.svg", "SVG.*inkscape|SVG.*Inkscape"),
        (b"  <svg xmlns=''>", "a.png", "SVG"),
        (b"FUJIFILMCCD-RAW ", "a.raf", "camera RAW.*darktable"),
        (b"II*\0\x10\0\0\0CR\2\0", "a.cr2", "camera RAW"),
        (b"II*\0\x08\0\0\0", "a.NEF", "camera RAW"),
        (b"\0\0\0\x18ftypcrx ", "a.cr3", "camera RAW"),
        (b"\0\0\0\x18ftypisom", "a.mp4", "video.*ffmpeg"),
        (b"PK\3\4", "a.zip", "unpack"),
        (b"\0" * 128 + b"DICM", "a.dcm", "DICOM"),
        (b"just some words", "a.png", "not an image repix can read"),
        (b"", "a.png", "is empty"),
    ],
)
def test_what_is_not_read_gets_a_sentence(tmp_path, beginning, name, words):
    with pytest.raises(Unreadable, match=words) as caught:
        repix.read(put(tmp_path, name, beginning))
    assert name in sentence(caught.value)


def test_a_raw_file_that_looks_like_a_tiff(tmp_path):
    data = tiff(values("RGB", "8"), extratags=[(50706, "B", 4, b"\1\4\0\0", True)])
    with pytest.raises(Unreadable, match="camera RAW"):
        repix.read(put(tmp_path, "a.tif", data))


def test_the_suffix_does_not_decide(tmp_path):
    assert repix.read(put(tmp_path, "a.jpg", png(values("RGB", "16"), "RGB"))).depth == "16"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "AVIF", "PNG"])
def test_animation_is_refused(tmp_path, form):
    frames = [Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (0, 90, 250)]
    stream = io.BytesIO()
    frames[0].save(stream, form, save_all=True, append_images=frames[1:])
    with pytest.raises(Unreadable, match=r"animated .*; repix reads single pictures"):
        repix.read(put(tmp_path, "a", stream.getvalue()))


def test_pages_are_refused(tmp_path):
    frames = [Image.new("L", (3, 3), level) for level in (0, 9)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(Unreadable, match="has 2 pages"):
        repix.read(tmp_path / "a.tif")


def test_a_tiff_with_smaller_copies_is_one_picture(tmp_path):
    import tifffile

    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(values("RGB", "8"), photometric="rgb")
        file.write(values("RGB", "8")[::2, ::2], photometric="rgb", subfiletype=1)
    picture = repix.read(tmp_path / "a.tif")
    assert picture.lost == ("the smaller copies of the picture (pyramid or thumbnail)",)


def bomb(width: int, height: int) -> bytes:
    """A PNG that is small and says it is large."""
    head = chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


BOMBS = {
    "a.png": bomb(50000, 50000),
    "a.gif": b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\2\2D\1\0;",
    "a.bmp": b"BM" + bytes(8) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    + (60000).to_bytes(4, "little") * 2 + b"\1\0\x18\0" + bytes(24),
    "a.ppm": b"P6 60000 60000 255\n",
    "a.pfm": b"PF\n60000 60000\n-1.0\n",
    "a.npy": b"\x93NUMPY\1\0\x76\0"
    + b"{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 60000, 3), }".ljust(118),
    "a.jpg": b"\xff\xd8\xff\xc0\0\x11\x08\xea\x60\xea\x60\3\1\x11\0\2\x11\0\3\x11\0"
     b"\xff\xda\0\x0c\3\1\0\2\0\3\0\0\x3f\0",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("limits", [OWN, UPLOAD], ids=["own", "upload"])
def test_bombs_are_refused_by_their_headers(tmp_path, name, limits):
    path = put(tmp_path, name, BOMBS[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((TooLarge, Unreadable)) as caught:
        repix.read(path, limits=limits)
    sentence(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_an_avif_of_an_impossible_width_is_refused_in_silence(tmp_path, capfd):
    repix.write(SMALL, tmp_path / "a.avif")
    data = bytearray((tmp_path / "a.avif").read_bytes())
    at = data.index(b"ispe") + 8
    data[at : at + 4] = (1241514015).to_bytes(4, "big")
    with pytest.raises(Unreadable, match="declares 1241514015×4"):
        repix.read(put(tmp_path, "b.avif", bytes(data)))
    assert capfd.readouterr() == ("", "")


def test_limits_are_exact(tmp_path):
    repix.write(SMALL, tmp_path / "a.png")
    length = (tmp_path / "a.png").stat().st_size
    assert repix.read(tmp_path / "a.png", limits=Limits(pixels=20, bytes=length)).size == (4, 5)
    with pytest.raises(TooLarge, match="5×4 pixels"):
        repix.read(tmp_path / "a.png", limits=Limits(pixels=19, bytes=length))
    with pytest.raises(TooLarge, match="bytes"):
        repix.read(tmp_path / "a.png", limits=Limits(pixels=20, bytes=length - 1))


@pytest.mark.parametrize("kind", ["folder", "missing", "fifo", "loop", "nul", "under a file"])
def test_what_cannot_be_opened(tmp_path, kind):
    path = tmp_path / "a.png"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "nul":
        path = tmp_path / "a\0.png"
    elif kind == "under a file":
        path.touch()
        path = path / "b.png"
    with pytest.raises(Unreadable) as caught:
        repix.read(path)
    sentence(caught.value)


@pytest.mark.parametrize(
    "kind", ["folder", "no folder", "device", "long", "suffix", "none", "gif", "nul", "under a file"]
)
def test_what_cannot_be_written(tmp_path, kind):
    path = tmp_path / "a.png"
    if kind == "folder":
        path.mkdir()
    elif kind == "no folder":
        path = tmp_path / "b" / "a.png"
    elif kind == "device":
        path.symlink_to("/dev/null")
    elif kind == "long":
        path = tmp_path / ("x" * 300 + ".png")
    elif kind in ("suffix", "none", "gif"):
        path = tmp_path / {"suffix": "a.xyz", "none": "a", "gif": "a.gif"}[kind]
    elif kind == "nul":
        path = tmp_path / "a\0.png"
    elif kind == "under a file":
        path.touch()
        path = path / "b.png"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Unwritable) as caught:
        repix.write(SMALL, path, overwrite=True)
    sentence(caught.value)
    assert sorted(tmp_path.iterdir()) == before


def test_existing_files_are_only_replaced_when_asked(tmp_path):
    path = put(tmp_path, "a.png", b"precious")
    path.chmod(0o640)
    with pytest.raises(Unwritable, match="--overwrite"):
        repix.write(SMALL, path)
    assert path.read_bytes() == b"precious"
    repix.write(SMALL, path, overwrite=True)
    assert repix.read(path).size == (4, 5)
    assert path.stat().st_mode & 0o777 == 0o640
    assert names_in(tmp_path) == ["a.png"]


def test_a_link_is_followed(tmp_path):
    put(tmp_path, "a.png", b"old")
    (tmp_path / "link.png").symlink_to("a.png")
    repix.write(SMALL, tmp_path / "link.png", overwrite=True)
    assert (tmp_path / "link.png").is_symlink()
    assert repix.read(tmp_path / "a.png").size == (4, 5)


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, MemoryError, OSError(errno.ENOSPC, "full")])
def test_nothing_is_left_when_writing_stops(tmp_path, trouble):
    path = put(tmp_path, "a.png", b"precious")

    def write_half() -> None:
        with atomic_file(path, overwrite=True) as file:
            file.write(b"half")
            raise trouble

    with pytest.raises((KeyboardInterrupt, MemoryError, Unwritable)):
        write_half()
    assert names_in(tmp_path) == ["a.png"]
    assert path.read_bytes() == b"precious"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    def write_slowly() -> None:
        with atomic_file(tmp_path / "a.png", overwrite=False) as file:
            file.write(b"mine")
            put(tmp_path, "a.png", b"theirs")

    with pytest.raises(Unwritable, match="exists already"):
        write_slowly()
    assert (tmp_path / "a.png").read_bytes() == b"theirs"
    assert names_in(tmp_path) == ["a.png"]


@contextmanager
def file_size_limit(length: int):
    """The system refuses to make a file longer than this, as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".npy", ".ppm"])
def test_no_room_on_the_disk(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    with pytest.raises(Unwritable, match="larger than the system allows") as caught, file_size_limit(4096):
        repix.write(Picture(noise), tmp_path / f"a{suffix}")
    sentence(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_no_permission(tmp_path):
    code = """
import os, sys
from pathlib import Path
import numpy as np, repix
folder = Path(sys.argv[1])
repix.write(repix.Picture(np.zeros((2, 2), np.uint8)), folder / "a.png")
folder.chmod(0o555); (folder / "a.png").chmod(0)
if os.geteuid() == 0: os.seteuid(65534)
small = repix.Picture(np.zeros((2, 2), np.uint8))
for act in (lambda: repix.read(folder / "a.png"), lambda: repix.write(small, folder / "b.png")):
    try: act()
    except repix.errors.FileProblem as problem: print(problem)
"""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True,
                            env={**os.environ, "PYTHONPATH": str(Path(repix.__file__).parents[1])})  # fmt: skip
    tmp_path.chmod(0o755)
    assert result.stdout.count("permission denied") == 2
    assert names_in(tmp_path) == ["a.png"]


@contextmanager
def not_root():
    """Root may write everywhere."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_that_takes_no_file_is_refused_before_the_work(tmp_path):
    put(tmp_path, "file", b"")
    for folder, why in (("missing", "the folder does not exist"), ("file", "part of the path is a file")):
        with pytest.raises(Unwritable, match=f"a.png cannot be written: {why}"):
            check_free(tmp_path / folder / "a.png", overwrite=True)
    (tmp_path / "link.png").symlink_to(tmp_path / "missing" / "a.png")
    with pytest.raises(Unwritable, match=r"link.png cannot be written: the folder does not exist"):
        check_free(tmp_path / "link.png", overwrite=True)
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    with not_root(), pytest.raises(Unwritable, match=r"a.png cannot be written: permission denied"):
        check_free(locked / "a.png", overwrite=False)
    check_free(tmp_path / "a.png", overwrite=False)
    assert names_in(tmp_path) == ["file", "link.png", "locked"]


def test_strict_refuses_before_anything_is_written(tmp_path):
    with pytest.raises(FidelityLost, match="16 bits became 8 bits"):
        repix.write(Picture(np.zeros((2, 2), np.uint16)), tmp_path / "a.jpg", strict=True)
    assert list(tmp_path.iterdir()) == []


def test_pyvips_is_imported_on_use_only():
    code = "import sys, repix.pictures; print('pyvips' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                            env={**os.environ, "PYTHONPATH": str(Path(repix.__file__).parents[1])})  # fmt: skip
    assert result.stdout == "False\n"
