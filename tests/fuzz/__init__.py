"""Fuzzers, for hours by hand and for seconds in `make test-long`; they need atheris (`pip install --group long`)."""
