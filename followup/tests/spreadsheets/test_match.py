"""Names of agencies, measures and provinces: the contract's "References", with the real ones."""

import json
import time
from datetime import date

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.match import (
    NEW_AGENCY,
    AgencyMatcher,
    AgencyName,
    ProvinceMatcher,
    ProvinceName,
)
from followup.spreadsheets.measures import MeasureMatcher, MeasureRef, Place
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import SKIP_ROW, CellError

FIXTURES = settings.ROOT / "fixtures"
AGENCIES = [
    AgencyName(pk, each["code"], each["name_th"], each["abbr_th"], each["aliases"])
    for pk, each in enumerate(json.loads((FIXTURES / "agencies.json").read_text("utf-8")), start=1)
]
PK = {agency.code: agency.pk for agency in AGENCIES}
MEASURES = [
    MeasureRef(
        10 * resolution["number"] + each["number"],
        2565,
        resolution["number"],  # its key here
        resolution["number"],
        each["number"],
    )
    for resolution in json.loads((FIXTURES / "forum-2565.json").read_text("utf-8"))["resolutions"]
    for each in resolution["measures"]
]
PROVINCES = [
    ProvinceName(each["code"], each["name_th"], each["aliases_th"])
    for each in json.loads((FIXTURES / "provinces.json").read_text("utf-8"))
]
agencies, measures, provinces = (
    AgencyMatcher(AGENCIES),
    MeasureMatcher(MEASURES),
    ProvinceMatcher(PROVINCES),
)


def said(reading):
    return [sentence(problem) for problem in reading.problems]


def read(reading):
    return reading.value, said(reading)


def codes(reading):
    return [AGENCIES[pk - 1].code for pk in reading.value]


def offered(reading, number=-1):
    return [option.value for option in reading.problems[number].options]


# --- agencies


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.code)
def test_every_name_of_every_agency(agency):
    for name in filter(None, (agency.name, agency.abbr, agency.code, *agency.aliases)):
        if name.replace(".", "") != "คสช":
            assert read(agencies.match(name, {})) == ([agency.pk], [])
    if agency.abbr and agency.abbr != "คสช.":
        assert agencies.match(f"{agency.name} ({agency.abbr})", {}).value == [agency.pk]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("พม", "MSDHS"),
        ("พ.ม.", "MSDHS"),
        (" พ. ม. ", "MSDHS"),
        ("กรม\u200bการปกครอง", "DOPA"),
        ("กรม\nการปกครอง", "DOPA"),
        ("กรมการปกครอง (ปค.)", "DOPA"),
        ("ปค. (กรมการปกครอง)", "DOPA"),
        ("msdhs", "MSDHS"),
        ("สำนักงานส่งเสริมและสนับสนุนวิชาการ 1–11", "TSAC"),
        ("สํานักงบประมาณ", "BOB"),
        ("สำนักงานคณะกรรมการพัฒนาการเศรษฐกิจและสังคมแห่งชาติ", "NESDC"),  # its name until 2561
        ("กระทรวงการพัฒนาสังคมและ\nความมั่นคงของมนุษย์", "MSDHS"),
        ("- พม.", "MSDHS"),
        ("อบจ./อบต.", "LAO"),
    ],
)
def test_an_agency_however_written(raw, code):
    reading = agencies.match(raw, {})
    assert (codes(reading), said(reading)) == ([code], [])


def test_no_agency():
    for raw in (None, "", " ", "-"):
        assert read(agencies.match(raw, {})) == ([], [])


def test_a_damaged_name_is_read_and_flagged():
    reading = agencies.match("สานักงบประมาณ", {})
    assert codes(reading) == ["BOB"]
    assert said(reading) == [
        "ข้อความอาจคัดลอกจาก PDF แล้วอักขระหาย เช่น “สานักงบประมาณ” ควรเป็น “สำนักงบประมาณ”"
    ]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("พม., มท.", ["MSDHS", "MOI"]),
        ("พม./มท.", ["MSDHS", "MOI"]),
        ("พม.; มท.", ["MSDHS", "MOI"]),
        ("พม.\nมท.", ["MSDHS", "MOI"]),
        ("1. พม.\n2. มท.", ["MSDHS", "MOI"]),
        ("พม. และ มท.", ["MSDHS", "MOI"]),
        ("พม.และมท.", ["MSDHS", "MOI"]),
        ("พม., มท. และ สสส.", ["MSDHS", "MOI", "THF"]),
        ("กรมพัฒนาสังคมและสวัสดิการและกรมการปกครอง", ["DSDW", "DOPA"]),
        ("กรมการปกครอง และกรมพัฒนาสังคมและสวัสดิการ", ["DOPA", "DSDW"]),
        ("มท.\nกระทรวงการพัฒนาสังคมและความมั่นคงของมนุษย์/พม./สสส.", ["MOI", "MSDHS", "THF"]),
    ],
)
def test_several_agencies_in_a_cell(raw, found):
    reading = agencies.match(raw, {})
    assert codes(reading) == found
    names = ", ".join(AGENCIES[PK[code] - 1].abbr for code in found)
    shown = " ".join(raw.split())
    assert said(reading) == [f"แยก “{shown}” เป็น {len(found)} หน่วยงาน: {names}"]


