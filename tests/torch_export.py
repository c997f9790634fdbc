"""torch's ONNX exporter, without what it reads again for each export."""

import functools


def read_operators_once() -> None:
    """Keep the signatures of torchlib's operators, and do not look up torch's own ones again.

    Both are the same for every export of a process, and take more than a third of the time of a small one.
    """
    from torch._export import utils
    from torch.onnx._internal.exporter import _registration

    read = functools.cache(_registration.ONNXRegistry.from_torchlib)
    _registration.ONNXRegistry.from_torchlib = staticmethod(read)
    utils._materialize_cpp_cia_ops = functools.cache(utils._materialize_cpp_cia_ops)
