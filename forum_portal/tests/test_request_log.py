"""A line for each request, its number in the answer, and nothing that a visitor wrote."""

import io
import json
import logging
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from followup.models import User
from forum_portal import current_request
from forum_portal.logs import JsonLog, MaskedRecord, TextLog
from forum_portal.request_log import CurrentRequestMiddleware, RequestLog

pytestmark = pytest.mark.security

TOKEN = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"


@pytest.fixture(autouse=True)
def lines_are_wanted(settings):
    settings.ACCESS_LOG = True


@contextmanager
def logged(formatter=None, name="portal.access"):
    """What a handler of this form writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or JsonLog())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)


def ask(application, path="/", method="GET", **environ):
    """Ask as a server does: (status, headers, body)."""
    answer = SimpleNamespace()

    def start(status, headers, *error):
        answer.status, answer.headers = status, dict(headers)

    asked = RequestFactory().get("/").environ | {"REQUEST_METHOD": method, "PATH_INFO": path}
    body = RequestLog(application)(asked | environ, start)
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return answer.status, answer.headers, content


def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


def test_a_request_has_one_line():
    with logged() as log:
        status, headers, content = ask(plain, "/agencies/CODI/")
    assert (status, content) == ("200 OK", b"done")
    [line] = log.getvalue().splitlines()
    told = json.loads(line)
    assert [*told] == [
        "time",
        "level",
        "logger",
        "message",
        "request_id",
        "user",
        "method",
        "path",
        "status",
        "duration_ms",
    ]
    assert told["message"] == f"GET /agencies/CODI/ 200 in {told['duration_ms']} ms"
    assert (told["level"], told["logger"]) == ("INFO", "portal.access")
    assert (told["method"], told["path"], told["status"]) == ("GET", "/agencies/CODI/", 200)
    assert told["user"] is None
    assert isinstance(told["duration_ms"], int)
    assert headers["X-Request-ID"] == told["request_id"]
    assert headers["Content-Type"] == "text/plain"


def test_it_can_be_left_out_and_the_number_stays(settings):
    settings.ACCESS_LOG = False
    with logged() as log:
        _status, headers, _content = ask(plain)
    assert log.getvalue() == ""
    assert headers["X-Request-ID"]


def test_the_proxys_number_is_answered_behind_a_proxy_alone(settings):
    given = {"HTTP_X_REQUEST_ID": "from-the-proxy"}
    assert ask(plain, **given)[1]["X-Request-ID"] != "from-the-proxy"
    settings.BEHIND_PROXY = True
    assert ask(plain, **given)[1]["X-Request-ID"] == "from-the-proxy"
    assert "\n" not in ask(plain, HTTP_X_REQUEST_ID="12345678\nSet-Cookie: a=b")[1]["X-Request-ID"]


def test_other_lines_of_the_request_have_its_number():
    def speaks(environ, start_response):
        logging.getLogger("portal.spoken").error("a fault")
        return plain(environ, start_response)

    with logged(name="portal.spoken") as spoken, logged() as log:
        ask(speaks, f"/r/{TOKEN}/")
        logging.getLogger("portal.spoken").error("afterwards")
    during, after = map(json.loads, spoken.getvalue().splitlines())
    assert during["request_id"] == json.loads(log.getvalue())["request_id"]
    assert during["path"] == "/r/***/"
    assert "request_id" not in after


def test_whoever_is_signed_in_is_a_key():
    def view(request):
        request.user = User(pk=7, username="somsri", email="somsri@example.org")
        return

    def signed_in(environ, start_response):
        from django.core.handlers.wsgi import WSGIRequest

        CurrentRequestMiddleware(view)(WSGIRequest(environ))
        return plain(environ, start_response)

    with logged() as log:
        ask(signed_in)
    assert json.loads(log.getvalue())["user"] == 7
    assert "somsri" not in log.getvalue()


def test_the_middleware_is_no_matter_outside_of_a_server():
    request = RequestFactory().get("/")
    assert CurrentRequestMiddleware(lambda asked: asked)(request) is request


# Hostile requests ----------------------------------------------------------------------------------

FORGED = '{"time": "2026", "level": "INFO", "event": "login"}'


@pytest.mark.parametrize("formatter", [JsonLog(), TextLog(), TextLog(whole=True)])
@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0"]
)
def test_no_path_and_no_method_makes_a_second_line(end, formatter):
    path = f"/x{end}{FORGED}".encode().decode("latin-1")
    with logged(formatter) as log:
        ask(plain, path, method="GET" + end + "X")
    assert len(log.getvalue().splitlines()) == 1
    assert log.getvalue().endswith("\n")


def test_bytes_that_are_no_text_are_told_as_such():
    with logged() as log:
        ask(plain, "/\xff\xfe\ud800")
    assert json.loads(log.getvalue())["path"].startswith("/\ufffd\ufffd")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/r/{TOKEN}/5/", "/r/***/5/"),
        (f"/a/{TOKEN}/", "/a/***/"),
        (f"/en/follow/leave/{TOKEN}/", "/en/follow/leave/***/"),
        ("/feedback/F-2569-0147/0a1b2c/", "/feedback/F-2569-0147/***/"),
        ("/somsri@example.org/", "/***/"),
        (f"/anywhere/{TOKEN}", "/anywhere/***"),
    ],
)
def test_an_address_tells_no_key(path, told):
    with logged() as log:
        ask(plain, path, QUERY_STRING="q=secret", HTTP_REFERER=f"https://a.example/r/{TOKEN}/")
    line = json.loads(log.getvalue())
    assert (line["path"], told in line["message"]) == (told, True)
    for secret in (*TOKEN.split("."), "secret", "somsri", "0a1b2c", "127.0.0.1"):
        assert secret not in log.getvalue()


def test_a_long_path_is_cut():
    with logged() as log:
        ask(plain, "/" + "x" * 100_000)
    assert len(log.getvalue()) < 2000


# What an application may do ------------------------------------------------------------------------


def test_a_fault_of_the_application_has_a_line_too():
    def broken(environ, start_response):
        raise RuntimeError("broken")

    with logged() as log, pytest.raises(RuntimeError):
        ask(broken)
    assert json.loads(log.getvalue())["status"] == 500
    assert current_request.current() is None


class Body:
    """A body that notes its close, as a file does."""

    def __init__(self):
        self.closed = 0

    def __iter__(self):
        return iter([b"a", b"b"])

    def close(self):
        self.closed += 1


class Slotted(Body):
    __slots__ = ()

    def __setattr__(self, name, value):
        if name == "close":
            raise AttributeError(name)
        super().__setattr__(name, value)


@pytest.mark.parametrize("kind", [Body, Slotted])
def test_a_line_is_written_when_the_body_is_out_and_the_body_is_closed_once(kind):
    made = kind()

    def sends(environ, start_response):
        start_response("206 Partial Content", [])
        return made

    with logged() as log:
        start = SimpleNamespace(status="")
        body = RequestLog(sends)(
            RequestFactory().get("/").environ,
            lambda status, headers: setattr(start, "status", status),
        )
        assert b"".join(body) == b"ab"
        assert log.getvalue() == ""
        body.close()
    assert json.loads(log.getvalue())["status"] == 206
    assert made.closed == 1


def test_a_servers_file_wrapper_stays_what_it_is():
    """gunicorn sends a file by the system only if it gets its own object back."""
    from gunicorn.http.wsgi import FileWrapper

    file = io.BytesIO(b"file")

    def sends(environ, start_response):
        start_response("200 OK", [])
        return FileWrapper(file)

    with logged() as log:
        body = RequestLog(sends)(RequestFactory().get("/").environ, lambda status, headers: None)
        assert isinstance(body, FileWrapper)
        body.close()
    assert file.closed
    assert json.loads(log.getvalue())["status"] == 200


# The whole portal ----------------------------------------------------------------------------------


def test_the_number_on_the_page_of_an_error_is_the_requests(db, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr("followup.views.privacy.chosen_year", fail)
    with logged() as log, logged(name="forum_portal.errors") as errors:
        status, headers, content = ask(WSGIHandler(), "/privacy/")
    assert status == "500 Internal Server Error"
    number = headers["X-Request-ID"]
    assert f"<b>{number}</b>" in content.decode()
    told = json.loads(errors.getvalue())
    assert (told["message"], told["request_id"]) == (f"error {number} at /privacy/", number)
    assert json.loads(log.getvalue())["request_id"] == number


def test_a_record_of_another_thread_is_of_no_request():
    record = MaskedRecord("x", logging.INFO, "f", 1, "words", (), None)
    assert "request_id" not in json.loads(JsonLog().format(record))
