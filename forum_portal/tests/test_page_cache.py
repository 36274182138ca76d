"""Pages that are kept: for whom, under what name, for how long, and in which form."""

import gzip
import threading
from collections import Counter

import brotli
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.urls import path

from forum_portal import page_cache
from forum_portal.page_cache import (
    WHOLE_QUERY,
    PageCacheMiddleware,
    accepted,
    public_page,
    vouch,
)

BODY = "ข้อเสนอ " * 200


class Now:
    """What the tests set: the stamp, and what happens while a page is made."""

    stamp: str | None
    during = staticmethod(lambda: None)


def stamp():
    return Now.stamp


made: Counter[str] = Counter()


def answer(request, *args, **kwargs):
    vouch(request, *(name for name in request.GET if request.GET[name] != "invented"))
    made[request.path] += 1
    Now.during()
    return HttpResponse(f"{BODY}{made[request.path]} {sorted(request.GET.items())}")


def shown(request):
    return HttpResponse(f"{answer(request).content.decode()} {sorted(request.COOKIES.items())}")


def cookie(request):
    response = answer(request)
    response.set_cookie("a", "b")
    return response


def with_header(name, value):
    def view(request):
        response = answer(request)
        response[name] = value
        return response

    return view


def session(request):
    request.session = type("Session", (), {"accessed": True, "modified": False})()
    return answer(request)


def token(request):
    get_token(request)
    return answer(request)


def form(request):
    return HttpResponse('<input name="csrfmiddlewaretoken">' + answer(request).content.decode())


def streamed(request):
    return StreamingHttpResponse([answer(request).content])


NEVER = {
    "redirect": lambda request: HttpResponseRedirect("/" if answer(request) else ""),
    "missing": lambda request: HttpResponse("?" if answer(request) else "", status=404),
    "cookie": cookie,
    "no-store": with_header("Cache-Control", "no-store"),
    "private": with_header("Cache-Control", "max-age=0, Private"),
    "varies": with_header("Vary", "Accept-Language"),
    "encoded": with_header("Content-Encoding", "x"),
    "session": session,
    "token": token,
    "form": form,
    "streamed": streamed,
}
urlpatterns = [
    path("page", public_page("year", "page")(lambda request: answer(request))),
    path("other", public_page()(lambda request: answer(request))),
    path("search", public_page("year", never_with=("q",))(lambda request: answer(request))),
    path("data", public_page(WHOLE_QUERY)(lambda request: answer(request))),
    path("minute", public_page()(with_header("Cache-Control", "public, max-age=60"))),
    path("shown", public_page()(lambda request: shown(request))),
    path("unmarked", lambda request: answer(request)),
    *(path(name, public_page()(view)) for name, view in NEVER.items()),
]


@pytest.fixture(autouse=True)
def cache(settings):
    settings.PAGE_CACHE_BYTES = 1_000_000
    settings.PUBLIC_STAMP = f"{__name__}.stamp"
    settings.ROOT_URLCONF = __name__
    page_cache._mark_at.cache_clear()
    page_cache.PAGES.clear()
    made.clear()
    Now.stamp, Now.during = "one", lambda: None
    yield PageCacheMiddleware(view_of)
    page_cache.PAGES.clear()
    page_cache._mark_at.cache_clear()


def view_of(request):
    match = page_cache.resolve(request.path_info, __name__)
    return match.func(request, **match.kwargs)


def ask(cache, address, method="get", cookies="", **headers):
    if cookies:
        headers["HTTP_COOKIE"] = cookies
    return cache(getattr(RequestFactory(), method)(address, **headers))


def times_made(cache, *addresses, **more):
    """How often a page is made if each address is asked for twice."""
    made.clear()
    for address in addresses * 2:
        ask(cache, address, **more)
    return made.total()


def test_a_page_is_made_once_until_the_stamp_changes(cache):
    assert times_made(cache, "/page") == 1
    first = ask(cache, "/page").content
    Now.stamp = "two"
    assert ask(cache, "/page").content != first
    assert made["/page"] == 2
    Now.stamp = "one"
    assert ask(cache, "/page").content != first, "the page of the earlier stamp is gone"


