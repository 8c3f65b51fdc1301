"""One row at a time: what is read right although it is written oddly, and what is refused with column and remedy."""

from datetime import date

import pytest

from cases.codes import Category, Outcome, Wish
from cases.identity import make_synthetic_id
from cases.intake.columns import find_layout
from cases.intake.headings import CANONICAL
from cases.intake.row import Terms
from cases.intake.rows import RowReader
from schools.districts import Departments
from schools.places import Places
from schools.school_index import SchoolIndex

pytestmark = pytest.mark.django_db
TODAY = date(2022, 3, 1)
ID = make_synthetic_id(1)


@pytest.fixture
def terms(schools):
    return Terms(date(2022, 2, 28), TODAY, Places.load(), SchoolIndex.load(), Departments.load())


@pytest.fixture
def read(terms):
    def read(**cells):
        cells = {"identifier": ID, "first_name": "สมชาย", "last_name": "ใจดี", "birth_date": "15/05/2555"} | cells
        cells = {name: value for name, value in cells.items() if value is not ...}
        heading = [CANONICAL[name] for name in cells]
        layout = find_layout("รายชื่อ", [(1, heading)])
        return RowReader(layout, terms).read(2, list(cells.values()))

    return read


def refusals(understood):
    return [(one.column, one.code) for one in understood.refusals]


def warnings(understood):
    return [(one.column, one.code) for one in understood.warnings]


# ── read right ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "written",
    [
        ID,
        int(ID),
        float(ID),
        f"'{ID}",
        f"{ID[0]}-{ID[1:5]}-{ID[5:10]}-{ID[10:12]}-{ID[12]}",
        ID.translate({ord("0") + n: chr(0x0E50 + n) for n in range(10)}),
        ID.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}),
        f" {ID[:5]}\u200b{ID[5:]}\u00a0",
    ],
)
def test_identifier_is_read_however_it_is_written(read, written):
    understood = read(identifier=written)
    assert refusals(understood) == []
    assert understood.row.id_value == ID


@pytest.mark.parametrize(
    "written",
    ["15/5/2555", "๑๕ พ.ค. ๒๕๕๕", "15 พฤษภาคม 2555", "15-05-2555", "2012-05-15", 41044, "15 พ.ค. 55", "15.05.2555"],
)
def test_birth_date_is_read_in_the_spellings_of_officials(read, written):
    understood = read(birth_date=written)
    assert refusals(understood) == []
    assert understood.row.birth_date == date(2012, 5, 15)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"full_name": "ด.ช.สมชาย ใจดี", "first_name": ..., "last_name": ...}, ("ด.ช.", "สมชาย", "ใจดี", "M")),
        ({"full_name": "เด็กหญิงสมหญิง ณ อยุธยา", "first_name": ..., "last_name": ...}, ("ด.ญ.", "สมหญิง", "ณ อยุธยา", "F")),
        ({"first_name": "น.ส.สมศรี"}, ("น.ส.", "สมศรี", "ใจดี", "F")),
        ({"title": "นาย"}, ("นาย", "สมชาย", "ใจดี", "M")),
        ({"title": "เด็กหญิง"}, ("ด.ญ.", "สมชาย", "ใจดี", "F")),  # one list, one writing, glued to the name or not
        ({"title": "ว่าที่ ร.ต."}, ("ว่าที่ ร.ต.", "สมชาย", "ใจดี", "")),
        ({"sex": "หญิง", "title": ""}, ("", "สมชาย", "ใจดี", "F")),
        ({"last_name": "-"}, ("", "สมชาย", "", "")),
    ],
)
def test_name_and_title_are_taken_apart(read, cells, wanted):
    row = read(**cells).row
    assert (row.title, row.first_name, row.last_name, row.sex) == wanted


def test_html_in_a_name_is_text(read):
    assert read(first_name="<img src=x onerror=alert(1)>").row.first_name == "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("written", ["-", "ไม่มี", "0000000000000", "9999999999999", None])
