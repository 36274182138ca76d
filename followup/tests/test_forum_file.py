"""A forum as a file: what is refused, and that file and rows are the same in both directions."""

import copy
import json

import pytest

from followup import forum_file
from followup.forum_file import Faulty, Known
from followup.models import Agency, Assignment
from followup.tests import second_forum_files
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget

KNOWN = Known(
    agencies=frozenset({"DLA", "BOB"}), measures={"2565-1.4": 4, "2566-1.1": 5}, years={2565}
)


@pytest.fixture
def content():
    return json.loads(second_forum_files.FILE.read_text("utf-8"))


def told(content, source=second_forum_files.SOURCE, **options):
    return [str(each) for each in forum_file.check(content, source, KNOWN, **options)]


def test_a_sound_file_has_no_fault(content):
    assert list(forum_file.shape_faults(content)) == []
    assert told(content) == []


def set_to(*path_and_value):
    """A change of one value, which `path_and_value` names: keys, then the value."""
    *path, last, value = path_and_value

    def change(content):
        row = content
        for each in path:
            row = row[each]
        row[last] = value

    return change


def first(**values):
    return lambda content: content["resolutions"][0]["measures"][0].update(values)


REFUSED = [
    (set_to("forum", "year_be", 2565), ["ข้อมูลการประชุม: มีเวทีปี 2565 อยู่แล้ว"]),
    (set_to("forum", "year_be", 2400), ["ข้อมูลการประชุม: ปี 2400 อยู่นอกช่วง พ.ศ. 2560–2599"]),
    (set_to("forum", "name_th", " "), ["ข้อมูลการประชุม: ยังไม่มีชื่อเต็มของการประชุม"]),
    (
        set_to("forum", "followed_from", 2564),
        ["ข้อมูลการประชุม: รอบแรกที่ติดตาม “2564” ต้องเป็นปี พ.ศ. ตั้งแต่ 2566 ถึง 2599"],
    ),
    (
        set_to("forum", "participants_total", "มาก"),
        ["ข้อมูลการประชุม: จำนวนผู้เข้าร่วม “มาก” ไม่ใช่จำนวนเต็มตั้งแต่ 0 ถึง 2,147,483,647"],
    ),
    (
        set_to("forum", "legal_basis", [{"verbatim": "", "approved_on": "30/13"}]),
        [
            "ข้อมูลการประชุม: ฐานอำนาจแถวที่ 1 ยังไม่มีชื่อตามต้นฉบับ",
            "ข้อมูลการประชุม: ฐานอำนาจแถวที่ 1: อ่านวันที่ “30/13” ไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/3/2564",
        ],
    ),
    (
        set_to("forum", "theme_th", "ก" * 301),
        ["ข้อมูลการประชุม: หัวข้อการประชุมยาว 301 อักขระ เกินกำหนด 300 อักขระ ตัดให้สั้นลง"],
    ),
    (set_to("resolutions", []), ["ยังไม่มีข้อเสนอ ทำเครื่องหมายอย่างน้อยหนึ่งข้อ"]),
    (set_to("resolutions", 1, "number", 1), ["ข้อเสนอที่ 1: เลขข้อซ้ำกัน"]),
    (
        set_to(
            "resolutions", 4, "text", "ให้ คสป. จัดประชุมติดตามผลข้อเสนอทุกห้าเดือน และเผยแพร่ผลต่อสาธารณะ"
        ),
        [
            "ข้อเสนอที่ 5: ข้อความนี้ไม่ตรงกับต้นฉบับทุกตัวอักษร ที่ใกล้ที่สุดคือบรรทัด 17 ตรงกันถึง "
            "“…มติดตามผลข้อเสนอทุก” ต้นฉบับต่อด้วย “หกเดือนและเผยแพ” แต่ข้อความนี้เป็น “ห้าเดือนและเผยแ”",
            None,  # its measures no longer stand where they stood
        ],
    ),
    (
        set_to("resolutions", 3, "measures", []),
        ["ข้อเสนอที่ 4: ยังไม่มีมาตรการย่อย ทุกข้อเสนอมีอย่างน้อยหนึ่งข้อ"],
    ),
    (set_to("resolutions", 0, "measures", 1, "number", 1), ["มาตรการย่อย 1.1: เลขข้อย่อยซ้ำกัน"]),
    (first(end=91), None),
    (
        first(
            end=98,
            span="ให้องค์กรปกครองส่วนท้องถิ่นจัดตั้งศูนย์ประสานงานภาคประชาสังคมระดับตำบลให้ครบทุกตำบลภายในสามปี และใ",
        ),
        ["มาตรการย่อย 1.2: 1.1 กับ 1.2 ทับซ้อนกัน เลื่อนขอบของข้อใดข้อหนึ่ง"],
    ),
    (
        first(end=999),
        ["มาตรการย่อย 1.1: ตำแหน่ง 0–999 ไม่อยู่ในข้อความของข้อเสนอซึ่งยาว 163 อักขระ", None],
    ),
    (first(title_th=""), ["มาตรการย่อย 1.1: ยังไม่มีชื่อย่อ"]),
    (
        first(title_th="ก" * 201),
        ["มาตรการย่อย 1.1: ชื่อย่อยาว 201 อักขระ เกินกำหนด 200 อักขระ ตัดให้สั้นลง"],
    ),
    (first(kind=""), ["มาตรการย่อย 1.1: ยังไม่ได้เลือกลักษณะ"]),
    (
        first(kind="goal"),
        [
            "มาตรการย่อย 1.1: ไม่รู้จักลักษณะ “goal” ใช้ได้: "
            "principle, process, output, outcome, recurring, discretionary"
        ],
    ),
    (first(relation="repeats"), ["มาตรการย่อย 1.1: ระบุทั้งข้อเดิมและความเกี่ยวข้องกับข้อเดิม"]),
    (
        first(relation="repeats", earlier="2565-9.9"),
        ["มาตรการย่อย 1.1: ไม่มีข้อ “2565-9.9” ในเวทีก่อน ใช้รหัสเต็ม คือปีของเวที ขีด และเลขข้อ"],
    ),
    (
        first(relation="repeats", earlier="2566-1.1"),
        ["มาตรการย่อย 1.1: ข้อเดิม 2566-1.1 ต้องเป็นของเวทีก่อนปี 2566"],
    ),
    (
        first(relation="copies", earlier="2565-1.4"),
        ["มาตรการย่อย 1.1: ไม่รู้จักความเกี่ยวข้อง “copies” ใช้ได้: repeats, continues, replaces"],
    ),
    (
        set_to("resolutions", 0, "named_parties", ["NOBODY"]),
        ["ข้อเสนอที่ 1: ไม่รู้จักหน่วยงาน “NOBODY” เลือกจากรายการ หรือเพิ่มหน่วยงานก่อน"],
    ),
    (
        set_to("resolutions", 0, "sdg_targets", [{"goal": 16, "target": "17.1"}]),
        ["ข้อเสนอที่ 1: เป้าหมาย SDGs “17.1” ไม่ถูกต้อง เขียนอย่าง 16.6 หรือ 17.b"],
    ),
    (
        set_to("editor_notes", [{"resolution": 1, "quotation": "อวกาศ", "text_th": "เขียนผิด"}]),
        ["หมายเหตุที่ 1: คำ “อวกาศ” ไม่มีในข้อความต้นฉบับของข้อเสนอที่ 1"],
    ),
    (
        set_to("assignments", [{"measure": "1.9", "agency": "DLA", "role": "lead"}]),
        ["การมอบหมาย 1.9: ไม่มีมาตรการย่อย 1.9"],
    ),
    (
        set_to("assignments", [{"measure": "1.1", "agency": "dla", "role": "boss"}]),
        [
            "การมอบหมาย 1.1: ไม่รู้จักหน่วยงาน “dla” เลือกจากรายการ หรือเพิ่มหน่วยงานก่อน",
            "การมอบหมาย 1.1: ไม่รู้จัก “boss” ใช้ได้: lead, support",
        ],
    ),
    (
        set_to("assignments", [{"measure": "1.1", "agency": "DLA", "role": "lead"}] * 2),
        ["การมอบหมาย 1.1: หน่วยงาน DLA ซ้ำกัน"],
    ),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_a_fault_is_told_with_its_place_and_words(content, change, expected):
    change(content)
    faults = told(content)
    assert faults
    if expected is None:
        [sentence] = faults
        assert sentence.startswith("มาตรการย่อย 1.1: ตำแหน่ง 0–91 คือ “ให้องค์กร")
        assert sentence.endswith("ซึ่งอยู่ที่ 0–93")
    else:
        kept = [each for each in expected if each]
        assert [each for each in faults if each in kept] == kept
        assert len(faults) == len(expected) or None in expected


def test_a_cut_within_a_character_names_it(content):
    # "ให้": the cut is between ห and its tone mark.
    first(start=0, end=2)(content)
    del content["resolutions"][0]["measures"][0]["span"]
    assert told(content) == ["มาตรการย่อย 1.1: ตัดกลางตัวอักษร “ห้” หลัง “…ใ” เลือกให้จบที่ขอบของตัวอักษร"]


def test_proposals_that_share_words_are_both_named(content):
    text = content["resolutions"][2]["text"]
    content["resolutions"][3] |= {"text": text[10:60], "measures": []}
    assert "ข้อเสนอที่ 4: 3 กับ 4 ทับซ้อนกัน เลื่อนขอบของข้อใดข้อหนึ่ง" in told(content)


def test_pages_ask_for_shorter_titles_than_the_database(content):
    first(title_th="ก" * 81)(content)
    assert told(content) == []
    assert told(content, title_limit=80) == [
        "มาตรการย่อย 1.1: ชื่อย่อยาว 81 อักขระ เกินกำหนด 80 อักขระ ตัดให้สั้นลง"
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_to("forum", None), "ไม่มีส่วน “forum” ซึ่งเป็นข้อมูลของการประชุม"),
        (set_to("forum", "naem_th", "x"), "ไม่รู้จัก “forum.naem_th” ตรวจตัวสะกดหรือลบออก"),
        (set_to("forum", "partners_th", "x"), "“forum.partners_th” ต้องเป็นรายการข้อความ"),
        (set_to("forum", "participants_total", "848"), "“forum.participants_total” ต้องเป็นจำนวนเต็ม"),
        (set_to("resolutions", {}), "“resolutions” ต้องเป็นรายการ"),
        (set_to("resolutions", 1, []), "“resolutions[1]” ต้องเป็นกลุ่มข้อมูล { … }"),
        (set_to("resolutions", 0, "text", 5), "“resolutions[0].text” ต้องเป็นข้อความ"),
        (
            lambda content: content["resolutions"][0]["measures"][1].pop("kind"),
            "ไม่มี “resolutions[0].measures[1].kind”",
        ),
        (set_to("resolutions", 0, "measures", 0, "start", True), None),
        (set_to("resolution", []), "ไม่รู้จักส่วน “resolution” ตรวจตัวสะกดหรือลบออก"),
    ],
)
def test_another_shape_is_refused_before_anything_is_read(content, change, sentence):
    change(content)
    expected = sentence or "“resolutions[0].measures[0].start” ต้องเป็นจำนวนเต็ม"
    assert [str(each) for each in forum_file.shape_faults(content)] == [expected]
    assert [str(each) for each in forum_file.shape_faults([])] == [
        "แฟ้มต้องเป็น JSON ที่มี “forum” และ “resolutions”"
    ]


