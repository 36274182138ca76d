"""One corpus of awkward strings through every writer: each comes back, and none of it runs.

Stored as they are, through the models and the actions: what a form would have cleaned may stand in
an older row. NUL and halves of a character are not among them, since no database stores those; that
the forms clear them away is tested at the end.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import unescape
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import docx
import pypdfium2
import pytest
from django.urls import reverse
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from python_calamine import CalamineWorkbook

from followup import actions, digests, letters
from followup.annual_report import pack, pdf, store, word
from followup.annual_report.blocks import thai
from followup.models import (
    Agency,
    AgencyAlias,
    Evidence,
    ReportState,
    Round,
    StatusReport,
    User,
)
from followup.models.annual import SLOTS
from followup.opendata.datasets import DATASETS
from followup.resources import AgencyResource, AssignmentResource
from followup.spreadsheets import exports, sandbox
from followup.spreadsheets.words import repair
from followup.status import Status
from followup.tests import client as portal_client
from followup.tests.awkward import AWKWARD, NAMES, SHORT
from followup.tests.client import PortalClient
from followup.tests.factories import make_report
from followup.tests.files import PDF, piece
from followup.tests.ground import ground, layer
from followup.tests.opendata.reading import api_of, body, csv_of, json_of
from forum_portal.admin_base import ListField
from forum_portal.cells import unsafe_cell
from forum_portal.sheets import Csv, Xlsx
from forum_portal.thai import clean_text, to_thai_digits, xml_text
from proposals.models import Measure, Resolution
from proposals.resources import MeasureResource, ResolutionResource

ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"
REASON = "\n".join(AWKWARD)


@dataclass
class World:
    round: Round
    reports: list[StatusReport]


@layer
def awkward_world() -> None:
    people = {name: User.objects.get(username=name) for name in ("staff", "reviewer")}
    open_round = Round.objects.get(year_be=2569)
    for number, measure in enumerate(Measure.objects.all()):
        measure.title_th = AWKWARD[number % len(AWKWARD)][:200]
        measure.save()
    for number, resolution in enumerate(Resolution.objects.all()):
        resolution.title_th = AWKWARD[number][:200]
        resolution.title_phrases = ""
        resolution.save()
    for number, agency in enumerate(Agency.objects.order_by("code")):
        agency.name_th = AWKWARD[number % len(AWKWARD)][:200]
        agency.abbr_th = SHORT[number % len(AWKWARD)]
        agency.save()
        AgencyAlias.objects.create(agency=agency, name=f"อื่น {agency.name_th}"[:200])
    reports = list(open_round.reports.with_context().order_by("pk"))[: len(AWKWARD)]
    assert len(reports) == len(AWKWARD)
    for number, report in enumerate(reports):
        text = AWKWARD[number]
        actions.save_draft(
            report=report,
            by=people["staff"],
            version=0,
            fields={
                "reported_status": Status.IN_PROGRESS,
                "results": text,
                "obstacles": text,
                "next_steps": text,
                "meeting_ref": SHORT[number],
            },
            evidence=[
                {"title": text[:200], "url": "https://example.org/?a=1&b='<x>", "is_public": True}
            ],
        )
        actions.submit(report=report, by=people["staff"], version=report.version)
        actions.approve(
            report=report,
            by=people["reviewer"],
            version=report.version,
            assessed_status=Status.IN_PROGRESS,
            assessed_note=text,
            assessed_grade="said",
        )
    slots = zip(SLOTS, AWKWARD, strict=False)
    actions.write_narratives(
        round_=open_round,
        by=people["staff"],
        texts={slot: actions.Written(text, "") for slot, text in slots},
    )
    actions.close_round(round_=open_round, by=people["reviewer"])
    actions.publish_round(
        round_=open_round,
        by=people["reviewer"],
        meeting_ref="<&\"'>\x0b]]>",
        meeting_on=date(2026, 10, 1),
    )
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason=REASON)
    first = reports[0]
    first.refresh_from_db()
    actions.send_back(report=first, by=people["reviewer"], version=first.version, reason=AWKWARD[0])
    actions.save_draft(
        report=first,
        by=people["staff"],
        version=first.version,
        fields={"results": f"{AWKWARD[0]} แก้"},
        evidence=[],
    )
    actions.submit(report=first, by=people["staff"], version=first.version)
    actions.approve(report=first, by=people["reviewer"], version=first.version)
    actions.close_round(round_=open_round, by=people["reviewer"])
    actions.publish_round(round_=open_round, by=people["reviewer"])


@pytest.fixture(name="awkward_world")
def awkward_world_fixture(open_round: Round, people: Mapping[str, User]) -> None:
    ground.lay("awkward_world")


@pytest.fixture
def world(open_round: Round, awkward_world: None) -> World:
    """A corrected round in which every text of every kind is awkward."""
    reports = open_round.reports.with_context().order_by("pk")[: len(AWKWARD)]
    return World(Round.objects.get(pk=open_round.pk), list(reports))


@pytest.fixture
def unfooled(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The client takes template code in a page for a leak; here people wrote some. It must not run."""
    flaws_of = portal_client.flaws_of

    def flaws(html: str, reader: Any = None) -> list[str]:
        found = [flaw for flaw in flaws_of(html, reader) if not flaw.startswith("template code")]
        return found + ["the secret key"] * (settings.SECRET_KEY in html)

    monkeypatch.setattr(portal_client, "flaws_of", flaws)


