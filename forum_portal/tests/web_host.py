"""A host of the web for tests: a server on loopback whose answers a test sets, by path."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from forum_portal.link_probe import Prober

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    """An answer with this status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    return answer


def sends_to(address: str, status: int = 301) -> Answer:
    return says(status, {"Location": address})


@dataclass
class WebHost:
    """`paths`: "GET /path" or "/path" -> its answer. `asked`: (method, path, headers) of each."""

    port: int = 0
    paths: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    scheme: str = "http"

    def at(self, path: str, host: str = "reports.example") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def prober(self, **changes: Any) -> Prober:
        """A prober for which every name is this host, and loopback is the public network."""
        values: dict[str, Any] = {
            "agent": "tests",
            "ports": None,
            "may_reach": lambda address: address == "127.0.0.1",
            "resolve": lambda host, port: ["127.0.0.1"],
            "step_seconds": 5.0,
            "address_seconds": 10.0,
        }
        return Prober(**(values | changes))

    @property
    def methods(self) -> list[str]:
        return [f"{method} {path}" for method, path, _headers in self.asked]


def certificate_for(name: str, folder: Path) -> Path:
    """A file with a certificate for a host's name that it has signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@contextmanager
def web_host(certificate: Path | None = None) -> Iterator[WebHost]:
    """Run such a server; over TLS with a certificate."""
    host = WebHost(scheme="https" if certificate else "http")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            host.asked.append((self.command, self.path, dict(self.headers)))
            default = says(404)
            answer = host.paths.get(f"{self.command} {self.path}", host.paths.get(self.path))
            (answer or default)(self)

        do_GET = do_HEAD = _answer

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
