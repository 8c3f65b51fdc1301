"""Landing: facts and spans that lifecycle would have made, corrections, lineage, and all or nothing."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from cases.codes import FactKind, Finding, Outcome, Reached, Rung, Stage, Wish
from cases.identity import make_synthetic_id, unseal
from cases.intake import amending, opening
from cases.intake.commit import NotLanded
from cases.intake.importing import Request, commit
from cases.lifecycle import Piece, history, state_of
from cases.models import (
    FOREVER,
    Case,
    Child,
    ChildList,
    EntryChange,
    Fact,
    Identifier,
    ListEntry,
    ListVersion,
    Span,
)
from cases.tests.sheetmaker import SISTER, child, xlsx
from schools import clock
from schools.jobs import JobRefused
from schools.models import AuditEvent
from schools.thaitime import bangkok_midnight

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = date(2022, 1, 31), date(2022, 2, 28), date(2022, 3, 31)


@pytest.fixture
def land(cast, tmp_path):
    made = iter(range(100))

    def land(rows, *, list_date=FEB, who=None, name="", **options):
        path = xlsx(tmp_path / f"list{next(made)}.xlsx", rows)
        return commit(Request(who or cast.district, path, path.name, name, list_date), **options)

    return land


def followed(n=1, **said):
    return child(n) | said


def believed(case):
    return [Piece(s.since, s.until, state_of(s)) for s in case.spans.filter(known_until=FOREVER).order_by("since")]


def assert_spans_are_history():
    """Every case's believed spans are what lifecycle makes of its facts, and its own columns are the last of them."""
    for case in Case.objects.all():
        pieces = history(case.facts.order_by("pk"))
        assert believed(case) == pieces
        assert state_of(case) == pieces[-1].state