def test_an_unknown_agency_is_asked_with_the_nearest():
    reading = agencies.match("กระทรวงการคลังง", {})
    assert reading.value is None
    assert said(reading)[0].startswith("ไม่พบหน่วยงาน “กระทรวงการคลังง” ใกล้เคียง: กระทรวงการคลัง, ")
    options = reading.problems[0].options
    assert (options[0].value, options[0].label) == (f"agency:{PK['MOF']}", "กระทรวงการคลัง (กค.)")
    assert offered(reading)[-2:] == [NEW_AGENCY, SKIP_ROW]
    assert len(options) <= 7
    key = reading.problems[0].key
    assert key == agencies.match("กระทรวง การ คลังง.", {}).problems[0].key
    assert agencies.match("กระทรวงการคลังง", {key: f"agency:{PK['MOF']}"}).value == [PK["MOF"]]
    for open_answer in (SKIP_ROW, "agency:77777", ""):
        assert agencies.match("กระทรวงการคลังง", {key: open_answer}).value is None
    assert agencies.match("กระทรวงการคลังง", {key: NEW_AGENCY}).value == [], "the caller adds it"


def test_nothing_near():
    reading = agencies.match("ZZZ", {})
    assert read(reading) == (None, ["ไม่พบหน่วยงาน “ZZZ” ใกล้เคียง: –"])
    assert offered(reading) == [NEW_AGENCY, SKIP_ROW]


def test_an_unknown_one_among_known_ones():
    reading = agencies.match("พม., กองลับ และ มท.", {})
    assert reading.value is None
    [problem] = reading.problems
    assert (problem.code, problem.params["v"], problem.params["name"]) == ("A01", "กองลับ", "กองลับ")
    settled = agencies.match("พม., กองลับ และ มท.", {problem.key: f"agency:{PK['DOPA']}"})
    assert codes(settled) == ["MSDHS", "DOPA", "MOI"]
    beside_a_new_one = agencies.match("พม., กองลับ และ มท.", {problem.key: NEW_AGENCY})
    assert codes(beside_a_new_one) == ["MSDHS", "MOI"]


def test_an_unknown_name_with_and_in_it_stays_whole():
    [problem] = agencies.match("กรมความสุขและประชาชน", {}).problems
    assert problem.params["v"] == "กรมความสุขและประชาชน"
    long_name = "กรม" + "ยาว" * 50
    [problem] = agencies.match(long_name, {}).problems
    assert problem.params["name"] == long_name


@pytest.mark.parametrize("raw", ["คสช.", "คสช", "ค.ส.ช.", " คสช. "])
def test_the_national_health_commission_is_never_taken_for_the_committee(raw):
    reading = agencies.match(raw, {})
    assert read(reading) == (None, ["“คสช.” หมายถึง คสป. หรือคณะกรรมการสุขภาพแห่งชาติ"])
    assert offered(reading) == [f"agency:{PK['CSPC']}", f"agency:{PK['NHC']}", SKIP_ROW]
    key = reading.problems[0].key
    assert agencies.match(raw, {key: f"agency:{PK['NHC']}"}).value == [PK["NHC"]]
    assert codes(agencies.match(f"พม./{raw}", {key: f"agency:{PK['CSPC']}"})) == ["MSDHS", "CSPC"]
    assert codes(agencies.match("คณะกรรมการสุขภาพแห่งชาติ", {})) == ["NHC"]


