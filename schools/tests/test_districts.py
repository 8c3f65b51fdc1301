import pytest

from schools.districts import Departments, DistrictCandidates, Districts
from schools.models import District
from schools.school_index import BadCode, SchoolEntry, SchoolIndex, read_code, school_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("P4603", "P4603"),
        ("p4603 ", "P4603"),
        ("สพป.กส.3", "P4603"),
        ("สพป. กาฬสินธุ์ เขต 3", "P4603"),
        ("สพป.กาฬสินธุ์ เขต ๓", "P4603"),
        ("สพป กาฬสินธุ์ 3", "P4603"),
        ("สพป.กาฬสินธุ์ เขตที่ 3", "P4603"),
        ("กาฬสินธุ์ เขต 3", "P4603"),
        ("สำนักงานเขตพื้นที่การศึกษาประถมศึกษากาฬสินธุ์ เขต 3", "P4603"),
        ("สนง.เขตพื้นที่การศึกษาประถมศึกษากาฬสินธุ์ เขต ๓", "P4603"),
        ("สพป.กระบี่", "P8101"),
        ("สพป.กระบี่ เขต 1", "P8101"),
        ("สพม.ตรัง กระบี่", "S9201"),
        ("สพม.กระบี่-ตรัง", "S9201"),
        ("สพม.กระบี่", "S9201"),
        ("สพม.กทม.1", "S1001"),
        ("กศน.จังหวัดกาฬสินธุ์", "N4601"),
        ("สกร.กทม.", "N1001"),
        ("อศจ.กาฬสินธุ์", "V4601"),
        ("ศธจ.กาฬสินธุ์", "O4601"),
        ("สช.จังหวัดสงขลา", "R9001"),
        ("ศูนย์การศึกษาพิเศษประจำจังหวัดกาฬสินธุ์", "E4601"),
    ],
)
def test_an_office_is_found_as_people_write_it(text, code):
    assert Districts.load().find(text).code == code


@pytest.mark.parametrize("text", ["", "กาฬสินธุ์", "สพป.กาฬสินธุ์ เขต 9", "สพม.24", "46-obec", "tray", "x" * 10_000, "\x00"])
def test_what_names_no_single_office_is_not_guessed(text):
    assert isinstance(Districts.load().find(text), DistrictCandidates)


def test_a_name_of_several_areas_gives_the_candidates():
    found = Districts.load().find("สพป.กาฬสินธุ์")
    assert [district.code for district in found.districts] == ["P4601", "P4602", "P4603"]


def test_a_bare_zone_is_of_the_province_asked_about():
    assert Districts.load().find("เขต 3", 46).code == "P4603"
    assert Districts.load().find("เขต 3", 30).code == "P3003"
    assert isinstance(Districts.load().find("เขต 3"), DistrictCandidates)


def test_every_office_is_found_by_its_code_and_both_its_names():
    districts = Districts.load()
    wrong = [
        (row.code, text)
        for row in District.objects.exclude(kind="tray")
        for text in (row.code, row.name_th, row.full_name_th)
        if getattr(districts.find(text), "code", None) != row.code
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("สำนักงานคณะกรรมการการอาชีวศึกษา", "ovec"), ("พศ.", "onab"), ("กทม.", "bma")],
        *[("สพฐ.", "obec"), ("สพฐ", "obec"), ("สังกัด อปท.", "lao"), ("กศน.", "dole"), ("เอกชน", "opec"), ("ตชด", "bpp")],
    ],
)
def test_a_department_is_found_as_people_write_it(text, code):
    assert Departments.load().find(text).code == code


def test_an_unknown_department_is_none():
    assert Departments.load().find("กระทรวงเวทมนตร์") is None


# ── schools ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "name", ["โรงเรียนบ้านหนองแวง", "ร.ร.บ้านหนองแวง", "รร.บ้าน หนองแวง", "บ้านหนองแวง", "ร.ร. บานหนองแวง\u200b"]
)
def test_a_school_has_one_key_however_its_name_is_written(name):
    assert school_key(name) == school_key("บ้านหนองแวง")


@pytest.mark.parametrize(("one", "other"), [("นางรอง", "รอง"), ("วัดรร", "วัด"), ("โรงเรียน", "")])
def test_different_names_keep_different_keys(one, other):
    assert school_key(one) != school_key(other)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("46990001", "46990001"),
        (46990001, "46990001"),
        (46990001.0, "46990001"),
        ("46990001.0", "46990001"),
        ("๔๖๙๙๐๐๐๑", "46990001"),
        ("'46990001", "46990001"),
        ("4699 0001", "46990001"),
        ("1046990001", "1046990001"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_school_code_is_read_as_text(cell, code):
    assert read_code(cell) == code


@pytest.mark.parametrize("cell", ["4699001", 990001, "4.699E+07", "46990001a", "46.99", -46990001, "9" * 5000, 1.5])
def test_a_spoilt_school_code_is_refused_and_never_padded(cell):
    with pytest.raises(BadCode) as refusal:
        read_code(cell)
    assert len(refusal.value.message_th) < 250


def test_a_school_is_found_by_name_only_within_its_amphoe(schools):
    index = SchoolIndex.load()
    found = index.by_name("ร.ร.บ้านทุ่งสมมุติ", 4605)
    assert isinstance(found, SchoolEntry)
    assert found.code == "46990001"
    for amphoe in (None, 4601):
        assert [school.code for school in index.by_name("บ้านทุ่งสมมุติ", amphoe).schools] == ["46990001"]
    assert [school.code for school in index.by_name("บ้านทุ่งสมมุด", 4605).schools] == ["46990001"]
    assert index.by_name("ไม่มีที่ไหนเลย", 4605).schools == ()


def test_the_index_loads_in_one_query(schools, django_assert_num_queries):
    with django_assert_num_queries(1):
        index = SchoolIndex.load()
    with django_assert_num_queries(0):
        assert index.by_code("46990001").department_id == 1
        index.by_name("บ้านทุ่งสมมุติ", None)
