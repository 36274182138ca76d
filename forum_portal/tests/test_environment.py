"""Values of settings: what each kind takes, and the sentence for what it does not."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from forum_portal.environment import REFUSALS, bound_to, is_production, load, log_format, refused
from forum_portal.tests.test_settings import GOOD, start


def reading(**values):
    return load(Path("/nowhere"), into={"ENV_FILE": os.devnull, **values})


@pytest.mark.parametrize(
    ("said", "read"), [("7", 7), (" 7 ", 7), ("", 5), ("1", 1), ("10", 10), ("007", 7)]
)
def test_a_whole_number(said, read):
    assert reading(X=said).int("X", default=5, least=1, most=10) == read


@pytest.mark.parametrize("said", ["x", "1.5", "-1", "0", "11", "9" * 40, "7s", "๗", "1e3", "0x7"])
def test_what_is_no_whole_number_in_its_limits(said):
    with pytest.raises(ImproperlyConfigured) as error:
        reading(X=said).int("X", default=5, least=1, most=10)
    shown = ascii(said)[:60]
    assert str(error.value) == (
        f"X ต้องเป็นจำนวนเต็ม 1 ถึง 10 ไม่ใช่ {shown} · "
        f"X must be a whole number from 1 to 10, not {shown}"
    )


def test_without_limits_a_number_is_not_negative():
    assert reading(X="0").int("X", default=5) == 0
    with pytest.raises(ImproperlyConfigured, match="from 0 to 2147483647, not '-1'"):
        reading(X="-1").int("X", default=5)


@pytest.mark.parametrize(("said", "read"), [("0.5", 0.5), ("3", 3.0), ("", 2.0)])
def test_a_number(said, read):
    assert reading(X=said).float("X", default=2, least=0.1, most=5) == read


@pytest.mark.parametrize("said", ["x", "nan", "inf", "1e9", "0", "5.1", "-1", "1,5"])
def test_what_is_no_number_in_its_limits(said):
    with pytest.raises(ImproperlyConfigured, match=r"X must be a number from 0\.1 to 5, not "):
        reading(X=said).float("X", default=2, least=0.1, most=5)


@pytest.mark.parametrize(
    ("said", "read"),
    [("true", True), ("ON", True), ("1", True), ("no", False), ("False", False), ("0", False)],
)
def test_yes_or_no(said, read):
    for default in (True, False):
        assert reading(X=said).bool("X", default=default) is read
        assert reading(X="").bool("X", default=default) is default


@pytest.mark.parametrize("said", ["ture", "2", "ใช่", "-"])
def test_a_word_that_is_neither_is_no_no(said):
    with pytest.raises(ImproperlyConfigured, match="X must be true or false, not "):
        reading(X=said).bool("X", default=False)


def test_a_list_has_no_spaces_and_no_empty_parts():
    assert reading(X=" a.org, b.org ,,").list("X", default=[]) == ["a.org", "b.org"]
    assert reading().list("X", default=["c"]) == ["c"]


def test_what_has_no_default_must_be_there():
    with pytest.raises(ImproperlyConfigured) as error:
        reading().str("SECRET_KEY")
    assert str(error.value) == "ต้องตั้งค่า SECRET_KEY · SECRET_KEY must be set"


def test_a_sentence_is_one_line_whatever_was_set():
    said = str(refused("whole", "X", "1\n2\u2028" + "3" * 500, least=1, most=2))
    assert len(said.splitlines()) == 1
    assert len(said) < 300


def test_every_refusal_is_in_thai_and_in_english():
    for thai, english in REFUSALS.values():
        assert any("\u0e00" <= each <= "\u0e7f" for each in thai)
        assert english.isascii()
        assert "{name}" in thai
        assert "{name}" in english


# Where the server listens -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "8001"}, "127.0.0.1:8001"),
        ({"PORT": ""}, "127.0.0.1:8000"),
        ({"BIND": "0.0.0.0:80", "PORT": "8001"}, "0.0.0.0:80"),
        ({"BIND": "[::1]:8000"}, "[::1]:8000"),
        ({"BIND": "web:8000"}, "web:8000"),
        ({"BIND": "unix:/run/portal/web.sock"}, "unix:/run/portal/web.sock"),
    ],
)
def test_where_the_server_listens(values, bind):
    assert bound_to(reading(**values)) == bind


@pytest.mark.parametrize(
    "bind",
    [
        "8000",
        "127.0.0.1",
        "127.0.0.1:0",
        "a:65536",
        "unix:web.sock",
        "unix:",
        "http://a:80",
        "a b:80",
    ],
)
def test_what_is_no_place_to_listen(bind):
    with pytest.raises(ImproperlyConfigured, match="BIND must be an address and a port"):
        bound_to(reading(BIND=bind))


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1"])
def test_what_is_no_port(port):
    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number from 1 to 65535"):
        bound_to(reading(PORT=port))


# Production, and its logs -------------------------------------------------------------------------


def test_it_is_production_unless_somebody_says_otherwise():
    assert is_production(reading())
    assert not is_production(reading(PORTAL_ENV="local"))
    with pytest.raises(ImproperlyConfigured, match="PORTAL_ENV must be local or production"):
        is_production(reading(PORTAL_ENV="staging"))


def test_programs_read_the_logs_of_production():
    assert log_format(reading()) == "json"
    assert log_format(reading(PORTAL_ENV="local")) == "text"
    assert log_format(reading(PORTAL_ENV="local", LOG_FORMAT="json")) == "json"
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be json or text, not 'xml'"):
        log_format(reading(LOG_FORMAT="xml"))


# The file -----------------------------------------------------------------------------------------


def test_the_file_beside_the_portal_is_read_and_the_environment_wins(tmp_path):
    (tmp_path / ".env").write_text("X=1\nY=2\n")
    kept = {"X": "3"}
    env = load(tmp_path, into=kept)
    assert (env.int("X"), env.int("Y")) == (3, 2)
    assert "Y" not in os.environ, "a copy: the next reload reads the file again"


def test_env_file_names_another(tmp_path):
    (tmp_path / "other").write_text("Y=5\n")
    (tmp_path / ".env").write_text("Y=2\n")
    assert load(tmp_path, into={"ENV_FILE": str(tmp_path / "other")}).int("Y") == 5
    assert load(tmp_path, into={"ENV_FILE": ""}).int("Y") == 2


# The start ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"EMAIL_TIMEOUT": "soon"},
            "EMAIL_TIMEOUT must be a whole number from 1 to 600, not 'soon'",
        ),
        ({"POSTGRES_LOCK_SECONDS": "-1"}, "POSTGRES_LOCK_SECONDS must be a whole number from 1"),
        (
            {"POSTGRES_CONNECT_SECONDS": "1"},
            "POSTGRES_CONNECT_SECONDS must be a whole number from 2",
        ),
        ({"IMPORT_SECONDS": "999999"}, "IMPORT_SECONDS must be a whole number from 1 to 3600"),
        ({"KEEP_NEWS_DAYS": "-1"}, "KEEP_NEWS_DAYS must be a whole number from 0"),
        ({"BEHIND_PROXY": "ture"}, "BEHIND_PROXY must be true or false, not 'ture'"),
        ({"BIND": "8000"}, "BIND must be an address and a port"),
        ({"SENTRY_DSN": "sentry.example.org"}, "SENTRY_DSN is no DSN of Sentry"),
    ],
)
def test_a_wrong_value_ends_the_start_with_one_sentence(values, sentence):
    done = start(**GOOD | values)
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    thai, english = done.stderr.split(" · ")
    assert english.startswith(sentence)
    assert thai.startswith(next(iter(values)))
