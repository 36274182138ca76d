"""Public pages are kept whole, and served again for as long as nothing that the public reads was written.

`PageCacheMiddleware` is the first middleware: what it keeps are final headers and bodies, and a page that
it has is served without anything of what follows. It keeps only answers of views that carry the mark
`public_page`, to strangers, so that a private page cannot get in by forgetting.

A page is kept under the stamp that the database had *before* the page was made (PUBLIC_STAMP names the
function that reads it). Whoever writes what the public reads changes the stamp in the same transaction.
So a page that was being made while somebody wrote is kept under the old stamp, and never served again;
nobody has to empty anything, and each process notices at the next request.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

import brotli
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.response import ResponseHeaders
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import cc_delim_re, patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.utils.module_loading import import_string

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Answer = Callable[[HttpRequest], HttpResponse]

WHOLE_QUERY = "*"
LONGEST_QUERY = 1000  # characters of a query whose page is kept
PATIENCE = 10.0  # seconds for which a request waits for another that makes the same page
ALIASES = 4000  # spellings of addresses that are remembered
SMALLEST = 500  # bytes of a body that is worth compressing
SHARE = 8  # a page that takes more than this part of PAGE_CACHE_BYTES is not kept
OVERHEAD = 2000  # bytes that a page takes besides its bodies

#: Headers of a request that ask for a part, or for nothing if it is as known: answered from the page.
CONDITIONS = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)
#: Content types that become smaller; the other files are compressed by their own format.
TEXTS = ("text/", "application/json", "application/ld+json", "application/atom+xml", "image/svg")
#: Headers of a body, which an answer without one lacks.
OF_BODIES = {"content-length", "content-type", "content-encoding", "content-disposition"}


# The mark --------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """What a public page is made from besides its path: these parameters and no others.

    With a value of a parameter of `never_with`, which readers type freely, it is not kept.
    """

    params: tuple[str, ...]
    never_with: tuple[str, ...]


def public_page(*params: str, never_with: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Decorate a view whose answer is the same for every stranger; the outermost decorator.

    `params` are the parameters that it reads: for strangers the request has no others, and an empty one
    is as one that is missing. `WHOLE_QUERY` means all of them as they are written. The view may depend on
    the database, the local date and the settings, and on nothing else of the request. It sees neither
    cookies nor conditions (If-None-Match, Range): a view that serves files by itself has no mark.
    """

    def marked(view: View) -> View:
        view.public_page = Mark((*params, *never_with), never_with)  # type: ignore[attr-defined]
        return view

    return marked


@lru_cache(maxsize=2000)
def _mark_at(path: str, urlconf: str) -> Mark | None:
    try:
        return getattr(resolve(path, urlconf).func, "public_page", None)
    except Resolver404:
        return None


def mark_of(request: HttpRequest) -> Mark | None:
    """The mark of the view at the request's path."""
    return _mark_at(request.path_info, settings.ROOT_URLCONF)


# A kept page -----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def accepted(header: str) -> tuple[str, ...]:
    """The encodings of "br", "gzip" and "identity" that an Accept-Encoding allows, the best first.

    RFC 9110, 12.5.3. "identity" is always among them: an answer is better than none.
    """
    said: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *options = (each.strip() for each in part.split(";"))
        quality = 1.0
        for option in options:
            key, _equals, value = option.partition("=")
            if key.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if name:
            said[{"x-gzip": "gzip"}.get(name, name)] = quality
    rest = said.get("*", 0.0)
    found = [(said.get(name, rest), -nth, name) for nth, name in enumerate(("br", "gzip"))]
    best = sorted((each for each in found if each[0] > 0), reverse=True)
    names = [name for _quality, _nth, name in best]
    plain = said.get("identity", 0.0)
    ahead = [name for quality, _nth, name in best if quality >= plain]
    return (*ahead, "identity", *(name for name in names if name not in ahead))


def _brotli(body: bytes) -> bytes:
    # Quality 5 takes a millisecond for a page; the best, 11, takes eighty.
    return brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)


def _gzip(body: bytes) -> bytes:
    # Without a time in the header, so that the same body has the same bytes.
    work = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return work.compress(body) + work.flush()


COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {"br": _brotli, "gzip": _gzip}


@dataclass(frozen=True)
class Variant:
    """A page's body in one encoding, with all headers of its answer."""

    body: bytes
    etag: str
    headers: ResponseHeaders
    unchanged: ResponseHeaders  # of a 304


