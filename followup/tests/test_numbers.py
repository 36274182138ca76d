"""Numbers from outside that no row has: in paths, queries and forms they are a 404 or a sentence."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from followup import actions
from followup.models import Agency, User
from followup.tests.addresses import EVERY, SAMPLES
from followup.tests.client import read
from followup.tests.factories import find_report
from forum_portal.row_ids import ID_MAX, read_id

pytestmark = pytest.mark.security

NUMBERS = ["0", "-1", "2147483648", str(2**63), str(10**30), "9" * 5000]
NUMERIC = re.compile(r"<(id|number|round|int):\w+>|<path:object_id>")
#: Names of parameters in queries, ours and the admin's.
QUERY = (
    "year from to page page_size p report agency show edition made before by resolution n id__in"
)


def with_numbers(patterns: Any, prefix: str = "/") -> set[str]:
    """Every address with a place for a number, which stays in it as `<n>`."""
    found = set()
    for each in patterns:
        written = str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            found |= with_numbers(each.url_patterns, prefix + written)
        elif isinstance(each, URLPattern) and NUMERIC.search(written):
            written = NUMERIC.sub("<n>", written)
            others = re.sub(r"<(\w+):\w+>", lambda m: SAMPLES.get(m[1], "x"), written)
            found.add(prefix + others)
    return found


ADDRESSES = sorted(with_numbers(get_resolver().url_patterns))


@pytest.fixture
def administrator(people):
    client = Client(raise_request_exception=False)
    client.force_login(people["administrator"])
    return client


def test_the_walk_finds_them():
    assert {"/staff/import/<n>/", "/years/<n>/", "/admin/followup/user/<n>/change/"} <= {*ADDRESSES}
    assert len(ADDRESSES) > 60


@pytest.mark.parametrize("number", NUMBERS)
def test_a_path_with_it_is_no_error_of_ours(open_round, administrator, number):
    failed = []
    for address in ADDRESSES:
        path = address.replace("<n>", number)
        for send in (administrator.get, administrator.post):
            status = send(path).status_code
            if status >= 500 or (path.startswith("/staff/") and status != 404):
                failed.append((address, status))
    assert failed == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [str(-(2**63) - 1), "9" * 5000])
def test_a_query_with_it_is_no_error_of_ours(open_round, administrator, working, number):
    query = dict.fromkeys(QUERY.split(), number)
    failed = [
        address for _name, address in EVERY if administrator.get(address, query).status_code >= 500
    ]
    assert failed == []


def numeric(control: Any) -> bool:
    """Whether a form sends a number here: a count, a version, a choice of a row."""
    values = control if isinstance(control, list) else [control]
    return any(str(value).lstrip("-").isdecimal() for value in values)


def forms_of(client, address):
    """(target, what it would send, which of it are numbers) of every form on a page."""
    response = client.get(address, follow=True)
    if response.status_code != 200 or "text/html" not in response["Content-Type"]:
        return
    for form in read(response).select("form"):
        if form.get("method").lower() != "post" or "logout" in form.get("action"):
            continue
        for select in form.select("select"):
            if not select.select("option"):
                select.attributes["disabled"] = ""  # nothing can be sent from it
        controls = form.controls()
        names = {name for name, value in controls.items() if numeric(value)}
        for select in form.select("select"):
            if any(option.get("value").isdecimal() for option in select.select("option")):
                names.add(select["name"])
        names |= {
            box["name"]
            for box in form.select("input")
            if box.get("name") and box.get("value").isdecimal()
        }
        if names:
            yield form.get("action") or response.request["PATH_INFO"], controls, names


def test_a_form_with_it_is_no_error_of_ours(open_round, people, administrator):
    """Also choices of rows: `__in` with a number that no column holds."""
    report = find_report(open_round, "1.2")
    agency = report.assignment.agency
    Agency.objects.update(caretaker=people["administrator"])
    link = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    pages = [
        reverse("staff-handover"),
        reverse("staff-report", args=[report.pk]),
        reverse("staff-link-issue", args=[2569, agency.code]),
        reverse("staff-letters-agency", args=[agency.code]),
        reverse("staff-contact-new", args=[agency.code]),
        reverse("staff-round", args=[2569]),
        reverse("staff-round-report", args=[2569]),
        reverse("staff-review"),
        reverse("import"),
        f"/r/{actions.token_of(link)}/{report.pk}/",
        "/admin/followup/agency/",
        "/admin/followup/agency/add/",
        f"/admin/followup/agency/{agency.pk}/change/",
        "/admin/followup/assignment/",
        "/admin/followup/assignment/add/",
        "/admin/followup/user/",
        f"/admin/followup/user/{people['staff'].pk}/change/",
    ]
    failed, seen = [], set()
    for page in pages:
        for target, controls, names in forms_of(administrator, page):
            seen |= names
            for number in ("-1", str(2**63), "9" * 5000):
                sent = {**controls, **dict.fromkeys(names, number)}
                sent |= {"do": "confirm"} if page == reverse("staff-handover") else {}
                if page.startswith("/admin/") and "_selected_action" in names:
                    sent |= {"action": "delete_selected"}
                sent = {name: value for name, value in sent.items() if value is not None}
                status = administrator.post(target, sent).status_code
                if status >= 500:
                    failed.append((page, number[:20], status))
    assert failed == []
    assert {"agencies", "to", "version", "_selected_action", "caretaker", "groups"} <= seen


def test_a_choice_of_rows_out_of_range_is_a_message(open_round, people, sign_in):
    Agency.objects.update(caretaker=people["staff"])
    client = sign_in(people["staff"])
    sent = {
        "from": str(people["staff"].pk),
        "to": str(people["colleague"].pk),
        "agencies": [str(2**63)],
        "do": "confirm",
    }
    response = client.post(reverse("staff-handover"), sent)
    assert response.status_code in {200, 422}
    assert read(response).has(".errs li")
    assert not Agency.objects.filter(caretaker=people["colleague"]).exists()


def test_in_ignores_what_no_column_holds(people):
    every = [people["staff"].pk, 2**63, -(2**63) - 1, 10**30, 0]
    assert list(User.objects.filter(pk__in=every)) == [people["staff"]]
    assert not User.objects.filter(pk__in=[2**63]).exists()
    assert User.objects.exclude(pk__in=[2**63]).count() == User.objects.count()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        (str(ID_MAX), ID_MAX),
        (str(ID_MAX + 1), None),
        ("0", None),
        ("-1", None),
        ("๑", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_keys_as_text(text, expected):
    assert read_id(text) == expected
