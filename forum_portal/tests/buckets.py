"""A bucket of object storage for a test, and servers that do not work as one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import boto3
from django.core.files.storage import storages

from forum_portal.deployment import in_bucket, object_storage

KEY, SECRET = "portal-key", "geheim-of-the-bucket"
_number = count(1)


def options_for(endpoint: str, bucket: str = "portal-files", **more: Any) -> dict[str, Any]:
    """The options of ObjectStorage that settings with this endpoint and bucket give."""
    said: dict[str, Any] = {
        "bucket": bucket,
        "prefix": "one/portal",
        "endpoint": endpoint,
        "region": "us-east-1",
        "key": KEY,
        "secret": SECRET,
        "seconds": 5,
    }
    return object_storage(**said | more)


def storages_in(options: dict[str, Any]) -> dict[str, Any]:
    """The entries of STORAGES."""
    return {
        "evidence": in_bucket(options, "evidence", replaces=False),
        "imports": in_bucket(options, "imports", replaces=True),
    }


@dataclass(frozen=True)
class Bucket:
    """An own view of a bucket, beside that of the portal."""

    endpoint: str
    name: str
    client: Any

    @classmethod
    @contextmanager
    def made(cls, endpoint: str) -> Iterator[Bucket]:
        session = boto3.session.Session(KEY, SECRET, region_name="us-east-1")
        name = f"portal-{next(_number)}"
        with closing(session.client("s3", endpoint_url=endpoint)) as client:
            client.create_bucket(Bucket=name)
            yield cls(endpoint, name, client)

    def storages(self) -> dict[str, Any]:
        return storages_in(options_for(self.endpoint, self.name))

    def keys(self) -> set[str]:
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {each["Key"] for each in found}

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content

    def environment(self) -> dict[str, str]:
        """The settings of a portal with this bucket."""
        return {
            "S3_BUCKET": self.name,
            "S3_ENDPOINT": self.endpoint,
            "S3_PREFIX": "one/portal",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY": KEY,
            "S3_SECRET_KEY": SECRET,
        }

    @staticmethod
    def close() -> None:
        """Close the portal's connections."""
        for alias in ("evidence", "imports"):
            close(storages[alias])


def close(storage: Any) -> None:
    if getattr(storage, "_shared", None) is not None:
        storage._shared.meta.client.close()


# Servers that do not work -----------------------------------------------------------------------


@contextmanager
def refusing() -> Iterator[str]:
    """The address of a port where nobody listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def answering(
    status: int, body: bytes = b"", *, promised: int | None = None
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The address of a server with one answer for everything, and the headers that it got.

    `promised`: the Content-Length, if it is not that of `body`.
    """
    got: list[dict[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.append(dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.close_connection = True

        do_GET = do_PUT = do_HEAD = do_DELETE = answer

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
