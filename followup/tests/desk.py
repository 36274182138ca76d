"""The secretariat's pages as tests read them and fill them in."""

from typing import Any

from followup.models import StatusReport
from followup.tests.client import Element, PortalClient, read


def path_of(report: StatusReport) -> str:
    return f"/staff/reports/{report.pk}/"


def said(page: Element) -> list[str]:
    """What the portal tells about the last step."""
    return page.texts(".flash p")


def errors(page: Element) -> list[tuple[str, str]]:
    """(where the link leads, sentence) of the summary; the client sees that each leads somewhere."""
    items = page.one(".errs").select("li")
    return [("".join(a["href"] for a in item.select("a")), item.text) for item in items]


def typed(page: Element) -> dict[str, Any]:
    """What the report's form holds, but for what is not typed."""
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    return {name: v for name, v in page.one("form#f").controls().items() if name not in unseen}


def survived(client: PortalClient, response: Any) -> bool:
    """Whether everything that was just sent stands in the form that came back."""
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    sent = {name: v for name, v in client.sent.items() if name not in unseen}
    return sent == typed(read(response))


def stored(report: StatusReport) -> StatusReport:
    return StatusReport.objects.with_context().get(pk=report.pk)


def tasks(page: Element) -> list[Element]:
    return [each for each in page.select("ol.tasks li.task") if each.has("a")]


def queue_pages(client: PortalClient, **query: str) -> list[Element]:
    """All pages of the staff's queue, as its links to the next page lead through them."""
    pages = [client.page("/staff/", **query)]
    while after := pages[-1].select(".pager a[rel=next]"):
        pages.append(read(client.get("/staff/" + after[0]["href"])))
    return pages


def codes(page: Element) -> list[str]:
    return [each.one(".task__t b").text for each in tasks(page)]


FULL = {
    "reported_status": "in_progress",
    "results": "จัดเวทีรับฟัง 4 ภาค\nผู้เข้าร่วม 320 คน",
    "obstacles": "งบประมาณล่าช้า",
    "next_steps": "สรุปผลในไตรมาสแรก",
    "meeting_ref": "",
    "budget_received": "1,250,000",
    "budget_spent": "๑.๒ ล้านบาท",
    "provinces": ["10", "50"],
    "evidence__0__title": "สรุปเวที",
    "evidence__0__url": "https://example.org/forum.pdf",
}
