"""Studio: a page in the browser, and the same functions over HTTP.

It does no arithmetic; it calls what the command line calls. `repix studio` starts it.
"""
