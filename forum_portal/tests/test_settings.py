"""The server refuses to start with an unsafe setting, names it, and keeps its secrets."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "u7R2k-".join(["only-for-this-test"] * 4)
PASSWORD = "geheim-1234"
GOOD = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": f"postgresql://portal:{PASSWORD}@db.example.org/portal",
}
SECRETS = (KEY, PASSWORD, "short-key")


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in its own process with only these environment variables."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**clean, "ENV_FILE": os.devnull, "PYTHONUTF8": "1", **environment},
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS), (
        "a secret was printed"
    )
    return done


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the application as gunicorn does."""
    return python("-c", "import forum_portal.wsgi; print('started')", **environment)


def without(name: str, **changes: str) -> dict[str, str]:
    return {key: value for key, value in GOOD.items() if key != name} | changes


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (without("SECRET_KEY"), "SECRET_KEY"),
        (GOOD | {"SECRET_KEY": ""}, "SECRET_KEY must have at least 50 characters"),
        (GOOD | {"SECRET_KEY": "short-key"}, "SECRET_KEY must have at least 50 characters"),
        (GOOD | {"DEBUG": "true"}, "DEBUG must be off in production"),
        (GOOD | {"DEBUG": "1"}, "DEBUG must be off in production"),
        (without("ALLOWED_HOSTS"), "ALLOWED_HOSTS must name the portal's host"),
        (GOOD | {"PORTAL_ENV": "staging"}, "PORTAL_ENV must be local or production"),
        (GOOD | {"PORTAL_ENV": "Local"}, "PORTAL_ENV must be local or production"),
        (GOOD | {"PORTAL_DUTY": "8"}, "PORTAL_DUTY must be a code such as 2565-8, not '8'"),
        (GOOD | {"S3_REGION": "th"}, "S3_REGION counts only together with S3_BUCKET"),
        (GOOD | {"S3_BUCKET": "files", "S3_SECONDS": "0"}, "S3_SECONDS must be a number from 0.5"),
        (GOOD | {"SECURITY_LOG_ADDRESS": "whole"}, "SECURITY_LOG_ADDRESS must be truncated or"),
        (GOOD | {"SOURCE_URL": "code"}, "SOURCE_URL must be https:// and an address or http://"),
        (GOOD | {"SECURITY_CONTACT": "me"}, "SECURITY_CONTACT must be mailto: and a mailbox or"),
        (GOOD | {"SECURITY_POLICY": "http://a.example"}, "SECURITY_POLICY must be https://"),
        (GOOD | {"SECURITY_EXPIRES": "2199-01-01"}, "SECURITY_EXPIRES must be a day less than"),
        (GOOD | {"PORTAL_ENV": ""}, "PORTAL_ENV must be local or production"),
        # Without PORTAL_ENV it is production, never something laxer.
        (without("PORTAL_ENV", DEBUG="on"), "DEBUG must be off in production"),
        (without("PORTAL_ENV", SECRET_KEY="short-key"), "SECRET_KEY must have at least 50"),
        (GOOD | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the portal's own hosts"),
        (GOOD | {"ALLOWED_HOSTS": "portal.example.org,.go.th"}, "not '.go.th'"),
        (GOOD | {"PORTAL_URL": "http://portal.example.org"}, "PORTAL_URL must be https://"),
        (GOOD | {"ALLOWED_HOSTS": ".example.org"}, "PORTAL_URL must be https://"),
        (GOOD | {"SECRET_KEY": "only-for-tests" * 5}, "SECRET_KEY is an example's"),
        (GOOD | {"SECRET_KEY": "django-insecure-" + KEY}, "SECRET_KEY is an example's"),
        (
            GOOD | {"SECRET_KEY_FALLBACKS": "short-key"},
            "SECRET_KEY_FALLBACKS must have at least 50",
        ),
        (GOOD | {"SECRET_KEY_FALLBACKS": f"{KEY},short-key"}, "SECRET_KEY_FALLBACKS must have at"),
        (
            GOOD | {"SECRET_KEY_FALLBACKS": "only-for-tests" * 5},
            "SECRET_KEY_FALLBACKS is an example's",
        ),
        (GOOD | {"CSRF_TRUSTED_ORIGINS": "https://*"}, "CSRF_TRUSTED_ORIGINS must name"),
        (GOOD | {"CSRF_TRUSTED_ORIGINS": "http://a.example.org"}, "CSRF_TRUSTED_ORIGINS must name"),
    ],
)
@pytest.mark.security
def test_production_refuses_to_start(environment, says):
    done = start(**environment)
    assert done.returncode != 0
    assert "started" not in done.stdout
    assert says in done.stderr.splitlines()[-1]


