"""A visit is recorded once, whole or not at all, by those who may, and moves the case."""

import io
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from cases import photos
from cases.actions import IllegalAction, allowed_actions
from cases.bulk_routing import route_cases
from cases.codes import Finding, Outcome, Reached, Rung, Stage, VisitMode, Wish
from cases.enrolment import claim_enrolment
from cases.identity import make_synthetic_id
from cases.models import FOREVER, Case, Fact, Photo, Span, Visit
from cases.routing import assign_case, name_teacher
from cases.visits import UuidTaken, VisitContent, VisitRefused, record_visit
from schools.models import AuditEvent
from schools.thaitime import bangkok_today

FOUND = VisitContent(
    finding=Finding.FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS, situation="พบที่บ้านยาย", needs=("transport",)
)
NOT_FOUND = VisitContent(finding=Finding.NONE, mode=VisitMode.PHONE, situation="ไม่มีผู้รับสาย")


def picture(size=(640, 480), fmt="JPEG", **save):
    out = io.BytesIO()
    Image.new("RGB", size, (120, 160, 90)).save(out, fmt, **save)
    out.seek(0)
    return out


def test_a_found_child_moves_to_found_with_one_cut_and_one_insert(cast, make_case):
    case = make_case(cast.own_school)
    visit, new = record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    case.refresh_from_db()
    assert new
    assert (case.stage, case.rung, case.outcome, case.wish) == (
        Stage.FOUND,
        Rung.FOUND,
        Outcome.RELOCATED,
        Wish.WANTS,
    )
    assert case.visits_count == 1
    spans = list(Span.objects.filter(case=case).order_by("since"))
    assert len(spans) == 2
    assert spans[0].until == spans[1].since == visit.fact.at
    assert spans[1].until == FOREVER
    assert (visit.fact.before, visit.fact.after) == (Stage.ASSIGNED, Stage.FOUND)
    assert (visit.fact.by, visit.fact.unit) == (cast.teacher, "school:46990001")


def test_a_visit_done_earlier_supersedes_and_the_old_belief_stays_readable(cast, make_case):
    case = make_case(cast.own_school)
    content = VisitContent(finding=Finding.FOUND, done=bangkok_today() - timedelta(days=3))
    record_visit(case, content, person=cast.teacher, uuid=uuid4())
    assert Span.objects.filter(case=case, known_until__lt=FOREVER).count() == 1
    assert Span.objects.filter(case=case, known_until=FOREVER).count() == 2


def test_the_same_uuid_and_content_is_the_same_visit(cast, make_case):
    case, uuid = make_case(cast.own_school), uuid4()
    first, _ = record_visit(case, FOUND, person=cast.teacher, uuid=uuid)
    again, new = record_visit(case, FOUND, person=cast.teacher, uuid=uuid)
    assert (again, new) == (first, False)
    assert Visit.objects.filter(case=case).count() == 1


def test_the_same_uuid_with_other_content_or_case_is_refused_and_the_first_kept(cast, make_case):
    case, uuid = make_case(cast.own_school), uuid4()
    record_visit(case, FOUND, person=cast.teacher, uuid=uuid)
    with pytest.raises(UuidTaken):
        record_visit(case, NOT_FOUND, person=cast.teacher, uuid=uuid)
    with pytest.raises(UuidTaken):
        record_visit(make_case(cast.own_school), FOUND, person=cast.teacher, uuid=uuid)
    assert Visit.objects.get().fact.finding == Finding.FOUND


@pytest.mark.parametrize(
    "who", ["sister_teacher", "south_teacher", "ministry", "auditor", "partner", "admin", "charlie"]
)
def test_nobody_outside_the_school_or_without_the_capability_records_a_visit(cast, make_case, who):
    case = make_case(cast.own_school)
    with pytest.raises(PermissionDenied):
        record_visit(case, FOUND, person=getattr(cast, who), uuid=uuid4())
    assert not Visit.objects.exists()
    assert case.facts.count() == 1


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        (VisitContent(done=bangkok_today() + timedelta(days=1)), "done_on", "V01"),
        (VisitContent(done=bangkok_today() - timedelta(days=31)), "done_on", "V02"),
        (VisitContent(next_on=bangkok_today() - timedelta(days=1)), "next_on", "V02"),
        (VisitContent(situation="ก" * 20_001), "situation", "V06"),
        (VisitContent(finding=Finding.NONE, wish=Wish.WANTS), "wish", "V05"),
    ],
)
def test_a_visit_that_cannot_be_is_refused_with_its_field_and_nothing_stays(cast, make_case, content, field, code):
    case = make_case(cast.own_school)
    with pytest.raises(VisitRefused) as refused:
        record_visit(case, content, person=cast.teacher, uuid=uuid4())
    assert (refused.value.field, refused.value.code) == (field, code)
    assert refused.value.message_th
    assert refused.value.message_en
    assert case.facts.count() == 1


