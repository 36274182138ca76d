"""The storage of evidence, empty before a test, and reports with files."""

from django.core.files.storage import storages

from followup.tests.factories import make_report


def kept_names():
    storage = storages["evidence"]
    return set(storage.listdir("")[1]) if storage.exists("") else set()


MARKUP = "เป็นไฟล์ HTML SVG หรือ XML พิมพ์เป็น PDF แล้วแนบ หรือวางเป็นลิงก์"


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def make(open_round, people, pieces, state="draft", **more):
    return make_report(
        open_round,
        by=people["staff"],
        reviewer=people["reviewer"],
        state=state,
        evidence=pieces,
        **more,
    )
