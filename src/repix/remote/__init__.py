"""Files in remote stores, by URL: objects of S3 and its relatives, and files on SFTP servers.

A `RemotePath` answers what a batch asks of a `Path`; the `Store` behind it speaks with the server. fsspec, s3fs and
paramiko (extra `remote`) load when a store of theirs is used.
"""

from repix.remote.path import AnyPath, RemotePath
from repix.remote.store import Status
from repix.remote.stores import Stores

__all__ = ["AnyPath", "RemotePath", "Status", "Stores"]
