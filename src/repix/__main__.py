"""`python -m repix` is `repix`."""

from repix.cli import main

main()
