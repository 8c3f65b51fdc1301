"""ตรวจสอบบัญชี: lines are answered in bulk, become facts, are signed by the unit and given back by the level above."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from cases import checklists as checking
from cases import closing, duplicates, merging
from cases.checking import answer_lines, call_duplicate
from cases.checklists import CheckRefused, give_back, lines_of, progress_below, progress_of, sign
from cases.codes import CheckAnswer, FactKind, Outcome, RequestKind, Rung, Sameness
from cases.models import CheckSignature, ChildList, Duplicate, EntryCheck, Fact, ListEntry, ListVersion, Request
from reports import ladder
from schools import audit, clock
from schools.models import AuditEvent
from schools.thaitime import bangkok_today
from schools.units import parse_unit

OWN = "school:46990001"


@pytest.fixture
def version(cast, make_case):
    """Version 2 of a list: three lines at the own school (one gone), one at the sister's, one in the south."""
    made = ChildList.objects.create(name="บัญชีสมมุติ", owner="district:P4603", created_at=clock.now())
    versions = [
        ListVersion.objects.create(
            list=made,
            number=number,
            as_of=bangkok_today(),
            source_name="a.xlsx",
            sha256="0",
            by=cast.district,
            unit="district:P4603",
            committed_at=clock.now(),
        )
        for number in (1, 2)
    ]
    for row, (school, left) in enumerate(
        [
            (cast.own_school, None),
            (cast.own_school, None),
            (cast.own_school, 2),
            (cast.sister_school, None),
            (cast.south_school, None),
        ],
        start=2,
    ):
        case = make_case(school, name=f"สมมุติ{row} ทดสอบ")
        ListEntry.objects.create(
            list=made, child=case.child, case=case, joined=1, left=left, row=row, match_key=str(row), digest="0"
        )
    return versions[1]


def own_lines(version, person, *, gone=False):
    return [line.pk for line in lines_of(version, person).order_by("pk") if checking.is_gone(version, line) == gone]


def test_a_person_checks_only_the_lines_of_their_scope(cast, version):
    assert len(own_lines(version, cast.teacher)) == 2
    assert len(own_lines(version, cast.teacher, gone=True)) == 1
    assert len(own_lines(version, cast.district)) == 3
    assert own_lines(version, cast.ministry) == own_lines(version, cast.charlie) == []


def test_in_school_already_is_found_and_in_education_in_every_figure_at_once(cast, version):
    chosen = own_lines(version, cast.district)
    done = answer_lines(
        version,
        chosen,
        person=cast.district,
        answer=CheckAnswer.IN_EDUCATION,
        evidence="DMC ภาคเรียนนี้",
        outcome=Outcome.ENROLLED_SAME_AFFILIATION,
    )
    assert (done.done, done.skipped) == (3, [])
    counts = ladder.count(parse_unit("district:P4603"))
    assert (counts["target"], counts["found"], counts["in_education"]) == (4, 3, 3)
    facts = Fact.objects.filter(kind=FactKind.LIST_CHECKED)
    assert {(fact.before, fact.after, fact.list_version_id) for fact in facts} == {(1, 3, version.pk)}
    assert Rung.FOUND in {fact.case.rung for fact in facts}


def test_the_same_answer_again_writes_no_second_line(cast, version):
    chosen = own_lines(version, cast.teacher)
    for _ in range(2):
        answer_lines(version, chosen, person=cast.teacher, answer=CheckAnswer.CORRECT)
    assert EntryCheck.objects.count() == 2


def test_not_ours_asks_the_district_and_leaves_the_child_where_it_is(cast, version):
    (line, _) = own_lines(version, cast.teacher)
    answer_lines(version, [line], person=cast.teacher, answer=CheckAnswer.NOT_OURS, evidence="ย้ายไปนานแล้ว")
    asked = Request.objects.get()
    assert (asked.kind, asked.to_unit, asked.case.school) == (
        RequestKind.TRANSFER,
        "district:P4603",
        cast.own_school,
    )


def test_a_gone_child_is_kept_or_asked_to_be_removed_and_takes_no_other_answer(cast, version):
    (gone,) = own_lines(version, cast.teacher, gone=True)
    refused = answer_lines(version, [gone], person=cast.teacher, answer=CheckAnswer.CORRECT)
    assert refused.done == 0
    assert "ไม่ได้" in refused.skipped[0][1]
    answer_lines(version, [gone], person=cast.teacher, answer=CheckAnswer.REMOVED, evidence="ไม่มีตัวตน")
    assert Request.objects.get().kind == RequestKind.REMOVAL