def test_no_identifier_is_a_warning(read, written):
    understood = read(identifier=written)
    assert refusals(understood) == []
    assert ("เลขประจำตัวประชาชน", "X35") in warnings(understood)
    assert understood.row.id_value == ""


def test_year_of_birth_alone_is_enough(read):
    row = read(birth_date="2555").row
    assert (row.birth_date, row.birth_year_only) == (date(2012, 1, 1), True)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("เข้าเรียนในสถานศึกษาสังกัดอื่น", Outcome.ENROLLED_OTHER_AFFILIATION),
        ("เรียนในสังกัดเดิม", Outcome.ENROLLED_SAME_AFFILIATION),
        ("ได้รับผลกระทบจาก COVID-19 ", Outcome.COVID19_AFFECTED),
        ("Moved residence", Outcome.RELOCATED),
        ("low_income_guardian", Outcome.LOW_INCOME_GUARDIAN),
        ("ผู้ปกครองมีรายได้น้อย  ไม่พอเพียง", Outcome.LOW_INCOME_GUARDIAN),
        ("ไม่ระบุ", Outcome.UNSPECIFIED),
    ],
)
def test_cause_is_known_by_any_of_its_labels_and_means_found(read, words, outcome):
    row = read(cause=words).row
    assert (row.outcome, row.result) == (outcome, "found")


def test_unknown_cause_is_kept_counted_unspecified_and_a_label_proposed(read):
    understood = read(cause="ยากจน")
    assert refusals(understood) == []
    assert (understood.row.outcome, understood.row.words) == (Outcome.UNSPECIFIED, "ยากจน")
    (warning,) = [one for one in understood.warnings if one.code == "X60"]
    assert "“ผู้ปกครองมีรายได้น้อย ไม่พอเพียง” หรือไม่" in warning.message_th


def test_follow_up_columns_are_understood(read):
    row = read(visit_date="1 ก.พ. 2565", result="พบตัว", wish="ไม่ประสงค์", returned="กลับเข้าเรียนแล้ว").row
    assert (row.visit_date, row.result, row.wish, row.returned) == (
        date(2022, 2, 1),
        "found",
        Wish.DOES_NOT_WANT,
        True,
    )


def test_category_words(read):
    assert read(category="เด็กตกหล่น").row.category == Category.MISSED
    assert read(category="not_listed").row.category == Category.NOT_LISTED
    assert read().row.category == 0


def test_school_by_code_and_by_name_with_amphoe(read, schools):
    assert read(school_code=46990001.0).row.school_id == schools["own"].pk
    by_name = read(school_name="ร.ร.บ้านทุ่งสมมุติ", amphoe="กุฉินารายณ์", province="กาฬสินธุ์")
    assert by_name.row.school_id == schools["own"].pk


def test_unknown_school_name_is_a_warning_and_kept(read):
    understood = read(school_name="โรงเรียนไม่มีในโลกสมมุติ", amphoe="กุฉินารายณ์", province="กาฬสินธุ์")
    assert refusals(understood) == []
    assert understood.row.school_words == "โรงเรียนไม่มีในโลกสมมุติ"
    assert ("ชื่อสถานศึกษา", "school_unknown") in warnings(understood)


def test_place_that_is_not_known_is_left_out_with_a_warning_and_the_rest_stays(read):
    understood = read(province="กาฬสินธุ์", amphoe="เมือง", tambon="ตำบลที่ไม่มี")
    assert (understood.row.province_id, understood.row.amphoe_id, understood.row.tambon_id) == (46, 4601, None)
    assert ("ตำบล", "place") in warnings(understood)


