"""The catalogue with the fields and the choices of Thailand's catalogue."""

import pytest

from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient
from followup.tests.opendata.asking import get

# Facts of the dataset schema of ckanext-thai_gdc (ckanext/thai_gdc/ckan_dataset.json): the fields that
# it requires, and the choices of those fields that the portal answers from a list.
REQUIRED = {
    "data_type",
    "title",
    "name",
    "owner_org",
    "maintainer",
    "maintainer_email",
    "tag_string",
    "notes",
    "objective",
    "update_frequency_unit",
    "geo_coverage",
    "data_source",
    "data_format",
    "data_category",
    "license_id",
}
OPTIONAL = {
    "allow_harvest",
    "update_frequency_interval",
    "license_id_other",
    "accessible_condition",
    "data_collect",
    "data_collect_other",
    "url",
    "data_language",
    "created_date",
    "last_updated_date",
    "high_value_dataset",
    "reference_data",
}
YES_NO = {"True", "False"}
CHOICES = {
    "data_type": {
        "ข้อมูลระเบียน",
        "ข้อมูลสถิติ",
        "ข้อมูลภูมิสารสนเทศเชิงพื้นที่",
        "ข้อมูลหลากหลายประเภท",
        "ข้อมูลประเภทอื่นๆ",
    },
    "allow_harvest": YES_NO,
    "objective": {
        "ยุทธศาสตร์ชาติ",
        "แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ",
        "แผนความมั่นคงแห่งชาติ",
        "แผนแม่บทภายใต้ยุทธศาสตร์ชาติ",
        "แผนปฏิรูปประเทศ",
        "แผนระดับที่ 3 (มติครม. 4 ธ.ค. 2560)",
        "นโยบายรัฐบาล/ข้อสั่งการนายกรัฐมนตรี",
        "มติคณะรัฐมนตรี",
        "เพื่อการให้บริการประชาชน",
        "กฎหมายที่เกี่ยวข้อง",
        "พันธกิจหน่วยงาน",
        "ดัชนี/ตัวชี้วัดระดับนานาชาติ",
        "ไม่ทราบ",
        "อื่นๆ",
    },
    "update_frequency_unit": {
        "ไม่ทราบ",
        "ปี",
        "ครึ่งปี",
        "ไตรมาส",
        "เดือน",
        "สัปดาห์",
        "วัน",
        "วันทำการ",
        "ชั่วโมง",
        "นาที",
        "ตามเวลาจริง",
        "ไม่มีการปรับปรุงหลังจากการจัดเก็บข้อมูล",
        "อื่นๆ",
    },
    "geo_coverage": {
        "ไม่มี",
        "โลก",
        "ทวีป/กลุ่มประเทศในทวีป",
        "กลุ่มประเทศทางเศรษฐกิจ",
        "ประเทศ",
        "ภาค",
        "จังหวัด",
        "อำเภอ",
        "ตำบล",
        "หมู่บ้าน",
        "เทศบาล/อบต.",
        "พิกัด",
        "ไม่ทราบ",
        "อื่นๆ",
    },
    "data_format": {
        "Database",
        "CSV",
        "XML",
        "Image",
        "Video",
        "Audio",
        "Text",
        "JSON",
        "HTML",
        "XLS",
        "PDF",
        "RDF",
        "NoSQL",
        "Arc/Info Coverage",
        "Shapefile",
        "GeoTiff",
        "GML",
        "ไม่ทราบ",
        "อื่นๆ",
    },
    "data_category": {"ข้อมูลสาธารณะ", "ข้อมูลส่วนบุคคล", "ข้อมูลความมั่นคง", "ข้อมูลความลับทางราชการ"},
    "license_id": {
        "License not specified",
        "Creative Commons Attributions",
        "Creative Commons Attribution Share-Alike",
        "Creative Commons Non-Commercial (Any)",
        "Open Data Common",
        "GNU Free Documentation License",
        "อื่นๆ",
    },
    "data_collect": {
        "ไม่มี",
        "บุคคล",
        "ครัวเรือน/ครอบครัว",
        "บ้าน/ที่อยู่อาศัย",
        "บริษัท/ห้างร้าน/สถานประกอบการ",
        "อาคาร/สิ่งปลูกสร้าง",
        "พื้นที่การเกษตร ประมง ป่าไม้",
        "สัตว์และพันธุ์พืช",
        "ขอบเขตเชิงภูมิศาสตร์หรือเชิงพื้นที่",
        "แหล่งน้ำ เช่น แม่น้ำ อ่างเก็บน้ำ",
        "เส้นทางการเดินทาง เช่น ถนน ทางรถไฟ",
        "ไม่ทราบ",
        "อื่นๆ",
    },
    "data_language": {
        "ไทย",
        "อังกฤษ",
        "จีน",
        "มลายู",
        "พม่า",
        "ลาว",
        "เขมร",
        "ญี่ปุ่น",
        "เกาหลี",
        "ฝรั่งเศส",
        "เยอรมัน",
        "อารบิก",
        "ไม่ทราบ",
        "อื่นๆ",
    },
    "high_value_dataset": YES_NO,
    "reference_data": YES_NO,
}
#: Fields of CKAN itself, which every catalogue has.
OF_CKAN = {
    "id",
    "type",
    "state",
    "private",
    "version",
    "organization",
    "tags",
    "license_title",
    "license_url",
    "isopen",
    "num_resources",
    "num_tags",
    "resources",
}


