"""The test client's checks: a correct page passes, and each flaw is found."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from followup.tests.client import UNKNOWN, PortalClient, Reader, flaws_of, header_flaws

GOOD = """<!DOCTYPE html>
<html lang="th"><head><title>ภาพรวม | ระบบ</title><link rel="stylesheet" href="/static/a.css"></head>
<body><main><h1 id="top">ภาพรวม</h1>
<p>หนึ่ง&nbsp;<b>สอง</b>สาม<br>สี่</p><svg><rect fill="url(#p)"/><pattern id="p"></pattern></svg>
<form action="/staff/" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x">
<label for="a">ชื่อ</label><input id="a" name="a" value="ก"><textarea name="b">
ข</textarea><select name="c"><option value="1">1</option><option value="2" selected>2</option></select>
<input type="checkbox" name="d" value="4" checked><input type="checkbox" name="d" value="5" checked>
<input type="radio" name="e" value="6"><button name="do" value="draft">ส่ง</button></form>
<a href="#top">ขึ้น</a><script src="/static/a.js" defer></script></main></body></html>"""


def test_a_good_page_has_no_flaw():
    assert flaws_of(GOOD) == []


@pytest.mark.parametrize(
    ("instead", "of", "flaw"),
    [
        ("{{ year }}", "สาม", "template code: {{"),
        ("{% if %}", "สาม", "template code: {%"),
        ("{# note #}", "สาม", "template code: {#"),
        (UNKNOWN % "choice.year", "สาม", "unknown template variable: choice.year"),
        ('<html lang="en">', '<html lang="th">', 'not <html lang="th">'),
        ("<h1>อีกหัวหนึ่ง</h1>", "<br>", "2 h1 instead of one"),
        ("", '<h1 id="top">ภาพรวม</h1>', "0 h1 instead of one"),
        ("<br>", "<main>", "0 main instead of one"),
        ("| ระบบ", "ภาพรวม | ระบบ", "no title"),
        ('id="top"', 'id="a"', "id top stands 2 times"),
        ("<b>สอง", "<b>สอง</b>", "</p> closes <b>"),
        ('<p class="a" class="b">', "<p>", "<p> has an attribute twice"),
        ('<p style="color: red">', "<p>", "inline style="),
        ('<p onclick="go()">', "<p>", "inline onclick="),
        ("<script>go()</script>", "<br>", "inline script"),
        ("<style>p {}</style>", "<br>", "inline style"),
        ('href="javascript:go()"', 'href="#top"', "a script or data as an address"),
        ('href="#bottom"', 'href="#top"', "#bottom leads nowhere"),
        ('src="https://example.org/a.js"', 'src="/static/a.js"', "something of another host"),
        ('href="//example.org/a.css"', 'href="/static/a.css"', "something of another host"),
        ('for="z"', 'for="a"', "for names no z"),
        ('<p aria-describedby="a z">', "<p>", "aria-describedby names no z"),
        ("url(#q)", "url(#p)", "no pattern q"),
        ('name="token"', 'name="csrfmiddlewaretoken"', "a form with 0 tokens"),
    ],
)
def test_a_flaw_is_seen(instead, of, flaw):
    assert of in GOOD
    found = flaws_of(GOOD.replace(of, instead, 1))
    assert any(each.startswith(flaw) for each in found), found


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "script-src 'self'",
        "default-src 'none'; style-src 'unsafe-inline'",
        "default-src 'none'; img-src *",
        "default-src 'none'; font-src https://fonts.example.org",
    ],
)
def test_a_lax_policy_is_seen(policy):
    assert header_flaws({"Content-Security-Policy": policy})
    assert not header_flaws({"Content-Security-Policy": "default-src 'none'; script-src 'self'"})


def test_a_page_is_read_as_people_read_it():
    page = Reader(GOOD).document
    assert page.one("p").text == "หนึ่ง สองสาม สี่"
    assert page.texts("body p b") == ["สอง"]
    assert page.one("form").controls() == {
        "csrfmiddlewaretoken": "x",
        "a": "ก",
        "b": "ข",
        "c": "2",
        "d": ["4", "5"],
    }


def bad_page(request):
    return HttpResponse(GOOD.replace("สาม", "{{ leak }}"), status=int(request.GET["status"]))


urlpatterns = [path("bad/", bad_page)]


@pytest.mark.parametrize("status", [200, 403, 404])
def test_the_client_fails_a_flawed_page(status):
    with (
        override_settings(ROOT_URLCONF=__name__),
        pytest.raises(pytest.fail.Exception, match=rf"GET /bad/: {status}\ntemplate code"),
    ):
        PortalClient().get("/bad/", {"status": status})


def test_the_client_fails_a_page_without_its_policy(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "CSP" not in name]
    with pytest.raises(pytest.fail.Exception, match="no Content-Security-Policy"):
        PortalClient().get("/robots.txt")
