"""Messages of the public: where to begin, the form, and the private page of one message.

None of these pages is kept for others: the form carries a token, and a message is its sender's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from followup import actions, evidence, feedback
from followup.forms.feedback import FeedbackForm
from followup.forms.fields import error_list
from followup.models import Agency, Feedback, FeedbackState
from followup.progress import MeasureProgress
from followup.views.public import page, progress_of
from followup.views.refusals import show_refusal
from followup.views.years import YearChoice, chosen_year
from forum_portal.addresses import absolute
from forum_portal.bodies import TYPED, takes_body
from forum_portal.client import hashed_address
from forum_portal.page_cache import public_page
from forum_portal.thai import clean_text, to_arabic_digits
from forum_portal.years import as_typed
from proposals.models import Measure

#: Posts of one client, valid or not, and the window in seconds: each may cost the check of a file.
TRIES, TRIES_SECONDS = 30, 10 * 60
#: The field that only programs fill in.
TRAP = "website"


@dataclass(frozen=True)
class Subject:
    """What a message is about: a measure, an agency, or neither."""

    choice: YearChoice
    measure: Measure | None = None
    agency: Agency | None = None
    counted: MeasureProgress | None = None  # the measure in the year shown

    @property
    def query(self) -> str:
        """The query of the form's address."""
        asked: dict[str, Any] = {}
        if self.measure:
            asked["measure"] = self.measure.full_code
        elif self.agency:
            asked["agency"] = self.agency.code
        if self.choice.query and self.choice.round:
            asked["year"] = self.choice.round.code
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def back(self) -> str:
        """The address of the page that it is about."""
        if self.measure:
            forum = self.measure.resolution.forum.year_be
            at = reverse("resolution", args=[forum, self.measure.resolution.number])
            return f"{at}{self.choice.query}#{self.measure.anchor}"
        if self.agency:
            return reverse("agency", args=[self.agency.code]) + self.choice.query
        return reverse("feedback")


@public_page()
def begin(request: HttpRequest) -> HttpResponse:
    """Where to begin: from a measure or an agency, by its code, or with something else."""
    return page(request, "feedback", chosen_year(request), asked="", **_promises())


def _body_limit(request: HttpRequest, **kwargs: Any) -> int:
    """The largest message in bytes. A file over its limit arrives twice as large at most."""
    return TYPED + 2 * int(settings.FEEDBACK_MAX_BYTES)


@takes_body(_body_limit)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a message. What it is about is in the address, so that it is there after any answer."""
    subject = _subject(request)
    if isinstance(subject, HttpResponse):
        return subject
    if request.method != "POST":
        return _form_page(
            request, subject, FeedbackForm(initial={"sending": feedback.new_sending()})
        )
    if request.POST.get(TRAP, "").strip():
        return _trapped(request)
    if _tries_too_often(request):
        sentence = _(
            "เครือข่ายนี้ส่งแบบฟอร์มหลายครั้งเกินไป ลองใหม่ในอีก %(minutes)s นาที ข้อความที่พิมพ์ยังอยู่ครบ"
        ) % {"minutes": TRIES_SECONDS // 60}
        return _throttled(request, subject, sentence, TRIES_SECONDS)
    form = FeedbackForm(_with_sending(request), request.FILES)
    if form.is_valid():
        try:
            row, key = _send(request, subject, form)
        except actions.Throttled as throttled:
            return _throttled(request, subject, str(throttled), throttled.seconds)
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("feedback-message", row.number, key)
    return _form_page(request, subject, form, status=422)


def unsaved(request: HttpRequest) -> HttpResponse:
    """Show a form that was sent with an old CSRF token; nothing is stored."""
    subject = _subject(request)
    if isinstance(subject, HttpResponse):
        return subject
    form = FeedbackForm(initial=_typed(request))
    sentence = _("ยังไม่ได้ส่ง เพราะเปิดแบบฟอร์มไว้นานหรือเบราว์เซอร์ไม่รับคุกกี้ ตรวจข้อความแล้วกดส่งอีกครั้ง")
    return _form_page(request, subject, form, status=403, notice=sentence)


def _send(request: HttpRequest, subject: Subject, form: FeedbackForm) -> tuple[Feedback, str]:
    """Store the file and send the message; a file that no message came to hold is dropped again."""
    given = dict(form.cleaned_data)
    checked = given.pop("file")
    file = evidence.keep(checked) if checked else None
    sent: tuple[Feedback, str] | None = None
    try:
        sent = actions.send_feedback(
            sender=hashed_address(request),
            measure=subject.measure,
            agency=subject.agency,
            round_=subject.choice.round,
            file=file,
            **given,
        )
    finally:
        if file and (sent is None or sent[0].file.name != file.name):
            evidence.drop(file)
    return sent


def _with_sending(request: HttpRequest) -> QueryDict:
    """The posted data, with a name for the form if it has none of ours."""
    data = request.POST.copy()
    if not feedback.is_ours(data.get("sending", "")):
        data["sending"] = feedback.new_sending()
    return data


def _tries_too_often(request: HttpRequest) -> bool:
    key = f"feedback:{hashed_address(request)}"
    cache.add(key, 0, TRIES_SECONDS)
    try:
        return cache.incr(key) > TRIES
    except ValueError:  # it expired during this request
        return False


def _throttled(request: HttpRequest, subject: Subject, sentence: str, seconds: int) -> HttpResponse:
    """The form back with its text, and when to try again. Its file is not even looked at."""
    form = FeedbackForm(initial=_typed(request))
    response = _form_page(request, subject, form, status=429, notice=sentence)
    response["Retry-After"] = str(seconds)
    return response


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed, as the initial values of another form, which judges nothing yet."""
    return {**_with_sending(request).dict(), "may_publish": "may_publish" in request.POST}


