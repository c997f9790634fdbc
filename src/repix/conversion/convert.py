"""Convert: a picture through a model, and a picture again."""

from repix.conversion.engine import Engine
from repix.pictures.picture import Picture


def convert(picture: Picture, engine: Engine) -> Picture:
    """What a model makes of a picture: any height and width, unless the model's contract has only one.

    >>> import numpy as np
    >>> from repix.conversion import Contract, Echo
    >>> echo = Echo(Contract("upscale", channels=(3, 3), scale=2, step=8))
    >>> convert(Picture(np.zeros((5, 9, 3), np.uint8)), echo)
    Picture(18×10 RGB, depth 8)
    """
    contract = engine.contract
    task = contract.make_task()
    x = task.encode(picture)
    height, width = x.shape[2:]
    y = engine.run(contract.pad(x))
    return task.decode(contract.crop(y, (height, width)), picture)
