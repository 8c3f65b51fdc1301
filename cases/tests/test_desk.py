"""มอบหมาย/รับโอน: proposals with their reason, a preview, many at once, one undo."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import bulk_routing, transfers
from cases.actions import IllegalAction
from cases.codes import FactKind, Finding, Stage
from cases.help import flag_unsafe
from cases.models import FOREVER, Case, Fact, ListEntry, Span
from cases.routing import assign_case
from cases.suggestions import suggest
from cases.visits import VisitContent, record_visit
from schools import audit, clock
from schools.models import AuditEvent, District, Province


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
    due = dict(Case.objects.values_list("pk", "due_at"))
    done = {"move": [f"{waiting[0].number}=46990001", f"{waiting[1].number}=46990002"]}
    assert client.post(reverse("cases:desk_route"), done).status_code == 302
    assert {fresh(one).school for one in waiting[:2]} == {cast.own_school, cast.sister_school}
    page = client.get(reverse("cases:desk")).content.decode()
    assert "ยกเลิกได้ภายใน 24 ชั่วโมง" in page
    batch = bulk_routing.last_batch(cast.district)
    client.post(reverse("cases:desk_undo"), {"batch": batch.key})
    assert {(one.school_id, one.stage) for one in Case.objects.all()} == {(None, Stage.NEW)}
    assert dict(Case.objects.values_list("pk", "due_at")) == due, "an undo gives no time"
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


# ── where they live ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def spread(cast, make_case, district):
    """Seven: four of the first tambon, one of the second, one of another amphoe, one of nowhere."""
    near = {"amphoe_id": 4605, "province_id": 46}
    homes = [near | {"tambon_id": 460501}] * 4 + [near | {"tambon_id": 460502}]
    homes += [{"amphoe_id": 4601, "province_id": 46, "tambon_id": 460101}, {}]
    return [make_case(district, name=f"น้อง{'กขคงจฉช'[n]} สมมุติ", **home) for n, home in enumerate(homes)]


def desk_page(client, query=""):
    return client.get(reverse("cases:desk") + query).content.decode()


def test_children_stand_under_their_tambon_with_how_many_wait_there(client, cast, spread):
    client.force_login(cast.district)
    groups = client.get(reverse("cases:desk")).context["groups"]
    assert [(group["key"], group["all"]) for group in groups] == [
        (460101, 1),
        (460501, 4),
        (460502, 1),
        (99_999_999, 1),
    ]
    assert groups[1]["name"].startswith("ต.") and "อ." in groups[1]["name"]


def test_the_filter_narrows_by_amphoe_and_by_tambon_and_by_what_is_not_known(client, cast, spread):
    client.force_login(cast.district)
    for query, total in (
        ("?amphoe=4605", 5),
        ("?tambon=460501", 4),
        ("?amphoe=0", 1),
        ("?amphoe=x", 7),
        ("?province=46", 7),
    ):
        assert client.get(reverse("cases:desk") + query).context["total"] == total, query
    options = client.get(reverse("cases:desk")).context["amphoes"]
    assert sorted(value for value, _label in options) == [0, 4601, 4605]


def test_all_of_a_filter_are_assigned_beyond_the_page_and_one_undo_takes_all_back(client, cast, spread, monkeypatch):
    monkeypatch.setattr("schools.paging.PAGE", 2)
    client.force_login(cast.district)
    here = reverse("cases:desk") + "?tambon=460501"
    said = {"all": "1", "tambon": "460501", "next": here}
    preview = client.post(reverse("cases:desk_route"), said)
    assert preview.context["count"] == 4
    assert not Case.objects.filter(school__isnull=False).exists()
    moves = [f"{one.number}=46990001" for one in spread[:4]]
    done = client.post(reverse("cases:desk_route"), {"move": moves, "next": here})
    assert done.url == here
    assert Case.objects.filter(school=cast.own_school).count() == 4
    batch = bulk_routing.last_batch(cast.district)
    assert len(batch.numbers) == 4
    assert AuditEvent.objects.filter(action=audit.ASSIGN_CASE, object_kind="case").count() == 4
    client.post(reverse("cases:desk_undo"), {"batch": batch.key})
    assert not Case.objects.filter(school__isnull=False).exists()


def test_all_of_a_filter_go_to_one_school_that_is_chosen(client, cast, spread):
    client.force_login(cast.district)
    page = client.post(reverse("cases:assign_many"), {"all": "1", "amphoe": "4605", "next": reverse("cases:desk")})
    assert page.status_code == 200
    assert len(page.context["rows"]) == 5


def test_twenty_routed_at_once_ask_the_database_as_often_as_two(cast, make_case, district):
    def counted(n):
        pairs = [(make_case(district, name=f"น้อง{k} สมมุติ"), cast.own_school) for k in range(n)]
        with CaptureQueriesContext(connection) as asked:
            bulk_routing.preview(pairs, person=cast.district)
            bulk_routing.route_cases(pairs, person=cast.district)
            bulk_routing.undo_batch(bulk_routing.last_batch(cast.district).key, person=cast.district)
        return len(asked)

    counted(1)
    assert counted(2) == counted(20)


def test_what_is_routed_at_once_stands_as_when_it_is_routed_alone(cast, make_case, district):
    alone, many = (make_case(district, name=name) for name in ("น้องเดี่ยว สมมุติ", "น้องหมู่ สมมุติ"))
    assign_case(alone, cast.own_school, person=cast.district)
    Case.objects.filter(pk=many.pk).update(teacher=cast.sister_teacher)
    bulk_routing.route_cases([(many, cast.own_school)], person=cast.district)
    one, other = fresh(alone), fresh(many)
    for name in ("school_id", "district_id", "stage", "version", "teacher_id", "rung"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.due_at - other.due_at) < timedelta(minutes=1)
    told = {fact.case_id: (fact.before, fact.after, fact.unit) for fact in Fact.objects.filter(kind=FactKind.ASSIGNED)}
    assert told[alone.pk] == told[many.pk]
    assert Span.objects.filter(case=many, known_until=FOREVER).count() == 2


def test_where_an_unsafe_child_lives_is_told_by_no_heading_filter_or_proposal(client, cast, make_case, district):
    near = {"tambon_id": 460501, "amphoe_id": 4605, "province_id": 46}
    case = make_case(district, name="น้องลับ สมมุติ", **near)
    flag_unsafe(case, person=cast.district, reason="มีร่องรอยถูกทำร้าย")
    client.force_login(cast.province)
    assert client.get(reverse("cases:desk") + "?tambon=460501").context["total"] == 0
    (group,) = client.get(reverse("cases:desk")).context["groups"]
    assert (group["key"], group["tambon"]) == (0, None)
    assert not suggest([fresh(case)], cast.province)
    assert suggest([fresh(case)], cast.district)


# ── who has a desk ────────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_answers_has_a_desk_with_what_waits_for_them(client, cast, make_case):
    """กรณี 2 walks by the department and the province; a director's transfers are reached from her own menu."""
    case = make_case(cast.own_school, name="น้องไกล สมมุติ")
    asked = transfers.send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=81), reason="พบที่กระบี่")
    for person, waits in ((cast.department, 1), (cast.south_province, 0), (cast.ministry, 0), (cast.director, 0)):
        client.force_login(person)
        assert f'href="{reverse("cases:desk")}"' in client.get(reverse("cases:request_list")).content.decode()
        page = client.get(reverse("cases:desk") + "?tab=incoming")
        assert len(page.context["requests"]) == waits, person
    client.force_login(cast.director)
    page = client.get(reverse("cases:desk"))
    assert [one["slug"] for one in page.context["tabs"]] == ["incoming", "outgoing", "unanswered"]
    assert asked.case.child.first_name in client.get(reverse("cases:desk") + "?tab=outgoing").content.decode()
    for person in (cast.teacher, cast.auditor, cast.partner, cast.charlie):
        client.force_login(person)
        assert client.get(reverse("cases:desk")).status_code == 404


