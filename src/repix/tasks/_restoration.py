"""Common parts of tasks that restore pictures: the task, its chain of degradations, its classical filters."""

from collections.abc import Sequence
from functools import partial

from repix.degradations import read_steps
from repix.errors import WrongUse
from repix.losses import PictureLoss, loss_named
from repix.parameters import Range
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


def require_same_size(task: str, steps: Sequence[str]) -> None:
    """Refuse a chain with an invalid step or one that changes the size.

    >>> require_same_size("denoise", ["gaussian sigma=5..50", "shrink"])
    Traceback (most recent call last):
    repix.errors.WrongUse: The step shrink changes the size; in degradations of denoise, none may.
    """
    for step in read_steps(steps) if steps else ():
        if step.scales:
            raise WrongUse(f"The step {step.name} changes the size; in degradations of {task}, none may.")


def for_gaussian_noise(sigma: Range, channels: int) -> tuple[str, ...]:
    """Return filters against Gaussian noise, best first; σ is given if it is a single value, otherwise estimated.

    >>> for_gaussian_noise((25, 25), 3)
    ('bm3d sigma=25', 'wavelet sigma=25')
    """
    known = f" sigma={sigma[0]:g}" if sigma[0] == sigma[1] else ""
    names = ("bm3d", "beltrami-patch", "wavelet") if channels == 1 else ("bm3d", "wavelet")
    return tuple(name + known for name in names)
