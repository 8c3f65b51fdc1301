"""มอบหมาย/รับโอน: proposals with their reason, a preview, many at once, one undo."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cases import bulk_routing, transfers
from cases.actions import IllegalAction
from cases.codes import FactKind, Finding, Stage
from cases.models import Case, ListEntry
from cases.routing import assign_case
from cases.suggestions import suggest
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import District


@pytest.fixture
def district(cast):
    return District.objects.get(code="P4603")


@pytest.fixture
def waiting(cast, make_case, district):
    """Three children of the district without a school: two of the own school's tambon, one of nowhere."""
    near = {"tambon_id": 460501, "amphoe_id": 4605, "province_id": 46}
    return [
        make_case(district, name="น้องหนึ่ง สมมุติ", **near),
        make_case(district, name="น้องสอง สมมุติ", **near),
        make_case(district, name="น้องสาม สมมุติ"),
    ]


def fresh(case):
    return Case.objects.select_related("child").get(pk=case.pk)


def test_a_school_of_the_same_tambon_is_proposed_with_the_reason(cast, waiting):
    proposed = suggest([fresh(case) for case in waiting], cast.district)
    assert {one.school for one in proposed.values()} == {cast.own_school}
    assert "ตำบลเดียวกับบ้านเด็ก" in proposed[waiting[0].pk].why
    assert waiting[2].pk not in proposed


def test_the_household_goes_before_the_tambon(cast, make_case, district):
    home = {"guardian_name": "ยายดี สมมุติ", "house_no": "12", "tambon_id": 460501}
    make_case(cast.sister_school, name="พี่ สมมุติ", **home)
    case = make_case(district, name="น้อง สมมุติ", **home)
    phone = make_case(district, name="น้องโทร สมมุติ", guardian_phone="0899999999")
    make_case(cast.sister_school, name="พี่โทร สมมุติ", guardian_phone="0899999999")
    proposed = suggest([fresh(case), fresh(phone)], cast.district)
    assert {one.school for one in proposed.values()} == {cast.sister_school}
    assert "บ้านเดียวกัน" in proposed[case.pk].why


def test_a_household_out_of_scope_proposes_nothing(cast, make_case, district):
    make_case(cast.south_school, name="พี่ใต้ สมมุติ", guardian_phone="0899999999")
    case = make_case(district, name="น้อง สมมุติ", guardian_phone="0899999999")
    assert not suggest([fresh(case)], cast.district)


def test_the_school_its_list_names_goes_first(cast, waiting, monkeypatch):
    from cases.models import ChildList

    owner = ChildList.objects.create(**_list_fields())
    ListEntry.objects.create(
        list=owner,
        child=waiting[0].child,
        case=waiting[0],
        joined=1,
        row=1,
        match_key="x",
        digest="y",
        data={"school_words": "โรงเรียนบ้านดอนสมมุติ"},
    )
    proposed = suggest([fresh(waiting[0])], cast.district)
    assert proposed[waiting[0].pk].school == cast.sister_school
    assert "ล่าสุด" in proposed[waiting[0].pk].why


def _list_fields():
    from cases.models import ChildList

    known = {"name": "บัญชีทดสอบ", "owner": "district:P4603", "created_at": clock.now()}
    names = {field.name for field in ChildList._meta.fields}
    return {key: value for key, value in known.items() if key in names}


def test_the_preview_changes_nothing_and_says_who_is_skipped(client, cast, waiting):
    client.force_login(cast.district)
    page = client.post(reverse("cases:desk_route"), {"case": [one.number for one in waiting]}).content.decode()
    assert "มอบหมาย 2 คน" in page and "ไม่มีโรงเรียนที่แนะนำ" in page
    assert not Case.objects.filter(school__isnull=False).exists()


def test_confirming_does_what_the_preview_showed_and_one_undo_takes_it_back(client, cast, waiting):
    client.force_login(cast.district)
    done = {"confirm": "1", "case": [one.number for one in waiting[:2]], "to": ["46990001", "46990002"]}
    assert client.post(reverse("cases:desk_route"), done).status_code == 302
    assert {fresh(one).school for one in waiting[:2]} == {cast.own_school, cast.sister_school}
    page = client.get(reverse("cases:desk")).content.decode()
    assert "ยกเลิกได้ภายใน 24 ชั่วโมง" in page
    batch = bulk_routing.last_batch(cast.district)
    client.post(reverse("cases:desk_undo"), {"batch": batch.key})
    assert {(one.school_id, one.stage) for one in Case.objects.all()} == {(None, Stage.NEW)}
    assert bulk_routing.last_batch(cast.district) is None
    with pytest.raises(IllegalAction):
        bulk_routing.undo_batch(batch.key, person=cast.district)


def test_who_moved_on_since_stays_and_is_counted(cast, waiting):
    pairs = [(case, cast.own_school) for case in waiting]
    bulk_routing.route_cases(pairs, person=cast.district)
    assign_case(waiting[0], cast.sister_school, person=cast.district)
    batch = bulk_routing.last_batch(cast.district)
    back, stayed = bulk_routing.undo_batch(batch.key, person=cast.district)
    assert (len(back), len(stayed)) == (2, 1)
    assert fresh(waiting[0]).school == cast.sister_school
    assert fresh(waiting[1]).facts.filter(kind=FactKind.ASSIGNED).count() == 2


def test_a_child_the_school_has_visited_since_is_not_taken_back(cast, waiting):
    bulk_routing.route_cases([(waiting[0], cast.own_school)], person=cast.district)
    record_visit(fresh(waiting[0]), VisitContent(finding=Finding.NONE), person=cast.teacher, uuid=uuid4())
    back, stayed = bulk_routing.undo_batch(bulk_routing.last_batch(cast.district).key, person=cast.district)
    assert (len(back), len(stayed)) == (0, 1)
    assert fresh(waiting[0]).school == cast.own_school


def test_nothing_is_undone_after_a_day_or_by_another(cast, waiting, monkeypatch):
    bulk_routing.route_cases([(waiting[0], cast.own_school)], person=cast.district)
    batch = bulk_routing.last_batch(cast.district)
    with pytest.raises(IllegalAction):
        bulk_routing.undo_batch(batch.key, person=cast.province)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    with pytest.raises(IllegalAction):
        bulk_routing.undo_batch(batch.key, person=cast.district)
    assert fresh(waiting[0]).school == cast.own_school


def test_the_desk_shows_what_comes_in_and_what_was_sent(client, cast, make_case):
    case = make_case(cast.own_school, name="น้องโอน สมมุติ")
    transfers.request_transfer(case, person=cast.district, to="district:P4601", reason="ย้ายตามแม่")
    client.force_login(cast.district)
    assert case.child.first_name in client.get(reverse("cases:desk") + "?tab=outgoing").content.decode()
    client.force_login(cast.province)
    assert case.child.first_name in client.get(reverse("cases:desk") + "?tab=incoming").content.decode()
    assert case.child.first_name not in client.get(reverse("cases:desk") + "?tab=unanswered").content.decode()
    client.force_login(cast.teacher)
    assert client.get(reverse("cases:desk")).status_code == 404
