import pytest

from schools.models import AuditEvent, District, School
from schools.school_import import import_rows
from schools.school_sheet import (
    AMPHOE,
    CODE,
    DEPARTMENT,
    DISTRICT,
    LAT,
    LON,
    NAME,
    PROVINCE,
    TAMBON,
    NoHeading,
    match_heading,
    school_rows,
)

pytestmark = pytest.mark.django_db


def row(code="46990011", name="โรงเรียนบ้านใหม่สมมุติ", **cells):
    """A good row; cells by canonical name through the letters below, None leaves one out."""
    letters = {"d": DISTRICT, "t": TAMBON, "a": AMPHOE, "p": PROVINCE, "s": DEPARTMENT, "lat": LAT, "lon": LON}
    values = {DISTRICT: "สพป.กส.3", TAMBON: "บัวขาว", AMPHOE: "กุฉินารายณ์", PROVINCE: "กาฬสินธุ์"}
    values |= {CODE: code, NAME: name} | {letters[key]: value for key, value in cells.items()}
    return {column: value for column, value in values.items() if value is not None}


def take(*rows):
    return import_rows(enumerate(rows, start=2))


def counts(outcome):
    return outcome.new, outcome.changed, outcome.unchanged, outcome.refused


def only_refusal(*rows):
    """The one refusal; nothing may have been written."""
    before = list(School.objects.values_list())
    outcome = take(*rows)
    assert not outcome.committed
    assert list(School.objects.values_list()) == before
    assert AuditEvent.objects.count() == 0
    (refusal,) = outcome.refusals
    assert refusal.message_th
    assert refusal.message_en
    return refusal


def test_a_new_school_stands_where_the_row_says():
    assert counts(take(row(lat="16.5432", lon=104.05))) == (1, 0, 0, 0)
    school = School.objects.get(code="46990011")
    assert (school.name_th, school.district.code, school.province_id, school.amphoe_id, school.tambon_id) == (
        "โรงเรียนบ้านใหม่สมมุติ",
        "P4603",
        46,
        4605,
        460501,
    )
    assert (school.lat, school.lon) == (16.5432, 104.05)
    assert AuditEvent.objects.get().action == "school_import"


def test_the_same_list_twice_changes_nothing(django_assert_max_num_queries):
    rows = [row(), row(code="46990012", name="โรงเรียนที่สอง", d=None, s="อปท.", t=None)]
    assert counts(take(*rows)) == (2, 0, 0, 0)
    before = list(School.objects.values_list())
    with django_assert_max_num_queries(20) as queries:
        assert counts(take(*rows)) == (0, 0, 2, 0)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert list(School.objects.values_list()) == before
    assert AuditEvent.objects.count() == 1


def test_a_changed_row_updates_its_school_and_keeps_what_it_leaves_open(schools):
    outcome = take({CODE: "46990001", NAME: "โรงเรียนบ้านทุ่งสมมุติ (ใหม่)"})
    assert counts(outcome) == (0, 1, 0, 0)
    school = School.objects.get(code="46990001")
    assert (school.name_th, school.district.code, school.amphoe_id, school.tambon_id) == (
        "โรงเรียนบ้านทุ่งสมมุติ (ใหม่)",
        "P4603",
        4605,
        460501,
    )
    assert school.pk == schools["own"].pk


def test_one_bad_row_holds_back_the_whole_list():
    refusal = only_refusal(row(), row(code="46990012", name="โรงเรียนที่สอง", a="กุฉินาราย"))
    assert (refusal.row, refusal.column) == (3, AMPHOE)
    assert "กุฉินารายณ์" in refusal.message_th


def test_a_generated_office_goes_when_the_list_is_refused():
    only_refusal(row(d=None, s="อปท."), row(code="123"))
    assert not District.objects.filter(kind="generated").exists()


# ── codes and names ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_school_without_code_is_matched_by_name_and_amphoe(schools):
    assert counts(take({NAME: "ร.ร.บ้านทุ่งสมมุติ", AMPHOE: "อ.กุฉินารายณ์", LAT: 16.5, LON: 104.0})) == (0, 1, 0, 0)
    school = School.objects.get(code="46990001")
    assert school.lat == 16.5


def test_a_name_without_its_amphoe_is_refused_with_the_candidates(schools):
    refusal = only_refusal({NAME: "บ้านทุ่งสมมุติ", PROVINCE: "กาฬสินธุ์", DISTRICT: "P4603"})
    assert refusal.column == AMPHOE
    assert "46990001 โรงเรียนบ้านทุ่งสมมุติ" in refusal.message_th


