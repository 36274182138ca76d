"""Forms of a report as they are sent, and what they say."""

from followup.forms.report import (
    EvidenceForm,
    EvidenceFormSet,
    ReportForm,
)

TOO_LONG = "%sยาว %d อักขระ เกินกำหนด %d อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง"
BAD_LINK = "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://"


def report_form(last=None, **data):
    return ReportForm({"version": "0", "reported_status": "not_started", **data}, last=last)


def cleaned(**data):
    form = report_form(**data)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def errors(form):
    assert not form.is_valid()
    return {name: [str(each) for each in messages] for name, messages in form.errors.items()}


def evidence_form(title="สรุปโครงการ", url="https://example.org/1", **data):
    return EvidenceForm({"title": title, "url": url, "is_public": "on", **data})


def evidence_forms(*rows, initial=()):
    data = {
        "evidence-TOTAL_FORMS": str(len(rows)),
        "evidence-INITIAL_FORMS": str(len(initial)),
    }
    for place, row in enumerate(rows):
        data |= {f"evidence-{place}-{name}": value for name, value in row.items()}
    return EvidenceFormSet(data, prefix="evidence", initial=initial)