def test_a_transfer_to_her_school_waits_on_the_directors_desk(client, cast, make_case):
    case = make_case(cast.sister_school, name="น้องย้าย สมมุติ")
    transfers.request_transfer(case, person=cast.sister_teacher, school_code="46990001", reason="ย้ายบ้านมา")
    client.force_login(cast.director)
    (waits,) = client.get(reverse("cases:desk")).context["requests"]
    assert waits["name"] == str(case.child)
    page = client.get(reverse("cases:request_detail", args=[waits["request"].pk])).content.decode()
    assert "รับโอน" in page


def test_outgoing_and_unanswered_are_complete_and_say_how_long_they_wait(client, cast, make_case):
    case = make_case(cast.own_school, name="น้องช้า สมมุติ", birth_date=date(2012, 1, 1))
    transfers.request_transfer(case, person=cast.teacher, to="district:P4601", reason="ย้ายตามแม่")  # by its school
    client.force_login(cast.district)
    outgoing = desk_page(client, "?tab=outgoing")
    assert "น้องช้า" in outgoing
    with clock.simulated(clock.now() + timedelta(days=9)):
        client.force_login(cast.district)
        late = desk_page(client, "?tab=unanswered")
        assert "น้องช้า" in late and "รอมา 9 วัน" in late and "ปี" in late
        client.force_login(cast.south_district)
        assert "น้องช้า" not in desk_page(client, "?tab=unanswered")
