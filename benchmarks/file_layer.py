"""Which file layer: libvips (through pyvips) against Pillow with tifffile.

Both encode and decode the same picture in memory with the same settings (quality 90, 4:4:4, the same effort), in
turns; a ratio above 1 means that Pillow or tifffile took longer. Then: import time, installed size, what each can hold,
and the peak memory of copying a TIFF of 12000×12000 pixels in bands.
"""

import io
import subprocess
import sys
import tempfile
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import tifffile
from PIL import Image

from benchmarks.timing import in_turns, ratio, save, summary

SIZES = {"2 megapixels": (1632, 1224, 5), "24 megapixels": (6000, 4000, 3)}
FORMATS = ("JPEG", "PNG", "TIFF", "WebP", "AVIF")
VIPS: dict[str, dict[str, Any]] = {
    "JPEG": {"Q": 90, "subsample_mode": "off"},
    "PNG": {"compression": 6, "filter": "all"},
    "TIFF": {"compression": "deflate", "predictor": "horizontal"},
    "WebP": {"Q": 90, "effort": 4},
    "AVIF": {"Q": 90, "effort": 3, "subsample_mode": "off", "compression": "av1"},
}
PILLOW: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 6},
    "WebP": {"quality": 90, "method": 4},
    "AVIF": {"quality": 90, "speed": 6, "subsampling": "4:4:4"},
}
VIPS_NAMES = {"JPEG": "jpeg", "PNG": "png", "TIFF": "tiff", "WebP": "webp", "AVIF": "heif"}

COPY_BY_VIPS = """
import pyvips
image = pyvips.Image.new_from_file(source, access="sequential")
image.tiffsave(target)
"""
COPY_BY_TIFFFILE = """
import tifffile
pixels = tifffile.memmap(source, mode="r")
bands = (pixels[y : y + 16] for y in range(0, pixels.shape[0], 16))
tifffile.imwrite(target, bands, shape=pixels.shape, dtype=pixels.dtype, photometric="rgb", rowsperstrip=16)
"""
COPY_BY_PILLOW = """
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
Image.open(source).save(target)
"""


def photo(width: int, height: int) -> np.ndarray:
    """A picture with soft shapes and a little noise, H×W×3 of uint8."""
    rng = np.random.default_rng(7)
    soft = pyvips.Image.new_from_array(rng.integers(0, 256, (24, 32, 3)).astype(np.uint8))
    soft = soft.resize(width / 32, vscale=height / 24, kernel="cubic").numpy()[:height, :width]
    return np.clip(soft + rng.normal(0, 3, soft.shape), 0, 255).astype(np.uint8)


def encode_by_vips(pixels: np.ndarray, form: str) -> bytes:
    """A file of the picture, by libvips."""
    return getattr(pyvips.Image.new_from_array(pixels), f"{VIPS_NAMES[form]}save_buffer")(**VIPS[form])


def encode_by_pillow(pixels: np.ndarray, form: str) -> bytes:
    """A file of the picture, by Pillow, or tifffile for TIFF."""
    stream = io.BytesIO()
    if form == "TIFF":
        tifffile.imwrite(stream, pixels, photometric="rgb", compression="zlib", predictor=True, rowsperstrip=128)
    else:
        Image.fromarray(pixels).save(stream, form, **PILLOW[form])
    return stream.getvalue()


def decode_by_vips(data: bytes, form: str) -> np.ndarray:
    """The pixels of a file, by libvips."""
    return getattr(pyvips.Image, f"{VIPS_NAMES[form]}load_buffer")(data, access="sequential").numpy()


def decode_by_pillow(data: bytes, form: str) -> np.ndarray:
    """The pixels of a file, by Pillow, or tifffile for TIFF."""
    stream = io.BytesIO(data)
    return tifffile.imread(stream) if form == "TIFF" else np.asarray(Image.open(stream))


