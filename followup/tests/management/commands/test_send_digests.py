"""The command that sends the digests of a day."""

from io import StringIO

from django.core.management import call_command

from followup import digests


def test_it_says_how_many_it_sent(monkeypatch):
    monkeypatch.setattr(digests, "send_all", lambda: 3)
    out = StringIO()
    call_command("send_digests", stdout=out)
    assert out.getvalue() == "ส่งอีเมลสรุปแล้ว 3 ฉบับ\n"
