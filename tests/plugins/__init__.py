"""Members of another distribution, one file each: tests/test_network_plugins.py installs them in a temporary folder."""