def test_lines_of_others_are_left_and_counted_as_skipped(cast, version):
    done = answer_lines(version, own_lines(version, cast.district), person=cast.teacher, answer=CheckAnswer.CORRECT)
    assert done.done == 2
    assert len(done.skipped) == 1


@pytest.mark.parametrize("answer", [CheckAnswer.IN_EDUCATION, CheckAnswer.NOT_OURS, CheckAnswer.REMOVED])
def test_an_answer_that_changes_something_needs_evidence(cast, version, answer):
    with pytest.raises(CheckRefused, match="evidence"):
        answer_lines(
            version,
            own_lines(version, cast.teacher),
            person=cast.teacher,
            answer=answer,
            evidence=" ",
            outcome=Outcome.STUDYING_ABROAD,
        )


def test_an_older_version_is_checked_no_more(cast, version):
    older = ListVersion.objects.get(number=1)
    with pytest.raises(CheckRefused, match="newer"):
        answer_lines(older, own_lines(version, cast.teacher), person=cast.teacher, answer=CheckAnswer.CORRECT)


def test_a_checklist_is_signed_only_when_every_line_is_answered_and_then_stands(cast, version):
    unit = parse_unit(OWN)
    with pytest.raises(CheckRefused, match="3 still"):
        sign(version, unit, person=cast.director)
    answer_lines(version, own_lines(version, cast.teacher), person=cast.teacher, answer=CheckAnswer.CORRECT)
    gone = own_lines(version, cast.teacher, gone=True)
    answer_lines(version, gone, person=cast.teacher, answer=CheckAnswer.KEPT, evidence="ยังอยู่จริง")
    with pytest.raises(PermissionDenied):
        sign(version, unit, person=cast.teacher)
    sign(version, unit, person=cast.director)
    assert progress_of(version, unit).state == "signed"
    late = answer_lines(version, gone, person=cast.teacher, answer=CheckAnswer.KEPT, evidence="เปลี่ยนใจ")
    assert late.done == 0


def test_only_the_level_above_gives_a_signed_checklist_back(cast, version):
    unit = parse_unit(OWN)
    with pytest.raises(CheckRefused):
        give_back(version, unit, person=cast.district, note="ตรวจใหม่")
    answer_lines(version, own_lines(version, cast.teacher), person=cast.teacher, answer=CheckAnswer.CORRECT)
    gone = own_lines(version, cast.teacher, gone=True)
    answer_lines(version, gone, person=cast.teacher, answer=CheckAnswer.KEPT, evidence="ยังอยู่จริง")
    sign(version, unit, person=cast.director)
    for nobody in (cast.director, cast.south_district, cast.teacher):
        with pytest.raises(PermissionDenied):
            give_back(version, unit, person=nobody, note="ตรวจใหม่")
    give_back(version, unit, person=cast.district, note="ตรวจใหม่")
    assert progress_of(version, unit).state == "returned"
    trail = AuditEvent.objects.filter(action="list_signed").order_by("pk")
    assert [(act.person, act.details["state"]) for act in trail] == [
        (cast.director, "signed"),
        (cast.district, "returned"),
    ]
    again = answer_lines(version, gone, person=cast.teacher, answer=CheckAnswer.KEPT, evidence="ตรวจแล้วอีกครั้ง")
    assert again.done == 1


def test_progress_of_the_schools_adds_up_to_their_district(cast, version, django_assert_num_queries):
    answer_lines(version, own_lines(version, cast.teacher), person=cast.teacher, answer=CheckAnswer.CORRECT)
    district = parse_unit("district:P4603")
    with django_assert_num_queries(2):
        below = progress_below(version, district)
    whole = progress_of(version, district)
    assert [one.unit for one in below] == ["school:46990002", OWN]
    assert (whole.lines, whole.answered) == (sum(p.lines for p in below), sum(p.answered for p in below)) == (4, 2)


# ── ซ้ำ ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def line_and_other(cast, version, make_case):
    """A line of the own school, and another case there whose child has another name."""
    line = lines_of(version, cast.teacher).order_by("pk").first()
    return line, make_case(cast.own_school, name="ชื่อเล่น สมมุติ")


def call_it_duplicate(version, line, other, person):
    return call_duplicate(version, line, person=person, number=other.number.lower(), evidence="บ้านเดียวกัน ถามยายแล้ว")