def test_a_new_day_has_new_pages(cache, time_machine):
    time_machine.move_to("2026-11-20T16:59:00Z")  # a minute before midnight in Bangkok
    assert times_made(cache, "/page") == 1
    time_machine.move_to("2026-11-20T17:00:00Z")
    assert times_made(cache, "/page") == 1


def test_without_a_stamp_every_page_is_made(cache):
    Now.stamp = None
    assert times_made(cache, "/page") == 2
    assert "public" not in ask(cache, "/page").get("Cache-Control", "")


def test_a_view_without_the_mark_is_never_kept(cache):
    assert times_made(cache, "/unmarked") == 2
    assert not ask(cache, "/unmarked").has_header("ETag")


@pytest.mark.parametrize("name", NEVER)
def test_an_answer_that_may_be_one_readers_is_never_kept(cache, name):
    assert times_made(cache, f"/{name}") == 2
    assert len(cache.pages) == 0
    assert "Cookie" in ask(cache, f"/{name}")["Vary"]
    assert not ask(cache, f"/{name}").has_header("ETag")


def test_what_is_sent_is_never_answered_from_a_page(cache):
    ask(cache, "/page")
    ask(cache, "/page", "post")
    assert made["/page"] == 2


@pytest.mark.security
@pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "MESSAGES_COOKIE_NAME"])
def test_a_reader_with_a_session_or_a_message_neither_gets_a_page_nor_leaves_one(
    cache, settings, name
):
    own = f"{getattr(settings, name)}=x"
    assert times_made(cache, "/page", cookies=own) == 2
    assert len(cache.pages) == 0
    for address in ("/page", "/minute"):
        response = ask(cache, address, cookies=own)
        assert "private" in response["Cache-Control"]
        assert "public" not in response["Cache-Control"]
        assert "Cookie" in response["Vary"]
    strangers = ask(cache, "/page").content
    assert ask(cache, "/page", cookies=own).content != strangers
    assert ask(cache, "/page", cookies="other=1").content == strangers


def test_a_page_cannot_read_a_strangers_cookies_nor_conditions(cache):
    seen = {}

    def view(request):
        seen.update(request.META, cookies=dict(request.COOKIES))
        return HttpResponse(BODY)

    ask(
        PageCacheMiddleware(view),
        "/page?year=1&spy=2",
        cookies="other=1",
        HTTP_IF_NONE_MATCH='"x"',
        HTTP_RANGE="bytes=0-1",
    )
    assert seen["cookies"] == {}
    assert seen["QUERY_STRING"] == "year=1"
    assert not {"HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE"} & seen.keys()


def test_parameters_that_a_page_does_not_declare_make_no_other_page(cache):
    same = ["/page", "/page?utm=1", "/page?year=", "/page?utm=1&year=&page="]
    assert times_made(cache, *same) == 1
    same = ["/page?year=2567&page=2", "/page?page=2&x=y&year=2567", "/page?year=1&year=2567&page=2"]
    assert times_made(cache, *same) == 1
    assert "[('page', '2'), ('year', '2567')]" in ask(cache, same[1]).content.decode()
    assert times_made(cache, "/page?year=2567", "/page?year=2566", "/page?page=2567") == 3


def test_data_is_kept_for_the_query_as_it_is_written(cache):
    assert times_made(cache, "/data?a=1", "/data?a=2", "/data?a=1&a=2", "/data") == 4
    assert times_made(cache, "/data?a=" + "x" * 1000) == 2, "too long to be kept"


def test_a_page_about_an_invented_value_is_not_kept(cache):
    for address in ("/page?page=invented", "/page?year=1&page=invented", "/data?a=invented"):
        assert times_made(cache, address) == 2
        assert not len(cache.pages) + len(cache.pages._keys)
        assert "Cookie" in ask(cache, address)["Vary"]


