"""No log holds the key of an agency's link, the query of an address or a text of the database."""

import json
import logging
import os
import re
import stat
import sys
from contextlib import suppress
from datetime import datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError

from followup.tests.log_lines import all_logs, none_of
from forum_portal import logs
from forum_portal.logs import JsonLine, JsonLog, MaskedRecord, PrivateFile, TextLog, masked
from forum_portal.tests.test_settings import GOOD, python

pytestmark = pytest.mark.security

TOKEN = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"Not Found: /r/{TOKEN}/5/", "Not Found: /r/***/5/"),
        (f'"GET /r/{TOKEN}/ HTTP/1.1" 200 12', '"GET /r/***/ HTTP/1.1" 200 12'),
        (f"https://portal.example.org/r/{TOKEN}", "https://portal.example.org/r/***"),
        (f"GET /%72/{TOKEN}/", "GET /%72/***/"),
        (f"next=%2Fr%2F{TOKEN.replace('.', '%2E')}%2F", "next=%2Fr%2F***"),
        ("Not Found: /feedback/F-2569-0147/0a1b2c/", "Not Found: /feedback/F-2569-0147/***/"),
        ("GET /feedback/%46%2D2569-0147%2F0a1b2c HTTP", "GET /feedback/%46%2D2569-0147%2F*** HTTP"),
        ("Not Found: /r/made-up/", "Not Found: /r/***/"),
        (f"with arguments '('{TOKEN}', 5)' not found", "with arguments '('***', 5)' not found"),
        (
            '"GET /search/?q=%E0%B8%81 x&y=1 HTTP/1.1" 200 "http://a.example/b?c=d" "Agent"',
            '"GET /search/?*** HTTP/1.1" 200 "http://a.example/b?***" "Agent"',
        ),
        ("/staff/login/?next=/staff/reports/5/", "/staff/login/?***"),
        ("mail to somsri.d+x@office.example.go.th failed", "mail to *** failed"),
        ("at /follow/somsri%40example.org/", "at /follow/***/"),
        (
            "violates\nDETAIL:  Failing row contains (1, ข้อความ,\nบรรทัดสอง).\n\nThe above",
            "violates\nDETAIL:  ***\n\nThe above",
        ),
    ],
)
def test_what_is_masked(before, after):
    assert masked(before) == after


@pytest.mark.parametrize(
    "plain",
    [
        "error 0a1b2c3d at /privacy/",
        "Is it ready? yes",
        "/data/reports.csv",
        "2565/r 5",
        "a/b.py",
        "F-2569-0147 ก",
        "2 @ 3",
        "postgres@localhost",
    ],
)
def test_what_is_not(plain):
    assert masked(plain) == plain


def test_a_template_whose_arguments_do_not_fit_is_still_a_record():
    record = MaskedRecord("x", logging.INFO, "f", 1, "%d of %d", ("/r/secret/",), None)
    assert record.getMessage() == "%d of %d"
    assert record.args == ()


def test_the_servers_own_logs_do_not_tell_it():
    line = f"GET /r/{TOKEN}/?q=word HTTP/1.1"
    with all_logs() as log:
        logging.getLogger("django.server").info('"%s" %s %s', line, "200", "5")
        logging.getLogger("gunicorn.access").info(
            '%(h)s "%(r)s" "%(f)s"',
            {"h": "::1", "r": line, "f": f"https://portal.example.org/r/{TOKEN}/"},
        )
        logging.getLogger("gunicorn.error").warning("Invalid request: %s", line)
        try:
            raise ValueError(line)
        except ValueError:
            logging.getLogger("gunicorn.error").exception("Error handling request %s", line)
    said = log.getvalue()
    assert said.splitlines()[0] == '"GET /r/***/?*** HTTP/1.1" 200 5'
    assert "ValueError: GET /r/***/?*** HTTP/1.1" in said
    assert "https://portal.example.org/r/***/" in said
    assert none_of(TOKEN, said)
    assert "word" not in said


def test_a_handler_that_fails_does_not_tell_it(capsys):
    """Python then prints the record's message and arguments as they are."""

    class Broken(logging.StreamHandler):
        def emit(self, record):
            try:
                raise OSError("no space left")
            except OSError:
                self.handleError(record)

    logger, broken = logging.getLogger("portal.broken"), Broken()
    logger.addHandler(broken)
    try:
        logger.error("error at %s", f"/r/{TOKEN}/")
    finally:
        logger.removeHandler(broken)
    said = capsys.readouterr().err
    assert "no space left" in said
    assert none_of(TOKEN, said)


@pytest.mark.parametrize("piece", ["x", "/", "/a/", "@", "a.", "?", "/r", "%2f", "F-1"])
def test_a_long_text_is_masked_at_once(piece):
    """A pattern that looks at each part again would take minutes; then the test's time is up."""
    assert len(masked(piece * 30_000)) > 1000


# Lines of the other logs --------------------------------------------------------------------------


def record_of(error=None, message="a fault", level=logging.ERROR):
    """A record as a logger makes it, of an exception that was raised."""
    info = None
    if error is not None:
        try:
            typed = TYPED
            raise error
        except BaseException:
            info = sys.exc_info()
            assert typed, "a local variable"
    return MaskedRecord("portal.x", level, "f", 1, message, (), info)


def test_a_line_for_programs():
    told = json.loads(JsonLog().format(record_of(message="บรรทัด\nสอง")))
    assert [*told] == ["time", "level", "logger", "message"]
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "portal.x", "บรรทัด\nสอง")
    assert datetime.fromisoformat(told["time"]).utcoffset() is not None
    assert re.fullmatch(r"[0-9-]{10}T[0-9:.]{12}[+-][0-9]{2}:[0-9]{2}", told["time"])
    assert "บรรทัด" in JsonLog().format(record_of(message="บรรทัด")), "as it is written"