def without_empty(content):
    """Without what an older file leaves out: empty values."""
    if isinstance(content, dict):
        cleaned = {name: without_empty(value) for name, value in content.items()}
        return {name: value for name, value in cleaned.items() if value not in ("", [], None)}
    return [without_empty(each) for each in content] if isinstance(content, list) else content


def test_the_real_forum_is_exported_as_its_file(forum):
    stored = forum_file.export(Forum.objects.get(), with_source=False)
    file = json.loads((second_forum_files.FIXTURES / "forum-2565.json").read_text("utf-8"))
    assert stored == file
    assert list(stored["forum"]) == list(file["forum"]), "in the same order, for a readable diff"


def rows():
    """Everything that a forum's file decides, without keys."""
    return {
        "forums": list(Forum.objects.order_by("year_be").values_list("year_be", "source_text")),
        "resolutions": list(
            Resolution.objects.order_by("forum__year_be", "number").values_list(
                "forum__year_be", "number", "text", "title_th", "named_parties"
            )
        ),
        "measures": list(
            Measure.objects.order_by(
                "resolution__forum__year_be", "resolution__number", "number"
            ).values_list(
                "resolution__forum__year_be",
                "resolution__number",
                "number",
                "start",
                "end",
                "title_th",
                "kind",
                "suggested_evidence_th",
                "relation",
                "earlier__resolution__number",
                "earlier__number",
            )
        ),
        "targets": sorted(
            SdgTarget.objects.values_list("resolution__number", "target", "position")
        ),
        "notes": sorted(EditorNote.objects.values_list("position", "quotation", "text_th")),
        "assignments": sorted(
            Assignment.objects.values_list(
                "measure__resolution__forum__year_be",
                "measure__resolution__number",
                "measure__number",
                "agency__code",
                "role",
                "basis",
                "valid_from",
            )
        ),
    }


