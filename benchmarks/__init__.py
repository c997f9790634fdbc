"""Benchmarks: things timed in turns with what they are compared to; their results are data."""
