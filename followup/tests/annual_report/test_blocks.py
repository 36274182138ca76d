"""What a report is made of: Thai digits in all of it but what is verbatim."""

from followup.annual_report.blocks import (
    Bars,
    Boxes,
    Heading,
    Items,
    Part,
    Quote,
    Report,
    Signatures,
    Table,
    Text,
    Verbatim,
    bar_row,
    thai,
)
from followup.progress import Tally
from followup.status import Status


def test_digits_of_an_address_on_the_web_stay():
    assert thai("ปี 2567 https://example.org/2567") == "ปี ๒๕๖๗ https://example.org/2567"


def test_a_report_has_thai_digits_but_in_what_is_verbatim():
    """What the source, a file's name, a chart's lengths and the moment of making say stays."""
    name = Verbatim("แผน-2567.pdf")
    report = Report(
        title_lines=["รายงาน ", "ปี 2567"],
        cover=["ฉบับที่ 2"],
        year=2567,
        made_at=Verbatim("2024-11-28T09:00:00+07:00"),
        parts=[
            Part(
                "ส่วนที่ 1",
                [
                    Heading("ข้อเสนอที่ 3"),
                    Text("มี 5 ข้อ"),
                    Quote(Verbatim("พ.ศ. 2550")),
                    Items(["ข้อ 1"]),
                    Boxes(["ครั้งที่ 2"]),
                    Table("ตารางที่ 1", ["ปี 2567"], [["1.1"], [name]], [1]),
                    Bars("ปี 2567", "4 ข้อ", [bar_row("2567", Tally({Status.ON_HOLD: 4}))]),
                    Signatures(["ครั้งที่ 2"]),
                ],
            )
        ],
    ).as_data()
    assert (report["title"], report["cover"]) == ("รายงาน ปี ๒๕๖๗", ["ฉบับที่ ๒"])
    assert (report["year"], report["made_at"]) == (2567, "2024-11-28T09:00:00+07:00")
    (part,) = report["parts"]
    heading, text, quote, items, boxes, table, bars, signatures = part["blocks"]
    assert (part["title"], heading["text"], text["text"]) == ("ส่วนที่ ๑", "ข้อเสนอที่ ๓", "มี ๕ ข้อ")
    assert quote["text"] == "พ.ศ. 2550"
    assert (items["items"], boxes["items"]) == (["ข้อ ๑"], ["ครั้งที่ ๒"])
    assert (table["caption"], table["head"]) == ("ตารางที่ ๑", ["ปี ๒๕๖๗"])
    assert (table["rows"], table["widths"]) == ([["๑.๑"], ["แผน-2567.pdf"]], [1])
    assert (bars["caption"], bars["told"]) == ("ปี ๒๕๖๗", "๔ ข้อ")
    (bar,) = bars["rows"]
    (segment,) = bar["segments"]
    assert (bar["label"], segment["count"]) == ("๒๕๖๗", "๔")
    assert (segment["x"], segment["width"]) == ("0.000%", "100.000%")
    assert signatures["roles"] == ["ครั้งที่ ๒"]