def test_names_and_ports_of_one_portal_have_one_page(cache, settings):
    settings.PORTAL_URL, settings.ALLOWED_HOSTS = "https://a.example", [".example"]
    for host in ("a.example", "a.example:1", "b.example:2"):
        cache(RequestFactory().get("/page", HTTP_HOST=host))
    assert made["/page"] == 1
    cache(RequestFactory().get("/page", HTTP_HOST="a.example", secure=True))
    assert made["/page"] == 2, "its headers may be others"
    cache(RequestFactory().get("/page", HTTP_HOST="evil.test"))
    assert made["/page"] == 3, "left to the others, which refuse it"
    assert len(cache.pages) == 2


def test_a_search_is_not_kept(cache):
    assert times_made(cache, "/search?q=กรม") == 2
    assert times_made(cache, "/search?q=", "/search") == 1


def test_hosts_and_schemes_have_pages_of_their_own(cache, settings):
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    for host, secure in (("a.example", False), ("b.example", False), ("a.example", True)):
        for _twice in range(2):
            cache(RequestFactory().get("/page", HTTP_HOST=host, secure=secure))
    assert made["/page"] == 3
    cache(RequestFactory().get("/page", HTTP_HOST="evil.example"))
    assert made["/page"] == 4, "left to the others, which refuse it"
    assert len(cache.pages) == 3


def test_a_commit_while_a_page_is_made_leaves_nothing_of_it(cache):
    def write():
        Now.stamp = "two"

    Now.during = write
    first = ask(cache, "/page")
    assert first.status_code == 200
    assert len(cache.pages) == 0
    Now.during = lambda: None
    assert ask(cache, "/page").content != first.content


def test_one_request_makes_a_page_and_the_others_wait_for_it(cache):
    begun, go = threading.Event(), threading.Event()

    def slowly():
        begun.set()
        assert go.wait(10)

    Now.during = slowly
    bodies = []
    threads = [
        threading.Thread(target=lambda: bodies.append(ask(cache, "/page").content))
        for _each in range(4)
    ]
    threads[0].start()
    assert begun.wait(10)
    for each in threads[1:]:
        each.start()
    go.set()
    for each in threads:
        each.join(10)
    assert made["/page"] == 1
    assert len(bodies) == 4
    assert len(set(bodies)) == 1


def test_who_has_waited_long_enough_makes_the_page_for_themselves(cache, monkeypatch):
    monkeypatch.setattr(page_cache, "PATIENCE", 0.01)
    inside = []

    def meanwhile():
        if not inside:
            inside.append(True)
            inside.append(ask(cache, "/page").content)

    Now.during = meanwhile
    assert ask(cache, "/page").status_code == 200
    assert made["/page"] == 2
    assert len(cache.pages) == 1
    Now.stamp, inside[:] = "three", []

    def other_page():
        if not inside:
            inside.append(True)
            inside.append(ask(cache, "/other").content)

    Now.during = other_page
    ask(cache, "/page")
    assert made["/other"] == 1, "another page does not wait"


def test_the_pages_read_last_are_kept_within_the_limit(cache, settings):
    one = page_cache.Page("v", [("Content-Type", "text/html")], BODY.encode() * 3).size
    settings.PAGE_CACHE_BYTES = one * 8
    for number in range(30):
        ask(cache, f"/page?year={number}")
        ask(cache, "/page?year=0")
    assert 0 < cache.pages.size <= settings.PAGE_CACHE_BYTES
    assert cache.pages.size == sum(each.size for each in cache.pages._pages.values())
    assert times_made(cache, "/page?year=0", "/page?year=29") == 0
    assert times_made(cache, "/page?year=5") == 1
    settings.PAGE_CACHE_BYTES = one * 2
    assert times_made(cache, "/other") == 2, "no page takes an eighth of all"
    assert ask(cache, "/other").has_header("ETag")


def test_addresses_are_remembered_up_to_a_number(cache, monkeypatch):
    monkeypatch.setattr(page_cache, "ALIASES", 3)
    assert times_made(cache, *(f"/page?x={each}" for each in range(9))) == 1
    assert len(cache.pages._keys) == 3


# Before Django ---------------------------------------------------------------------------------


