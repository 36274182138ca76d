"""Login and a person's own account: password, one-time codes, recovery codes.

allauth does the work; this module adds our texts, our pages and three stricter rules.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import LoginView
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView, generate_recovery_codes
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from followup.accounts import OwnPasswordForm, SecondFactorAdapter, use_code_once
from forum_portal import security_log
from forum_portal.security_log import Event

#: Seconds after showing recovery codes in which they may be saved as a file.
CODES_FOR = 10 * 60
CODES_UNTIL = "recovery_codes_until"


class Login(LoginView):
    def form_valid(self, form: Any) -> HttpResponse:
        if self.request.user.is_authenticated:
            logout(self.request)  # another account: nothing of this session is carried over
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        for error in form.errors.as_data().get("__all__", []):
            if error.code == "throttled":
                response.status_code = 429
                response["Retry-After"] = str(60 * error.params["m"])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        said = form.non_field_errors() or [_("ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง")]
        # Only addresses of this site are passed on.
        return context | {
            "next": self.get_next_url() or "",
            "problem": said[0] if form.errors else "",
        }


class PasswordChange(auth.PasswordChangeView):
    template_name = "registration/password_change.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("staff-queue")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refused = ratelimit.consume_or_429(request, action="change_password")
        return refused or super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("เปลี่ยนรหัสผ่านแล้ว"))
        return super().form_valid(form)


@method_decorator(login_required, name="dispatch")
class Enrol(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        if not use_code_once(self.request.user, form.secret, form.cleaned_data["code"]):
            form.add_error("code", SecondFactorAdapter().validation_error("incorrect_code"))
            return self.form_invalid(form)
        response = super().form_valid(form)
        # This session has just passed the second factor; the account's other sessions end.
        record_authentication(self.request, self.request.user, "mfa")
        messages.success(self.request, _("เปิดการยืนยันตัวตนสองขั้นแล้ว"))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        security_log.write(Event.SECOND_FACTOR_FAILED, outcome="enrolment")
        return super().form_invalid(form)


class Leave(DeactivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("ปิดการยืนยันตัวตนสองขั้นของอุปกรณ์เดิมแล้ว"))
        return response


class RecoveryCodes(ViewRecoveryCodesView):
    """Show the recovery codes once: on this page, and as a file directly after it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context["can_view_codes"]:
            self.request.session[CODES_UNTIL] = time.time() + CODES_FOR
        return context

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


new_codes = login_required(generate_recovery_codes)


@login_required
def codes_file(request: HttpRequest) -> HttpResponseBase:
    """The codes that were just shown, as a text file; it can be downloaded once."""
    if time.time() > request.session.pop(CODES_UNTIL, 0):
        raise Http404(_("บันทึกรหัสสำรองเป็นไฟล์ได้ครั้งเดียวหลังจากที่แสดง สร้างชุดใหม่ที่หน้าบัญชีของฉัน"))
    stored = Authenticator.objects.filter(
        user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    codes = stored.wrap().get_unused_codes() if stored else []
    head = _("รหัสสำรองของ %(user)s ใช้ได้รหัสละครั้งเดียว เก็บไว้ในที่ปลอดภัย") % {
        "user": request.user.get_username()
    }
    return HttpResponse(
        "\r\n".join([head, "", *codes, ""]),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="recovery-codes.txt"'},
    )
