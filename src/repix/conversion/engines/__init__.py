"""Engines: the libraries that run models. One file each, which offers `open(path, threads) -> Engine`.

An engine says how exactly it computes: in float32, whatever the processor could do faster and less exactly. It refuses
what the contract does not allow before the library sees it.
"""