def test_a_downloaded_file_loads_as_the_same_rows(forum, second_forum, tmp_path):
    later = Forum.objects.get(year_be=2566)
    later.followed_from = 2567
    later.save()
    replaced = Measure.objects.get(resolution__forum=later, resolution__number=3, number=1)
    replaced.relation = "replaces"
    replaced.earlier = Measure.objects.get(
        resolution__forum__year_be=2565, resolution__number=1, number=4
    )
    replaced.save()
    Assignment.objects.filter(measure=replaced).update(basis="confirmed", valid_from=2567)
    before = rows()
    path = tmp_path / "forum.json"
    path.write_text(forum_file.to_json(forum_file.export(later)), "utf-8")
    Assignment.objects.filter(measure__resolution__forum=later).delete()
    Measure.objects.filter(resolution__forum=later).delete()
    Resolution.objects.filter(forum=later).delete()
    later.delete()
    loaded = forum_file.load(path)
    assert rows() == before
    assert loaded.followed_from == 2567
    assert Assignment.history.filter(history_type="+", measure__in=measures_of(loaded)).count() == 8


def measures_of(forum):
    return Measure.objects.filter(resolution__forum=forum)


def test_a_file_that_fails_late_stores_nothing(forum, content, monkeypatch):
    broken = copy.deepcopy(content)
    broken["assignments"] = [{"measure": "1.1", "agency": "DLA", "role": "lead"}]
    known = Known.load()
    assert forum_file.check(broken, second_forum_files.SOURCE, known) == []
    Agency.objects.filter(code="DLA").update(code="GONE")  # meanwhile
    with pytest.raises(KeyError):
        forum_file.store(broken, second_forum_files.SOURCE, known)
    assert not Forum.objects.filter(year_be=2566).exists()