def letters_of(text: str) -> str:
    """Without white space, which a page sets anew."""
    return re.sub(r"[\s\u00a0]", "", text)


def lacking(where: str, texts: Iterable[str] = AWKWARD) -> list[str]:
    """The texts that are not in what was read, white space aside."""
    where = letters_of(where)
    return [text for text in texts if letters_of(text) not in where]


# The open data ---------------------------------------------------------------------------------


def test_open_data(world):
    for name in DATASETS:
        rows = json_of(name)
        # One round has none to compare with, no organisation has assessed it, and no report has a code.
        assert rows or name in {"assessments", "changes", "project_codes"}, name
        assert api_of(name) == rows
        for read_rows in (csv_of(name), calamine_of(name)):
            assert len(read_rows) == len(rows)
            for found, row in zip(read_rows, rows, strict=True):
                for column, value in row.items():
                    if isinstance(value, str):
                        assert unsafe_cell(found[column]) == xml_text(value), (column, value)
    stored = {row["results_th"] for row in json_of("status_reports")}
    assert {f"{AWKWARD[0]} แก้", *AWKWARD[1:]} <= stored
    for path in (
        "data/datapackage.json",
        "data/catalog.jsonld",
        "data/ckan.json",
        "api/v1/openapi.json",
    ):
        json.loads(PortalClient().get(f"/{path}").content)
    the_feed()


def calamine_of(name: str) -> list[dict[str, Any]]:
    content = body(PortalClient().get(f"/data/{name}.xlsx"))
    is_sound(content)
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def the_feed():
    """An Atom summary is HTML by its type: read as such it is the reason, and has no element."""
    root = ElementTree.fromstring(PortalClient().get("/feed.atom").content)  # noqa: S314 - our own
    summaries = [each.text or "" for each in root.iter(f"{ATOM}summary")]
    assert {each.get("type") for each in root.iter(f"{ATOM}summary")} == {"html"}
    for summary in summaries:
        assert "<" not in summary.replace("<br>", "")
    told = [unescape(each.replace("<br>", "\n")) for each in summaries]
    assert not lacking(told[0], map(xml_text, AWKWARD))
    assert "<&\"'>]]>" in told[1]


def badges_and_cards():
    for number, resolution in enumerate(Resolution.objects.all()):
        address = reverse("embed-badge", args=[resolution.forum.year_be, resolution.number])
        root = ElementTree.fromstring(PortalClient().get(address).content)  # noqa: S314
        (title,) = root.iter(f"{SVG}title")
        assert not lacking(title.text or "", [xml_text(AWKWARD[number])])
        assert not [each.tag for each in root.iter() if "script" in each.tag]
        address = reverse("embed-card", args=[resolution.forum.year_be, resolution.number])
        assert not lacking(PortalClient().page(address).text, [AWKWARD[number]])


# Pages -----------------------------------------------------------------------------------------


