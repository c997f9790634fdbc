"""What denoise and deblur share: a spoiled picture in, the same picture mended out."""

from functools import partial

from repix.losses import PictureLoss, loss_named
from repix.tasks import MakePair, Metric, Settings, Task
from repix.tasks._planes import decode_alike, encode_alike


def mending(name: str, settings: Settings, color: bool, loss: PictureLoss, make_pair: MakePair) -> Task:
    """A task whose model gives what it takes: three channels at once, or one after the other."""
    channels = 3 if color else 1
    encode = partial(encode_alike, color=color)
    return Task(
        name=name,
        settings=settings,
        channels=(channels, channels),
        encode=encode,
        decode=partial(decode_alike, color=color),
        encode_target=encode,
        make_pair=make_pair,
        loss=loss_named(loss),
        metrics=(Metric("psnr-rgb" if color else "psnr-gray"), Metric("ssim-wang")),
        random=True,
        blendable=True,
    )