def test_a_line_for_people():
    line = TextLog().format(record_of(message="one\ntwo"))
    assert re.fullmatch(r"[0-9-]{10} [0-9:]{8} ERROR portal\.x: one\\u000atwo", line)


TYPED = "สมชาย ใจดี"  # a traceback shows code: the tests below do not write it there


@pytest.mark.parametrize(
    "error",
    [
        ValueError(TYPED),
        KeyError(TYPED),
        TypeError(f"expected a number but got {TYPED!r}"),
        RuntimeError(TYPED),
        DataError(f'invalid input syntax: "{TYPED}"'),
        IntegrityError(f"duplicate\nDETAIL:  Key (name)=({TYPED}) already exists."),
        ProgrammingError(f"no such column\nLINE 1: SELECT '{TYPED}'\n"),
        FileNotFoundError(2, "No such file or directory", f"{TYPED}.pdf"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_tells_its_type_and_places_and_nobodys_text(error):
    error.add_note(TYPED)
    last = OSError(28, "No space left on device", TYPED)
    last.__cause__ = error
    record = record_of(last)
    for line in (JsonLog().format(record), TextLog().format(record)):
        assert type(error).__name__ in line
        assert "OSError: No space left on device" in line
        assert "in record_of" in line
        assert TYPED not in line
    assert len(JsonLog().format(record).splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OperationalError("no such table: x"),
            "django.db.utils.OperationalError: no such table: x",
        ),
        (ProgrammingError("no column\nLINE 1: …"), "django.db.utils.ProgrammingError: no column"),
        (AttributeError("no attribute 'x'"), "AttributeError: no attribute 'x'"),
        (ConnectionRefusedError(111, "Connection refused"), "Error: Connection refused"),
        (ImproperlyConfigured(f"/r/{TOKEN}/ x"), "ImproperlyConfigured: /r/***/ x"),
    ],
)
def test_what_the_machine_words_is_told(error, told):
    assert json.loads(JsonLog().format(record_of(error)))["exception"].endswith(told)


def test_a_developer_sees_the_whole_exception():
    line = TextLog(whole=True).format(record_of(ValueError("one\nforged")))
    assert "ValueError: one" in line
    _head, *trace = line.splitlines()
    assert len(trace) >= 4
    assert all(each.startswith("    ") for each in trace)


def test_an_endless_chain_has_an_end():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert len(JsonLog().format(record_of(first))) < 5000


def test_of_a_long_trace_the_end_is_kept(monkeypatch):
    monkeypatch.setattr(logs, "_TRACE", 20)
    told = json.loads(JsonLog().format(record_of(NameError("somewhere in it"))))
    assert told["exception"] == "… ror: somewhere in it"


def test_the_settings_choose_the_form():
    program = (
        "import logging, django; django.setup()\n"
        "logging.getLogger('portal.x').warning('คำ')\n"
        "logging.getLogger('django.request').error('คำ')\n"
        "import warnings; warnings.warn('three')\n"
    )
    for values, is_json in (({}, True), ({"LOG_FORMAT": "text"}, False)):
        done = python(
            "-c", program, DJANGO_SETTINGS_MODULE="forum_portal.settings", **GOOD | values
        )
        lines = done.stderr.splitlines()
        if is_json:
            *said, warned = [json.loads(each)["message"] for each in lines]
            assert said == ["คำ", "คำ"]
            assert "UserWarning: three" in warned
        else:
            assert lines[0].endswith("WARNING portal.x: คำ")


# The file of the security log ---------------------------------------------------------------------


def a_record(event: str = "login") -> MaskedRecord:
    record = MaskedRecord("portal.security", logging.INFO, "f", 1, event, (), None)
    record.fields = {"event": event}
    return record


def test_only_its_owner_reads_the_file(tmp_path):
    fresh, older = tmp_path / "fresh.log", tmp_path / "older.log"
    older.write_text("first\n")
    older.chmod(0o644)
    umask = os.umask(0)
    try:
        for path in (fresh, older):
            handler = PrivateFile(path)
            handler.emit(a_record())
            handler.close()
    finally:
        os.umask(umask)
    for path in (fresh, older):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert older.read_text() == "first\nlogin\n"


def test_the_setting_names_the_file(tmp_path):
    path = tmp_path / "security.log"
    program = (
        "import django; django.setup()\n"
        "from forum_portal import security_log\n"
        "security_log.write(security_log.Event.PUBLISHED, about='ข้อ')\n"
    )
    done = python(
        "-c",
        program,
        DJANGO_SETTINGS_MODULE="forum_portal.settings",
        **GOOD | {"SECURITY_LOG_FILE": str(path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text("utf-8"))["event"] == "published"
    assert "ข้อ" in path.read_text("utf-8")


def test_a_file_that_was_moved_away_is_made_again(tmp_path):
    path = tmp_path / "security.log"
    handler = PrivateFile(path)
    handler.emit(a_record("login"))
    path.rename(tmp_path / "security.log.1")
    handler.emit(a_record("denied"))
    handler.close()
    assert path.read_text() == "denied\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.faults
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_line_that_does_not_fit_on_the_disk_is_not_lost(capsys):
    class Full(PrivateFile):
        def _open(self):
            return open("/dev/full", "a")

        def reopenIfNeeded(self):
            pass

    handler = Full("/dev/null")
    handler.setFormatter(JsonLine())
    handler.emit(a_record())
    with suppress(OSError):
        handler.close()
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["event"]) == ("INFO", "login")