def test_public_pages(world, unfooled):
    """Every page is read for scripts, handlers, and elements that were not closed."""
    visitor = PortalClient()
    shown = ""
    for resolution in Resolution.objects.all():
        address = reverse("resolution", args=[resolution.forum.year_be, resolution.number])
        shown += visitor.page(address).raw()
    assert not lacking(shown, AWKWARD[1:])
    for agency in Agency.objects.order_by("code")[: len(AWKWARD)]:
        visitor.page(reverse("agency", args=[agency.code]))
    year = world.round.year_be
    for name in ("home", "resolutions", "agencies", "matrix", "years", "follow-up", "data"):
        visitor.page(reverse(name))
    visitor.page(reverse("year", args=[year]))
    assert not lacking(visitor.page(reverse("corrections")).raw())
    visitor.page(reverse("report", args=[year]))
    badges_and_cards()


def test_staff_pages(world, unfooled, sign_in, people):
    staff = sign_in(people["staff"])
    for number, report in enumerate(world.reports):
        page = staff.page(reverse("staff-report", args=[report.pk]))
        assert not lacking(page.raw(), [AWKWARD[number]]), NAMES[number]
    staff.page(reverse("staff-report-history", args=[world.reports[0].pk]))
    for name in ("staff-queue", "staff-agencies", "staff-history", "staff-letters", "staff-links"):
        staff.page(reverse(name))
    for name in ("staff-round", "staff-round-report"):
        staff.page(reverse(name, args=[world.round.year_be]))
    the_letters(staff, world)
    the_workbooks(staff, world)
    the_mail(people["staff"], world)


# Paper -----------------------------------------------------------------------------------------


