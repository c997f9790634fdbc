"""Installed libraries, processor features, and advice, for `repix doctor`."""

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from repix._version import VERSION

SPEED_FLAGS = {
    "avx2": "8 floats at once",
    "avx512f": "16 floats at once",
    "avx512_bf16": "bfloat16 products",
    "amx_bf16": "bfloat16 matrix products",
    "avx512_vnni": "8-bit products",
    "asimd": "4 floats at once",
    "bf16": "bfloat16 products",
}
"""Processor features that speed up conversion, and what each provides."""

NEEDED_FOR = {
    "filters": "most of `repix filter` and `repix demo`",
    "bm3d": "`repix filter bm3d`",
    "cluster": "`--cluster`",
    "parquet": "lists of files in Parquet",
    "remote": "files in S3 buckets and on SFTP servers",
    "photos": "HEIC and camera RAW files",
    "plots": "`repix compare`",
    "notebook": "`repix.studio.show` in notebooks",
    "studio": "`repix studio`",
    "volumes": "NIfTI files",
    "train": "`repix train`, `repix networks` and `repix export`",
}
"""Commands that need an extra; the other extras are alternatives to installed libraries."""

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VIPS_CONCURRENCY")
"""Environment variables that limit the threads of libraries."""


@dataclass(frozen=True)
class Extra:
    """An extra: its installed libraries with their versions, and the missing ones."""

    name: str
    found: dict[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """Report of `repix doctor`."""

    repix: str
    python: str
    system: str
    cores: int
    memory_gib: float | None
    features: dict[str, str]
    extras: tuple[Extra, ...]
    advice: tuple[str, ...]

    def facts(self) -> list[tuple[str, str]]:
        """Return versions, machine and processor as rows."""
        memory = f", {self.memory_gib} GiB of memory" if self.memory_gib else ""
        features = ", ".join(f"{name} ({brings})" for name, brings in self.features.items())
        return [
            ("repix", self.repix),
            ("Python", self.python),
            ("System", self.system),
            ("Machine", f"{self.cores} cores{memory}"),
            ("Processor", features or "features unknown on this system"),
        ]


def examine() -> Findings:
    """Return the report about Python, this machine and the libraries of each extra."""
    extras = _extras()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    features = {name: SPEED_FLAGS[name] for name in _flags() if name in SPEED_FLAGS}
    return Findings(
        repix=VERSION,
        python=f"{platform.python_version()} ({sys.executable})",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=cores,
        memory_gib=_memory(),
        features=features,
        extras=extras,
        advice=tuple(_advice(extras, cores)),
    )


def _extras() -> tuple[Extra, ...]:
    """Return the base and each extra from repix's metadata."""
    libraries: dict[str, list[str]] = {"base": []}
    for requirement in requires("repix") or []:
        need, _, marker = requirement.partition(";")
        name = need.split("[")[0].split(">")[0].split("=")[0].strip()
        extra = marker.partition("extra ==")[2].strip(" \"'") or "base"
        if name != "repix":
            libraries.setdefault(extra, []).append(name)
    return tuple(_extra(name, wanted) for name, wanted in libraries.items())


def _extra(name: str, wanted: list[str]) -> Extra:
    found = {}
    for library in wanted:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return Extra(name, found, tuple(library for library in wanted if library not in found))


def _flags() -> list[str]:
    """Return the processor's features; empty if the system does not list them (it does on Linux)."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
    return next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])


def _memory() -> float | None:
    """Return the physical memory in GiB, if the system provides it."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _advice(extras: tuple[Extra, ...], cores: int) -> list[str]:
    """Return advice, one sentence each."""
    advice = []
    for extra in extras:
        if extra.name in NEEDED_FOR and extra.missing:
            named = " ".join(extra.missing)
            advice.append(f"To use {NEEDED_FOR[extra.name]}: `pip install {named}` (extra {extra.name}).")
    for variable in THREAD_LIMITS:
        limit = os.environ.get(variable, "")
        if limit.isdecimal() and len(limit) < 10 and int(limit) < cores:
            advice.append(f"{variable}={limit} limits libraries to fewer than {cores} cores; unset it for more speed.")
    if sys.flags.dev_mode:
        advice.append("Python runs in development mode, which is slow; unset PYTHONDEVMODE and leave out -X dev.")
    return advice