def test_an_id_typed_into_a_note_is_masked_before_it_is_kept(cast, make_case):
    number = make_synthetic_id(77)
    case = make_case(cast.own_school)
    visit, _ = record_visit(
        case, VisitContent(finding=Finding.FOUND, situation=f"เลข {number} ครับ"), person=cast.teacher, uuid=uuid4()
    )
    assert number not in visit.situation
    assert "ครับ" in visit.situation


def test_pictures_are_kept_without_metadata_and_upright(cast, make_case, settings):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned right
    exif[0x010F] = "GPSMAKER"
    taken = photos.take_in(picture((400, 200), exif=exif), "IMG.JPG")
    case = make_case(cast.own_school)
    record_visit(case, FOUND, person=cast.teacher, uuid=uuid4(), pictures=[taken])
    kept = Photo.objects.get()
    data = (settings.MEDIA_ROOT / kept.path).read_bytes()
    assert (kept.width, kept.height) == (200, 400)
    assert b"GPSMAKER" not in data
    assert b"Exif" not in data
    assert not Image.open(io.BytesIO(data)).getexif()


@pytest.mark.parametrize(
    ("make", "name", "code"),
    [
        (lambda: io.BytesIO(b"<svg onload=alert(1)>"), "x.jpg", "UP-01"),
        (lambda: io.BytesIO(b""), "x.jpg", "UP-01"),
        (lambda: picture(fmt="GIF"), "x.gif", "UP-01"),
        (lambda: picture(fmt="PNG"), "x.jpg", "UP-01"),
        (lambda: io.BytesIO(picture().getvalue()[:900]), "x.jpg", "V14"),
        (lambda: picture((6000, 5000)), "x.jpg", "V13"),
        (lambda: io.BytesIO(b"\xff\xd8" + b"0" * (10 * 1024 * 1024 + 1)), "x.jpg", "UP-01"),
    ],
)
def test_what_is_not_a_whole_picture_of_bearable_size_is_refused(make, name, code):
    with pytest.raises(photos.BadPhoto) as bad:
        photos.take_in(make(), name)
    assert bad.value.code == code


def test_a_polyglot_loses_its_tail(tmp_path):
    taken = photos.take_in(io.BytesIO(picture().getvalue() + b"PK\x03\x04<script>"), "x.jpg")
    assert b"<script>" not in taken.jpeg