def test_an_abbreviation_of_two_agencies_is_asked():
    two = AgencyMatcher(
        [
            AgencyName(1, "A", "สำนักงานปลัดกระทรวงหนึ่ง", "สป.1", ["สป."]),
            AgencyName(2, "B", "สำนักงานปลัดกระทรวงสอง", "สป.2", ["สป"]),
            AgencyName(3, "C", "กองหนึ่ง", "", ["กองสอง"]),
            AgencyName(4, "D", "กองสอง"),
        ]
    )
    reading = two.match("ส.ป.", {})
    assert read(reading) == (
        None,
        ["ชื่อย่อ “ส.ป.” ตรงกับหลายหน่วยงาน: สำนักงานปลัดกระทรวงหนึ่ง, สำนักงานปลัดกระทรวงสอง"],
    )
    assert offered(reading) == ["agency:1", "agency:2", SKIP_ROW]
    assert two.match("ส.ป.", {reading.problems[0].key: "agency:2"}).value == [2]
    assert read(two.match("กองสอง", {})) == ([4], [])  # a full name before another's alias


def test_huge_and_many_unknown_cells_take_no_time():
    start = time.process_time()  # not the clock's: others work on the machine too
    for raw in ("และ" * 60_000, "ก," * 100_000, "ก" * 200_000, "พม. " * 50_000):
        assert agencies.match(raw, {}).value is None
        assert provinces.match(raw, {}).value is None
        assert measures.match(raw, raw, {}).value is None
    for number in range(2000):
        agencies.match(f"หน่วยงานที่ไม่มีใครรู้จัก {number}", {})
    assert time.process_time() - start < 15


@given(
    st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=4),
    st.sampled_from([", ", "/", "\n", " และ ", ";"]),
)
def test_any_agencies_in_one_cell(some, separator):
    some = [agency for agency in some if agency.code != "NHC"]
    reading = agencies.match(separator.join(agency.name for agency in some), {})
    assert reading.value == list(dict.fromkeys(agency.pk for agency in some))


# --- measures


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        (None, "3.1"),
        (None, "๓.๑"),
        (None, 3.1),
        (None, "ข้อ 3.1"),
        (None, "03.1"),
        (None, "3.01"),
        (None, "มาตรการย่อย 3.1"),
        (None, "3.1 พัฒนาฐานข้อมูล ปี 2567"),
        (None, "3.1: พัฒนา"),
        ("3.1", None),
        (3.1, None),
        ("ข้อเสนอที่ 3.1", ""),
        ("ข้อเสนอที่ 3 ข้อย่อย 1", None),
        (None, "2565-3.1"),
        (None, "๒๕๖๕-๓.๑"),
        (None, "ข้อ 2565 – 3.1 พัฒนา"),
        ("2565-3", 1),
        ("2566-4", "3.1"),  # numbers the rows, as 17 does
        (3, 1),
        ("3", "1"),
        (3.0, 1.0),
        ("3.0", "1"),
        ("๓", "๑"),
        ("ข้อ 3", "1. พัฒนาฐานข้อมูล"),
        (17, "3.1"),  # a running number
        ("17", "3.1"),
        ("ข้อเสนอที่ 3", "3.1"),
        ("3.1", "พัฒนาฐานข้อมูลใน 3-5 ปี"),
        ("3.1", 1),
    ],
)
def test_a_measure_however_written(item, clause):
    assert read(measures.match(item, clause, {})) == ((Place(31, 3),), [])


@pytest.mark.parametrize(
    "code",
    [
        *("*3.1", "** 3.1", "3.1*", "3.1 *", "3.1¹", "3.1 ¹", "๓.๑ ๑/", "3.1 1/", "†3.1", "3.1 ¹/"),
        "*2565-3.1",
    ],
)
def test_footnote_marks_are_no_part_of_a_code(code):
    for cells in ((None, code), (code, None), (17, code)):
        assert read(measures.match(*cells, {})) == ((Place(31, 3),), [])


def test_what_only_looks_like_a_footnote_mark():
    for code in ("3.1 1", "3.1/2", "3.1 /2", "3.11/"):
        assert measures.match(None, code, {}).value != (Place(31, 3),)


@pytest.mark.parametrize(
    "read_cell",
    [
        agencies.match,
        provinces.match,
        lambda raw, answers: measures.match(None, raw, answers),
        lambda raw, answers: measures.match(raw, "3.1", answers),
    ],
)
def test_an_error_names_nothing(read_cell):
    reading = read_cell(CellError("#N/A"), {})
    assert reading.value is None
    assert [problem.code for problem in reading.problems] == ["R19"]


