"""Names of agencies and provinces: the contract's "References", with the real ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.match import (
    NEW_AGENCY,
    AgencyMatcher,
    AgencyName,
)
from followup.spreadsheets.types import SKIP_ROW, CellError
from followup.tests.growth import assert_linear
from followup.tests.spreadsheets.names import AGENCIES, PROVINCES, agencies, measures, provinces
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import offered, read, said

PK = {agency.code: agency.pk for agency in AGENCIES}


def codes(reading):
    return [AGENCIES[pk - 1].code for pk in reading.value]


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
    assert said(reading) == [told("T02", v="สานักงบประมาณ", guess="สำนักงบประมาณ")]


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
    assert said(reading) == [told("A04", v=shown, n=len(found), list=names)]


def test_an_unknown_agency_is_asked_with_the_nearest():
    reading = agencies.match("กระทรวงการคลังง", {})
    assert reading.value is None
    assert said(reading)[0].startswith(told("A01", v="กระทรวงการคลังง", list="กระทรวงการคลัง, "))
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
    assert read(reading) == (None, [told("A01", v="ZZZ", list="–")])
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
    assert read(reading) == (None, [told("A03")])
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
        [told("A02", v="ส.ป.", list="สำนักงานปลัดกระทรวงหนึ่ง, สำนักงานปลัดกระทรวงสอง")],
    )
    assert offered(reading) == ["agency:1", "agency:2", SKIP_ROW]
    assert two.match("ส.ป.", {reading.problems[0].key: "agency:2"}).value == [2]
    assert read(two.match("กองสอง", {})) == ([4], [])  # a full name before another's alias


@pytest.mark.parametrize("word", ["และ", "ก,", "ก", "พม. "])
def test_a_huge_cell_takes_time_by_its_length(word):
    def match(length):
        raw = word * (length // len(word))
        assert agencies.match(raw, {}).value is None
        assert provinces.match(raw, {}).value is None
        assert measures.match(raw, raw, {}).value is None

    assert_linear(match, 200_000)


def test_unknown_cells_take_time_by_their_number():
    def match(cells):
        for number in range(cells):
            agencies.match(f"หน่วยงานที่ไม่มีใครรู้จัก {cells} {number}", {})

    assert_linear(match, 2000)


@given(
    st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=4),
    st.sampled_from([", ", "/", "\n", " และ ", ";"]),
)
def test_any_agencies_in_one_cell(some, separator):
    some = [agency for agency in some if agency.code != "NHC"]
    reading = agencies.match(separator.join(agency.name for agency in some), {})
    assert reading.value == list(dict.fromkeys(agency.pk for agency in some))


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
    assert said(agency) == said(province) == [told("R20", v="ไม่ระบุ")]
    assert agency.value is province.value is None
    assert agency.problems[0].key == province.problems[0].key
    none = {agency.problems[0].key: "none"}
    assert agencies.match("ไม่ระบุ", none).value == provinces.match("ไม่ระบุ", none).value == []


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
        [told("T02", v="ล าปาง", guess="ลำปาง")],
    )


def test_an_unknown_province_is_asked_with_a_guess():
    reading = provinces.match("เชียงไหม่ ลำพูน", {})
    assert read(reading) == (None, [told("P01", v="เชียงไหม่", guess="เชียงใหม่")])
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
    assert read(reading) == (None, [told("P01", v="ทั่วประเทศ", guess="ทุกจังหวัด")])
    everywhere = provinces.match("ทั่วประเทศ", {reading.problems[0].key: "all"}).value
    assert everywhere == [province.code for province in PROVINCES]


@given(
    st.lists(st.sampled_from(PROVINCES), max_size=10),
    st.sampled_from([", ", "/", "\n", " ", "และ"]),
)
def test_any_provinces_in_one_cell(some, separator):
    reading = provinces.match(separator.join(province.name for province in some), {})
    assert reading.value == list(dict.fromkeys(province.code for province in some))
