"""The dry run against the database: who a row is, where it belongs, what it changes, who is gone."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.codes import Category, FactKind
from cases.identity import make_synthetic_id
from cases.intake.importing import Request, check, commit
from cases.intake.refusal import SheetRefused
from cases.models import Case, Child, Fact, Identifier
from cases.tests.sheetmaker import OTHER_DISTRICT, OWN, SISTER, SOUTH, child, xlsx
from schools.models import District

pytestmark = pytest.mark.django_db
FEB, MAR = date(2022, 2, 28), date(2022, 3, 31)


@pytest.fixture
def request_of(tmp_path):
    made = iter(range(1_000))

    def request_of(person, rows, **terms):
        path = xlsx(tmp_path / f"list{next(made)}.xlsx", rows)
        return Request(person, path, path.name, **{"list_date": FEB} | terms)

    return request_of


def counts(report):
    return {name: count for name, count in report.counts.items() if count and name != "rows"}


def codes(report):
    return [(one.row, one.code) for one in report.refusals]


# ── where a row belongs ───────────────────────────────────────────────────────────────────────────────────────────
def placed(case):
    return (case.school and case.school.code, case.district.code, case.province_id, case.department.code)


def nowhere(n=1, **said):
    return child(n, รหัสสถานศึกษา=None) | said


def test_known_school_is_assigned_there_whoever_imports(cast, request_of):
    commit(request_of(cast.ministry, [child(1)]))
    assert placed(Case.objects.get()) == (OWN, "P4603", 46, "obec")


def test_row_without_school_is_new_at_the_importing_district_in_the_childs_province(cast, request_of):
    commit(request_of(cast.district, [nowhere(1), nowhere(2, จังหวัด="ขอนแก่น")]))
    assert [placed(case) for case in Case.objects.order_by("pk")] == [
        (None, "P4603", 46, "obec"),
        (None, "P4603", 40, "obec"),
    ]


def test_row_without_school_of_a_director_is_at_her_school(cast, request_of):
    commit(request_of(cast.director, [nowhere(1)]))
    assert placed(Case.objects.get()) == (OWN, "P4603", 46, "obec")


def test_only_primary_office_of_a_province_takes_rows_without_school(cast, request_of):
    commit(request_of(cast.ministry, [nowhere(1, จังหวัด="กระบี่")]))
    assert placed(Case.objects.get()) == (None, "P8101", 81, "obec")


def test_several_primary_offices_leave_the_row_in_the_tray(cast, request_of):
    commit(request_of(cast.ministry, [nowhere(1, จังหวัด="กาฬสินธุ์")]))
    assert placed(Case.objects.get()) == (None, "46-obec", 46, "obec")


def test_trays_department_is_the_rows_affiliation_else_the_list_owners(cast, request_of):
    commit(request_of(cast.ministry, [nowhere(1, จังหวัด="กาฬสินธุ์", สังกัด="อปท.")]))
    commit(request_of(cast.south_department, [nowhere(2, จังหวัด="กาฬสินธุ์")]))
    assert [placed(case) for case in Case.objects.order_by("pk")] == [
        (None, "46-lao", 46, "lao"),
        (None, "46-ovec", 46, "ovec"),
    ]


def test_dry_run_makes_no_tray(cast, request_of):
    District.objects.filter(code="46-lao").delete()
    report = check(request_of(cast.ministry, [nowhere(1, จังหวัด="กาฬสินธุ์", สังกัด="อปท.")]))
    assert counts(report) == {"new": 1}
    assert not District.objects.filter(code="46-lao").exists()


def test_row_without_any_province_is_refused_for_a_ministry(cast, request_of):
    assert codes(check(request_of(cast.ministry, [nowhere(1)]))) == [(2, "placement")]


@pytest.mark.parametrize(
    ("who", "school"),
    [
        ("district", OTHER_DISTRICT),
        ("district", SOUTH),
        ("director", SISTER),
        ("province", SOUTH),
        ("south_department", OWN),
        ("south_ministry", OWN),
    ],
)
def test_school_outside_the_importers_scope_is_refused(cast, request_of, who, school):
    assert codes(check(request_of(getattr(cast, who), [child(1, รหัสสถานศึกษา=school)]))) == [(2, "X59")]


# ── who a row is ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_people_with_one_identifier_are_both_refused(cast, request_of):
    one = child(1)
    two = child(2, เลขประจำตัวประชาชน=one["เลขประจำตัวประชาชน"])
    report = check(request_of(cast.district, [one, child(3), two]))
    assert codes(report) == [(2, "id_twice"), (4, "id_twice")]
    assert counts(report) == {"new": 1, "refused": 2}
    assert "2, 4" in report.refusals[0].message_th


def test_same_child_twice_is_refused_the_second_time(cast, request_of):
    report = check(request_of(cast.district, [child(1), child(2), child(1), child(1)]))
    assert codes(report) == [(4, "duplicate"), (5, "duplicate")]
    assert "2" in report.refusals[0].message_th


def test_same_child_twice_without_identifier_is_refused_the_second_time(cast, request_of):
    blank = child(1, เลขประจำตัวประชาชน=None)
    assert codes(check(request_of(cast.district, [blank, blank]))) == [(3, "duplicate")]


def test_child_of_another_scope_is_held_and_nothing_of_it_is_told(cast, request_of):
    commit(request_of(cast.south_district, [child(1, รหัสสถานศึกษา=SOUTH, ชื่อ="ชื่อลับ", นามสกุล="มากมาก")]))
    report = check(request_of(cast.district, [child(1)]))
    assert codes(report) == [(2, "X39")]
    assert "ลับ" not in str(report.as_json())
    assert "กระบี่" not in str(report.as_json())
    # a stranger's identifier within one's own scope gets the very same words
    commit(request_of(cast.district, [child(2)]))
    other = child(3, เลขประจำตัวประชาชน=make_synthetic_id(2), วันเกิด="1/1/2551")
    inside = check(request_of(cast.district, [other], name="อีกบัญชี"))
    assert codes(inside) == [(2, "X39")]
    assert inside.refusals[0].message_th.split("เลขอ้างอิง")[0] == report.refusals[0].message_th.split("เลขอ้างอิง")[0]


def test_entry_without_identifier_gains_one_by_name_and_birth_date(cast, request_of):
    commit(request_of(cast.district, [child(1, เลขประจำตัวประชาชน=None)]))
    report = commit(request_of(cast.district, [child(1)], list_date=MAR))
    assert counts(report) == {"changed": 1}
    assert Identifier.objects.get().child == Child.objects.get()
    assert counts(check(request_of(cast.district, [child(1)], list_date=MAR))) == {"unchanged": 1}


def test_birth_date_told_later_or_no_more_is_the_same_child(cast, request_of):
    blank = child(1, เลขประจำตัวประชาชน=None, วันเกิด=None)
    dated = child(1, เลขประจำตัวประชาชน=None)
    commit(request_of(cast.district, [blank]))
    assert counts(commit(request_of(cast.district, [dated]))) == {"changed": 1}
    assert Child.objects.get().birth_date is not None
    assert counts(check(request_of(cast.district, [blank]))) == {"unchanged": 1}
    elsewhere = blank | {"รหัสสถานศึกษา": SISTER}
    assert counts(check(request_of(cast.district, [elsewhere]))) == {"new": 1, "gone": 1}


def test_row_that_loses_its_identifier_is_still_the_same_child(cast, request_of):
    commit(request_of(cast.district, [child(1)]))
    assert counts(check(request_of(cast.district, [child(1, เลขประจำตัวประชาชน=None)]))) == {"unchanged": 1}


def test_child_with_another_identifier_and_the_same_name_is_another_child(cast, request_of):
    commit(request_of(cast.district, [child(1)]))
    twin = child(1, เลขประจำตัวประชาชน=make_synthetic_id(77))
    assert counts(check(request_of(cast.district, [child(1), twin]))) == {"new": 1, "unchanged": 1}


# ── a re-issue ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_reissue_tells_new_changed_unchanged_and_gone(cast, request_of):
    commit(request_of(cast.district, [child(1), child(2), child(3)]))
    report = check(request_of(cast.district, [child(2, ชั้นล่าสุด="ม.1"), child(3), child(4)], list_date=MAR))
    assert counts(report) == {"new": 1, "changed": 1, "unchanged": 1, "gone": 1}
    assert report.changes[0]["cells"] == [["ชั้นล่าสุด", "grade", None, "ม.1"]]


def test_blank_cell_in_a_reissue_erases_nothing(cast, request_of):
    commit(request_of(cast.district, [child(1, ชั้นล่าสุด="ป.6", ตำบล="บัวขาว", อำเภอ="กุฉินารายณ์", จังหวัด="กาฬสินธุ์")]))
    report = commit(request_of(cast.district, [child(1, วันเกิด=None)], list_date=MAR))
    assert counts(report) == {"unchanged": 1}
    kept = Child.objects.get()
    assert (kept.last_grade, kept.province_id, kept.birth_date is None) == ("ป.6", 46, False)


def test_child_who_moved_out_of_the_owners_scope_is_not_gone(cast, request_of):
    commit(request_of(cast.district, [child(1), child(2)]))
    from cases.lifecycle import add_facts

    moved = Case.objects.order_by("pk")[0]
    south = cast.south_school
    place = {"school": south, "district": south.district, "province_id": 81, "department": south.district.department}
    add_facts(moved, [Fact(kind=FactKind.ASSIGNED, at=None, unit="nation", **place)])
    assert counts(check(request_of(cast.district, [child(2)], list_date=MAR))) == {"unchanged": 1}
    assert counts(check(request_of(cast.district, [child(1)], list_date=MAR))) == {"refused": 1, "gone": 1}


def test_refused_row_is_not_gone(cast, request_of):
    commit(request_of(cast.district, [child(1), child(2)]))
    report = check(request_of(cast.district, [child(1), child(2, สังกัด="กระทรวงเวทมนตร์")]))
    assert counts(report) == {"unchanged": 1, "refused": 1}


def test_older_issue_of_a_list_is_refused(cast, request_of):
    commit(request_of(cast.district, [child(1)], list_date=MAR))
    with pytest.raises(SheetRefused) as refused:
        check(request_of(cast.district, [child(1)], list_date=FEB))
    assert refused.value.code == "list_date"


def test_list_of_another_name_joins_the_known_child_and_moves_nothing(cast, request_of):
    commit(request_of(cast.district, [child(1)]))
    before = Case.objects.values().get()
    report = commit(request_of(cast.province, [child(1, รหัสสถานศึกษา=SISTER, ชั้นล่าสุด="ม.1")], list_date=date(2021, 1, 1)))
    assert counts(report) == {"changed": 1}
    after = Case.objects.values().get()
    assert (after["school_id"], after["opened_at"], after["category"]) == (
        before["school_id"],
        before["opened_at"],
        before["category"],
    )
    assert Child.objects.get().last_grade == "ม.1"
    assert Child.objects.get().entries.count() == 2


def test_rows_category_beats_the_option_and_neither_is_dropout_with_one_warning(cast, request_of):
    rows = [child(1, ประเภท="ตกหล่น"), child(2, ประเภท=None), child(3, ประเภท=None)]
    report = check(request_of(cast.district, rows))
    assert [one.message_th for one in report.warnings if one.code == "category_default"] == [
        "ไม่ได้ระบุประเภท 2 แถว ถือเป็น ออกกลางคัน"
    ]
    commit(request_of(cast.district, rows, category=Category.NOT_LISTED))
    assert list(Case.objects.order_by("pk").values_list("category", flat=True)) == [
        Category.MISSED,
        Category.NOT_LISTED,
        Category.NOT_LISTED,
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 7)))
def test_same_rows_in_any_order_change_nothing(cast, request_of, order):
    rows = [child(n, เลขประจำตัวประชาชน=None) if n % 3 == 0 else child(n) for n in range(1, 7)]
    commit(request_of(cast.district, rows))
    facts = Fact.objects.count()
    report = commit(request_of(cast.district, [rows[n - 1] for n in order]))
    assert counts(report) == {"unchanged": 6}
    assert Fact.objects.count() == facts


def test_who_may_not_see_names_is_not_told_what_the_register_said_before(cast, make_case, tmp_path):
    from cases.intake.importing import Request, check

    number = make_synthetic_id(88_001)
    make_case(cast.own_school, name="ชื่อเดิม นามสกุลลับ", national_id=number)
    path = tmp_path / "list.csv"
    path.write_text(
        f"เลขประจำตัวประชาชน,ชื่อ,นามสกุล,รหัสสถานศึกษา\n{number},ชื่อเดิม,นามสกุลใหม่,{cast.own_school.code}\n", "utf-8"
    )
    told = {who: check(Request(getattr(cast, who), path, "list.csv")).changes for who in ("ministry", "district")}
    assert "นามสกุลลับ" in str(told["district"])
    assert told["ministry"]
    assert "นามสกุลลับ" not in str(told["ministry"])
