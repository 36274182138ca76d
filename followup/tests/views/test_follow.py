"""The road of somebody who follows by e-mail, and those who ask for others, or for very many."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from followup import actions
from followup.models import Subscriber
from followup.tests.client import PortalClient, read
from followup.tests.subscribers import (
    EMAIL,
    asked,
    followed,
    link_in,
    of_resolutions,
    subscribed,
)
from followup.views import follow

pytestmark = pytest.mark.security

FORM = "form[action=/follow/]"


def ask(client=None, **sent):
    return (client or PortalClient()).post("/follow/", {"email": EMAIL, "all": "1"} | sent)


def chosen(page):
    """(name, value) of every checkbox that is ticked."""
    boxes = page.select("input[type=checkbox]")
    return [(each["name"], each["value"]) for each in boxes if "checked" in each.attributes]


def test_the_whole_road_without_cookies(demo):
    strict = PortalClient(enforce_csrf_checks=True)
    page = strict.page("/follow/", resolution="2565-3")
    assert chosen(page) == [("resolution", "2565-3")]
    sent = page.one(FORM).controls() | {"email": " NOK@Example.org "}
    response = strict.post("/follow/", sent)
    assert (response.status_code, response["Location"]) == (302, "/follow/sent/")
    assert "ยืนยันการติดตาม" in strict.page("/follow/sent/").one("main").text
    assert [each.to for each in mail.outbox] == [[EMAIL]]
    assert "- ข้อเสนอที่ 3 " in mail.outbox[0].body
    path = link_in("confirm")
    page = strict.page(path)
    assert EMAIL in page.one("main").text
    assert Subscriber.objects.get().confirmed_at is None, "a program that checks mails opens links"
    page = read(strict.post(path))
    assert "ข้อเสนอที่ 3" in page.one("main").text
    row = Subscriber.objects.get()
    assert row.confirmed_at
    assert strict.get(path).status_code == strict.post(path).status_code == 200, "twice is once"
    change = reverse("follow-change", args=[actions.own_token(row)])
    assert chosen(strict.page(change)) == [("resolution", "2565-3")]
    page = read(strict.post(change, {"agency": "CODI", "area": ["TH-50", "TH-10"]}))
    assert "บันทึกแล้ว" in page.one("main").text
    assert followed(row) == ["CODI", "TH-10", "TH-50"]
    assert not strict.cookies


def test_leaving_takes_a_click_of_a_person_or_of_a_mail_program(forum):
    row = subscribed(of_resolutions(3))
    path = reverse("follow-leave", args=[actions.own_token(row)])
    page = PortalClient().page(path)
    assert "ข้อเสนอที่ 3" in page.one("main").text
    assert Subscriber.objects.exists(), "a GET changes nothing"
    program = Client(enforce_csrf_checks=True)
    for _twice in range(2):  # RFC 8058: without cookies, and it may come again
        response = program.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert "เลิกติดตามแล้ว" in response.content.decode()
    assert not Subscriber.objects.exists()
    assert "เลิกติดตามแล้ว" in PortalClient().page(path).one("h1").text
    change = reverse("follow-change", args=[actions.own_token(row)])
    assert "เลิกติดตามแล้ว" in PortalClient().page(change).one("h1").text


@pytest.mark.parametrize("kind", ["confirm", "change", "leave"])
def test_a_key_that_we_did_not_make_opens_nothing(forum, kind):
    row = asked()
    for key in ("x", row.key, f"{row.key}.{'x' * 43}"):
        page = PortalClient().page(reverse(f"follow-{kind}", args=[key]), status=404)
        assert "ลิงก์นี้ใช้ไม่ได้" in page.one("h1").text


def test_pages_behind_a_key_are_in_no_cache_and_told_to_nobody(forum):
    response = PortalClient().get(reverse("follow-change", args=[actions.own_token(subscribed())]))
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Referrer-Policy"] == "strict-origin"


def test_a_changed_choice_that_is_empty_is_refused(forum):
    row = subscribed(of_resolutions(3))
    response = PortalClient().post(reverse("follow-change", args=[actions.own_token(row)]), {})
    assert response.status_code == 422
    assert "เลือกสิ่งที่ต้องการติดตามอย่างน้อยหนึ่งอย่าง" in response.content.decode()
    assert followed(row) == ["2565-3"]


def test_the_answer_is_the_same_for_an_address_that_follows_already(forum, morning):
    answers = []
    for _twice in range(2):
        response = ask()
        answers.append((response.status_code, response["Location"], mail.outbox[-1].subject))
        again = ask()
        answers.append((again.status_code, again["Retry-After"], read(again).one(".errs").text))
        for row in Subscriber.objects.all():
            actions.confirm_following(subscriber=row)
        morning.shift(2 * 60 * 60)
    assert answers[:2] == answers[2:]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": ""}, "ระบุอีเมลที่จะรับข่าว"),
        ({"email": "nok@example"}, "อีเมลไม่ถูกต้อง"),
        ({"email": "a@example.org, b@example.org"}, "อีเมลไม่ถูกต้อง"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "อีเมลไม่ถูกต้อง"),
        ({"all": ""}, "เลือกสิ่งที่ต้องการติดตามอย่างน้อยหนึ่งอย่าง"),
        ({"agency": "NOBODY"}, "ไม่พบหน่วยงาน “NOBODY”"),
        ({"resolution": "2565-3.1"}, "ไม่พบข้อเสนอ “2565-3.1”"),
        ({"area": "50\0"}, "ไม่พบจังหวัด “50”"),
    ],
)
def test_a_broken_form_comes_back_with_what_was_typed(forum, sent, said):
    client = PortalClient()
    response = ask(client, area="TH-50", **sent) if "area" not in sent else ask(client, **sent)
    if sent == {"all": ""}:  # the province is a choice
        assert response.status_code == 302
        response = client.post("/follow/", {"email": EMAIL})
    page = read(response)
    assert response.status_code == 422
    assert said in page.one(".errs").text
    typed = " ".join(sent.get("email", EMAIL).split())
    assert page.one("input[name=email]").get("value").split() == typed.split()
    if "area" not in sent and "all" not in sent:
        assert ("area", "TH-50") in chosen(page)
    assert len(mail.outbox) == (1 if sent == {"all": ""} else 0)


def test_a_trap_answers_a_script_as_if_it_had_worked(forum):
    response = ask(website="https://spam.example")
    assert (response.status_code, response["Location"]) == (302, "/follow/sent/")
    assert mail.outbox == []
    assert not Subscriber.objects.exists()


def test_a_form_of_another_site_is_shown_and_not_sent(forum):
    client = PortalClient(headers={"Sec-Fetch-Site": "cross-site"})
    response = ask(client)
    assert response.status_code == 422
    assert "ส่งมาจากเว็บไซต์อื่น" in response.content.decode()
    assert mail.outbox == []


def test_a_script_that_asks_for_strangers_is_stopped_early(forum, monkeypatch, settings):
    """200 posts from one address, then from many, for as many strangers."""
    answers = [ask(Client(), email=f"{n}@example.org").status_code for n in range(100)]
    assert answers == [302] * follow.CLIENT_LIMIT + [429] * (100 - follow.CLIENT_LIMIT)
    assert len(mail.outbox) == follow.CLIENT_LIMIT
    settings.FOLLOW_MAILS_PER_HOUR = 20
    for n in range(100):
        response = Client(REMOTE_ADDR=f"198.51.100.{n}").post(
            "/follow/", {"email": f"other{n}@example.org", "all": "1"}
        )
    assert len(mail.outbox) == 20
    page = read(response)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "ส่งอีกครั้งในอีก" in page.one(".errs").text
    assert page.one("input[name=email]").get("value") == "other99@example.org"


def test_one_stranger_gets_one_mail_however_many_ask(forum):
    for n in range(30):
        Client(REMOTE_ADDR=f"198.51.100.{n}").post("/follow/", {"email": EMAIL, "all": "1"})
    assert len(mail.outbox) == 1


def test_a_mail_that_cannot_be_sent_may_be_asked_for_again(forum, monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", fail)
        response = ask()
    assert response.status_code == 503
    assert "ส่งอีเมลไปที่อยู่นี้ไม่ได้" in response.content.decode()
    assert not Subscriber.objects.exists()
    assert ask().status_code == 302


def test_the_page_tells_the_feeds_of_what_is_chosen(demo, visitor):
    page = visitor.page("/follow/", agency="CODI", area="TH-50")
    links = [each["href"] for each in page.select("section[aria-labelledby=h-f] li a")]
    assert links == [
        "http://testserver/feed.atom",
        "http://testserver/agencies/CODI/feed.atom",
        "http://testserver/areas/TH-50/feed.atom",
    ]
    assert page.one("section[aria-labelledby=h-c] a")["href"] == "http://testserver/calendar.ics"
    assert chosen(page) == [("agency", "CODI"), ("area", "TH-50")]
    page = visitor.page("/follow/")
    assert chosen(page) == [("all", "1")]
    page = visitor.page("/follow/", agency="NOBODY")
    assert "ไม่พบหน่วยงาน “NOBODY”" in page.one("[role=status]").text


def test_pages_lead_to_it_and_tell_their_own_feed(demo, visitor):
    for path, query in (
        ("/resolutions/2565/3/", "resolution=2565-3"),
        ("/agencies/CODI/", "agency=CODI"),
    ):
        page = visitor.page(path)
        assert page.has(f"main a[href=/follow/?{query}]")
        feeds = [each["href"] for each in page.select("head link[type=application/atom+xml]")]
        assert feeds == ["/feed.atom", f"{path}feed.atom"]
    assert page.has("footer a[href=/follow/]")
