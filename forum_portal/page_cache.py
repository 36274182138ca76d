"""Public pages are kept whole, and served again for as long as nothing that the public reads was written.

`PageCacheMiddleware` is the first middleware: what it keeps are final headers and bodies. It keeps only
answers of views that carry the mark `public_page`, to strangers, so that a private page cannot get in by
forgetting. `KeptFirst` stands before Django and serves what is kept: an address that the middleware has
let in once, spelled in the same way. Both ask the same `Pages`.

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
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

import brotli
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.response import ResponseHeaders
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import cc_delim_re, patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.utils.module_loading import import_string

from forum_portal import current_request, display
from forum_portal.addresses import origin_of
from forum_portal.languages import language_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Answer = Callable[[HttpRequest], HttpResponse]

METHODS = ("GET", "HEAD")
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
TEXTS = (
    "text/",
    "application/json",
    "application/ld+json",
    "application/atom+xml",
    "application/xml",
    "image/svg",
)
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
    is as one that is missing. `WHOLE_QUERY` means all of them as they are written. It is kept if the view
    vouches for their values (`vouch`). The view may depend on the database, the local date, the settings
    and the reader's display, and on nothing else of the request. It sees neither other cookies nor
    conditions (If-None-Match, Range): a view that serves files by itself has no mark.
    """

    def marked(view: View) -> View:
        view.public_page = Mark((*params, *never_with), never_with)  # type: ignore[attr-defined]
        return view

    return marked


@lru_cache(maxsize=2000)
def _mark_at(path: str, urlconf: str) -> Mark | None:
    try:
        with translation.override(language_of(path)):  # addresses are in a language
            return getattr(resolve(path, urlconf).func, "public_page", None)
    except Resolver404:
        return None


def mark_of(request: HttpRequest) -> Mark | None:
    """The mark of the view at the request's path."""
    return _mark_at(request.path_info, settings.ROOT_URLCONF)


def vouch(request: HttpRequest, *params: str) -> None:
    """Say that the values of these parameters name something that there is; WHOLE_QUERY: of all.

    A page is kept only if its view vouches for every parameter in its address. There are as many
    invented values as somebody cares to write, and each would take the place of a page that is read.
    """
    request.vouched = getattr(request, "vouched", set()) | {*params}  # type: ignore[attr-defined]


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


class Sent(NamedTuple):
    """An answer as it goes out (PEP 3333)."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Variant:
    """A page's body in one encoding, with its answers."""

    body: bytes
    etag: str
    whole: Sent
    head: Sent
    unchanged: Sent


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
        unchanged = [each for each in headers.items() if each[0].lower() not in OF_BODIES]
        if suffix:
            headers["Content-Encoding"] = encoding
        headers["Content-Length"] = str(len(body))
        every = list(headers.items())
        return Variant(
            body,
            etag,
            whole=Sent("200 OK", every, body),
            head=Sent("200 OK", every, b""),
            unchanged=Sent("304 Not Modified", unchanged, b""),
        )

    def sent(self, environ: Mapping[str, Any]) -> Sent:
        """The answer to a GET or HEAD: the page, or 304 if the reader has it."""
        shown = self.variant(environ.get("HTTP_ACCEPT_ENCODING", ""))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and (known == shown.etag or _is_known(known, shown.etag)):
            return shown.unchanged
        return shown.head if environ["REQUEST_METHOD"] == "HEAD" else shown.whole

    def answer(self, environ: Mapping[str, Any]) -> HttpResponse:
        """`sent`, as Django's middleware returns it."""
        status, headers, body = self.sent(environ)
        response = HttpResponse(body, status=int(status[:3]))
        response.headers = ResponseHeaders(dict(headers))
        return response


def _is_known(known: str, etag: str) -> bool:
    """Whether If-None-Match names the tag; a proxy may have made it a weak one (RFC 9110, 13.1.2)."""
    tags = parse_etags(known)
    return "*" in tags or etag in {each.removeprefix("W/") for each in tags}


# The kept pages --------------------------------------------------------------------------------


class Key(NamedTuple):
    """A page's whole name; `query` is what its mark lets through."""

    origin: str  # only the scheme if PORTAL_URL is set
    language: str
    path: str
    query: str
    display: str = ""  # what the reader chose, of a few values (forum_portal/display.py)


#: Whatever of a request its scheme, host, path and query are made from, by the names of WSGI and CGI.
NAMING = (
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_URL",
    "REDIRECT_URL",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
)
Written = tuple[Any, ...]