class Front:
    """What a server has: `KeptFirst` before an application that lacks nothing but Django."""

    def __init__(self, cache):
        self.cache, self.passed = cache, 0
        self.front = page_cache.KeptFirst(self.django)

    def django(self, environ, start_response):
        self.passed += 1
        response = self.cache(WSGIRequest(environ))
        start_response(f"{response.status_code} of Django", list(response.items()))
        return [response.getvalue()]

    def ask(self, address="/page", method="GET", **more):
        environ = RequestFactory().generic(method, address, **more).environ
        sent = []
        body = b"".join(self.front(environ, lambda *told: sent.extend(told)))
        return sent[0], dict(sent[1]), body


@pytest.fixture
def front(cache):
    return Front(cache)


def test_what_is_kept_is_served_without_django(front):
    first = front.ask("/page?year=1&x=2", HTTP_ACCEPT_ENCODING="gzip")
    again = front.ask("/page?year=1&x=2", HTTP_ACCEPT_ENCODING="gzip")
    assert front.passed == 1
    assert again == ("200 OK", *first[1:])
    tag = {"HTTP_IF_NONE_MATCH": again[1]["ETag"], "HTTP_ACCEPT_ENCODING": "gzip"}
    status, headers, body = front.ask("/page?year=1&x=2", **tag)
    assert (status, headers["ETag"], body) == ("304 Not Modified", again[1]["ETag"], b"")
    status, headers, body = front.ask("/page?year=1&x=2", "HEAD", HTTP_ACCEPT_ENCODING="gzip")
    assert (status, headers, body) == ("200 OK", again[1], b"")
    assert front.passed == 1
    Now.stamp = "two"
    assert front.ask("/page?year=1&x=2", HTTP_ACCEPT_ENCODING="gzip")[2] != again[2]
    assert front.passed == 2


