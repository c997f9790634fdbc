"""Batches of files: workers, a journal with which interrupted runs continue, dry runs, and watched folders.

A batch knows no models, filters or metrics. It is given a `Work`: a function that makes one file from another, and a
fingerprint of everything else that determines the bytes of the result.

    jobs = find([Path("photos")], Path("results"), recursive=True)
    report = run(jobs, Work(function, {"filter": "median", "size": 3}), BatchOptions(workers=3))
    report.exit_code, report.outcomes
"""

from repix.batch.jobs import Job, Jobs, Naming, find
from repix.batch.manifest import listed
from repix.batch.memory_pool import MemoryPool
from repix.batch.options import BatchOptions
from repix.batch.outcome import Outcome, Progress, Report
from repix.batch.runner import dry_run, foresee, run
from repix.batch.watcher import watch
from repix.batch.whole_picture import WriteOptions, picture_work
from repix.batch.work import Advance, Work

__all__ = [
    "Advance",
    "BatchOptions",
    "Job",
    "Jobs",
    "MemoryPool",
    "Naming",
    "Outcome",
    "Progress",
    "Report",
    "Work",
    "WriteOptions",
    "dry_run",
    "find",
    "foresee",
    "listed",
    "picture_work",
    "run",
    "watch",
]
