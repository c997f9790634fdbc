"""Folders that look like those of trainings, made without one."""

from pathlib import Path

import numpy as np

from repix.pictures import Picture, write
from repix.training.run_folder import RunFolder
from tests.studio.conftest import picture_file

RECIPE = 'task = "denoise"\nfolder = "{folder}"\nnetwork = "unet"\nsteps = 40\n\n[settings]\ncolor = false\n'
RECORD = '\n[record]\nrepix = "{version}"\n\n[[record.metrics]]\nmetric = "psnr-gray"\nvalue = {value}\n'
TABLE = "step,seconds,lr,loss,psnr-gray,checkerboard (dB)\n10,1.5,0.002,0.5,inf,12.5\n20,3.0,0.001,0.25,31.5,\n"
LOG = "2026-01-02 03:04:05 pictures: 4 train\n2026-01-02 03:04:06 step 20 of 44: loss 0.25\n"


def make_run(root: Path, name: str, version: str = "0.1.0", value: str = "31.5", state: str = "finished") -> RunFolder:
    """A run of two validations with a sample sheet each."""
    run = RunFolder(root / name)
    run.samples.mkdir(parents=True)
    for step in (10, 20):
        (run.samples / f"step-{step:07}.png").write_bytes(picture_file())
    run.recipe.write_text(RECIPE.format(folder=root / "photos") + RECORD.format(version=version, value=value))
    run.metrics.write_text(TABLE)
    run.log.write_text(LOG + f"2026-01-02 03:04:07 {root / name}/model.onnx is written\n")
    if state == "finished":
        run.model.write_bytes(b"a model")
    return run


def make_photos(root: Path, count: int = 3) -> Path:
    """A folder of pictures to train with."""
    folder = root / "photos"
    folder.mkdir()
    for number in range(count):
        write(Picture(np.random.default_rng(number).integers(0, 256, (40, 56, 3), np.uint8)), folder / f"{number}.png")
    return folder