def test_words_that_say_nothing_are_one_question_for_agencies_and_provinces():
    agency, province = agencies.match("ไม่ระบุ", {}), provinces.match("ไม่ระบุ", {})
    assert said(agency) == said(province) == ["“ไม่ระบุ” หมายถึงไม่มีข้อมูลในช่องนี้ใช่หรือไม่"]
    assert agency.value is province.value is None
    assert agency.problems[0].key == province.problems[0].key
    none = {agency.problems[0].key: "none"}
    assert agencies.match("ไม่ระบุ", none).value == provinces.match("ไม่ระบุ", none).value == []


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        (3, None),
        (3.0, None),
        ("3", " "),
        ("๓", None),
        ("ข้อ 3", None),
        ("ข้อเสนอที่ 3", None),
        ("มติข้อ 3", None),
        ("3. การพัฒนาฐานข้อมูล", None),
        (None, "3"),
        (None, 3),
    ],
)
def test_a_resolution_as_a_whole(item, clause):
    assert read(measures.match(item, clause, {})) == ((Place(None, 3),), [])


@pytest.mark.parametrize(
    ("item", "clause", "shown"),
    [
        (9, None, "9"),
        ("9", None, "9"),
        ("๙", None, "9"),
        (None, "9.1", "9"),
        (0, None, "0"),
        (9, 1, "9"),
        ("สาม", None, "สาม"),
        (None, "3.1.2", "3.1.2"),
        (None, "1๒.1", "1๒.1"),
        (None, "³.1", "³.1"),
        (True, None, "TRUE"),
        (-3, None, "-3"),
        ("", "พัฒนา", "พัฒนา"),
    ],
)
def test_no_such_resolution(item, clause, shown):
    assert read(measures.match(item, clause, {})) == (
        None,
        [f"ไม่พบข้อเสนอที่ “{shown}” ใช้เลข 1–8"],
    )


@pytest.mark.parametrize(
    ("item", "clause", "shown", "number", "listed"),
    [
        (None, "3.7", "3.7", 3, "3.1–3.6"),
        (None, 3.7, "3.7", 3, "3.1–3.6"),
        (None, "ข้อ ๓.๗", "3.7", 3, "3.1–3.6"),
        (3, 7, "3.7", 3, "3.1–3.6"),
        (8, "พัฒนา", "พัฒนา", 8, "8.1, 8.2"),
        ("ข้อเสนอที่ 2", "3.1", "3.1", 2, "2.1–2.8"),
        ("3.1", 2, "2", 3, "3.1–3.6"),
    ],
)
def test_no_such_measure(item, clause, shown, number, listed):
    assert read(measures.match(item, clause, {})) == (
        None,
        [f"ไม่พบมาตรการย่อย “{shown}” ของข้อเสนอที่ {number} รหัสที่มีคือ {listed}"],
    )


@pytest.mark.parametrize(
    "raw",
    [
        *("3.1, 3.2", "3.1–3.6", "3.1 และ 3.2", "3.1/3.2", "3.1\n3.2", "1-3"),
        *("2565-3.1, 2565-3.2", "2565-3.1–3.6"),
    ],
)
def test_several_codes_in_a_cell(raw):
    shown = " ".join(raw.split())
    expected = (None, [f"“{shown}” มีมากกว่าหนึ่งรหัสในช่องเดียว แยกเป็นแถวละรหัส"])
    assert read(measures.match(None, raw, {})) == expected
    assert read(measures.match(3, raw, {})) == expected
    assert read(measures.match(raw, None, {})) == expected


def test_neither_proposal_nor_measure():
    for blank in (None, "", " \u200b"):
        assert read(measures.match(blank, blank, {})) == (
            None,
            ["แถวนี้ไม่ระบุข้อเสนอหรือมาตรการย่อย"],
        )


def test_a_cut_zero_is_asked():
    reading = measures.match(None, "2.10", {})
    assert read(reading) == (None, ["“2.10” อาจถูก Excel ตัดเป็น 2.1 ตรวจรหัสมาตรการย่อย"])
    assert offered(reading) == ["21", SKIP_ROW]
    assert measures.match(None, "2.10", {reading.problems[0].key: "21"}).value == (Place(21, 2),)
    assert measures.match(None, "2.10", {reading.problems[0].key: SKIP_ROW}).value is None
    assert read(measures.match(None, 2.1, {})) == ((Place(21, 2),), [])


def test_a_number_where_the_longer_code_exists():
    with_ten = MeasureMatcher([*MEASURES, MeasureRef(210, 2565, 2, 2, 10)])
    reading = with_ten.match(None, 2.1, {})
    assert read(reading) == (None, ["“2.10” อาจถูก Excel ตัดเป็น 2.1 ตรวจรหัสมาตรการย่อย"])
    assert offered(reading) == ["210", "21", SKIP_ROW]
    assert with_ten.match(None, 2.1, {reading.problems[0].key: "210"}).value == (Place(210, 2),)
    assert read(with_ten.match(None, "2.10", {})) == ((Place(210, 2),), [])
    assert read(with_ten.match(None, "2.1", {})) == ((Place(21, 2),), [])


