"""The form of an independent assessment."""

from followup.forms.assessments import PIECES, AssessmentForm, ModerationForm
from followup.models import Ground


def bound(**fields):
    return AssessmentForm({"version": "0", **fields}, kind="output")


def test_an_empty_form_is_a_valid_draft():
    form = bound()
    assert form.is_valid()
    assert form.wanted() == []


def test_links_are_taken_in_order_and_empty_rows_are_none():
    form = bound(
        **{
            "evidence-3-title": "ข",
            "evidence-3-url": "https://b.example.org/",
            "evidence-1-title": "ก",
            "evidence-1-url": "a.example.org/x",
        }
    )
    assert form.is_valid()
    assert [each["title"] for each in form.wanted()] == ["ก", "ข"]
    assert form.wanted()[0]["url"] == "https://a.example.org/x"
    assert len(list(form.pieces)) == PIECES


def test_a_link_needs_its_title_and_a_title_its_link():
    form = bound(**{"evidence-0-url": "https://a.example.org/", "evidence-1-title": "ก"})
    assert not form.is_valid()
    assert set(form.errors) == {"evidence-0-title", "evidence-1-url"}


def test_a_status_that_nobody_offers_is_refused_in_thai():
    for status in ("cancelled", "no_report", "x"):
        form = bound(status=status)
        assert form.errors["status"] == ["เลือกสถานะจากรายการ"]
    recurring = AssessmentForm({"version": "0", "status": "completed"}, kind="recurring")
    assert not recurring.is_valid()


def test_a_form_without_its_version_is_refused():
    assert "version" in AssessmentForm({}, kind="output").errors


def test_there_are_two_grounds_and_no_third():
    assert [
        value for value, _label in ModerationForm.base_fields["ground"].choices
    ] == Ground.values
    assert Ground.values == ["law", "decency"]