class Page:
    """A whole answer of status 200. Its compressed bodies are made when somebody first asks for them."""

    def __init__(self, version: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.version = version
        self._headers = [
            each for each in headers if each[0].lower() not in ("etag", "content-length")
        ]
        self._hash = blake2b(body, digest_size=16).hexdigest()
        content_type = dict(self._headers).get("Content-Type", "")
        self._is_text = content_type.startswith(TEXTS) and len(body) >= SMALLEST
        self._lock = threading.Lock()
        self._variants = {"identity": self._variant("identity", body)}

    @property
    def size(self) -> int:
        """Bytes that the page takes by and by, all encodings included."""
        body = len(self._variants["identity"].body)
        return OVERHEAD + body + (body // 2 if self._is_text else 0)

    def variant(self, accept_encoding: str) -> Variant:
        """The body for a request's Accept-Encoding."""
        encoding = accepted(accept_encoding)[0] if self._is_text and accept_encoding else "identity"
        found = self._variants.get(encoding)
        if found is None:
            with self._lock:
                found = self._variants.get(encoding) or self._variant(
                    encoding, COMPRESS[encoding](self._variants["identity"].body)
                )
                self._variants[encoding] = found
        return found

    def _variant(self, encoding: str, body: bytes) -> Variant:
        headers = dict(self._headers)
        # Each encoding is another sequence of bytes, so each has its own strong tag.
        suffix = "" if encoding == "identity" else f"-{encoding}"
        headers["ETag"] = etag = f'"{self._hash}{suffix}"'
        unchanged = {
            name: value for name, value in headers.items() if name.lower() not in OF_BODIES
        }
        if suffix:
            headers["Content-Encoding"] = encoding
        headers["Content-Length"] = str(len(body))
        return Variant(body, etag, ResponseHeaders(headers), ResponseHeaders(unchanged))

    def answer(self, method: str, environ: Mapping[str, Any]) -> HttpResponse:
        """The answer to a GET or HEAD: the page, or 304 if the reader has it."""
        shown = self.variant(environ.get("HTTP_ACCEPT_ENCODING", ""))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and (known == shown.etag or _is_known(known, shown.etag)):
            response = HttpResponse(status=304)
            response.headers = shown.unchanged
            return response
        response = HttpResponse(b"" if method == "HEAD" else shown.body)
        # Shared by all answers: no middleware comes after this one, and to copy them costs a third of
        # the whole answer.
        response.headers = shown.headers
        return response


def _is_known(known: str, etag: str) -> bool:
    """Whether If-None-Match names the tag; a proxy may have made it a weak one (RFC 9110, 13.1.2)."""
    tags = parse_etags(known)
    return "*" in tags or etag in {each.removeprefix("W/") for each in tags}


# The kept pages --------------------------------------------------------------------------------


class Key(NamedTuple):
    """A page's whole name; `query` is what its mark lets through."""

    scheme: str
    host: str
    language: str
    path: str
    query: str


class Pages:
    """The pages that were read last, up to PAGE_CACHE_BYTES. Of each key there is one version."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._keys: OrderedDict[Key, Key] = OrderedDict()  # as written -> as kept
        self.size = 0  # bytes

    def __len__(self) -> int:
        return len(self._pages)

    def key_of(self, written: Key) -> Key | None:
        """The key for an address as somebody wrote it, if that was seen before."""
        return self._keys.get(written)

    def remember(self, written: Key, key: Key) -> None:
        with self._lock:
            self._keys[written] = key
            while len(self._keys) > ALIASES:
                self._keys.popitem(last=False)

    def get(self, key: Key, version: str) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None or page.version != version:
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: Page) -> None:
        """Keep the page, in the place of other versions and of those not read for the longest time."""
        limit = settings.PAGE_CACHE_BYTES
        if page.size > limit // SHARE:
            return
        with self._lock:
            if earlier := self._pages.pop(key, None):
                self.size -= earlier.size
            self._pages[key] = page
            self.size += page.size
            while self.size > limit:
                _key, oldest = self._pages.popitem(last=False)
                self.size -= oldest.size


# The middleware --------------------------------------------------------------------------------


class PageCacheMiddleware:
    """Serve kept pages, and keep new ones. It is the first middleware."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.pages = Pages()
        self._lock = threading.Lock()
        self._making: dict[tuple[Key, str], threading.Event] = {}
        self._stamp: Callable[[], str | None] = import_string(settings.PUBLIC_STAMP)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PAGE_CACHE_BYTES or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        environ = request.META
        if "HTTP_COOKIE" in environ and _has_private_cookie(request):
            return self._for_one_reader(request)
        try:
            host = request.get_host()
        except DisallowedHost:
            return self.get_response(request)
        written = Key(
            request.scheme or "",
            host,
            _language(),
            request.path,
            environ.get("QUERY_STRING", ""),
        )
        key = self.pages.key_of(written)
        if key is None:
            mark = mark_of(request)
            if mark is None:
                return self.get_response(request)
            query = _query(request, mark)
            if query is None:
                return self._unkept(request)
            key = written._replace(query=query)
            self.pages.remember(written, key)
        stamp = self._stamp()
        if stamp is None:
            return self._unkept(request)
        version = f"{_today()} {stamp}"
        page = self.pages.get(key, version)
        if page is None:
            return self._made(request, key, version)
        return page.answer(request.method, environ)

    def _made(self, request: HttpRequest, key: Key, version: str) -> HttpResponse:
        """Make the page, or wait for whoever is making it."""
        turn = key, version
        with self._lock:
            being_made = self._making.get(turn)
            if being_made is None:
                done = self._making[turn] = threading.Event()
        if being_made is not None:
            being_made.wait(PATIENCE)
            page = self.pages.get(key, version)
            if page:
                return page.answer(request.method or "GET", request.META)
            return self._unkept(request)
        try:
            return self._make(request, key, version)
        finally:
            with self._lock:
                del self._making[turn]
            done.set()

    def _make(self, request: HttpRequest, key: Key, version: str) -> HttpResponse:
        method, asked = request.method or "GET", dict(request.META)
        _make_plain(request, key.query)
        request.method = "GET"
        try:
            response = self.get_response(request)
        finally:
            request.method = method
        if not _may_be_kept(request, response):
            patch_vary_headers(response, ("Cookie",))
            return response
        _for_everybody(response)
        page = Page(version, response.items(), response.content)
        # Kept only if it will be served: somebody may have written in the meantime.
        if version == f"{_today()} {self._stamp()}":
            self.pages.put(key, page)
        return page.answer(method, asked)

    def _unkept(self, request: HttpRequest) -> HttpResponse:
        """An answer of a public view that is not kept. Another reader may get another one."""
        response = self.get_response(request)
        patch_vary_headers(response, ("Cookie",))
        return response

    def _for_one_reader(self, request: HttpRequest) -> HttpResponse:
        """An answer to somebody who may be signed in. No cache that others share may have it."""
        response = self.get_response(request)
        if mark_of(request) is not None:
            if "no-store" not in response.get("Cache-Control", ""):
                patch_cache_control(response, private=True)
            patch_vary_headers(response, ("Cookie",))
        return response


def _today() -> str:
    """The local date."""
    return _date_at(int(time.time() // 60))


@lru_cache(maxsize=2)
def _date_at(minute: int) -> str:
    return timezone.localdate(datetime.fromtimestamp(minute * 60, UTC)).isoformat()


def _language() -> str:
    """The language of the answer; with a single one there is nothing to ask."""
    if len(settings.LANGUAGES) == 1:
        return str(settings.LANGUAGE_CODE)
    return translation.get_language() or ""


def _has_private_cookie(request: HttpRequest) -> bool:
    cookies = request.COOKIES
    return settings.SESSION_COOKIE_NAME in cookies or settings.MESSAGES_COOKIE_NAME in cookies


def _query(request: HttpRequest, mark: Mark) -> str | None:
    """The query that the page is made from; None if such a page is not kept."""
    written = request.META.get("QUERY_STRING", "")
    if len(written) > LONGEST_QUERY:
        return None
    if WHOLE_QUERY in mark.params:
        return str(written)
    # Of a parameter that is given twice, Django's `GET[name]` is the last value.
    given = {name: request.GET[name] for name in mark.params if request.GET.get(name)}
    if any(name in given for name in mark.never_with):
        return None
    query = QueryDict(mutable=True)
    for name in sorted(given):
        query[name] = given[name]
    return query.urlencode()


def _make_plain(request: HttpRequest, query: str) -> None:
    """Take from the request whatever the page must not depend on."""
    environ = request.META
    environ["QUERY_STRING"] = query
    for name in (*CONDITIONS, "HTTP_COOKIE"):
        environ.pop(name, None)
    for read_before in ("GET", "COOKIES", "headers"):
        request.__dict__.pop(read_before, None)


def _may_be_kept(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the answer is for everybody: as the view's mark says, and by all signs of the answer."""
    if response.status_code != 200 or response.streaming or response.cookies:
        return False
    rules = {each.strip().lower() for each in cc_delim_re.split(response.get("Cache-Control", ""))}
    if rules & {"no-store", "private", "no-cache"} or response.has_header("Content-Encoding"):
        return False
    if response.has_header("Vary"):  # on a cookie, or on something that is no part of the key
        return False
    session = getattr(request, "session", None)
    if session is not None and (session.accessed or session.modified):
        return False
    # A page with a form's token is one reader's. It would also be compressed beside the token (BREACH).
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        return False
    return isinstance(response, HttpResponse) and b"csrfmiddlewaretoken" not in response.content


def _for_everybody(response: HttpResponse) -> None:
    """Let every cache keep the answer, and ask again each time; a shared one for PUBLIC_S_MAXAGE."""
    rules: dict[str, Any] = {"public": True}
    if not response.has_header("Cache-Control"):
        rules["max_age"] = 0
    if settings.PUBLIC_S_MAXAGE:
        rules["s_maxage"] = settings.PUBLIC_S_MAXAGE
    patch_cache_control(response, **rules)
    patch_vary_headers(response, ("Accept-Encoding", "Cookie"))
