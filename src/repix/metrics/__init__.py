"""Metrics with named protocols, so that a number can be compared with somebody else's. One file a protocol."""