def speeds() -> list[dict[str, Any]]:
    """Time of encoding and decoding, both layers in turns."""
    rows = []
    for size, (width, height, rounds) in SIZES.items():
        pixels = photo(width, height)
        for form in FORMATS:
            data = encode_by_vips(pixels, form)
            lengths = {"libvips": len(data), "Pillow": len(encode_by_pillow(pixels, form))}
            print(f"{size:<14} {form:<5} bytes: {lengths}")
            for verb, given, mine, theirs in (
                ("encode", pixels, encode_by_vips, encode_by_pillow),
                ("decode", data, decode_by_vips, decode_by_pillow),
            ):
                calls = {"libvips": partial(mine, given, form), "Pillow": partial(theirs, given, form)}
                seconds = in_turns(calls, rounds)
                times = ratio(seconds["Pillow"], seconds["libvips"])
                print(f"{size:<14} {form:<5} {verb}: Pillow or tifffile takes {times:.2f} × libvips", flush=True)
                rows.append({"what": f"{verb} {form}, {size}", "pillow_to_libvips": times, "bytes": lengths}
                            | {name: summary(s) for name, s in seconds.items()})  # fmt: skip
    return rows


def imports() -> dict[str, Any]:
    """Time of importing, above that of numpy alone."""
    statements = {
        "libvips": "import numpy, pyvips",
        "Pillow": "import numpy, PIL.Image, tifffile",
        "numpy": "import numpy",
    }
    calls = {
        name: lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)
        for name, code in statements.items()
    }
    seconds = in_turns(calls, rounds=9)
    row = {"what": "import"} | {name: summary(s) for name, s in seconds.items()}
    print("import: " + ", ".join(f"{name} {row[name]['median_ms']:.0f} ms" for name in statements))
    return row


def installed() -> dict[str, Any]:
    """Megabytes on disk, dependencies included."""
    layers = {"libvips": ("pyvips", "pyvips-binary", "cffi", "pycparser"), "Pillow": ("pillow", "tifffile")}
    row: dict[str, Any] = {"what": "installed, in MB"}
    for name, parts in layers.items():
        files = [Path(str(file.locate())) for part in parts for file in distribution(part).files or ()]
        row[name] = round(sum(file.stat().st_size for file in files if file.is_file()) / 1e6, 1)
    print(f"installed: libvips {row['libvips']} MB, Pillow and tifffile {row['Pillow']} MB")
    return row


def abilities() -> list[dict[str, Any]]:
    """Return the properties that each library keeps of pictures with more than 8-bit RGB."""
    deep = np.full((8, 8, 3), 1000, np.uint16)
    png = pyvips.Image.new_from_array(deep, interpretation="rgb16").pngsave_buffer()
    stream = io.BytesIO()
    tifffile.imwrite(stream, deep.astype(np.float32), photometric="rgb")
    floats = stream.getvalue()
    try:
        by_pillow = str(np.asarray(Image.open(io.BytesIO(floats))).dtype)
    except OSError:
        by_pillow = "refused"
    rows = [
        {"what": "16-bit RGB PNG read as", "libvips": str(pyvips.Image.pngload_buffer(png).numpy().dtype),
         "Pillow": str(np.asarray(Image.open(io.BytesIO(png))).dtype)},
        {"what": "float RGB TIFF read as", "libvips": str(pyvips.Image.tiffload_buffer(floats).numpy().dtype),
         "Pillow": by_pillow, "tifffile": str(tifffile.imread(io.BytesIO(floats)).dtype)},
    ]  # fmt: skip
    for row in rows:
        print(row)
    return rows


def memory() -> dict[str, Any]:
    """Peak memory, in MB, of copying a TIFF of 12000×12000 RGB pixels (432 MB) in bands; Pillow has no bands."""
    row: dict[str, Any] = {"what": "peak MB of copying a 12000×12000 TIFF"}
    codes = {"libvips": COPY_BY_VIPS, "tifffile": COPY_BY_TIFFFILE, "Pillow": COPY_BY_PILLOW}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.tif")
        pyvips.Image.gaussnoise(12000, 12000).cast("uchar").bandjoin([0, 0]).copy(interpretation="srgb").tiffsave(
            source
        )
        for name, code in codes.items():
            paths = f"source, target = {str(source)!r}, {str(Path(folder, 'target.tif'))!r}"
            code = f"{paths}\n{code}\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
            result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            row[name] = round(int(result.stdout) / 1024)
    print(row)
    return row


def main() -> None:
    """Measure everything, print the ratios and keep the data."""
    rows = [installed(), imports(), *abilities(), memory(), *speeds()]
    save("file_layer", rows, ["pyvips", "pyvips-binary", "pillow", "tifffile", "numpy"])


if __name__ == "__main__":
    main()
