"""A server that stops answering in the middle: whoever waits for it is told within seconds.

The server is a cluster of its own, because a stopped one would keep the other tests waiting.
"""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PROGRAM = """
import os, signal, time
os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].replace("@/portal?", "@/postgres?")
import django; django.setup()
from django.db import OperationalError, connection, transaction
from forum_portal.postgres import base

def ask(sql="SELECT 1"):
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            answer = str(cursor.fetchone())
    except OperationalError as error:
        answer = str(error)
    took = time.monotonic() - began
    return answer, "soon" if took < 2 else "in time" if took < 20 else "late"

print(ask("SELECT pg_sleep(5)")[0] == "('',)", "a slow answer is waited for")
with connection.cursor() as cursor:
    cursor.execute("SHOW data_directory")
    [folder] = cursor.fetchone()
    cursor.execute("SELECT pg_backend_pid()")
    [own] = cursor.fetchone()
server = int(open(os.path.join(folder, "postmaster.pid")).readline())
for pid in (server, own):
    os.kill(pid, signal.SIGSTOP)
try:
    try:
        with transaction.atomic():
            print(*ask())
            raise OperationalError
    except Exception as error:
        print("the transaction ends:", isinstance(error, OperationalError))
    connection.close()
    print(*ask())
finally:
    for pid in (server, own):
        os.kill(pid, signal.SIGCONT)
time.sleep(base.PAUSE + 0.5)
connection.close()
print(*ask())
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute("SHOW " + name)
        print(name, *cursor.fetchone())
"""


def test_nobody_waits_for_a_server_that_has_stopped(require):
    done = subprocess.run(
        [sys.executable, "script/throwaway_postgres.py", sys.executable, "-c", PROGRAM],
        cwd=settings.ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "forum_portal.settings_test"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    require(done.returncode != 77, "PostgreSQL is not installed")
    assert done.stdout.splitlines() == [
        "True a slow answer is waited for",
        "the server does not answer in time",
        "the transaction ends: True",
        "the server did not answer a moment ago soon",
        "(1,) soon",
        "statement_timeout 1min",
        "lock_timeout 15s",
        "idle_in_transaction_session_timeout 5min",
    ], done.stderr[-3000:]
