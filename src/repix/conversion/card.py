"""Model cards: what a model does, what it needs, how it was trained, and its metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repix import registry
from repix.conversion.contract import Contract
from repix.conversion.contract_parts import Slices
from repix.conversion.model_file import read_model
from repix.conversion.precision import FAST, refusal_reason
from repix.errors import UnknownName
from repix.models import Bundled, catalog
from repix.parameters import NONE
from repix.printable import printable, short


def catalog_rows(bundled: Bundled) -> list[tuple[str, str]]:
    """Return the catalog entry of a bundled model, as pairs of a name and a text."""
    return [
        ("For", bundled.purpose),
        ("Not for", bundled.limits),
        ("Training data", bundled.pictures),
        ("Training time", bundled.made),
        ("Recipe", f"recipes/{bundled.name}.toml in repix's repository"),
        ("SHA-256", bundled.sha256),
    ]


def contract_rows(contract: Contract, size: int) -> list[tuple[str, str]]:
    """Return the card of a contract, for a file of `size` bytes, as pairs of a name and a text.

    >>> from repix.conversion import Contract
    >>> dict(contract_rows(Contract("upscale", channels=(3, 3), scale=2, bytes_per_pixel=500), 23_700))["Memory"]
    '500 MB per input megapixel'
    """
    channels_in, channels_out = contract.channels
    memory, imported = contract.bytes_per_pixel, "imported" in contract.trained
    card: list[tuple[str, str]] = [
        ("Task", _named(contract.task, contract.settings)),
        ("Description", _summary(contract.task)),
        ("Network", _named(contract.network, contract.network_settings)),
        ("Size", f"{short(contract.parameters)} parameters, {size / 1e6:.3g} MB"),
        ("Channels", f"{channels_in} in, {channels_out} out"),
        ("Scale", f"{contract.scale}: the result is {contract.scale} times higher and wider"
                  if contract.scale > 1 else "1: the result has the size of the picture"),
        ("Step", _step(contract)),
        ("Halo", _halo(contract)),
        *([] if contract.slices is None else [("Slices", _slices(contract.slices))]),
        ("Memory", f"{memory:,} MB per input megapixel" if memory else "not measured"),
        ("Fast", _fast(contract)),
        ("Origin" if imported else "Trained", _listed(contract.trained) or "unknown"),
        ("Data", contract.data or "unknown"),
    ]  # fmt: skip
    card += [("Metric", _metric(one)) for one in contract.metrics] or [("Metric", "not measured")]
    other = "the imported file" if imported else "torch"
    return [
        *card,
        ("Export error", f"{contract.export_error:.2g}: the largest difference between {other} and an engine"),
    ]


def card(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Return rows of a name and a text as lines; the text is wrapped. A model file may have many thousands of rows.

    >>> print(card([("Task", "denoise"), ("For", "pictures with some noise")], width=22))
    Task  denoise
    For   pictures with some
          noise
    """
    margin = max(len(name) for name, _ in rows) + 2
    left = max(width - margin, 20)
    return "\n".join(
        f"{'' if number else name:{margin}}{part}"
        for name, text in rows
        for number, part in enumerate(_wrapped(printable(text), left))
    )


def _summary(task: str) -> str:
    try:
        return registry.summary("tasks", task)
    except UnknownName:
        return "a task that is not installed"


def _step(contract: Contract) -> str:
    if contract.size:
        return f"{contract.size}×{contract.size} only"
    return f"{contract.step}: " + ("any height and width" if contract.step == 1 else "other sizes are padded")


def _slices(slices: Slices) -> str:
    """Return step and halo along the slices in words.

    >>> _slices(Slices(2, 9))
    'a model for volumes; a multiple of 2, and a halo of 9 slices'
    """
    halo = "all slices as its halo" if slices.halo is None else f"a halo of {slices.halo} slices"
    return f"a model for volumes; a multiple of {slices.step}, and {halo}"


def _halo(contract: Contract) -> str:
    if contract.windows is not None:
        one = contract.windows
        return f"windows of {one.size}×{one.size} every {one.stride} pixels, blended ({one.blending})"
    if contract.halo is None:
        return "all: each result pixel depends on the whole picture"
    measured = "" if contract.halo_measured is None else f" ({contract.halo_measured} measured)"
    return f"{contract.halo}{measured}: margin of the receptive field, in pixels"


def _fast(contract: Contract) -> str:
    measured = contract.precision(FAST)
    reason = refusal_reason(measured)
    said = f"no: {reason}" if reason else f"yes: it stays accurate in {FAST}"
    if measured is None:
        return said
    rest = {name: value for name, value in vars(measured).items() if name not in ("name", "verdict")}
    return f"{said} ({_listed(rest)})"


def _metric(metric: Mapping[str, Any]) -> str:
    """Return the metric's name and value, then its other entries."""
    value = metric.get("value", "no value")
    number = f"{value:.4g}" if isinstance(value, float) else str(value)
    rest = {name: one for name, one in metric.items() if name not in ("metric", "value")}
    return " ".join([f"{metric.get('metric', 'no metric')}: {number}", *([f"({_listed(rest)})"] if rest else [])])


def _named(name: str, settings: Mapping[str, Any]) -> str:
    return " ".join([name or "unknown", *([f"({_listed(settings)})"] if settings else [])])


def _listed(values: Mapping[str, Any]) -> str:
    empty: tuple[object, ...] = (None, NONE, [], {}, "")
    return ", ".join(f"{name} {_plain(value)}" for name, value in values.items() if value not in empty)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return f"({_listed(value)})"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a wrapped text, in linear time also for one very long word (unlike textwrap)."""
    done, line = [], ""
    for word in text.split(" "):
        for start in range(0, max(len(word), 1), width):
            piece = word[start : start + width]
            if line and len(line) + 1 + len(piece) > width:
                done.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*done, line]


@dataclass(frozen=True)
class BundledRow:
    """A bundled model, with entries of its contract and of the catalog."""

    name: str
    task: str
    default: bool
    purpose: str
    parameters: int
    bytes: int
    figure: dict[str, Any]
    """Its first metric on held-out pictures, with the values of baselines."""
    sha256: str


def bundled_rows() -> list[BundledRow]:
    """Return all bundled models, with entries of their contracts and of the catalog."""
    rows = []
    for one in catalog().values():
        contract = read_model(one.path).contract
        figure = dict(contract.metrics[0]) if contract.metrics else {}
        size = one.path.stat().st_size
        rows.append(
            BundledRow(one.name, one.task, one.default, one.purpose, contract.parameters, size, figure, one.sha256)
        )
    return rows


def figure_text(figure: Mapping[str, Any]) -> str:
    """Return a metric with its value and the values of baselines, as text.

    >>> figure_text({"metric": "psnr-rgb", "value": 35.75, "others": {"nothing": "inf"}})
    'psnr-rgb 35.75 (nothing inf)'
    """
    if not figure:
        return ""
    others = ", ".join(f"{name} {float(value):.4g}" for name, value in figure.get("others", {}).items())
    return f"{figure['metric']} {float(figure['value']):.4g}" + (f" ({others})" if others else "")