def is_sound(file: bytes) -> bytes:
    """An .xlsx or .docx of which every part is XML to a strict parser."""
    with zipfile.ZipFile(BytesIO(file)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                well_formed(package.read(name))
    return file


@cache  # styles and themes are the same in every file
def well_formed(part: bytes) -> None:
    """Raises ExpatError for what a strict parser, which minds namespaces, does not read."""
    expat.ParserCreate(namespace_separator=" ").Parse(part, True)


def words_of(file: bytes) -> str:
    """All text of a DOCX, in paragraphs and in tables."""
    is_sound(file)
    document = docx.Document(BytesIO(file))
    paragraphs = document.element.body.iter(qn("w:p"))
    return "\n".join(Paragraph(each, document).text for each in paragraphs)


def printed_in(file: bytes) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


#: Texts that a reader of PDF gives back in another order, or of which typefaces lack a part.
SET_ANEW = {
    "direction",
    "other scripts",
    "emoji",
    "marks alone",
    "no width",
    "private use",
    "sara am",
}


def test_paper(world):
    report = store.document(world.round.snapshots.latest("number"))
    expected = [thai(xml_text(text)) for text in AWKWARD]
    assert not lacking(words_of(word.write(report)), expected[1:])
    told = printed_in(pdf.write(report))
    safe = [text for name, text in zip(NAMES, expected, strict=True) if name not in SET_ANEW]
    assert not lacking(told, safe[1:])
    for number, name in enumerate(NAMES, start=1):
        assert letters_of(thai(f"ที่{number}:")) in letters_of(told), name
    assert pdf.UNKNOWN in told  # in the place of an emoji
    the_meeting_packs(world)


def the_meeting_packs(world):
    for by in pack.KINDS:
        report = pack.build(store.counted_now(world.round), by=by).as_data()
        told = printed_in(pdf.write(report, fitted=True))
        assert not lacking(told, [thai(f"ที่{number}:") for number in range(2, len(AWKWARD) + 1)])


def the_letters(staff, world):
    written = 0
    for row in letters.correspondence(world.round):
        if row.due and written < len(AWKWARD):
            address = reverse("staff-letter-file", args=[row.agency.code])
            response = staff.get(address, {"year": world.round.year_be})
            assert response.status_code == 200
            name = response["Content-Disposition"]
            assert re.fullmatch(r"attachment; filename\*=utf-8''[\w.~%-]+", name, re.ASCII), name
            told = words_of(response.content)
            name_of = to_thai_digits(xml_text(row.agency.name_th))
            assert not lacking(told, [name_of]), ascii(name_of)
            written += 1
    assert written > 10


# Spreadsheets ----------------------------------------------------------------------------------


def test_lists(world, tmp_path, read_in_process):
    for kind in exports.KINDS:
        _name, _type, parts = exports.reports(world.round, kind)
        path = tmp_path / f"list.{kind}"
        path.write_bytes(b"".join(parts))
        if kind == exports.XLSX:
            is_sound(path.read_bytes())
        book = sandbox.read_file(path, name=path.name)
        cells = [unsafe_cell(cell) for row in book.sheets[0].rows for cell in row]
        assert not lacking("\n".join(map(str, cells)), map(xml_text, AWKWARD))
    for resource in (AgencyResource, AssignmentResource, ResolutionResource, MeasureResource):
        for form in (Xlsx, Csv):
            comes_back_unchanged(resource, form)


def the_workbooks(staff, world):
    response = staff.get(reverse("staff-workbooks", args=[world.round.year_be]))
    told = ""
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        names = archive.namelist()
        assert len({*names}) == len(names) > 20
        for name in names:
            assert not re.search(r"[\x00-\x1f/\\\\<>:\"|?*]", name), name
            workbook = is_sound(archive.read(name))
            sheet = CalamineWorkbook.from_filelike(BytesIO(workbook))
            for row in sheet.get_sheet_by_index(0).to_python():
                told += "\n".join(str(unsafe_cell(cell)) for cell in row)
    assert not lacking(told, map(xml_text, AWKWARD[1:]))


def comes_back_unchanged(resource, form):
    exported = form().export_data(resource().export())
    content = exported.encode("utf-8-sig") if isinstance(exported, str) else exported
    result = resource().import_data(form().create_dataset(content), dry_run=True, raise_errors=True)
    assert result.totals["skip"] == result.total_rows == resource.Meta.model.objects.count()


# Mail and headers ------------------------------------------------------------------------------


def the_mail(person, world):
    person.display_name, person.email = f"ก\n{AWKWARD[0]}", "staff@example.org"
    waiting = digests.Waiting(
        returned=world.reports,
        overdue=[
            digests.Due(
                world.round, -3, [(each.assignment.agency, 1) for each in world.reports], []
            )
        ],
    )
    for number, report in enumerate(world.reports):
        report.return_reason = AWKWARD[number]
    message = digests.compose(person, waiting, date(2026, 11, 28)).message()
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert parsed["To"] == "staff@example.org"
    assert [*parsed.keys()].count("Subject") == 1
    assert not lacking(parsed.get_content(), [text[:90] for text in AWKWARD])


def test_names_of_files_in_headers(open_round, people, sign_in, settings, tmp_path):
    report = make_report(
        open_round, by=people["staff"], state=ReportState.DRAFT, evidence=[piece()]
    )
    stored = report.evidence.get()
    staff = sign_in(people["staff"])
    for text in (*AWKWARD, 'ascii"\n\x01'):
        stored.file_name = f"{text[:200]}\n.pdf".replace("/", "-")  # no upload keeps a slash
        Evidence.objects.filter(pk=stored.pk).update(file_name=stored.file_name)
        response = staff.get(stored.address)
        assert response.status_code == 200
        assert body(response) == PDF
        header = response["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename[ -~]+", header), ascii(header)


# What comes in ---------------------------------------------------------------------------------


def test_what_is_cleaned_can_be_written():
    for code in range(0x10000):
        for clean in (clean_text, repair):
            cleaned = clean(f"ก{chr(code)}ข")
            assert xml_text(cleaned) == cleaned, hex(code)
            cleaned.encode()  # no half of a character


def test_line_ends_and_direction():
    assert clean_text("ก\x0bข\u2028ค\x85ง") == "ก\nข\nค\nง"
    assert clean_text("ก\u202eข\u2066ค") == "กขค"


def test_json_in_the_admin_is_storable():
    field = ListField(required=False)
    assert field.clean('["a\\u0000b", {"x\\ud800": "\\udfffก"}, 3]') == ["ab", {"x": "ก"}, 3]