def packages():
    answer = PortalClient().get("/data/ckan.json").json()
    assert answer["success"] is True
    assert answer["result"]["count"] == len(answer["result"]["results"])
    return answer["result"]["results"]


@pytest.fixture
def office(demo, settings):
    settings.DATA_CONTACT_EMAIL = "office@example.go.th"


def test_every_required_field_is_filled_and_every_choice_is_one_of_the_catalogues(office):
    found = packages()
    assert len(found) == len(DATASETS) + 1
    for each in found:
        assert {name for name in REQUIRED if not each[name]} == set()
        assert set(each) <= REQUIRED | OPTIONAL | OF_CKAN
        for name, choices in CHOICES.items():
            values = each[name] if isinstance(each[name], list) else [each[name]]
            assert set(values) <= choices, name


def test_the_answers_of_the_portal(office):
    by_name = {each["name"]: each for each in packages()}
    whole = by_name["csos-forum-follow-up-all"]
    assert whole["title"] == "ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565"
    assert whole["maintainer_email"] == "office@example.go.th"
    assert (whole["license_id"], "license_id_other" in whole) == ("Open Data Common", False)
    assert whole["license_url"] == "https://opendatacommons.org/licenses/by/1-0/"
    assert (whole["update_frequency_unit"], whole["update_frequency_interval"]) == ("ปี", "1")
    assert (whole["created_date"], whole["last_updated_date"]) == ("2023-12-20", "2025-12-20")
    assert whole["organization"]["title"] == "กรมพัฒนาสังคมและสวัสดิการ"
    assert whole["geo_coverage"] == "ประเทศ"
    assert by_name["csos-forum-follow-up-areas"]["geo_coverage"] == "จังหวัด"
    reports = by_name["csos-forum-follow-up-status-reports"]
    assert reports["url"] == "http://testserver/data/#status_reports"
    assert [(each["format"], each["url"]) for each in reports["resources"]] == [
        ("CSV", "http://testserver/data/status_reports.csv"),
        ("XLSX", "http://testserver/data/status_reports.xlsx"),
        ("JSON", "http://testserver/data/status_reports.json"),
    ]


def test_the_publisher_is_an_agency_of_the_portal(office):
    for each in packages():
        assert (
            get(f"agencies/{each['owner_org'].upper()}").json()["name_th"]
            == (each["organization"]["title"])
        )


def test_a_licence_that_the_catalogue_does_not_list_is_named(office, settings):
    settings.DATA_LICENSE = {"name": "Ours", "url": "https://example.org/ours/"}
    for each in packages():
        assert (each["license_id"], each["license_id_other"]) == ("อื่นๆ", "Ours")
        assert (each["license_url"], each["isopen"]) == ("https://example.org/ours/", False)


def test_ids_are_unique_and_the_same_each_time(office):
    found = packages()
    ids = [each["id"] for each in found]
    ids += [one["id"] for each in found for one in each["resources"]]
    assert len(set(ids)) == len(ids)
    assert packages() == found