@pytest.mark.security
def test_all_that_is_not_spelled_as_before_is_djangos(front, settings):
    settings.ALLOWED_HOSTS = ["a.example"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    page_cache.PAGES.clear()
    usual = {"HTTP_HOST": "a.example"}
    front.ask(**usual)
    front.ask(**usual)
    assert front.passed == 1
    for more in (
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "A.EXAMPLE"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=x"},
        {"HTTP_COOKIE": f"a=b; {settings.MESSAGES_COOKIE_NAME}=x"},
        {"method": "POST"},
        {"address": "/page?x=1"},
        {"address": "/other"},
    ):
        before = front.passed
        front.ask(**{**usual, **more})
        assert front.passed == before + 1, more
    for evil in range(2):
        before = front.passed
        assert front.ask(HTTP_HOST="evil.example")[0] == "200 of Django", evil
        assert front.passed == before + 1, "another host's name is never let in"
    before = front.passed
    Now.stamp = None
    front.ask(**usual)
    settings.PAGE_CACHE_BYTES = 0
    front.ask(**usual)
    assert front.passed == before + 2


def test_a_server_that_adds_headers_adds_them_to_one_answer(front):
    front.ask()
    environ = RequestFactory().get("/page").environ
    list(front.front(environ, lambda status, headers: headers.append(("Date", "now"))))
    assert "Date" not in front.ask()[1]
    assert front.passed == 1


def test_the_server_has_it_before_django():
    from django.core.handlers.wsgi import WSGIHandler

    from forum_portal import wsgi
    from forum_portal.bodies import DiscardsUnread
    from forum_portal.request_log import RequestLog

    assert isinstance(wsgi.application, DiscardsUnread)
    assert isinstance(wsgi.logged, RequestLog)  # kept pages have a line and a number too
    assert isinstance(wsgi.kept_first, page_cache.KeptFirst)
    assert isinstance(wsgi.django, WSGIHandler)


# What goes out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_a_page_goes_out_in_the_encoding_that_the_reader_takes(cache, again):
    if again:
        ask(cache, "/page")
    tags = set()
    for header, encoding, decode in (
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ):
        response = ask(cache, "/page", HTTP_ACCEPT_ENCODING=header)
        assert response.get("Content-Encoding") == encoding
        assert decode(response.content).decode().startswith(BODY)
        assert response["Content-Length"] == str(len(response.content))
        assert response["Cache-Control"] == "public, max-age=0"
        assert response["Vary"] == "Accept-Encoding, Cookie"
        tags.add(response["ETag"])
    assert len(tags) == 3, "each sequence of bytes has its own strong tag"
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("*;q=0.1, gzip;q=0", "br"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0, *;q=0", "identity"),
        ("x-gzip", "gzip"),
        ("GZIP ; Q=1", "gzip"),
        ("gzip;q=many", "identity"),
        ("deflate", "identity"),
        ("", "identity"),
        (",;,", "identity"),
    ],
)
def test_accept_encoding_is_read_as_the_standard_says(header, first):
    assert accepted(header)[0] == first


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_who_has_the_page_gets_304(cache, encoding):
    shown = ask(cache, "/page", HTTP_ACCEPT_ENCODING=encoding)
    tag = shown["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = ask(cache, "/page", HTTP_ACCEPT_ENCODING=encoding, HTTP_IF_NONE_MATCH=known)
        assert (response.status_code, response.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert response[name] == shown[name]
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & {*response.headers}
    other = ask(cache, "/page", HTTP_ACCEPT_ENCODING=encoding, HTTP_IF_NONE_MATCH='"other"')
    assert other.status_code == 200
    Now.stamp = "two"
    fresh = ask(cache, "/page", HTTP_ACCEPT_ENCODING=encoding, HTTP_IF_NONE_MATCH=tag)
    assert fresh.status_code == 200, "the page is another one"


def test_the_first_reader_after_a_change_that_left_a_page_as_it_was_gets_304(cache):
    tag = ask(cache, "/other")["ETag"]
    made.clear()
    Now.stamp = "two"
    assert ask(cache, "/other", HTTP_IF_NONE_MATCH=tag).status_code == 304


@pytest.mark.parametrize("again", [False, True])
def test_head_gives_the_headers_of_get(cache, again):
    if again:
        ask(cache, "/page")
    head = ask(cache, "/page", "head", HTTP_ACCEPT_ENCODING="gzip")
    assert head.content == b""
    assert dict(head.items()) == dict(ask(cache, "/page", HTTP_ACCEPT_ENCODING="gzip").items())
    assert made["/page"] == 1


def test_a_part_is_answered_with_the_whole(cache):
    response = ask(cache, "/page", HTTP_RANGE="bytes=0-9")
    assert response.status_code == 200
    assert len(response.content) > len(BODY)


def test_a_document_keeps_its_own_age_and_shared_caches_have_theirs(cache, settings):
    assert ask(cache, "/minute")["Cache-Control"] == "public, max-age=60"
    settings.PUBLIC_S_MAXAGE = 300
    assert ask(cache, "/other")["Cache-Control"] == "public, max-age=0, s-maxage=300"


def test_a_file_that_is_compressed_by_itself_is_left_as_it_is():
    body = b"%PDF" + b" " * 5000
    page = page_cache.Page("v", [("Content-Type", "application/pdf")], body)
    assert page.variant("br, gzip").body == body


# What a reader chose of a page's looks ------------------------------------------------------------


def test_each_choice_of_display_is_a_page_of_its_own_and_no_other_cookie_is_seen(cache):
    chosen = "display=large.dark.thai"
    for cookies in (chosen, f"a=b; {chosen}", f"{chosen}; display=normal.dark.thai"):
        page = ask(cache, "/shown", cookies=cookies)
        assert page.content.decode().endswith("[('display', 'large.dark.thai')]")
    assert made.total() == 1
    for cookies in ("", "a=b", "display=invented", "display=normal.device.arabic"):
        assert ask(cache, "/shown", cookies=cookies).content.decode().endswith("[]")
    assert made.total() == 2
    # Before Django, too, each reader gets their own.
    keys = {page_cache.PAGES.find(asked_with(cookies)) for cookies in ("", chosen)}
    assert len(keys) == 2
    assert None not in keys


def asked_with(cookies):
    headers = {"HTTP_COOKIE": cookies} if cookies else {}
    return RequestFactory().get("/shown", **headers).META
