"""S3 and servers that speak like it, through s3fs: with few requests, and with errors in sentences."""

import os
from collections.abc import Callable
from typing import Any

from repix.errors import Unreachable
from repix.registry import library
from repix.remote.objects import ObjectStore, tag_number
from repix.remote.store import Status

CONNECTIONS = 64
CONNECT_SECONDS = 10
MOST_DELETED = 1000
TRIES = 3
"""Attempts for one request, each with a pause before the next."""
REFUSED = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidClientTokenId", "AuthFailure")
EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired")
"""Error codes of S3 about credentials."""


class S3Store(ObjectStore):
    """The buckets of S3, with the credentials and the endpoint that AWS tools use: environment, then ~/.aws."""

    def __init__(self, root: str) -> None:
        super().__init__(root, _system())

    def status(self, key: str) -> Status:
        """Return the status of an object, with one request."""
        bucket, _, name = key.partition("/")
        if not name:
            raise FileNotFoundError(key)
        with self._problems(key):
            found = self._system.call_s3("head_object", Bucket=bucket, Key=name)
        time = round(found["LastModified"].timestamp() * 10**6) * 10**3
        return Status(found["ContentLength"], time, tag_number(found["ETag"]))

    def is_folder(self, key: str) -> bool:
        """Return True if keys begin so, with one request; an empty bucket is a folder."""
        bucket, _, name = key.partition("/")
        with self._problems(key):
            found = self._system.call_s3("list_objects_v2", Bucket=bucket, Prefix=f"{name}/" if name else "", MaxKeys=1)
        return not name or bool(found.get("KeyCount"))

    def remove(self, *keys: str) -> None:
        """Delete objects of one bucket, up to 1,000 with a request."""
        for start in range(0, len(keys), MOST_DELETED):
            some = keys[start : start + MOST_DELETED]
            objects = [{"Key": key.partition("/")[2]} for key in some]
            with self._problems(some[0]):
                bucket = some[0].partition("/")[0]
                self._system.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})

    def _explained(self, problem: Exception, key: str) -> Exception:
        code = _code(problem)
        bucket = key.partition("/")[0]
        if code == "NoSuchBucket":
            return Unreachable(f"{self.root}{bucket}: there is no such bucket; create it, or correct the name.")
        if code in EXPIRED:
            return Unreachable(
                f"The credentials for {self.root}{bucket} have expired; renew them, and run the same command again."
            )
        if code in REFUSED:
            return Unreachable(
                f"{_endpoint()} refuses the credentials for {self.root}{bucket} ({code}); check AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or the profile that AWS_PROFILE names."
            )
        said = _SENTENCES.get(type(problem).__name__)
        if said is not None:
            return Unreachable(said(f"{self.root}{bucket}"))
        return super()._explained(problem, key)


_SENTENCES: dict[str, Callable[[str], str]] = {
    "NoCredentialsError": lambda place: (
        f"There are no credentials for {place}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
    ),
    "PartialCredentialsError": lambda place: (
        f"The credentials for {place} are not complete; set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    ),
    "ProfileNotFound": lambda place: (
        f"AWS_PROFILE names a profile that ~/.aws does not have, so {place} cannot be used; correct it."
    ),
    "ParamValidationError": lambda place: f"{place}: no bucket can have this name; correct it.",
    **dict.fromkeys(
        ("EndpointConnectionError", "ConnectTimeoutError", "ConnectionError", "HTTPClientError"),
        lambda place: (
            f"{_endpoint()} cannot be reached for {place}; check the network and AWS_ENDPOINT_URL, and run the same "
            "command again."
        ),
    ),
}
"""By the name of the library's exception, which is not imported for it."""


def _system() -> Any:
    return library("s3fs").S3FileSystem(
        use_listings_cache=False,
        skip_instance_cache=True,
        config_kwargs={
            "max_pool_connections": CONNECTIONS,
            "connect_timeout": CONNECT_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": TRIES},
        },
    )


def _code(problem: BaseException) -> str:
    """Return S3's code of an error, which s3fs keeps as the cause of its own."""
    for one in (problem, problem.__cause__):
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
    return ""


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "S3"
