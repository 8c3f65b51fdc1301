"""The actions of a case on its page: one next step, headings, and what is not legal folded with its reason."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cases.actions import ACTIONS
from cases.buttons import GROUPS, buttons
from cases.codes import EnrolmentRoute, Finding, Stage, Whereabouts, Wish
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.lifecycle import add_facts, deadlines_of
from cases.models import Case, Fact
from cases.transfers import send_to_centre
from cases.visits import VisitContent, record_visit
from schools.models import Department, Province
from schools.thaitime import bangkok_date, bangkok_today


def test_every_action_stands_under_exactly_one_heading():
    placed = [slug for _, slugs in GROUPS for slug in slugs]
    assert sorted(placed) == sorted(action.slug for action in ACTIONS)


@pytest.mark.parametrize(
    ("who", "visit", "expected"),
    [
        ("teacher", None, "visit"),
        ("district", None, "visit"),
        ("teacher", VisitContent(finding=Finding.NONE), "visit"),
        ("teacher", VisitContent(finding=Finding.FOUND), "plan_help"),
        ("teacher", VisitContent(finding=Finding.FOUND, wish=Wish.WANTS), "claim_enrolment"),
        ("province", VisitContent(finding=Finding.FOUND), "assign"),
    ],
)
def test_the_next_step_is_what_leads_on_for_this_person(cast, make_case, who, visit, expected):
    case = make_case(cast.own_school)
    if visit:
        record_visit(case, visit, person=cast.teacher, uuid=uuid4())
    assert buttons(Case.objects.get(pk=case.pk), getattr(cast, who)).next.action.slug == expected


def test_a_child_nobody_has_yet_is_first_of_all_assigned(cast, make_case):
    case = make_case(cast.own_school.district)
    assert buttons(case, cast.district).next.action.slug == "assign"


def test_a_found_child_whom_no_school_has_is_given_to_one_first(cast, make_case):
    case = make_case(cast.own_school.district)
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.district, uuid=uuid4())
    assert buttons(Case.objects.get(pk=case.pk), cast.district).next.action.slug == "assign"


def test_the_heading_of_the_next_step_stands_open_else_the_first(cast, make_case):
    case = claim_enrolment(make_case(cast.own_school), person=cast.teacher, route="school", school=cast.own_school)
    case = confirm_enrolment(case, person=cast.director)
    opened = [group.actions for group in buttons(case, cast.teacher).groups if group.is_open]
    assert [[one.action.slug for one in actions] for actions in opened] == [["hand_over", "drop_again"]]
    found = make_case(cast.own_school)
    record_visit(found, VisitContent(finding=Finding.FOUND, wish=Wish.WANTS), person=cast.teacher, uuid=uuid4())
    shown = buttons(Case.objects.get(pk=found.pk), cast.teacher)
    assert [group.is_open for group in shown.groups] == [True, *[False] * (len(shown.groups) - 1)]


def test_a_claimed_return_is_confirmed_by_who_may(cast, make_case):
    case = claim_enrolment(
        make_case(cast.own_school), person=cast.teacher, route=EnrolmentRoute.HOME, at=bangkok_today()
    )
    assert buttons(case, cast.district).next.action.slug == "confirm_enrolment"
    assert buttons(case, cast.teacher).next.action.slug == "visit"


ELSEWHERE = VisitContent(
    finding=Finding.FOUND, wish=Wish.WANTS, whereabouts=Whereabouts.OTHER_PROVINCE, whereabouts_province_id=81
)


def test_who_lives_in_another_province_goes_first_of_all_by_way_of_the_centre_once(client, cast, make_case):
    case = make_case(cast.own_school)
    record_visit(case, ELSEWHERE, person=cast.teacher, uuid=uuid4())
    assert buttons(Case.objects.get(pk=case.pk), cast.teacher).next.action.slug == "send_to_centre"
    client.force_login(cast.teacher)
    address = reverse("cases:case_detail", args=[case.number])
    card = client.get(reverse("cases:queue"), {"tab": "all"}).context["cards"][0]
    assert (card["action_url"], card["action_label"]) == (address, "เปิดแฟ้ม")
    page = client.get(address)
    assert (page.context["asked"], page.context["last_words"]["where"]) == ([], "กระบี่")
    assert "พบในจังหวัดกระบี่" in page.context["events"][0]["text"]

    case = Case.objects.get(pk=case.pk)
    asked = send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=81), reason="ย้ายตามแม่")
    page = client.get(address)
    shown = page.context["buttons"]
    assert shown.next.action.slug == "visit"  # until it is answered
    waits = {one.action.slug for one in shown.not_now if one.reason == "ส่งคำขอแล้ว รอคำตอบ"}
    assert waits == {"send_to_centre", "request_transfer"}
    assert [one["request"] for one in page.context["asked"]] == [asked]
    assert reverse("cases:request_detail", args=[asked.pk]) in page.content.decode()


def test_who_came_back_to_the_province_since_is_enrolled_there(cast, make_case):
    case = make_case(cast.own_school)
    record_visit(case, ELSEWHERE, person=cast.teacher, uuid=uuid4())
    back = VisitContent(finding=Finding.FOUND, wish=Wish.WANTS, whereabouts=Whereabouts.IN_PROVINCE)
    record_visit(case, back, person=cast.teacher, uuid=uuid4())
    assert buttons(Case.objects.get(pk=case.pk), cast.teacher).next.action.slug == "claim_enrolment"


def test_a_closed_case_is_first_of_all_reopened_by_who_may(cast, make_case):
    case = make_case(cast.own_school)
    case = add_facts(case, [Fact(kind=26, unit="district:P4603")])
    assert case.stage == Stage.CLOSED
    assert buttons(case, cast.district).next.action.slug == "reopen"
    assert buttons(case, cast.teacher).next.action.slug == "visit"


@pytest.mark.parametrize("who", ["ministry", "auditor"])
def test_who_only_reads_is_offered_nothing(client, cast, make_case, who):
    case = make_case(cast.own_school)
    shown = buttons(case, getattr(cast, who))
    assert (shown.next, shown.groups, shown.not_now) == (None, [], [])
    client.force_login(getattr(cast, who))
    assert "ท่านดูได้อย่างเดียว" in client.get(reverse("cases:case_detail", args=[case.number])).content.decode()


def test_each_action_stands_once_and_what_is_not_legal_says_why(cast, make_case):
    shown = buttons(make_case(cast.own_school), cast.district)
    legal = [one.action.slug for group in shown.groups for one in group.actions] + [shown.next.action.slug]
    refused = [one.action.slug for one in shown.not_now]
    assert len({*legal, *refused}) == len(legal) + len(refused)
    assert all(one.reason for one in shown.not_now)
    assert "follow_up" in refused


def test_each_department_has_its_own_deadlines(cast, make_case, settings):
    settings.STAGE_DEADLINES = {"default": {"assigned": 10}, "obec": {"assigned": 3}}
    for school, days in ((cast.own_school, 3), (cast.college_school, 10)):
        case = make_case(school)
        assert (bangkok_date(case.due_at) - bangkok_date(case.stage_since)).days == days
    obec = Department.objects.get(code="obec").pk
    assert (deadlines_of(obec)[Stage.ASSIGNED].days, deadlines_of(obec)[Stage.FOUND].days) == (3, 5)
