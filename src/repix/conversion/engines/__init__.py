"""Engines: the libraries that run models. One file each, which offers `open(file, options) -> Engine`.

An engine computes in float32, or in bf16 where the option `fast` is set, also where the processor could do it faster
and less exactly; this is said to the library and not left to it. It refuses what the contract does not allow before the
library sees it, and raises MemoryError where the memory is not enough.
"""
