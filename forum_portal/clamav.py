"""ClamAV, asked over its socket whether a file is infected (INSTREAM of the clamd protocol)."""

from __future__ import annotations

import socket
import time

_CHUNK = 2**16
_ANSWER = 4096  # bytes of an answer that are read


class Unanswered(Exception):
    """The scanner did not say whether the file is clean."""


def is_infected(content: bytes, *, address: str, seconds: float) -> bool:
    """Whether the scanner at `address` (a socket's path, or `host:port`) finds something.

    Raises `Unanswered` if it cannot be reached, answers an error, or takes longer than `seconds` in all.
    """
    until = time.monotonic() + seconds
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                line.settimeout(_left(until))
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
            line.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _ANSWER:
                line.settimeout(_left(until))
                piece = line.recv(_ANSWER)
                if not piece:
                    break
                answer += piece
    except (OSError, ValueError) as error:
        raise Unanswered(str(error)) from error
    verdict = answer.rstrip(b"\0\n")
    if verdict == b"stream: OK":
        return False
    if verdict.startswith(b"stream: ") and verdict.endswith(b" FOUND"):
        return True
    raise Unanswered(verdict.decode(errors="replace"))


def _connected(address: str, seconds: float) -> socket.socket:
    if "/" in address:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(seconds)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