# ── refused, each with its column ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"identifier": ID[:12] + str((int(ID[12]) + 1) % 10)}, "เลขประจำตัวประชาชน", "X34"),
        ({"identifier": 199990000101}, "เลขประจำตัวประชาชน", "X31"),
        ({"identifier": "1.99E+12"}, "เลขประจำตัวประชาชน", "identifier_shortened"),
        ({"first_name": None}, "ชื่อ", "name_missing"),
        ({"first_name": "à¸Šà¸·à¹ˆà¸­"}, "ชื่อ", "X50"),
        ({"last_name": "ส\ufffdใจ"}, "นามสกุล", "X50"),
        ({"first_name": "ก" * 121}, "ชื่อ", "too_long"),
        ({"birth_date": "31/02/2555"}, "วันเกิด", "X43"),
        ({"birth_date": "05/15/2012"}, "วันเกิด", "X43"),
        ({"birth_date": "29/02/2556"}, "วันเกิด", "X44"),
        ({"birth_date": "15/05/55"}, "วันเกิด", "X42"),
        ({"birth_date": 60}, "วันเกิด", "X46"),
        ({"birth_date": "15/05/2520"}, "วันเกิด", "X47"),
        ({"birth_date": "15/05/2563"}, "วันเกิด", "X47"),
        ({"birth_date": "15/05/2570"}, "วันเกิด", "X47"),
        ({"school_code": "46999999"}, "รหัสสถานศึกษา", "X58"),
        ({"school_code": "4699001"}, "รหัสสถานศึกษา", "X58"),
        ({"school_name": "บ้านทุ่งสมมุติ"}, "ชื่อสถานศึกษา", "school_ambiguous"),
        ({"category": "นักเรียนดีเด่น"}, "ประเภท", "category"),
        ({"affiliation": "กระทรวงเวทมนตร์"}, "สังกัด", "affiliation"),
        ({"result": "เจอแล้วมั้ง"}, "ผลการติดตาม", "result"),
        ({"wish": "แล้วแต่"}, "ความประสงค์", "wish"),
        ({"returned": "อาจจะ"}, "กลับเข้าเรียน", "returned"),
        ({"result": "ไม่พบตัว", "returned": "กลับเข้าเรียนแล้ว"}, "กลับเข้าเรียน", "not_found_but_returned"),
        ({"result": "พบตัว", "visit_date": "2/3/2565"}, "วันที่ติดตาม", "V01"),
        ({"result": "พบตัว", "visit_date": "1/1/2550"}, "วันที่ติดตาม", "V02"),
    ],
)
def test_row_is_refused_with_its_column(read, cells, column, code):
    understood = read(**cells)
    assert refusals(understood) == [(column, code)]
    (refusal,) = understood.refusals
    assert refusal.row == 2
    assert refusal.message_th
    assert refusal.message_en


def test_every_fault_of_a_row_is_told_at_once(read):
    understood = read(identifier="12345", birth_date="31/02/2555", category="x")
    assert refusals(understood) == [
        ("เลขประจำตัวประชาชน", "identifier_length"),
        ("วันเกิด", "X43"),
        ("ประเภท", "category"),
    ]


def test_closed_school_is_refused(read, schools, terms):
    schools["own"].closed_on = date(2021, 5, 15)
    schools["own"].save()
    terms.schools = SchoolIndex.load()
    assert refusals(read(school_code="46990001")) == [("รหัสสถานศึกษา", "X58")]


def test_confirmed_ages_are_taken(read, terms):
    terms.confirm_ages = True
    assert refusals(read(birth_date="15/05/2520")) == []


def test_name_of_a_school_without_its_amphoe_is_refused_with_the_candidates(read):
    (refusal,) = read(school_name="บ้านทุ่งสมมุติ", province="กาฬสินธุ์", amphoe="เมือง").refusals
    assert "46990001 โรงเรียนบ้านทุ่งสมมุติ" in refusal.message_th


def test_refusal_shows_no_identifier(read):
    wrong = ID[:12] + str((int(ID[12]) + 1) % 10)
    (refusal,) = read(identifier=wrong).refusals
    assert wrong not in str(refusal)
    assert wrong[5:10] not in refusal.value
    assert ID not in repr(read().row)
