"""What costs much is answered a few at a time, and not without end to one visitor."""

import threading
import time
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from followup.tests.client import PortalClient, read
from forum_portal import costly as module
from forum_portal.costly import Visits, costly

pytestmark = pytest.mark.security


def get(path: str = "/data/x.csv", **extra: Any) -> HttpRequest:
    return RequestFactory().get(path, **extra)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses before refusals, in seconds; nobody really waits."""
    paused = []
    monkeypatch.setattr(module, "pause", paused.append)
    return paused


@pytest.fixture(autouse=True)
def nobody_came():
    module.visits.forget()
    yield
    module.visits.forget()


class Slow:
    """A view that waits; `most` is how many of its answers were made at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.goes_on = threading.Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.now += 1
        self.most = max(self.most, self.now)
        self.goes_on.wait(10)
        self.now -= 1
        return HttpResponse("done")


def test_one_is_answered_one_waits_and_the_others_are_asked_to_come_back():
    slow, answers = Slow(), []
    view = costly(slow)

    def ask() -> None:
        answers.append(view(get()))
        if sum(answer.status_code == 429 for answer in answers) == 4:
            slow.goes_on.set()  # the four were refused while the first one was being answered

    threads = [threading.Thread(target=ask) for _turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert slow.most == 1
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]
    assert {answer.get("Retry-After") for answer in answers if answer.status_code == 429} == {"5"}


def test_a_turn_that_does_not_come_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    slow = Slow()
    first = threading.Thread(target=costly(slow), args=[get()])
    first.start()
    while not slow.now:
        time.sleep(0.01)
    assert costly(slow)(get()).status_code == 429
    slow.goes_on.set()
    first.join(10)
    assert costly(slow)(get()).status_code == 200, "and the place is free again"


def test_a_failure_gives_its_place_back():
    @costly
    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    for _turn in range(3):
        with pytest.raises(RuntimeError):
            broken(get())
    assert costly(lambda request: HttpResponse())(get()).status_code == 200


def test_a_stream_is_made_whole_in_its_turn():
    @costly
    def stream(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(
            iter([b"a", b"b"]), content_type="text/csv", headers={"Content-Disposition": "inline"}
        )

    response = stream(get())
    assert (response.streaming, response.content) == (False, b"ab")
    assert response["Content-Type"] == "text/csv"
    assert response["Content-Disposition"] == "inline"


def test_one_visitor_gets_so_many_a_minute_and_others_are_not_held_to_it(settings):
    settings.COSTLY_PER_MINUTE = 3
    view = costly(lambda request: HttpResponse())
    codes = [view(get(REMOTE_ADDR="192.0.2.1")).status_code for _turn in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = view(get(REMOTE_ADDR="192.0.2.1"))
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert view(get(REMOTE_ADDR="192.0.2.2")).status_code == 200


def test_a_minute_later_they_are_forgotten(settings, monkeypatch):
    settings.COSTLY_PER_MINUTE = 1
    visits, now = Visits(), [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    assert [visits.used("192.0.2.1"), visits.used("192.0.2.1")] == [0, 60]
    now[0] += 61
    assert visits.used("192.0.2.2") == 0
    assert len(visits._seen) == 1
    assert visits.used("192.0.2.1") == 0


def test_many_visitors_take_no_more_memory_and_leave_no_address(monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 5)
    visits = Visits()
    for n in range(50):
        visits.used(f"192.0.2.{n}")
    assert len(visits._seen) == 5
    assert "192.0.2" not in repr(visits._seen)


def test_what_costs_little_is_never_counted(settings):
    settings.COSTLY_PER_MINUTE = 0
    view = costly(lambda request: HttpResponse(), when=lambda request: "q" in request.GET)
    assert view(get("/agencies/")).status_code == 200
    assert view(get("/agencies/?q=x")).status_code == 429


@pytest.mark.parametrize(
    "path",
    [
        "/data/status_reports.csv",
        "/data/progress.xlsx",
        "/api/v1/status_reports",
        "/reports/2567/",
        "/reports/2567.pdf",
        "/reports/2567.docx",
        "/agencies/?q=พอช",
    ],
)
def test_the_addresses_that_cost_much(forum, settings, path):
    visitor = PortalClient()
    settings.COSTLY_PER_MINUTE = 0
    response = visitor.get(path)
    assert response.status_code == 429
    if path.startswith("/api/"):
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["title"] == "มีคำขอมากเกินไป"
    else:
        page = read(response)
        assert page.one("h1").text == "มีคำขอมากเกินไป"
        assert f"รอ {response['Retry-After']} วินาทีแล้วเปิดอีกครั้ง" in page.text
    assert visitor.get("/").status_code == 200


def test_a_refusal_comes_after_a_pause_and_only_a_few_pause_at_a_time(
    settings, monkeypatch, pauses
):
    settings.COSTLY_PER_MINUTE = 1
    view = costly(lambda request: HttpResponse("ok"))
    request = RequestFactory().get("/")
    assert (view(request).status_code, pauses) == (200, [])
    assert (view(request).status_code, pauses) == (429, [module.PAUSE])
    everybody_pauses = threading.BoundedSemaphore(1)
    everybody_pauses.acquire()
    monkeypatch.setattr(module, "_pauses", everybody_pauses)
    assert (view(request).status_code, pauses) == (429, [module.PAUSE])