def test_values_of_a_row_land_where_they_belong(land, cast):
    land(
        [
            child(
                1,
                ชั้นล่าสุด="ป.6",
                ตำบล="บัวขาว",
                อำเภอ="กุฉินารายณ์",
                จังหวัด="กาฬสินธุ์",
                ผู้ปกครอง="นางแม่ ใจดี\tทดสอบ\\n",
                โทรศัพท์="081-000-0000",
                บ้านเลขที่="12/3",
                หมู่ที่="4",
            )
        ]
    )
    stored = Child.objects.get()
    assert (stored.title, stored.sex, stored.last_grade, stored.house_no, stored.moo) == (
        "ด.ช.",
        "M",
        "ป.6",
        "12/3",
        "4",
    )
    assert (stored.tambon_id // 10_000, stored.amphoe_id, stored.province_id) == (46, 4605, 46)
    assert stored.guardian_name == "นางแม่ ใจดี ทดสอบ\\n"
    identifier = Identifier.objects.get()
    assert unseal(identifier.sealed) == make_synthetic_id(1)
    assert identifier.masked.count("X") == 9
    entry = ListEntry.objects.get()
    assert make_synthetic_id(1) not in str(entry.data)
    assert entry.data["first_name"] == stored.first_name
    fact = Fact.objects.get()
    assert (fact.kind, fact.at, fact.by, fact.unit) == (
        FactKind.LISTED,
        bangkok_midnight(FEB),
        cast.district,
        "district:P4603",
    )
    assert (fact.before, fact.after) == (None, Stage.ASSIGNED)
    assert fact.list_version == ListVersion.objects.get()


@pytest.mark.parametrize(
    ("said", "stage", "rung", "outcome", "wish", "reached"),
    [
        ({}, Stage.ASSIGNED, Rung.TO_START, 0, 0, 0),
        ({"ผลการติดตาม": "พบตัว"}, Stage.FOUND, Rung.FOUND, 0, 0, 0),
        ({"สถานะ/สาเหตุ": "ความพิการ"}, Stage.FOUND, Rung.FOUND, Outcome.DISABILITY, 0, 0),
        ({"ผลการติดตาม": "อยู่ระหว่างติดตาม"}, Stage.TRACKING, Rung.TRACKING, 0, 0, 0),
        ({"ผลการติดตาม": "ไม่พบตัว"}, Stage.NOT_FOUND, Rung.NOT_FOUND, 0, 0, 0),
        (
            {"ผลการติดตาม": "พบตัว", "สถานะ/สาเหตุ": "ย้ายถิ่นที่อยู่", "ความประสงค์": "ไม่ประสงค์กลับเข้าเรียน"},
            Stage.FOUND,
            Rung.FOUND,
            Outcome.RELOCATED,
            Wish.DOES_NOT_WANT,
            0,
        ),
        (
            {"สถานะ/สาเหตุ": "สุขภาพอนามัย", "กลับเข้าเรียน": "กลับเข้าเรียนแล้ว"},
            Stage.RETURNED_CLAIMED,
            Rung.FOUND,
            Outcome.HEALTH,
            Wish.WANTS,
            Reached.CLAIMED,
        ),
        ({"กลับเข้าเรียน": "กลับเข้าเรียนแล้ว"}, Stage.RETURNED_CLAIMED, Rung.FOUND, 0, Wish.WANTS, Reached.CLAIMED),
    ],
)
def test_work_brought_over_becomes_facts(land, said, stage, rung, outcome, wish, reached):
    land([followed(1, **said)])
    case = Case.objects.get()
    assert (case.stage, case.rung, case.outcome, case.wish, case.reached) == (stage, rung, outcome, wish, reached)
    assert_spans_are_history()


def test_not_found_brought_over_counts_as_approved_in_the_old_system_and_says_so(land):
    land([followed(1, ผลการติดตาม="ไม่พบตัว", วันที่ติดตาม="10/02/2565")])
    fact = Fact.objects.get(kind=FactKind.NOT_FOUND_APPROVED)
    assert fact.approved_in_old_system
    assert fact.at == bangkok_midnight(date(2022, 2, 10))


def test_case_stands_from_the_earlier_of_list_date_and_first_dated_fact(land):
    land([followed(1, ผลการติดตาม="พบตัว", วันที่ติดตาม="10/01/2565"), followed(2, ผลการติดตาม="พบตัว")])
    first, second = Case.objects.order_by("pk")
    assert first.opened_at == bangkok_midnight(date(2022, 1, 10))
    assert second.opened_at == bangkok_midnight(FEB)
    assert_spans_are_history()


def test_list_of_today_stands_from_the_moment_of_receipt(land):
    with clock.simulated(datetime(2022, 2, 28, 6, 30, tzinfo=UTC)):
        land([followed(1, ผลการติดตาม="พบตัว")], list_date=None)
    assert {fact.at for fact in Fact.objects.all()} == {datetime(2022, 2, 28, 6, 30, tzinfo=UTC)}
    assert_spans_are_history()


def test_sources_own_words_are_kept_beside_the_mapped_cause(land):
    land([followed(1, **{"สถานะ/สาเหตุ": "ยากจน"}), followed(2, **{"สถานะ/สาเหตุ": "เรียนในสังกัดเดิม"})])
    facts = Fact.objects.filter(kind=FactKind.VISITED).order_by("pk")
    assert [(fact.outcome, fact.source_words, fact.finding) for fact in facts] == [
        (Outcome.UNSPECIFIED, "ยากจน", Finding.FOUND),
        (Outcome.ENROLLED_SAME_AFFILIATION, "เรียนในสังกัดเดิม", Finding.FOUND),
    ]


def test_same_fact_date_corrects_and_a_later_one_adds(land):
    land([followed(1, ผลการติดตาม="พบตัว", วันที่ติดตาม="10/02/2565", **{"สถานะ/สาเหตุ": "ความพิการ"})])
    land([followed(1, วันที่ติดตาม="10/02/2565", **{"สถานะ/สาเหตุ": "สุขภาพอนามัย"})], list_date=MAR)
    wrong, right = Fact.objects.filter(kind=FactKind.VISITED).order_by("pk")
    assert (right.corrects, right.at, right.outcome, right.finding) == (wrong, wrong.at, Outcome.HEALTH, Finding.FOUND)
    land([followed(1, วันที่ติดตาม="20/03/2565", ผลการติดตาม="พบตัว", **{"สถานะ/สาเหตุ": "ย้ายถิ่นที่อยู่"})], list_date=MAR)
    latest = Fact.objects.filter(kind=FactKind.VISITED).order_by("pk").last()
    assert (latest.corrects, latest.at) == (None, bangkok_midnight(date(2022, 3, 20)))
    case = Case.objects.get()
    assert (case.visits_count, case.outcome) == (2, Outcome.RELOCATED)
    assert_spans_are_history()


def test_return_told_later_adds_the_claim_alone(land):
    land([followed(1, ผลการติดตาม="พบตัว")])
    land([followed(1, ผลการติดตาม="พบตัว", กลับเข้าเรียน="กลับเข้าเรียนแล้ว")], list_date=MAR)
    assert [fact.kind for fact in Fact.objects.order_by("pk")] == [FactKind.LISTED, FactKind.VISITED, FactKind.ENROLLED]
    case = Case.objects.get()
    assert (case.stage, case.version) == (Stage.RETURNED_CLAIMED, 2)
    assert_spans_are_history()


def test_changed_category_and_school_are_facts_of_the_lists_date(land, cast):
    land([followed(1)])
    land([followed(1, ประเภท="ตกหล่น", รหัสสถานศึกษา=SISTER)], list_date=MAR)
    kinds = {fact.kind: fact for fact in Fact.objects.all()}
    assert kinds[FactKind.CATEGORY_SET].at == kinds[FactKind.ASSIGNED].at == bangkok_midnight(MAR)
    assert Case.objects.get().school == cast.sister_school
    assert_spans_are_history()


def test_changed_child_is_updated_and_its_lineage_kept(land):
    land([followed(1, ชั้นล่าสุด="ป.6")])
    land([followed(1, ชั้นล่าสุด="ม.1", นามสกุล="ใหม่มาก")], list_date=MAR)
    stored = Child.objects.get()
    assert (stored.last_grade, stored.last_name) == ("ม.1", "ใหม่มาก")
    assert stored.name_key.endswith("|ใหมมาก")
    change = EntryChange.objects.get()
    assert (change.kind, change.before["ชั้นล่าสุด"], change.after["ชั้นล่าสุด"]) == ("changed", "ป.6", "ม.1")
    fact = Fact.objects.get(kind=FactKind.CHILD_CHANGED)
    assert fact.details["ชั้นล่าสุด"] == ["ป.6", "ม.1"]
    assert Case.objects.get().version == 2


def test_gone_child_is_flagged_and_stays_in_the_target(land):
    land([followed(1), followed(2)])
    report = land([followed(2)], list_date=MAR)
    assert report.counts["gone"] == 1
    entry = ListEntry.objects.get(left__isnull=False)
    assert entry.left == 2
    assert Fact.objects.get(kind=FactKind.LEFT_LIST).case == entry.case
    assert EntryChange.objects.get().kind == "gone"
    assert entry.case.stage == Stage.ASSIGNED
    land([followed(1), followed(2)], list_date=MAR)
    assert ListEntry.objects.filter(child=entry.child, left__isnull=True).get().joined == 3
    assert EntryChange.objects.latest("pk").kind == "returned"
    assert_spans_are_history()


def test_unchanged_reissue_of_another_date_writes_a_version_alone(land):
    land([followed(1)])
    facts, spans = Fact.objects.count(), Span.objects.count()
    land([followed(1)], list_date=MAR)
    assert list(ListVersion.objects.values_list("number", "as_of")) == [(1, FEB), (2, MAR)]
    assert (Fact.objects.count(), Span.objects.count()) == (facts, spans)
    assert Case.objects.get().version == 1


def test_late_list_does_not_change_what_was_reported(land):
    land([followed(1, ผลการติดตาม="อยู่ระหว่างติดตาม", วันที่ติดตาม="10/02/2565")])
    reported = clock.now()
    land([followed(1, ผลการติดตาม="พบตัว", วันที่ติดตาม="10/02/2565")], list_date=MAR)
    as_known = Span.objects.standing(reported, reported).get()
    assert as_known.rung == Rung.TRACKING
    assert Case.objects.get().rung == Rung.FOUND


def test_audit_tells_who_imported_what(land, cast):
    land([followed(1)])
    event = AuditEvent.objects.get(action="list_imported")
    assert (event.person, event.unit, event.details["counts"]["new"]) == (cast.district, "district:P4603", 1)


def everything():
    return [model.objects.count() for model in (Child, Identifier, Case, Fact, Span, ListEntry, ListVersion, ChildList)]


@pytest.mark.parametrize("where", ["new", "changed", "gone", "close"])
def test_nothing_stays_of_a_commit_that_breaks_in_the_middle(land, monkeypatch, where):
    land([followed(1), followed(2)])
    before, facts = everything(), list(Fact.objects.values())

    def breaks(*args, **kwargs):
        raise RuntimeError("the power went out")

    place = {
        "new": (opening.Columns, "write"),
        "changed": (amending, "revise_many"),
        "gone": (amending.Amending, "take_off"),
        "close": ("cases.intake.commit.audit.record", None),
    }[where]
    if place[1] is None:
        monkeypatch.setattr(place[0], breaks)
    else:
        monkeypatch.setattr(*place, breaks)
    with pytest.raises(RuntimeError, match="power"):
        land([followed(2, ผลการติดตาม="พบตัว"), followed(3)], list_date=MAR, name="")
    assert everything() == before
    assert list(Fact.objects.values()) == facts


def test_refused_rows_stop_everything_unless_the_good_ones_are_wanted(land):
    rows = [followed(1), followed(2, วันเกิด="31/02/2555")]
    with pytest.raises(NotLanded) as refused:
        land(rows)
    assert refused.value.report.counts["refused"] == 1
    assert everything() == [0] * 8
    assert land(rows, accept_good_rows=True).counts["new"] == 1
    assert Child.objects.count() == 1


def test_commit_that_would_do_something_else_than_the_dry_run_said_is_refused(land):
    with pytest.raises(JobRefused):
        land([followed(1)], expected={"rows": 1, "new": 0, "unchanged": 1})
    assert everything() == [0] * 8
    land([followed(1)], expected={"rows": 1, "new": 1})
    assert Child.objects.count() == 1


def test_commit_that_lost_its_lease_writes_nothing(land):
    def fence(report):
        raise RuntimeError("lease lost")

    with pytest.raises(RuntimeError, match="lease"):
        land([followed(1)], landed=fence)
    assert everything() == [0] * 8


def test_rows_made_in_bulk_and_by_the_orm_never_meet(land):
    land([followed(n) for n in range(1, 6)])
    made = Child.objects.create(first_name="ก", sort_key="ก", search="ก", name_key="ก|", created_at=clock.now())
    assert made.pk > max(Child.objects.exclude(pk=made.pk).values_list("pk", flat=True))
    land([followed(n) for n in range(1, 8)], list_date=MAR)
    assert Child.objects.count() == 8
    if connection.vendor == "postgresql":
        connection.check_constraints()


@pytest.mark.parametrize("known", [False, True], ids=["of a new child", "of a child already followed"])
def test_a_schools_own_list_approves_no_not_found(land, cast, known):
    """Not found is earned and a second unit approves it; a list brought in by the school is no way around it."""
    if known:
        land([followed(1, ผลการติดตาม="อยู่ระหว่างติดตาม")], who=cast.director, list_date=JAN)
    land([followed(1, ผลการติดตาม="ไม่พบตัว", วันที่ติดตาม="10/02/2565")], who=cast.director)
    case = Case.objects.get()
    assert (case.stage, case.rung) == (Stage.TRACKING, Rung.TRACKING)
    assert not Fact.objects.filter(kind=FactKind.NOT_FOUND_APPROVED).exists()
    assert_spans_are_history()