def test_earlier_keys_are_a_list():
    program = (
        "from forum_portal import settings; print(*map(len, settings.SECRET_KEY_FALLBACKS))\n"
        "print(settings.LOCAL_PORT)"
    )
    keys = f" {KEY}a , {KEY}bc,"
    done = python("-c", program, **GOOD | {"SECRET_KEY_FALLBACKS": keys, "BIND": "[::1]:8123"})
    assert done.stdout.split() == [str(len(KEY) + 1), str(len(KEY) + 2), "8123"], done.stderr


def test_programs_of_this_machine_name_it_and_not_the_portal():
    """Prometheus asks 127.0.0.1, and cannot say that it means the portal."""
    asks = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "from django.conf import settings\n"
        "told = Client().get('/metrics', HTTP_HOST='127.0.0.1:8000')\n"
        "print(told.status_code, b'portal_info' in told.content, settings.PORTAL_URL)\n"
    )
    module = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    environment = GOOD | module | {"DATABASE_URL": "sqlite:////nowhere/portal.sqlite3"}
    done = python("-c", asks, **environment, METRICS_LOOPBACK="true")
    assert done.stdout == "200 True https://portal.example.org\n", done.stderr
    names = "from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    done = python("-c", names, **environment, METRICS_TOKEN="t" * 40)
    assert done.stdout == "['portal.example.org']\n", "without it the portal has its own names only"


def test_the_time_limits_of_postgresql_are_settings():
    program = (
        "from forum_portal.settings import DATABASES; options = DATABASES['default']['OPTIONS']\n"
        "print(options['connect_timeout'], options['options'])"
    )
    usual = python("-c", program, **GOOD).stdout
    assert usual == (
        "3 -c statement_timeout=60000 -c lock_timeout=15000 "
        "-c idle_in_transaction_session_timeout=300000\n"
    )
    limits = {
        "POSTGRES_CONNECT_SECONDS": "5",
        "POSTGRES_STATEMENT_SECONDS": "90",
        "POSTGRES_LOCK_SECONDS": "20",
        "POSTGRES_IDLE_SECONDS": "30",
    }
    assert python("-c", program, **GOOD | limits).stdout == (
        "5 -c statement_timeout=90000 -c lock_timeout=20000 "
        "-c idle_in_transaction_session_timeout=30000\n"
    )


def test_a_command_ends_with_one_sentence_too():
    done = python("manage.py", "check", **GOOD | {"EMAIL_TIMEOUT": "-1"})
    assert done.returncode == 1
    assert done.stderr == (
        "EMAIL_TIMEOUT ต้องเป็นจำนวนเต็ม 1 ถึง 600 ไม่ใช่ '-1' · "
        "EMAIL_TIMEOUT must be a whole number from 1 to 600, not '-1'\n"
    )


def test_good_production_settings_start():
    done = start(**GOOD)
    assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


def test_a_laptop_needs_no_more_than_a_key():
    done = start(PORTAL_ENV="local", SECRET_KEY="short-key")
    assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


def test_a_laptop_without_a_key_does_not_start_either():
    done = start(PORTAL_ENV="local")
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


def deployed(**changes: str) -> subprocess.CompletedProcess[str]:
    command = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    return python(*command, **(GOOD | changes))


def test_the_deployment_check_finds_nothing():
    done = deployed()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_deployment_check_would_find_something():
    """Control: the same check fails on a portal that allows plain HTTP."""
    done = deployed(SECURE_SSL_REDIRECT="false")
    assert done.returncode != 0
    assert "security.W008" in done.stderr


def test_what_production_sends_is_for_https_only():
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "plain = Client().get('/robots.txt', headers={'host': 'portal.example.org'})\n"
        "print(plain.status_code, plain['Location'])\n"
        "safe = Client().get('/robots.txt', headers={'host': 'portal.example.org'}, secure=True)\n"
        "print(safe.status_code, safe['Strict-Transport-Security'])\n"
        "from django.conf import settings\n"
        "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.DEBUG)\n"
    )
    done = python("-c", program, DJANGO_SETTINGS_MODULE="forum_portal.settings", **GOOD)
    assert done.stdout.splitlines() == [
        "301 https://portal.example.org/robots.txt",
        "200 max-age=31536000; includeSubDomains; preload",
        "True True False",
    ], done.stderr


def test_the_key_of_this_copy_is_nowhere_in_the_repository():
    """Only `.env` holds the key. Without a `.env` there is nothing to check."""
    env = settings.ROOT / ".env"
    if not env.exists():
        return
    key = re.search(r"^SECRET_KEY=(\S{20,})$", env.read_text(), re.MULTILINE)
    ignored = (settings.ROOT / ".gitignore").read_text().splitlines()
    assert ".env" in ignored
    if key:
        for path in settings.ROOT.glob("*"):
            if path.is_file() and path.name != ".env":
                assert key[1].encode() not in path.read_bytes(), path.name