def _trapped(request: HttpRequest) -> HttpResponse:
    """A plain page without any form: a program is content, and a person can copy the text from it."""
    fields = FeedbackForm.base_fields
    typed = [
        (fields[name].label, request.POST[name])
        for name in ("text", "url", "contact")
        if request.POST.get(name)
    ]
    return _private(render(request, "public/feedback_trapped.html", {"typed": typed}))


def _form_page(
    request: HttpRequest,
    subject: Subject,
    form: FeedbackForm,
    *,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    errors = error_list(form) if form.is_bound else []
    # A browser sends a file once; it has to be chosen again whatever was wrong.
    is_file_lost = bool(request.FILES) and request.method == "POST"
    response = page(
        request,
        "feedback_new",
        subject.choice,
        subject=subject,
        form=form,
        errors=errors,
        notice=notice,
        is_file_lost=is_file_lost,
        trap=TRAP,
        **_promises(),
    )
    response.status_code = status
    return _private(response)


def _promises() -> dict[str, int]:
    return {
        "start_days": settings.FEEDBACK_START_DAYS,
        "answer_days": settings.FEEDBACK_ANSWER_DAYS,
    }


def _subject(request: HttpRequest) -> Subject | HttpResponse:
    """What the address asks for; a page that says what to do if there is no such thing."""
    choice = chosen_year(request)
    measure_code = to_arabic_digits(clean_text(request.GET.get("measure", "")))
    agency_code = clean_text(request.GET.get("agency", ""))
    if measure_code:
        measure = feedback.measure_of(measure_code)
        if measure is None:
            return _unknown(request, choice, measure_code)
        progress = progress_of(choice, resolution=measure.resolution)
        counted = (
            (each for each in progress.measures if each.measure == measure) if progress else ()
        )
        return Subject(choice, measure=measure, counted=next(iter(counted), None))
    if agency_code:
        agency = feedback.agency_of(agency_code)
        return Subject(choice, agency=agency) if agency else _unknown(request, choice, agency_code)
    return Subject(choice)


def _unknown(request: HttpRequest, choice: YearChoice, code: str) -> HttpResponse:
    """Where to begin, with the code that names nothing; typed text can be copied from it."""
    response = page(request, "feedback", choice, asked=code, told=as_typed(code), **_promises())
    response.status_code = 404
    return _private(response)


@require_safe
def message(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """The private page of one message. Whatever is wrong with an address, the answer is the same."""
    row = feedback.find(number, key)
    if row is None:
        raise Http404
    response = page(
        request,
        "feedback_message",
        chosen_year(request),
        row=row,
        times=feedback.times_of(row),
        steps=_steps(row),
        address=[absolute(reverse("feedback"), request), f"{row.number}/", f"{key}/"],
        more=_more(row),
        query=f"?year={row.round.code}" if row.round else "",
        **_promises(),
    )
    response = _private(response)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


@dataclass(frozen=True)
class Step:
    """One step of a message: `at` is when it was done; `is_next` whether it comes next."""

    label: str
    at: Any = None
    is_next: bool = False
    note: str = ""


def _steps(row: Feedback) -> list[Step]:
    """What happened to a message, and what comes next."""
    steps = [Step(str(FeedbackState.NEW.label), row.sent_at)]
    steps.append(Step(str(FeedbackState.CHECKING.label), row.taken_at, not row.taken_at))
    if row.state == FeedbackState.DECLINED:
        return [*steps, Step(str(FeedbackState.DECLINED.label), row.closed_at)]
    steps.append(
        Step(str(FeedbackState.ANSWERED.label), row.closed_at, row.state == FeedbackState.CHECKING)
    )
    if row.needs_correction:
        steps.append(
            Step(
                _("แก้ไขข้อมูลที่เผยแพร่"),
                row.corrected_at,
                row.state == FeedbackState.ANSWERED,
                _("รอฉบับแก้ไข"),
            )
        )
    elif row.is_waiting:
        steps.append(Step(_("แก้ไขข้อมูลที่เผยแพร่"), note=_("ถ้าต้องแก้ไข")))
    return steps


def _more(row: Feedback) -> str:
    """The address of a form about the same thing."""
    asked = {"measure": row.about} if row.measure else {"agency": row.about} if row.agency else {}
    return reverse("feedback-new") + (f"?{urlencode(asked)}" if asked else "")


def _private(response: HttpResponse) -> HttpResponse:
    """No cache keeps it, and no search engine lists it."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