def test_a_name_of_two_schools_of_one_amphoe_is_refused_with_both(schools):
    take(row(name="โรงเรียนบ้านทุ่งสมมุติ"))
    AuditEvent.objects.all().delete()
    refusal = only_refusal({NAME: "บ้านทุ่งสมมุติ", AMPHOE: "กุฉินารายณ์"})
    assert "46990001" in refusal.message_th
    assert "46990011" in refusal.message_th


def test_an_unknown_name_without_code_is_refused(schools):
    refusal = only_refusal(row(code=None, name="โรงเรียนไม่มีรหัส"))
    assert refusal.column == NAME


def test_a_new_code_of_a_known_name_is_taken_with_a_warning(schools):
    outcome = take(row(name="โรงเรียนบ้านทุ่งสมมุติ"))
    assert counts(outcome) == (1, 0, 0, 0)
    assert "46990001" in outcome.warnings[0].message_th


@pytest.mark.parametrize(
    "code", ["4699001", "469900011", 4699001, "4.699E+07", "๔๖๙๙", "รหัส", "46990001x", "12345678901"]
)
def test_a_spoilt_code_is_refused(code):
    refusal = only_refusal(row(code=code))
    assert (refusal.column, refusal.code) == (CODE, "X58")


@pytest.mark.parametrize("code", [46990011, 46990011.0, "๔๖๙๙๐๐๑๑", "'46990011", "4699-0011", " 46990011 "])
def test_a_code_is_read_however_the_sheet_holds_it(code):
    assert counts(take(row(code=code))) == (1, 0, 0, 0)
    assert School.objects.get().code == "46990011"


def test_a_code_alone_that_nobody_knows_is_refused():
    assert only_refusal({CODE: "46990099", AMPHOE: "กุฉินารายณ์"}).column == NAME


def test_two_rows_of_one_school_that_differ_are_refused_and_equal_ones_count_once():
    assert "แถว 2" in only_refusal(row(), row(name="ชื่ออื่น")).message_th
    outcome = take(row(), row())
    assert counts(outcome) == (1, 0, 1, 0)
    assert outcome.warnings[0].row == 3


# ── offices ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("cells", "office"),
    [
        ({"d": "สพป. กาฬสินธุ์ เขต ๓"}, "P4603"),
        ({"d": "เขต 3"}, "P4603"),
        ({"d": "S4601", "s": "สพฐ."}, "S4601"),
        ({"d": None, "s": "สอศ."}, "V4601"),
        ({"d": None, "s": "กศน."}, "N4601"),
        ({"d": None, "s": "สช."}, "O4601"),
        ({"d": "ศธจ.กาฬสินธุ์", "s": "สช."}, "O4601"),
        ({"d": None, "s": "สช.", "a": "เมืองสงขลา", "t": None, "p": "สงขลา"}, "R9001"),
        ({"d": None, "s": "อปท."}, "X46-lao"),
        ({"d": "อปท. จังหวัดกาฬสินธุ์", "s": "อปท."}, "X46-lao"),
        ({"d": None, "s": "ตชด."}, "X46-bpp"),
        ({"d": None, "s": "กทม.", "a": "เขตจตุจักร", "t": None, "p": "กทม."}, "X10-bma"),
    ],
)
def test_a_school_comes_under_the_office_of_its_department(cells, office):
    outcome = take(row(**cells))
    assert outcome.refusals == []
    assert School.objects.get().district.code == office


