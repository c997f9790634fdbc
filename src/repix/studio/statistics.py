"""Statistics of the server, as text that Prometheus reads."""

from collections import Counter

from repix.studio.jobs import Jobs


def statistics(jobs: Jobs) -> str:
    """Return the counts of jobs, their time, and the size of their files."""
    now = Counter(one.state for one in jobs.all())
    lines = [
        "# HELP repix_jobs Jobs that the server knows, by state.",
        "# TYPE repix_jobs gauge",
        *(f'repix_jobs{{state="{state}"}} {now[state]}' for state in ("waiting", "running", "done", "failed")),
        "# HELP repix_stored_bytes Bytes of the files of all jobs.",
        "# TYPE repix_stored_bytes gauge",
        f"repix_stored_bytes {sum(one.bytes for one in jobs.all())}",
        "# HELP repix_jobs_ended_total Jobs that ended, by kind and state.",
        "# TYPE repix_jobs_ended_total counter",
        *(
            f'repix_jobs_ended_total{{kind="{kind}",state="{state}"}} {count}'
            for (kind, state), count in sorted(jobs.ended.items())
        ),
        "# HELP repix_job_seconds_total Seconds that jobs ran, by kind.",
        "# TYPE repix_job_seconds_total counter",
        *(f'repix_job_seconds_total{{kind="{kind}"}} {time:.3f}' for kind, time in sorted(jobs.seconds.items())),
    ]
    return "\n".join(lines) + "\n"