def test_a_code_that_became_a_date():
    reading = measures.match(None, date(2024, 1, 3), {})
    assert read(reading) == (None, ["“3.1” อาจถูก Excel ตัดเป็น 3/1/2024 ตรวจรหัสมาตรการย่อย"])
    assert offered(reading) == ["31", "13", SKIP_ROW]
    assert measures.match(None, date(2024, 1, 3), {reading.problems[0].key: "31"}).value == (
        Place(31, 3),
    )
    assert said(measures.match(date(2024, 12, 31), None, {})) == [
        "ไม่พบข้อเสนอที่ “31/12/2024” ใช้เลข 1–8"
    ]


def test_true_is_not_one():
    assert measures.match(None, 1, {}).value == (Place(None, 1),)
    assert measures.match(None, True, {}).value is None
    assert measures.match(None, 1.0, {}).value == (Place(None, 1),)


def test_measures_of_a_resolution():
    assert measures.in_resolution(8) == [81, 82]
    assert measures.in_resolution(9) == []


@given(st.sampled_from(MEASURES), st.sampled_from(["{}", " {} ", "ข้อ {}", "รหัส {}", "{} ก"]))
def test_any_measure_in_any_form(measure, form):
    places = (Place(measure.pk, measure.resolution),)
    for code in (measure.short, measure.full):
        assert measures.match(None, form.format(code), {}).value == places
    assert measures.match(None, float(measure.short), {}).value == places
    assert measures.match(measure.resolution_number, measure.number, {}).value == places


# --- provinces


@pytest.mark.parametrize("province", PROVINCES, ids=lambda province: province.code)
def test_every_name_of_every_province(province):
    for name in (province.name, f"จังหวัด{province.name}", f"จ.{province.name}", *province.aliases):
        assert provinces.match(name, {}).value == [province.code]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("กทม.", ["10"]),
        ("กรุงเทพ มหานคร", ["10"]),
        ("ลําปาง", ["52"]),
        ("เชียงใหม่, ลำพูน", ["50", "51"]),
        ("เชียงใหม่ ลำพูน ลำปาง", ["50", "51", "52"]),
        ("จ.เชียงใหม่\nจ.ลำพูน", ["50", "51"]),
        ("เชียงใหม่และลำพูน", ["50", "51"]),
        ("เชียงใหม่/เชียงใหม่", ["50"]),
        ("เชียงใหม่ | ลำพูน", ["50", "51"]),
        (None, []),
        ("-", []),
    ],
)
def test_provinces(raw, found):
    assert read(provinces.match(raw, {})) == (found, [])


def test_a_damaged_province_is_read_and_flagged():
    assert read(provinces.match("ล าปาง", {})) == (
        ["52"],
        ["ข้อความอาจคัดลอกจาก PDF แล้วอักขระหาย เช่น “ล าปาง” ควรเป็น “ลำปาง”"],
    )


def test_an_unknown_province_is_asked_with_a_guess():
    reading = provinces.match("เชียงไหม่ ลำพูน", {})
    assert read(reading) == (None, ["ไม่พบจังหวัด “เชียงไหม่” หมายถึง เชียงใหม่ หรือไม่"])
    key = reading.problems[0].key
    assert offered(reading)[0] == "province:50"
    assert offered(reading)[-2:] == ["none", SKIP_ROW]
    assert provinces.match("เชียงไหม่ ลำพูน", {key: "province:50"}).value == ["50", "51"]
    assert provinces.match("เชียงไหม่ ลำพูน", {key: "none"}).value == ["51"]
    assert provinces.match("เชียงไหม่ ลำพูน", {key: SKIP_ROW}).value is None
    [problem] = provinces.match("เชียงใหม่ 5 อำเภอ", {}).problems
    assert problem.params["v"] == "5 อำเภอ"


def test_the_whole_country_is_asked():
    reading = provinces.match("ทั่วประเทศ", {})
    assert read(reading) == (None, ["ไม่พบจังหวัด “ทั่วประเทศ” หมายถึง ทุกจังหวัด หรือไม่"])
    everywhere = provinces.match("ทั่วประเทศ", {reading.problems[0].key: "all"}).value
    assert everywhere == [province.code for province in PROVINCES]


@given(
    st.lists(st.sampled_from(PROVINCES), max_size=10),
    st.sampled_from([", ", "/", "\n", " ", "และ"]),
)
def test_any_provinces_in_one_cell(some, separator):
    reading = provinces.match(separator.join(province.name for province in some), {})
    assert reading.value == list(dict.fromkeys(province.code for province in some))