def test_files_that_cannot_be_read_are_named(tmp_path, content):
    path = tmp_path / "forum.json"
    with pytest.raises(Faulty, match=r"^forum\.json: ไม่มีแฟ้มนี้$"):
        forum_file.read(path)
    path.write_text('{"forum": \n}', "utf-8")
    with pytest.raises(Faulty, match=r"^forum\.json: ไม่ใช่ JSON ที่ถูกต้อง บรรทัด 2$"):
        forum_file.read(path)
    path.write_bytes("ปี".encode("cp874"))
    with pytest.raises(Faulty, match="แฟ้มต้องเป็นข้อความ UTF-8"):
        forum_file.read(path)
    content["forum"]["source_file"] = "../secret.txt"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(Faulty, match="ไม่มี “source_file” ซึ่งเป็นชื่อแฟ้มต้นฉบับที่อยู่ข้างกัน"):
        forum_file.read(path)
    content["forum"]["source_text"] = "\ufeffก\r\nข"
    path.write_text(json.dumps(content), "utf-8")
    assert forum_file.read(path)[1] == "ก\nข"
    (tmp_path / "a.csv").write_text("measure,who\n1.1,DLA\n", "utf-8")
    with pytest.raises(Faulty, match=r"^a\.csv: ไม่มีคอลัมน์ agency, role$"):
        forum_file.read(path, assignments=tmp_path / "a.csv")
