"""A command that keeps what models make of drawings with bf16: python -m tests.conversion.bf16 FILE SIDE NAME..."""

import sys

import numpy as np

from repix.conversion import WHOLE, open_model, predict
from repix.pictures import Picture
from tests.data.drawing import photo

NOISE = (0.0, 0.06, 0.1)
"""Of white; the strengths that the models know best."""


def main(path: str, side: int, names: list[str]) -> None:
    found = {}
    for name in names:
        engine = open_model(name, precision="fast", threads=1)
        for number, noise in enumerate(NOISE):
            clean = photo(number, (side, side + 40))[:, :, : engine.contract.channels[0]] / 255
            noisy = clean + np.random.default_rng(number).normal(0, noise, clean.shape)
            y = predict(Picture(np.clip(noisy, 0, 1).astype(np.float32)), engine, WHOLE)
            scores = engine.contract.make_task().logits
            found[f"{name} {number}"] = y.argmax(1).astype(np.uint8) if scores else np.clip(y, 0, 1)
    np.savez(path, **found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
