"""Engines: the libraries that run models. Each has one file with a function `open(file, options) -> Engine`.

An engine computes in float32, or in bf16 or fp16 where the option `fast` is set. The precision is always set
explicitly, so that the library never chooses a faster and less exact one. An engine refuses inputs that the contract
does not allow, before the library sees them. It raises MemoryError where memory is not enough.
"""
