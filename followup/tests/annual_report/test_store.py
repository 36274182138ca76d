"""An edition's report is kept: the same bytes, whatever becomes of the rows and of later editions."""

import sqlite3
from io import BytesIO

import docx
import pytest
from django.db import OperationalError
from django.urls import reverse

from followup import actions
from followup.annual_report import pdf, store, word
from followup.models import Printed, RenderedReport, Round, Snapshot
from followup.snapshots import eights
from followup.status import Status
from followup.tests.annual_report.reading import letters, newest, pages
from followup.tests.doors import unguarded
from followup.tests.factories import fields_for, find_report
from proposals.models import Resolution

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.parametrize(("write", "kind"), [(pdf.write, "pdf"), (word.write, "docx")])
@pytest.mark.slow
@pytest.mark.once
def test_the_same_report_is_the_same_bytes_and_is_kept(visitor, write, kind):
    report = store.document(newest())
    assert write(report) == write(report)
    address = reverse(f"report-{kind}", args=[2567])
    first = visitor.get(address).getvalue()
    assert first == write(report)
    # What an edition says does not follow the rows, nor a later engine.
    Resolution.objects.filter(number=1).update(title_th="ชื่อใหม่")
    with unguarded():
        RenderedReport.objects.filter(kind=kind).update(content=b"kept", digest="0" * 64)
    assert visitor.get(address).getvalue() == b"kept"


def test_an_editions_hash_is_printed_in_its_report_and_not_in_a_draft(client):
    """In the document that all writers read, with the digits that it is compared by."""
    edition = newest()
    document = store.document(edition)
    hashed = " ".join(eights(edition.digest))
    (method,) = [each for each in document["parts"] if "วิธีการติดตาม" in each["title"]]
    quotes = [each["text"] for each in method["blocks"] if each["kind"] == "quote"]
    assert quotes == [hashed]
    said = " ".join(each["text"] for each in method["blocks"] if each["kind"] == "text")
    assert "/receipt/2567-1/" in said
    round_ = Round.objects.get(year_be=2569)
    draft = store.draft(round_).as_data()
    assert not any(
        block["kind"] == "quote"
        for part in draft["parts"]
        if "วิธีการติดตาม" in part["title"]
        for block in part["blocks"]
    )
    place = document["parts"].index(method) + 1
    page = client.get(reverse("report-part", args=[2567, place]))
    assert hashed in page.content.decode()


@pytest.mark.parametrize(("write", "kind"), [(pdf.write, "pdf"), (word.write, "docx")])
@pytest.mark.slow
@pytest.mark.once
def test_every_writer_prints_the_hash(write, kind):
    edition = newest()
    made = write(store.document(edition))
    if kind == "pdf":
        text = "".join(pages(made))
    else:
        text = "".join(each.text for each in docx.Document(BytesIO(made)).paragraphs)
    assert edition.digest in letters(text)


def test_a_correction_makes_a_second_edition_and_the_first_stays(visitor, people):
    round_ = Round.objects.get(year_be=2567)
    first = visitor.get(reverse("report-pdf", args=[2567])).getvalue()
    by, reviewer = people["staff"], people["reviewer"]
    actions.reopen_round(round_=round_, by=reviewer, reason="หน่วยงานแจ้งว่าตัวเลขผิด")
    report = find_report(round_, "1.1")
    actions.send_back(report=report, by=reviewer, version=report.version, reason="แก้ตัวเลข")
    report = find_report(round_, "1.1")
    fields = fields_for(Status.IN_PROGRESS) | {"results": "จัดเวที 77 ครั้ง"}
    actions.save_draft(report=report, by=by, version=report.version, fields=fields, evidence=[])
    actions.submit(report=report, by=by, version=report.version)
    actions.approve(report=report, by=reviewer, version=report.version)
    actions.close_round(round_=round_, by=reviewer)
    # Until it is published again, the public reads the first edition.
    assert visitor.get(reverse("report-pdf", args=[2567])).getvalue() == first
    actions.publish_round(round_=round_, by=reviewer)
    # Frozen with the publication itself, not when somebody first looks.
    kept = RenderedReport.objects.filter(snapshot__round=round_, snapshot__number=2)
    assert {each.kind for each in kept} == {Printed.DOCUMENT, Printed.PAGE}

    second = visitor.get(reverse("report-pdf", args=[2567])).getvalue()
    assert second != first
    assert visitor.get(reverse("report-pdf", args=[2567]), {"edition": "1"}).getvalue() == first
    text = letters("".join(pages(second)))
    assert letters("ฉบับที่ ๒ เผยแพร่") in text
    assert letters("หน่วยงานแจ้งว่าตัวเลขผิด") in text
    assert letters("จัดเวที ๗๗ ครั้ง") in text
    assert letters("จัดเวที ๗๗ ครั้ง") not in letters("".join(pages(first)))
    page = visitor.get(reverse("report", args=[2567]), {"edition": "1"}).content.decode()
    assert "นี่คือฉบับที่ 1 มีฉบับที่ใหม่กว่า" in page


def test_an_edition_first_printed_after_a_correction_is_still_counted_from_its_own_rows(people):
    snapshot = newest()
    before = store.document(snapshot)
    with unguarded():
        RenderedReport.objects.all().delete()
    content_ = snapshot.content.replace('"state":"approved"', '"state":"draft"')
    Snapshot.objects.create(
        round=snapshot.round,
        number=2,
        made_at=snapshot.made_at,
        reason="ทดสอบ",
        content=content_,
        digest="0" * 64,
    )
    assert store.document(snapshot) == before
    assert store.document(newest()) != before


@pytest.mark.faults
def test_a_full_disk_keeps_nobody_from_reading_a_report(visitor, monkeypatch):
    def full(*args):
        raise OperationalError("database or disk is full") from sqlite_error("SQLITE_FULL")

    snapshot = newest()
    before = store.document(snapshot)
    with unguarded():
        RenderedReport.objects.all().delete()
    monkeypatch.setattr(store, "keep_printed", full)
    assert store.document(snapshot) == before
    assert visitor.get(reverse("report", args=[snapshot.round.year_be])).status_code == 200
    monkeypatch.setattr(store, "is_full", lambda error: False)
    with pytest.raises(OperationalError):
        store.document(snapshot)


def sqlite_error(name):
    error = sqlite3.OperationalError()
    error.sqlite_errorname = name
    return error