def test_when_the_audit_fails_nothing_of_the_visit_stays_not_even_its_picture(cast, make_case, settings, monkeypatch):
    case = make_case(cast.own_school)
    before = set(settings.MEDIA_ROOT.rglob("*.jpg")) if settings.MEDIA_ROOT.exists() else set()
    monkeypatch.setattr(AuditEvent.objects, "create", lambda **_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        record_visit(case, FOUND, person=cast.teacher, uuid=uuid4(), pictures=[photos.take_in(picture(), "a.jpg")])
    assert not Visit.objects.exists()
    assert case.facts.count() == 1
    assert set(settings.MEDIA_ROOT.rglob("*.jpg")) == before


# ── assignment, teacher, return ───────────────────────────────────────────────────────────────────────────────


def test_a_district_officer_assigns_a_new_case_to_one_of_her_schools(cast, make_case):
    case = make_case(cast.own_school.district)
    assert case.stage == Stage.NEW
    moved = assign_case(case, cast.own_school, person=cast.district, reason="ใกล้บ้าน")
    assert (moved.stage, moved.school) == (Stage.ASSIGNED, cast.own_school)


def test_an_officer_cannot_assign_to_a_school_of_another_district(cast, make_case):
    case = make_case(cast.own_school.district)
    with pytest.raises(PermissionDenied):
        assign_case(case, cast.other_district_school, person=cast.district)


def test_a_department_officer_assigns_across_districts_of_the_line_but_not_beyond(cast, make_case):
    case = make_case(cast.own_school.district)
    assert assign_case(case, cast.other_district_school, person=cast.department).district.code == "P4601"
    with pytest.raises(PermissionDenied):
        assign_case(case, cast.college_school, person=cast.department)


def test_moving_a_case_drops_the_former_schools_teacher(cast, make_case):
    case = name_teacher(make_case(cast.own_school), cast.teacher, person=cast.director)
    assert assign_case(case, cast.sister_school, person=cast.district).teacher is None


def test_bulk_assignment_moves_what_it_can_and_says_what_it_left(cast, make_case):
    there = make_case(cast.own_school)
    cases = [make_case(cast.own_school.district), make_case(cast.sister_school), there, make_case(cast.south_school)]
    moved, skipped = route_cases([(case, cast.own_school) for case in cases], person=cast.district)
    assert len(moved) == 2
    assert {left.case for left in skipped} == {there, cases[3]}
    assert all(left.message_th and left.message_en for left in skipped)


def test_only_staff_of_the_school_can_be_its_responsible_teacher(cast, make_case):
    with pytest.raises(IllegalAction):
        name_teacher(make_case(cast.own_school), cast.sister_teacher, person=cast.director)


def test_a_claimed_enrolment_moves_the_case_and_cannot_be_claimed_twice(cast, make_case):
    case = make_case(cast.own_school)
    record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    claimed = claim_enrolment(case, person=cast.teacher, route="nonformal", grade="ม.1")
    assert (claimed.stage, claimed.reached) == (Stage.RETURNED_CLAIMED, Reached.CLAIMED)
    with pytest.raises(IllegalAction) as refused:
        claim_enrolment(case, person=cast.teacher, route="nonformal")
    assert "กลับเข้าเรียน" in refused.value.message_th


def test_a_visit_does_not_put_off_the_confirmation_of_a_claimed_return(cast, make_case):
    case = make_case(cast.own_school)
    claimed = claim_enrolment(case, person=cast.teacher, route="nonformal", at=bangkok_today() - timedelta(days=20))
    due = claimed.due_at
    record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    case.refresh_from_db()
    assert (case.stage, case.due_at) == (Stage.RETURNED_CLAIMED, due)


def test_a_child_already_in_education_is_not_claimed(cast, make_case):
    case = make_case(cast.own_school)
    content = VisitContent(finding=Finding.FOUND, outcome=Outcome.ENROLLED_OTHER_AFFILIATION)
    record_visit(case, content, person=cast.teacher, uuid=uuid4())
    case.refresh_from_db()
    with pytest.raises(IllegalAction):
        claim_enrolment(case, person=cast.teacher, route="nonformal")
    greyed = {allowed.action.slug: allowed.reason for allowed in allowed_actions(case, cast.teacher)}
    assert greyed["claim_enrolment"]
    assert not greyed["visit"]


def test_who_may_only_read_has_no_actions(cast, make_case):
    case = make_case(cast.own_school)
    for reader in (cast.ministry, cast.auditor, cast.charlie, cast.partner, cast.admin):
        assert allowed_actions(case, reader) == []


def test_a_visit_is_judged_by_what_stands_where_somebody_saved_since_the_case_was_read(cast, make_case):
    case = make_case(cast.own_school)
    assign_case(Case.objects.get(pk=case.pk), cast.sister_school, person=cast.district)
    with pytest.raises(PermissionDenied):
        record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    assert not Visit.objects.exists()


def test_a_visit_to_a_case_read_before_another_visit_is_added_to_what_stands(cast, make_case):
    case = make_case(cast.own_school)
    record_visit(Case.objects.get(pk=case.pk), NOT_FOUND, person=cast.teacher, uuid=uuid4())
    visit, new = record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    assert new
    assert visit.fact.before == Stage.TRACKING
    assert Case.objects.get(pk=case.pk).visits_count == 2


def test_a_visit_locks_the_case_once_and_looks_once_for_a_resend(cast, make_case):
    case = make_case(cast.own_school)
    with CaptureQueriesContext(connection) as asked:
        record_visit(case, FOUND, person=cast.teacher, uuid=uuid4())
    said = [query["sql"] for query in asked]
    assert sum('FROM "cases_visit"' in sql for sql in said) == 1
    assert sum('FROM "cases_case"' in sql for sql in said) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_resends_in_parallel_make_one_visit(cast, make_case):
    case, uuid, results = make_case(cast.own_school), uuid4(), []

    def send():
        try:
            results.append(record_visit(case, FOUND, person=cast.teacher, uuid=uuid))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 50
    assert sum(new for _, new in results) == 1
    assert Visit.objects.count() == 1
    assert Fact.objects.filter(case=case).count() == 2
    assert Case.objects.get(pk=case.pk).visits_count == 1


def test_one_uuid_for_two_children_at_once_is_refused_in_words(cast, make_case, client, monkeypatch):
    """Each sender holds the lock of its own case and sees no other visit; the database decides."""
    first, second = make_case(cast.own_school), make_case(cast.own_school)
    uuid = uuid4()
    record_visit(first, VisitContent(), person=cast.teacher, uuid=uuid)
    monkeypatch.setattr("cases.visits._sent_before", lambda *_: None)
    with pytest.raises(UuidTaken):
        record_visit(second, VisitContent(), person=cast.teacher, uuid=uuid)
    assert Case.objects.get(pk=second.pk).visits_count == 0
    client.force_login(cast.teacher)
    today = bangkok_today()
    said = {
        "uuid": str(uuid),
        "finding": "0",
        "mode": "home",
        "done_on": f"{today.day}/{today.month}/{today.year + 543}",
    }
    assert client.post(reverse("cases:visit_new", args=[second.number]), said).status_code == 409
