"""Devices for conversion, and the engines that serve them."""

from importlib.util import find_spec

from repix import registry
from repix.errors import UnknownName

DEVICES: dict[str, tuple[str, ...]] = {
    "cpu": ("openvino", "onnxruntime"),
    "gpu": ("openvino",),
    "npu": ("openvino",),
    "cuda": ("onnxruntime",),
    "coreml": ("onnxruntime",),
    "directml": ("onnxruntime",),
}
"""The engines of each device, the preferred one first."""
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Names of devices in ONNX Runtime."""
PROVIDER_OPTIONS = {"cuda": {"use_tf32": "0"}}
"""Compute in full float32."""
PACKAGES = {
    "cuda": "uninstall onnxruntime, and install the extra `cuda` (onnxruntime-gpu)",
    "coreml": "use onnxruntime on macOS",
    "directml": "uninstall onnxruntime, and install onnxruntime-directml on Windows",
}
"""The installation that each device of ONNX Runtime needs."""


def engine_on(device: str) -> str:
    """Return the preferred installed engine for a device; `auto` is the processor.

    Raises:
        UnknownName: no engine serves such a device.

    >>> engine_on("auto"), engine_on("GPU.1"), engine_on("cuda")
    ('openvino', 'openvino', 'onnxruntime')
    """
    name = device.lower().partition(".")[0]
    known = ("auto", *DEVICES)
    if name not in known:
        raise UnknownName(f"There is no device '{device}'; {registry.closest(name, known)}")
    engines = DEVICES["cpu" if name == "auto" else name]
    return next((one for one in engines if find_spec(one)), engines[0])


def provider(device: str, available: list[str]) -> str:
    """Return ONNX Runtime's name of a device, if it is among the available ones.

    Raises:
        UnknownName: ONNX Runtime, or this installation of it, does not have the device.
    """
    name = device.lower()
    if name in ("auto", "cpu"):
        return "CPUExecutionProvider"
    if name not in PROVIDERS:
        known = ("auto", "cpu", *PROVIDERS)
        raise UnknownName(f"ONNX Runtime has no device '{device}'; {registry.closest(name, known)}")
    if PROVIDERS[name] not in available:
        raise UnknownName(f"This ONNX Runtime has no {name}; {PACKAGES[name]}, or choose --device cpu.")
    return PROVIDERS[name]
