"""What denoise and deblur share: a spoiled picture in, the same picture mended out."""

from functools import partial

from repix.losses import PictureLoss, loss_named
from repix.tasks import MakePair, Metric, Settings, Task
from repix.tasks._planes import decode_alike, encode_alike


def mending(name: str, settings: Settings, colour: bool, loss: PictureLoss, make_pair: MakePair) -> Task:
    """A task whose model gives what it takes: three channels at once, or one after the other."""
    channels = 3 if colour else 1
    encode = partial(encode_alike, colour=colour)
    return Task(
        name=name,
        settings=settings,
        channels=(channels, channels),
        encode=encode,
        decode=partial(decode_alike, colour=colour),
        encode_target=encode,
        make_pair=make_pair,
        loss=loss_named(loss),
        metrics=(Metric("rgb" if colour else "grey"), Metric("ssim-wang")),
        random=True,
        mixes=True,
    )
