"""Files in object storage (S3): private, whole, and never waited for longer than a few seconds.

Imported only if S3_BUCKET is set. Nothing here gives an address to a browser: downloads go through the
portal, which checks who may read them.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name
from urllib3.exceptions import HTTPError

from forum_portal.storage_fault import StorageUnavailable

_BLOCK = 64 * 1024
_IN_MEMORY = 8 * 1024 * 1024  # bytes of a file; a larger one waits on the disk
_ATTEMPTS = 2
_CONNECT = 2.0  # seconds
_MOST_READS = 10  # times `seconds`, for a server that answers in drops


class ObjectStorage(S3Storage):
    """A bucket, or what is below `location` in it. `seconds`: for which a silent server is waited for.

    A file is read whole before anything is done with it, so that a fault comes before the first byte of
    an answer. It is written in one request, which stores all of it or nothing.

    Raises StorageUnavailable if the storage does not answer or refuses.
    """

    #: botocore's clients may be shared by threads, and each takes a quarter of a second to make. Of the
    #: resource only its client and what makes other resources of it are used here.
    _shared: Any = None

    def __init__(self, *, seconds: float, **settings: Any) -> None:
        self._lock = threading.Lock()
        self.seconds = seconds
        config = Config(
            connect_timeout=min(_CONNECT, seconds),
            read_timeout=seconds,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            # `auto`: a bucket of AWS is a host name; other servers know theirs by the path.
            s3={"addressing_style": "path" if settings.get("endpoint_url") else "auto"},
            signature_version="s3v4",
            # Checksums beyond Content-MD5 are AWS's own; other servers refuse or ignore them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            max_pool_connections=32,
        )
        super().__init__(client_config=config, default_acl=None, **settings)

    @property
    def connection(self) -> Any:
        with self._lock:
            if self._shared is None:
                self._shared = self._create_session().resource(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self.endpoint_url,
                    config=self.client_config,
                )
            return self._shared

    def _key(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("a stored file is only read")
        content = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  the returned file closes it
        until = time.monotonic() + _MOST_READS * self.seconds
        try:
            with _told(name):
                found = self.connection.meta.client.get_object(**self._key(name))
                with closing(found["Body"]) as body:
                    for block in body.iter_chunks(_BLOCK):
                        content.write(block)
                        if time.monotonic() > until:
                            raise StorageUnavailable("the answer takes too long")
        except BaseException:
            content.close()
            raise
        content.seek(0)
        file = File(content, name)
        file.size = found["ContentLength"]
        return file

    def _save(self, name: str, content: File) -> str:
        told = hashlib.md5(usedforsecurity=False)  # what every server compares, not our own proof
        for block in content.chunks():
            told.update(block)
        content.seek(0)
        with _told(name):
            self.connection.meta.client.put_object(
                Body=content,
                ContentMD5=base64.b64encode(told.digest()).decode(),
                ContentType="application/octet-stream",
                **self._key(name),
            )
        return clean_name(name)

    def exists(self, name: str) -> bool:
        with _told(name):
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _told(name):
            super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _told(path):
            folders, files = super().listdir(path)
            return folders, files

    def size(self, name: str) -> int:
        with _told(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with _told(name):
            moment: datetime = super().get_modified_time(name)
            return moment

    def answers(self) -> None:
        """Ask for one name of the bucket, as the portal's own reading needs it; nothing is returned."""
        with _told(""):
            self.connection.meta.client.list_objects_v2(
                Bucket=self.bucket_name, Prefix=self.location, MaxKeys=1
            )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Context manager: errors of the library become StorageUnavailable or FileNotFoundError."""
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {}).get("Code", "")
        if told in {"404", "NoSuchKey", "NotFound"}:
            raise FileNotFoundError(f"no object {name}") from error
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        raise StorageUnavailable(f"{told} ({status})") from error
    except (BotoCoreError, Boto3Error, HTTPError) as error:
        # The name alone: the message may quote an address with a query.
        raise StorageUnavailable(type(error).__name__) from error