def test_schools_of_one_affiliation_and_province_share_one_generated_office():
    take(row(d=None, s="อปท."), row(code="46990012", name="เทศบาลสอง", d=None, s="อปท."))
    office = District.objects.get(kind="generated")
    assert (office.code, office.name_th, office.schools.count()) == ("X46-lao", "อปท. จังหวัดกาฬสินธุ์", 2)


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"d": None}, DISTRICT, "P4601"),
        ({"d": None, "s": "สพฐ."}, DISTRICT, "P4601"),
        ({"d": "สพป.กาฬสินธุ์"}, DISTRICT, "P4602"),
        ({"d": "สพป.กาฬสินธุ์ เขต 9"}, DISTRICT, "P4603"),
        ({"d": "P3001"}, DISTRICT, "ไม่ครอบคลุมจังหวัดกาฬสินธุ์"),
        ({"d": "P4603", "s": "สอศ."}, DISTRICT, "สอศ."),
        ({"s": "กระทรวงเวทมนตร์"}, DEPARTMENT, "กระทรวงเวทมนตร์"),
        ({"d": "เทศบาลเมือง", "s": "อปท."}, DISTRICT, "เทศบาลเมือง"),
        ({"d": "46-obec"}, DISTRICT, "46-obec"),
        ({"a": None, "t": None}, AMPHOE, "อำเภอ"),
        ({"p": "ขอนแก่น"}, AMPHOE, "กาฬสินธุ์"),
        ({"t": "ปากน้ำ"}, TAMBON, "ปากน้ำ"),
        ({"lat": "16.5"}, LON, "ละติจูด"),
        ({"lat": 104.05, "lon": 16.5}, LAT, "สลับ"),
        ({"lat": 0, "lon": 0}, LAT, "นอกประเทศไทย"),
        ({"lat": "nan", "lon": "nan"}, LAT, "นอกประเทศไทย"),
        ({"lat": "16°30'", "lon": "104"}, LAT, "องศาทศนิยม"),
        ({"name": "ก" * 201}, NAME, "200"),
        ({"name": "#REF!"}, NAME, "#REF!"),
        ({"name": "à¸Šà¸·à¹ˆà¸­"}, NAME, "UTF-8"),
        ({"name": "โรงเรียน\x00"}, NAME, "เพี้ยน"),
        ({"name": "โรงเรียน\ud800"}, NAME, "เพี้ยน"),
        ({"code": None, "name": None}, CODE, "รหัสสถานศึกษา"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_with_its_column_and_remedy(cells, column, said):
    refusal = only_refusal(row(**cells))
    assert (refusal.row, refusal.column) == (2, column)
    assert said in refusal.message_th


def test_markup_and_formulas_are_kept_as_text():
    take(row(name="<img src=x onerror=alert(1)>"), row(code="46990012", name="=1+1"))
    assert set(School.objects.values_list("name_th", flat=True)) == {"<img src=x onerror=alert(1)>", "=1+1"}


def test_a_large_list_costs_no_query_per_row(django_assert_max_num_queries):
    rows = [row(code=f"4699{number:04d}", name=f"โรงเรียนที่ {number}") for number in range(1_000)]
    with django_assert_max_num_queries(25):
        assert counts(take(*rows)) == (1_000, 0, 0, 0)


# ── headings ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_headings_are_known_however_they_are_spelt():
    cells = ("ที่", "รหัส\nโรงเรียน", " ชื่อ\u200bสถานศึกษา", "เขตพื้นที่การศึกษา", "ตำบล/แขวง", "อำเภอ/เขต", "จังหวัด (ชื่อ)", None, 5)
    assert match_heading(cells) == {CODE: 1, NAME: 2, DISTRICT: 3, TAMBON: 4, AMPHOE: 5, PROVINCE: 6}


def test_titles_totals_signatures_and_repeated_headings_are_left_out():
    heading = ("ที่", "รหัสสถานศึกษา", "ชื่อสถานศึกษา", "อำเภอ")
    cells = [
        ("a", 1, ("บัญชีสถานศึกษา", None, None, None)),
        ("a", 3, heading),
        ("a", 4, (1, "46990001", "โรงเรียนหนึ่ง", "กุฉินารายณ์")),
        ("a", 5, heading),
        ("a", 6, (2, 46990002, "รวมน้ำใจวิทยา", "กุฉินารายณ์")),
        ("a", 7, (None, None, "รวม", None)),
        ("a", 8, (None, "รวมทั้งสิ้น", 2, None)),
        ("a", 9, (None, None, "ลงชื่อ ........ ผู้รายงาน", None)),
        ("a", 10, (None, None, None, "กาฬสินธุ์")),
        ("a", 11, (None, None, "-", None)),
        ("b", 1, ("ไม่มีหัวตาราง", "46990003", None, None)),
    ]
    rows = list(school_rows(cells))
    assert [number for number, _ in rows] == [4, 6]
    assert rows[1][1] == {CODE: 46990002, NAME: "รวมน้ำใจวิทยา", AMPHOE: "กุฉินารายณ์"}


def test_a_sheet_without_heading_is_refused():
    with pytest.raises(NoHeading) as refusal:
        list(school_rows([("a", 1, ("46990001", "โรงเรียนหนึ่ง"))]))
    assert CODE in refusal.value.message_th
