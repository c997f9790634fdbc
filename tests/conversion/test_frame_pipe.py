"""Raw frames: the bytes of converted files, in order, at most a few at a time, and every end of a stream."""

import io
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from repix.conversion import Contract, open_model, write_model
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.frame_pipe import convert_frames, converted
from repix.errors import TooLarge, Unreadable, WrongUse
from repix.pictures import Picture, read, write
from repix.pictures.raw_frames import FrameFormat, frame_bytes
from tests.conversion.models import mixing

COLOR = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)
GRAY = Contract("denoise", {"color": False}, channels=(1, 1), halo=0, bytes_per_pixel=24)
TWICE = Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2, halo=0, bytes_per_pixel=60)
KINDS = {"gray8": (np.uint8, 1), "rgb24": (np.uint8, 3), "gray16le": (np.uint16, 1), "rgb48le": (np.uint16, 3)}


def frames_of(pixel_format: str, number: int = 5, size: tuple[int, int] = (7, 10)) -> list[Picture]:
    """Noise."""
    kind, channels = KINDS[pixel_format]
    rng = np.random.default_rng(3)
    return [Picture(rng.integers(0, np.iinfo(kind).max + 1, (*size, channels)).astype(kind)) for _ in range(number)]


def model_for(contract: Contract, folder):
    write_model(folder / "model.onnx", mixing(contract)[0], contract)
    return open_model(folder / "model.onnx")


@pytest.mark.parametrize(
    ("contract", "pixel_format"), [(COLOR, name) for name in KINDS] + [(TWICE, "rgb24"), (GRAY, "rgb24")]
)
def test_frames_have_the_bytes_of_converted_png_files(contract, pixel_format, tmp_path):
    frames, engine = frames_of(pixel_format), model_for(contract, tmp_path)
    expected = b""
    for frame in frames:
        write(frame, tmp_path / "in.png", overwrite=True)
        convert_file(tmp_path / "in.png", tmp_path / "out.png", engine, FileOptions(overwrite=True))
        values = read(tmp_path / "out.png").pixels
        expected += values.astype(values.dtype.newbyteorder("<")).tobytes()
    stream, result, seen = io.BytesIO(b"".join(map(frame_bytes, frames))), io.BytesIO(), []
    form = FrameFormat.read("10x7", pixel_format)
    number = convert_frames(stream, result, form, engine, FileOptions(), observe=lambda *said: seen.append(said))
    assert (number, result.getvalue()) == (5, expected)
    scale = contract.scale
    assert seen == [(FrameFormat(7 * scale, 10 * scale, pixel_format), count) for count in range(1, 6)]


def test_results_keep_their_order_and_only_a_few_frames_are_read_ahead():
    """The first frame waits until four others are read, which a loop without threads would never do."""
    drawn, made, ahead = [], [], threading.Event()

    def draw():
        for frame in frames_of("gray8", 30):
            drawn.append(frame)
            assert len(drawn) <= len(made) + 5  # 3 wait, one is taken, one is to be put
            if len(drawn) == 5:
                ahead.set()
            yield frame

    def convert(frame: Picture) -> Picture:
        assert frame is not drawn[0] or ahead.wait(30)
        return frame

    for result in converted(draw(), convert, 3):
        made += [result]
    assert [id(one) for one in made] == [id(one) for one in drawn]


def test_a_stream_that_ends_within_a_frame_gives_the_whole_frames_first(tmp_path):
    engine, form = model_for(COLOR, tmp_path), FrameFormat.read("10x7", "rgb24")
    sent = b"".join(map(frame_bytes, frames_of("rgb24")))
    whole, result = io.BytesIO(), io.BytesIO()
    convert_frames(io.BytesIO(sent), whole, form, engine, FileOptions())
    with pytest.raises(Unreadable, match="ended within frame 3: 1 bytes arrived, but a frame of 10x7 rgb24 has 210"):
        convert_frames(io.BytesIO(sent[:421]), result, form, engine, FileOptions())
    assert result.getvalue() == whole.getvalue()[:420]
    with pytest.raises(Unreadable, match="is empty"):
        convert_frames(io.BytesIO(), result, form, engine, FileOptions())


def test_an_error_of_a_frame_and_a_closed_target_end_all_threads(tmp_path):
    frames = frames_of("gray8", 50)

    def convert(frame: Picture) -> Picture:
        if frame is frames[2]:
            raise WrongUse("the third")
        return frame

    results = converted(iter(frames), convert, 2)
    assert [next(results) for _ in range(2)] == frames[:2]
    with pytest.raises(WrongUse, match="the third"):
        next(results)

    class Closed(io.BytesIO):
        def write(self, _content):
            raise BrokenPipeError

    stream = io.BytesIO(b"".join(map(frame_bytes, frames)))
    with pytest.raises(BrokenPipeError):
        convert_frames(stream, Closed(), FrameFormat.read("10x7", "gray8"), model_for(GRAY, tmp_path), FileOptions())
    assert stream.tell() < 70 * 50  # the rest was not read


def test_a_memory_limit_below_a_frame_is_refused_before_reading(tmp_path):
    from repix.conversion import Budget

    options = FileOptions(budget=Budget(memory=210_000_000))
    with pytest.raises(TooLarge, match="A frame of 4000x3000 rgb24"):
        convert_frames(
            io.BytesIO(), io.BytesIO(), FrameFormat.read("4000x3000", "rgb24"), model_for(COLOR, tmp_path), options
        )


def test_the_command_converts_a_pipe_and_a_closed_pipe_says_nothing(tmp_path):
    engine = model_for(COLOR, tmp_path)
    sent, result = b"".join(map(frame_bytes, frames_of("rgb24"))), io.BytesIO()
    convert_frames(io.BytesIO(sent), result, FrameFormat.read("10x7", "rgb24"), engine, FileOptions())
    words = [sys.executable, "-m", "repix", "denoise", "--model", str(tmp_path / "model.onnx"), "--frames", "10x7", "-"]
    done = subprocess.run([*words, "-o", "-"], input=sent, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (result.getvalue(), b"repix: The results are frames of 10x7 rgb24.\n")
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        process.stdin.write(sent)
        process.stdin.flush()  # it stays open: the reading thread waits
        assert process.wait(60) == 1
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--frames 10 -", "--frames 10 is not a size"),
        ("--frames 10x0 -", "--frames 10x0 is not a size"),
        ("--frames 10x7 --pixel-format yuv420p -", "no pixel format 'yuv420p'"),
        ("--pixel-format rgb24 -", "name their size with --frames"),
        ("--frames 10x7 --stack --json -", "--json and --stack cannot be used for raw frames"),
        ("--frames 10x7 --crop 0,0,1,1 -", "--crop cannot be used for raw frames"),
        ("--frames 10x7 movie.rgb", "write - for IN"),
        ("--frames 10x7 - -o out.rgb", "write - for IN"),
    ],
)
def test_what_does_not_fit_raw_frames_is_refused(words, said, capsys):
    from repix.cli._app import run

    assert run(["convert", "denoise-color", *words.split()]) == 2
    assert said in capsys.readouterr().err


def test_a_known_noise_level_selects_the_model_by_the_pixel_format():
    from repix.cli._frames import FrameArguments

    names = {"gray": "denoise-gray", "color": "denoise-color"}
    chosen = [FrameArguments("10x7", form).model(names) for form in (None, "rgb48le", "gray8", "gray16le")]
    assert [path.stem for path in chosen] == ["denoise-color", "denoise-color", "denoise-gray", "denoise-gray"]
    assert FrameArguments().model(names) is None
