"""Scripts for releases: build, smoke test, bill of materials, pins. Run them as `python -m release.NAME`."""
