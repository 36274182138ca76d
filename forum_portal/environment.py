"""The environment as the portal reads it: `.env`, values of a kind, and refusals that name the setting.

A wrong value ends the start with one sentence in Thai and English. It never falls back to a default: a
`BEHIND_PROXY=ture` that means "no" would be found by nobody. `.env.example` lists every setting.
"""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

#: What is said of a wrong value, in Thai and in English. Settings are read before gettext works.
REFUSALS = {
    "missing": ("ต้องตั้งค่า {name}", "{name} must be set"),
    "whole": (
        "{name} ต้องเป็นจำนวนเต็ม {least} ถึง {most} ไม่ใช่ {value}",
        "{name} must be a whole number from {least} to {most}, not {value}",
    ),
    "number": (
        "{name} ต้องเป็นตัวเลข {least} ถึง {most} ไม่ใช่ {value}",
        "{name} must be a number from {least} to {most}, not {value}",
    ),
    "flag": (
        "{name} ต้องเป็น true หรือ false ไม่ใช่ {value}",
        "{name} must be true or false, not {value}",
    ),
    "choice": (
        "{name} ต้องเป็น {among[0]} หรือ {among[1]} ไม่ใช่ {value}",
        "{name} must be {among[0]} or {among[1]}, not {value}",
    ),
    "bind": (
        "{name} ต้องเป็นที่อยู่กับพอร์ต เช่น 127.0.0.1:8000 หรือ unix:/run/portal/web.sock ไม่ใช่ {value}",
        "{name} must be an address and a port such as 127.0.0.1:8000, or unix:/run/portal/web.sock, "
        "not {value}",
    ),
    "key_length": (
        "{name} ต้องยาวอย่างน้อย {least} ตัวอักษรในระบบจริง",
        "{name} must have at least {least} characters in production",
    ),
    "key_example": (
        "{name} เป็นกุญแจจากตัวอย่างหรือการทดสอบ หรือซ้ำรูปแบบเกินไป",
        "{name} is an example's or a test's key, or too regular for production; make one with: "
        "python -c 'import secrets; print(secrets.token_urlsafe(64))'",
    ),
    "bucket": (
        "{name} ไม่ใช่ชื่อ bucket (ตัวพิมพ์เล็ก ตัวเลข จุด และขีด 3-63 ตัว): {value}",
        "{name} is no name of a bucket (3 to 63 small letters, digits, dots and hyphens): {value}",
    ),
    "prefix": (
        "{name} ต้องเป็นคำที่คั่นด้วย / เช่น portal/files ไม่ใช่ {value}",
        "{name} must be words separated by / such as portal/files, not {value}",
    ),
    "region": (
        "{name} ต้องเป็นรหัสภูมิภาค เช่น ap-southeast-1 ไม่ใช่ {value}",
        "{name} must be a region such as ap-southeast-1, not {value}",
    ),
    "endpoint": (  # not repeated: a wrong one may have a password in it
        "{name} ต้องเป็น https:// หรือ http:// กับชื่อเครื่อง ไม่มีทางเดิน ชื่อผู้ใช้ หรือรหัสผ่าน",
        "{name} must be https:// or http:// and a host, without a path, a user or a password",
    ),
    "together": (
        "{name} ใช้ได้ต่อเมื่อตั้งค่า {other} ด้วย",
        "{name} counts only together with {other}, which is not set",
    ),
    "dsn": ("{name} ไม่ใช่ที่อยู่ของ Sentry", "{name} is no DSN of Sentry"),
}
MOST = 2**31 - 1  # what a setting without a limit of its own may be
YES = frozenset({"true", "on", "yes", "1"})
NO = frozenset({"false", "off", "no", "0"})
_SHOWN = 60  # characters of a wrong value that are repeated


def refused(why: str, name: str, value: object = "", **more: object) -> ImproperlyConfigured:
    """The error whose message is the sentence of REFUSALS, Thai before English, on one line."""
    words = {"name": name, "value": ascii(value)[:_SHOWN], **more}
    return ImproperlyConfigured(" · ".join(each.format(**words) for each in REFUSALS[why]))


