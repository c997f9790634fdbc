"""Best classical filters for tasks, ranked on photos of BSDS500."""

from repix.parameters import Range


def for_gaussian_noise(sigma: Range, channels: int) -> tuple[str, ...]:
    """Return filters against Gaussian noise, best first; σ is given if it is a single value, otherwise estimated.

    >>> for_gaussian_noise((25, 25), 3)
    ('bm3d sigma=25', 'wavelet sigma=25')
    """
    known = f" sigma={sigma[0]:g}" if sigma[0] == sigma[1] else ""
    names = ("bm3d", "beltrami-patch", "wavelet") if channels == 1 else ("bm3d", "wavelet")
    return tuple(name + known for name in names)
