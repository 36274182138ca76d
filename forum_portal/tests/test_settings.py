"""The server refuses to start where it would be unsafe, and says which setting is wrong."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "".join(chr(33 + n) for n in range(64))
GOOD = {"PORTAL_ENV": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "portal.example.org"}


def start(*arguments, **environment):
    """Run manage.py in a process of its own with nothing in the environment but this."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**clean, "ENV_FILE": os.devnull, **environment},
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (without("SECRET_KEY"), "SECRET_KEY"),
        ({**GOOD, "SECRET_KEY": "short-key"}, "SECRET_KEY must have at least 50 characters"),
        ({**GOOD, "DEBUG": "true"}, "DEBUG must be off in production"),
        (without("ALLOWED_HOSTS"), "ALLOWED_HOSTS must name the portal's host"),
        ({**GOOD, "PORTAL_ENV": "staging"}, "PORTAL_ENV must be local or production"),
        # Where nothing is said it is production, not something laxer.
        ({"SECRET_KEY": "short-key"}, "SECRET_KEY must have at least 50 characters"),
    ],
)
def test_production_refuses(environment, says):
    done = start("check", **environment)
    assert done.returncode != 0
    assert says in done.stderr
    assert "short-key" not in done.stdout + done.stderr


def test_good_production_settings_pass_the_deployment_check():
    done = start("check", "--deploy", "--fail-level", "WARNING", **GOOD)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_a_local_portal_needs_no_more_than_a_key():
    done = start("check", PORTAL_ENV="local", SECRET_KEY="anything")
    assert done.returncode == 0, done.stderr