class Environment(environ.Env):
    """django-environ's reader; each kind of value refuses what is none. An empty value is as none.

    Every method raises ImproperlyConfigured, of a missing value without a default as well.
    """

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: Any = False,
    ) -> Any:
        if default is self.NOTSET and var not in self.ENVIRON:
            raise refused("missing", var)
        return super().get_value(var, cast=cast, default=default, parse_default=parse_default)

    def int(
        self,
        var: builtins.str,
        default: Any = environ.Env.NOTSET,
        *,
        least: builtins.int = 0,
        most: builtins.int = MOST,
    ) -> builtins.int:
        """A whole number within limits, in ASCII digits."""
        said = self._said(var, default)
        if not said:
            return int(default)
        if not re.fullmatch("-?[0-9]{1,18}", said) or not least <= int(said) <= most:
            raise refused("whole", var, said, least=least, most=most)
        return int(said)

    def float(
        self,
        var: builtins.str,
        default: Any = environ.Env.NOTSET,
        *,
        least: builtins.float = 0,
        most: builtins.float = MOST,
    ) -> builtins.float:
        """A number within limits, such as `0.5`."""
        said = self._said(var, default)
        if not said:
            return float(default)
        is_number = re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", said)
        if not is_number or not least <= float(said) <= most:
            raise refused("number", var, said, least=least, most=most)
        return float(said)

    def bool(self, var: builtins.str, default: Any = environ.Env.NOTSET) -> builtins.bool:
        """Yes or no, by a word of YES or NO in any case."""
        said = self._said(var, default).lower()
        if said and said not in YES | NO:
            raise refused("flag", var, said)
        return said in YES if said else bool(default)

    def list(
        self, var: builtins.str, cast: Any = None, default: Any = environ.Env.NOTSET
    ) -> builtins.list[Any]:
        """The parts between commas, without spaces around them; empty ones are none."""
        return [
            each.strip() for each in super().list(var, cast=cast, default=default) if each.strip()
        ]

    def choice(
        self, var: builtins.str, *, default: builtins.str, among: tuple[builtins.str, builtins.str]
    ) -> builtins.str:
        """One of two words."""
        said = self._said(var, default) or default
        if said not in among:
            raise refused("choice", var, said, among=among)
        return said

    def _said(self, var: builtins.str, default: Any) -> builtins.str:
        return str(self.str(var, default=self.NOTSET if default is self.NOTSET else "")).strip()


def load(root: Path, into: MutableMapping[str, str] | None = None) -> Environment:
    """The environment with the values of `.env` in `root`, or of the file that ENV_FILE names.

    What is in the environment wins. The file's values go into `into`; without it into this process's
    environment, and so to the processes that it starts.
    """
    kept = os.environ if into is None else into
    kind = type("Environment", (Environment,), {"ENVIRON": kept})
    env: Environment = kind()
    env.read_env(env.str("ENV_FILE", default="") or str(root / ".env"))
    return env


# What both the settings and the web server read ---------------------------------------------------


def is_production(env: Environment) -> bool:
    """Whether PORTAL_ENV is `production`, as it is if nobody says otherwise."""
    said = env.str("PORTAL_ENV", default="production")
    if said not in {"local", "production"}:
        raise refused("choice", "PORTAL_ENV", said, among=("local", "production"))
    return bool(said == "production")


def log_format(env: Environment) -> str:
    """`json` or `text`. In production programs read the logs, and one object is one event."""
    default = "json" if is_production(env) else "text"
    return env.choice("LOG_FORMAT", default=default, among=("json", "text"))


def bound_to(env: Environment) -> str:
    """Where the web server listens: BIND, or PORT on loopback."""
    port = env.int("PORT", default=8000, least=1, most=65535)
    said = env.str("BIND", default="").strip()
    if not said:
        return f"127.0.0.1:{port}"
    found = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", said)
    is_port = found is not None and 1 <= int(found[1]) <= 65535
    if not is_port and not re.fullmatch(r"unix:/[^\s:]+", said):
        raise refused("bind", "BIND", said)
    return str(said)