def test_a_line_called_duplicate_puts_the_pair_up_for_decision(cast, version, line_and_other, client):
    line, other = line_and_other
    call_it_duplicate(version, line, other, cast.teacher)
    pair = duplicates.waiting(cast.district).get()
    assert (pair.why, {pair.first, pair.second}) == (Sameness.SAID, {line.case, other})
    client.force_login(cast.district)
    page = client.get(reverse("cases:duplicate_detail", args=[pair.pk])).content.decode()
    assert "บ้านเดียวกัน ถามยายแล้ว" in page
    assert cast.teacher.get_full_name() in page
    client.force_login(cast.ministry)
    page = client.get(reverse("cases:duplicate_detail", args=[pair.pk])).content.decode()
    assert "บ้านเดียวกัน" not in page
    assert cast.teacher.get_full_name() not in page


def test_who_was_told_apart_waits_again_when_a_checker_knows_better(cast, version, line_and_other):
    line, other = line_and_other
    call_it_duplicate(version, line, other, cast.teacher)
    pair = duplicates.waiting(cast.district).get()
    duplicates.tell_apart(pair, person=cast.district, reason="คนละคน")
    assert not duplicates.waiting(cast.district).exists()
    assert duplicates.find_duplicates() == 0
    call_it_duplicate(version, line, other, cast.director)
    assert duplicates.waiting(cast.district).get() == pair
    assert AuditEvent.objects.filter(action=audit.TELL_APART).count() == 2, "the former decision stays in the trail"


def test_the_case_a_duplicate_was_merged_into_stands_for_it(cast, version, line_and_other, make_case):
    line, other = line_and_other
    first = make_case(cast.own_school, listed_on=bangkok_today() - timedelta(days=90))
    merging.merge(duplicates.note_pair(first, other, Sameness.NAME_BIRTH), person=cast.district, reason="คนเดียวกัน")
    call_it_duplicate(version, line, other, cast.teacher)
    pair = duplicates.waiting(cast.district).get()
    assert {pair.first, pair.second} == {line.case, first}


def test_what_was_merged_into_the_lines_own_case_is_no_duplicate_any_more(cast, version, line_and_other):
    line, other = line_and_other
    merging.merge(duplicates.note_pair(line.case, other, Sameness.NAME_BIRTH), person=cast.district, reason="คนเดียวกัน")
    with pytest.raises(CheckRefused, match="already"):
        call_it_duplicate(version, line, other, cast.teacher)


@pytest.mark.parametrize("where", ["own", "south"])
def test_no_pair_is_noted_with_what_is_void_or_beyond_ones_scope(cast, version, make_case, where):
    line = lines_of(version, cast.teacher).order_by("pk").first()
    other = make_case(getattr(cast, f"{where}_school"))
    if where == "own":
        asked = closing.request_removal(other, person=cast.teacher, why="wrong_entry", reason="บันทึกผิดคน")
        closing.grant_removal(asked, person=cast.district)
    with pytest.raises(CheckRefused) as refused:
        call_it_duplicate(version, line, other, cast.teacher)
    assert refused.value.field == "number"
    assert not Duplicate.objects.exists()
    assert not EntryCheck.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_answer_slips_in_under_a_signature_given_at_the_same_instant(cast, version):
    """Eight pairs at once: whatever comes first, what stands under a signature is what was signed."""
    pks = [*own_lines(version, cast.teacher), *own_lines(version, cast.teacher, gone=True)]
    answer_lines(version, pks[:2], person=cast.teacher, answer=CheckAnswer.CORRECT)
    answer_lines(version, pks[2:], person=cast.teacher, answer=CheckAnswer.KEPT, evidence="ยังอยู่จริง")
    told, barrier = [], threading.Barrier(16)

    def at_once(call, *args, **said):
        barrier.wait()
        try:
            told.append(call(*args, **said))
        except CheckRefused as refusal:
            told.append(refusal)
        finally:
            connection.close()

    evidence = {"answer": CheckAnswer.IN_EDUCATION, "evidence": "DMC", "outcome": Outcome.STUDYING_ABROAD}
    calls = [(answer_lines, (version, pks[:2]), {"person": cast.teacher} | evidence | {"evidence": "ตรวจกับ DMC"})] * 8
    calls += [(sign, (version, parse_unit(OWN)), {"person": cast.director})] * 8
    threads = [threading.Thread(target=at_once, args=(call, *args), kwargs=said) for call, args, said in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 16
    (signature,) = CheckSignature.objects.all()
    answered = EntryCheck.objects.filter(at__gt=signature.at)
    assert not answered.exists()
