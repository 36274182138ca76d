"""What is done once the server has sent an answer (PEP 3333)."""

from collections.abc import Callable, Iterable, Iterator


def when_closed(body: Iterable[bytes], end: Callable[[], None]) -> Iterable[bytes]:
    """The same body, with `end` called when the server has closed it."""
    before = getattr(body, "close", None)

    def close() -> None:
        try:
            if before:
                before()
        finally:
            end()

    try:
        # The object itself: a server sends its own file wrapper faster than anything else.
        body.close = close  # type: ignore[attr-defined]
    except AttributeError:
        return _Closing(body, close)
    return body


class _Closing:
    """A body that cannot be given another `close`: a list."""

    def __init__(self, body: Iterable[bytes], close: Callable[[], None]) -> None:
        self._body = body
        self.close = close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)