class Pages:
    """The pages that were read last, up to PAGE_CACHE_BYTES. Of each key there is one version."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all pages, and what the settings said."""
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._keys: OrderedDict[Written, Key] = OrderedDict()  # as written -> as kept
        self.size = 0  # bytes
        for each in ("_naming", "_stamp"):
            self.__dict__.pop(each, None)

    def __len__(self) -> int:
        return len(self._pages)

    @cached_property
    def _naming(self) -> tuple[str, ...]:
        more = [settings.SECURE_PROXY_SSL_HEADER[0]] if settings.SECURE_PROXY_SSL_HEADER else []
        if settings.USE_X_FORWARDED_HOST:
            more.append("HTTP_X_FORWARDED_HOST")
        if settings.USE_X_FORWARDED_PORT:
            more.append("HTTP_X_FORWARDED_PORT")
        return (*NAMING, *more)

    @cached_property
    def _stamp(self) -> Callable[[], str | None]:
        read: Callable[[], str | None] = import_string(settings.PUBLIC_STAMP)
        return read

    def version(self) -> str | None:
        """What pages are kept under at this moment; None if the database does not answer."""
        stamp = self._stamp()
        return stamp and f"{_today()} {stamp}"

    def written(self, environ: Mapping[str, Any]) -> Written:
        """A page's name as a request spells it."""
        chosen = display.value_in(environ.get("HTTP_COOKIE", ""))
        return (*map(environ.get, self._naming), _language(), chosen)

    def find(self, environ: Mapping[str, Any]) -> Page | None:
        """The page for a request that asks as somebody did before, if it is kept and of now."""
        if not settings.PAGE_CACHE_BYTES or environ["REQUEST_METHOD"] not in METHODS:
            return None
        if (cookies := environ.get("HTTP_COOKIE")) and _may_be_private(cookies):
            return None
        key = self._keys.get(self.written(environ))
        if key is None or key not in self._pages:
            return None
        version = self.version()
        return self.get(key, version) if version else None

    def key_of(self, written: Written) -> Key | None:
        """The key for an address as somebody wrote it, if a page was served for that."""
        return self._keys.get(written)

    def remember(self, written: Written, key: Key) -> None:
        """Note that an address means this page, if the page is kept."""
        if key not in self._pages:
            return
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


#: Those of this process.
PAGES = Pages()


# Before Django ---------------------------------------------------------------------------------


class KeptFirst:
    """A WSGI application that serves kept pages itself, and leaves all else to Django.

    It decides nothing: a page is there only if the middleware has judged the same spelling, its host
    included, and has kept the answer.
    """

    def __init__(self, django: WSGIHandler) -> None:
        self._django = django

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        page = PAGES.find(environ)
        if page is None:
            return self._django(environ, start_response)
        _tell("kept")
        status, headers, body = page.sent(environ)
        start_response(status, headers.copy())  # a server may add its own to the list
        return [body]


# The middleware --------------------------------------------------------------------------------


class PageCacheMiddleware:
    """Serve kept pages, and keep new ones. It is the first middleware."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.pages = PAGES
        self._lock = threading.Lock()
        self._making: dict[tuple[Key, str], threading.Event] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PAGE_CACHE_BYTES or request.method not in METHODS:
            return self.get_response(request)
        if _has_private_cookie(request):
            return self._for_one_reader(request)
        written = self.pages.written(request.META)
        key = known = self.pages.key_of(written)
        if key is None:
            mark = mark_of(request)
            if mark is None:
                return self.get_response(request)
            try:
                origin = origin_of(request)
            except DisallowedHost:
                return self.get_response(request)
            query = _query(request, mark)
            if query is None:
                return self._unkept(request)
            if settings.PORTAL_URL:
                # Pages name that, whatever the request says. Of names and ports that lead here there may
                # be many, and of each page there is one. Headers depend on the scheme.
                origin = origin.partition(":")[0]
            chosen = display.value_in(request.META.get("HTTP_COOKIE", ""))
            key = Key(origin, _language(), request.path, query, chosen)
        version = self.pages.version()
        if version is None:
            return self._unkept(request)
        page = self.pages.get(key, version)
        _tell("kept" if page else "made")
        response = page.answer(request.META) if page else self._made(request, key, version)
        if known is None:
            self.pages.remember(written, key)
        return response

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
            return page.answer(request.META) if page else self._unkept(request)
        try:
            return self._make(request, key, version)
        finally:
            with self._lock:
                del self._making[turn]
            done.set()

    def _make(self, request: HttpRequest, key: Key, version: str) -> HttpResponse:
        asked = dict(request.META)
        _make_plain(request, key)
        method, request.method = request.method, "GET"
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
        if version == self.pages.version():
            self.pages.put(key, page)
        return page.answer(asked)

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


def _tell(how: str) -> None:
    """Note for the figures whether the page was `kept` or has to be `made`."""
    if now := current_request.current():
        now.page = how


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


def _may_be_private(cookies: str) -> bool:
    """Whether a Cookie header may hold a session or a message; it is not taken apart here."""
    return settings.SESSION_COOKIE_NAME in cookies or settings.MESSAGES_COOKIE_NAME in cookies


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


def _make_plain(request: HttpRequest, key: Key) -> None:
    """Take from the request whatever the page must not depend on."""
    environ = request.META
    environ["QUERY_STRING"] = key.query
    for name in (*CONDITIONS, "HTTP_COOKIE"):
        environ.pop(name, None)
    if key.display:
        environ["HTTP_COOKIE"] = display.cookie_header(key.display)
    for read_before in ("GET", "COOKIES", "headers"):
        request.__dict__.pop(read_before, None)


def _may_be_kept(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the answer is for everybody: as the view's mark says, and by all signs of the answer."""
    if response.status_code != 200 or response.streaming or response.cookies:
        return False
    vouched: set[str] = getattr(request, "vouched", set())
    if WHOLE_QUERY not in vouched and not request.GET.keys() <= vouched:
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
