"""Forms of the follow-up letters."""

from datetime import date

from followup.forms.letters import CorrectionForm, LetterForm


def test_an_answer_is_asked_for_within_thirty_days():
    form = LetterForm({"attempt": "1", "number": "พม 0305/1", "sent_on": "1/11/2569"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["answer_by"] == date(2026, 12, 1)


def test_a_day_that_was_typed_stands():
    sent = {"attempt": "1", "number": "1", "sent_on": "1/11/2569", "answer_by": "15/11/2569"}
    form = LetterForm(sent)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["answer_by"] == date(2026, 11, 15)


def test_a_letter_needs_its_day():
    form = LetterForm({"attempt": "1", "number": "1", "sent_on": ""})
    assert form.errors == {"sent_on": ["ระบุวันที่ของหนังสือ"]}


def test_a_correction_leaves_the_attempt_as_it_is():
    form = CorrectionForm({"number": "1", "sent_on": "1/11/2569", "answered_on": "๕/๑๑/๒๕๖๙"})
    assert form.is_valid(), form.errors
    assert "attempt" not in form.fields
    assert form.cleaned_data["answered_on"] == date(2026, 11, 5)
