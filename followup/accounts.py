"""Signing in: password and one-time code, limits on failed attempts, encryption of secrets."""

from __future__ import annotations

import math
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.contrib.auth.forms import PasswordChangeForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import devices
from followup.security_events import account
from forum_portal import security_log
from forum_portal.client import daily_hash, hashed_address
from forum_portal.keys import keys
from forum_portal.security_log import Event

APP = "allauth.account"
#: Session keys: the times of sign-in and of the last request (seconds since 1970).
SIGNED_IN, LAST_SEEN = "signed_in_at", "last_seen_at"


def stamp_session(request: HttpRequest, **kwargs: Any) -> None:
    """Store the time of sign-in in the session (a receiver of `user_logged_in`)."""
    request.session[SIGNED_IN] = request.session[LAST_SEEN] = time.time()
    devices.remember(request, kwargs["user"].get_username())


def enrolled_at(user: Any) -> datetime | None:
    """When this account's current one-time-code device was enrolled; None without one."""
    phones = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP)
    return phones.values_list("created_at", flat=True).first()


def has_shown_code(request: HttpRequest, since: datetime) -> bool:
    """Whether this session has passed the second factor at or after `since`."""
    records = get_authentication_records(request, request.user)
    return any(each["method"] == "mfa" and each["at"] >= since.timestamp() for each in records)


class LoginForm(BaseLoginForm):
    """allauth's form with its field named `username`, which browsers and people expect."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = self.fields.pop("login")

    def clean(self) -> Any:
        self.cleaned_data["login"] = self.cleaned_data.get("username", "")
        return super().clean()


class OwnPasswordForm(PasswordChangeForm):
    """A person's own change of their password, which ends the duty to change it."""

    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise ValidationError(_("รหัสผ่านใหม่ต้องไม่ใช่รหัสผ่านเดิม"), code="same_password")
        return new

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = False
        return super().save(commit)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _l("ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง"),
        "incorrect_password": _l("รหัสผ่านไม่ถูกต้อง"),
        "rate_limited": _l("ลองหลายครั้งเกินไป รอสักครู่แล้วลองใหม่"),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom allauth's own throttles count: the same client as ours, and as little of the address."""
        return hashed_address(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The key is user name and address: failures at one address do not lock out the others."""
        who = credentials.get("username", "").lower()
        return f"{hashed_address(request)} {who}"

    def _limits(self, request: HttpRequest, **credentials: Any) -> list[dict[str, str]]:
        """What an attempt counts for. A device that this person has signed in with before counts
        for itself alone, so that strangers who fail cannot lock the person out of it."""
        who = credentials.get("username", "").lower()
        if device := devices.known(request, who):
            return [{"action": "login_failed_device", "key": f"{device} {who}"}]
        return [
            {
                "action": "login_failed",
                "key": self._get_login_attempts_cache_key(request, **credentials),
            },
            {"action": "login_failed_user", "key": daily_hash(who)},
        ]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        limits = self._limits(request, **credentials)
        used = [ratelimit.consume(request, app=APP, **limit) for limit in limits]
        if None in used:
            for usage in filter(None, used):
                usage.rollback()
            security_log.write(
                Event.THROTTLED, about=account(credentials.get("username", "")), outcome="login"
            )
            raise throttled(max(minutes_left(request, **limit) for limit in limits))
        self._login_failed_rl_usage = ratelimit.RateLimitUsage(
            [single for usage in used if usage for single in usage.usage]
        )

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code == "too_many_login_attempts":  # of one-time codes
            security_log.write(Event.THROTTLED, outcome="code")
            window = max(rate.duration for rate in rates("login_failed"))
            return throttled(math.ceil(window / 60))
        return super().validation_error(code, *args)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """No re-authentication is required directly after signing in."""
        since = time.time() - self.request.session.get(SIGNED_IN, 0)
        return bool(since > app_settings.REAUTHENTICATION_TIMEOUT)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Suppress allauth's messages, because our own views write them."""


def throttled(minutes: int) -> ValidationError:
    return ValidationError(
        _("เข้าสู่ระบบผิดหลายครั้ง ลองใหม่ในอีก %(m)d นาที"), code="throttled", params={"m": minutes}
    )


def rates(action: str) -> list[ratelimit.Rate]:
    return ratelimit.get_rates(app=APP, action=action)


def minutes_left(request: HttpRequest, *, action: str, key: str) -> int:
    """Whole minutes until another attempt is allowed, at least 1."""
    waits = [0.0]
    for rate in rates(action):
        tries = cache.get(
            ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), []
        )
        if len(tries) >= rate.amount:
            waits.append(tries[-1] + rate.duration - time.time())
    return max(1, math.ceil(max(waits) / 60))


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _l("รหัสไม่ถูกต้อง หรือใช้ไปแล้ว รอรหัสถัดไปในแอปแล้วลองใหม่"),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as inline SVG; an image would need a wider content security policy."""
        return re.sub(r"^<\?xml[^>]*\?>\s*", "", super().build_totp_svg(url))

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def use_code_once(user: Any, secret: str, code: str) -> bool:
    """Mark a one-time code as used at enrolment, so that no login takes it too.

    False if it was used already, or is no code of this secret.
    """
    phone = Authenticator(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": SecondFactorAdapter().encrypt(secret)},
    )
    return bool(TOTP(phone).validate_code(code))


def _box() -> MultiFernet:
    """The cipher for TOTP secrets: a copy of the database alone yields no one-time codes."""
    return MultiFernet(_ciphers())


def _ciphers() -> list[Fernet]:
    derived = [sha256(b"second factor " + key.encode()).digest() for key in keys()]
    return [Fernet(urlsafe_b64encode(key)) for key in derived]


def encrypted_anew(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an `Authenticator` with its secrets under the current key.

    Those that are so already stay as they are. Raises InvalidToken for a secret that no key opens.
    """
    new = dict(data)
    for name in ("secret", "seed"):  # of a phone, of recovery codes
        if name in data:
            new[name] = _anew(data[name])
    if data.get("migrated_codes"):  # of recovery codes that were made elsewhere
        new["migrated_codes"] = [_anew(each) for each in data["migrated_codes"]]
    return new


def _anew(token: str) -> str:
    try:
        _ciphers()[0].decrypt(token.encode())
    except InvalidToken:
        return _box().rotate(token.encode()).decode()
    return token
