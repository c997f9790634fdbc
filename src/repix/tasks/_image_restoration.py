"""Common parts of denoise and deblur: a degraded picture in, the restored picture out."""

from functools import partial

from repix.losses import PictureLoss, loss_named
from repix.tasks import MakePair, MetricSpec, Settings, Task
from repix.tasks._planes import decode_alike, encode_alike


def restoration_task(name: str, settings: Settings, color: bool, loss: PictureLoss, make_pair: MakePair) -> Task:
    """Return a task whose model has as many output as input channels: three, or one that is applied to each channel."""
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
        metrics=(MetricSpec("psnr-rgb" if color else "psnr-gray"), MetricSpec("ssim-wang")),
        random=True,
        blendable=True,
        keeps_colors=True,
    )
