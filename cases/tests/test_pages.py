"""The case pages: what each person is shown, and that a second submit makes no second visit."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from cases.cards import lateness
from cases.codes import Finding, Stage
from cases.identity import make_synthetic_id
from cases.models import Visit
from cases.routing import name_teacher
from schools import audit, clock
from schools.thaitime import bangkok_today, thai_date


def visit_form(**fields):
    today = thai_date(bangkok_today(), "numeric", plain=True)
    return {"uuid": str(uuid4()), "finding": "0", "mode": "phone", "done_on": today, "situation": "บ้านปิด"} | fields


def url(case, name="case_detail"):
    return reverse(f"cases:{name}", args=[case.number])


def test_a_teacher_sees_her_own_children_first_and_then_the_unassigned_ones(client, cast, make_case):
    unassigned = make_case(cast.own_school, name="ก่อน สมมุติ", listed_on=bangkok_today() - timedelta(days=60))
    hers = name_teacher(make_case(cast.own_school, name="ของครู สมมุติ"), cast.teacher, person=cast.director)
    make_case(cast.sister_school, name="อื่น สมมุติ")
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:queue"), {"tab": "all"})
    assert [card["number"] for card in page.context["cards"]] == [hers.number, unassigned.number]


def test_the_director_is_told_who_has_no_teacher_yet_and_finds_just_them(client, cast, make_case):
    alone, taken, _untaken = make_case(cast.own_school), make_case(cast.own_school), make_case(cast.own_school.district)
    name_teacher(taken, cast.teacher, person=cast.director)
    client.force_login(cast.director)
    page = client.get(reverse("cases:queue"))
    assert page.context["counts"].without_teacher == 1
    assert "ยังไม่มีครูผู้รับผิดชอบ 1 คน" in page.content.decode()
    rows = client.get(reverse("cases:case_list"), {"due": "no_teacher"}).context["rows"]
    assert [row["case"] for row in rows] == [alone]
    client.force_login(cast.teacher)
    assert "ยังไม่มีครูผู้รับผิดชอบ 1 คน" not in client.get(reverse("cases:queue")).content.decode()


def test_another_teachers_child_is_not_in_her_queue_but_in_the_directors(client, cast, make_case):
    name_teacher(make_case(cast.own_school), cast.director, person=cast.director)
    client.force_login(cast.teacher)
    assert client.get(reverse("cases:queue"), {"tab": "all"}).context["cards"] == []
    client.force_login(cast.director)
    assert len(client.get(reverse("cases:queue"), {"tab": "all"}).context["cards"]) == 1


@pytest.mark.parametrize(
    "who", ["sister_teacher", "south_teacher", "south_district", "south_department", "partner", "admin", "charlie"]
)
def test_a_case_outside_ones_scope_is_not_found(client, cast, make_case, who):
    case = make_case(cast.own_school)
    client.force_login(getattr(cast, who))
    assert client.get(url(case)).status_code == 404


@pytest.mark.parametrize("who", ["ministry", "auditor"])
def test_who_may_not_see_names_is_shown_the_number_only(client, cast, make_case, who):
    case = make_case(cast.own_school, name="ลับมาก สมมุติ", national_id=make_synthetic_id(5), guardian_name="ผู้ปกครองลับ")
    client.force_login(getattr(cast, who))
    body = client.get(url(case)).content.decode()
    assert case.number in body
    assert "ลับมาก" not in body
    assert "ผู้ปกครองลับ" not in body
    assert "1-XXXX" not in body


def test_looking_is_recorded_and_shown_to_the_director(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    client.get(url(case))
    client.force_login(cast.director)
    page = client.get(url(case))
    assert [looker["name"] for looker in page.context["lookers"]][-1] == cast.teacher.get_full_name()
    assert audit.lookers(case)


def test_the_same_form_sent_twice_makes_one_visit(client, cast, make_case):
    case, form = make_case(cast.own_school), visit_form()
    client.force_login(cast.teacher)
    first = client.post(url(case, "visit_new"), form)
    second = client.post(url(case, "visit_new"), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Visit.objects.filter(case=case).count() == 1


def test_other_content_under_the_same_uuid_is_told_and_can_be_sent_as_a_new_visit(client, cast, make_case):
    case, form = make_case(cast.own_school), visit_form()
    client.force_login(cast.teacher)
    client.post(url(case, "visit_new"), form)
    changed = client.post(url(case, "visit_new"), form | {"situation": "พบที่ตลาด"})
    assert changed.status_code == 409
    assert "พบที่ตลาด" in changed.content.decode()
    fresh = changed.context["form"].data["uuid"]
    assert fresh != form["uuid"]
    assert client.post(url(case, "visit_new"), form | {"situation": "พบที่ตลาด", "uuid": fresh}).status_code == 302
    assert Visit.objects.filter(case=case).count() == 2


def test_a_refused_visit_keeps_what_was_typed_and_says_why(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    tomorrow = thai_date(bangkok_today() + timedelta(days=1), "numeric", plain=True)
    page = client.post(url(case, "visit_new"), visit_form(done_on=tomorrow, situation="ข้อความที่พิมพ์ไว้"))
    body = page.content.decode()
    assert page.status_code == 400
    assert "วันที่เยี่ยมอยู่ในอนาคต" in body
    assert "ข้อความที่พิมพ์ไว้" in body
    assert not Visit.objects.exists()
    english = client.post(url(case, "visit_new"), visit_form(done_on=tomorrow), headers={"accept-language": "en"})
    assert "Visit date is in the future" in english.content.decode()


@pytest.mark.parametrize("typed", ["31/02/2569", "45/1/2569", "2569", "เมื่อวาน", "1/1/69"])
def test_a_date_that_is_none_is_refused_beside_its_field(client, cast, make_case, typed):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    page = client.post(url(case, "visit_new"), visit_form(done_on=typed))
    assert page.status_code == 400
    assert page.context["form"].errors["done_on"]


def test_search_by_id_goes_by_post_and_finds_only_in_scope(client, cast, make_case):
    number = make_synthetic_id(4242)
    case = make_case(cast.own_school, national_id=number)
    client.force_login(cast.district)
    found = client.post(
        reverse("cases:search"), {"q": f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"}
    )
    assert found["Location"] == url(case)
    for who in (cast.south_district, cast.ministry):
        client.force_login(who)
        missed = client.post(reverse("cases:search"), {"q": number})
        assert missed["Location"] == reverse("cases:case_list")
        assert number not in missed["Location"]


def test_a_mistyped_id_does_not_reach_the_url_either(client, cast):
    client.force_login(cast.district)
    answer = client.post(reverse("cases:search"), {"q": "1999900001011"})
    assert answer["Location"] == reverse("cases:case_list")


def test_the_list_forgives_tones_spaces_and_titles(client, cast, make_case):
    case = make_case(cast.own_school, name="น้ำหวาน ใจดี")
    client.force_login(cast.district)
    for typed in ("น้ำ หวาน", "นำหวาน", "ด.ช.น้ำหวาน", case.number.lower()):
        rows = client.get(reverse("cases:case_list"), {"q": typed}).context["rows"]
        assert [row["case"] for row in rows] == [case], typed


def test_bulk_assignment_first_shows_what_will_happen_and_then_does_it(client, cast, make_case):
    cases = [make_case(cast.own_school.district, name=f"คนที่{n} สมมุติ") for n in range(3)]
    foreign = make_case(cast.south_school, name="ต่างเขต สมมุติ")
    client.force_login(cast.district)
    numbers = [case.number for case in (*cases, foreign)]
    preview = client.post(reverse("cases:assign_many"), {"case": numbers})
    assert len(preview.context["rows"]) == 3
    assert "ต่างเขต" not in preview.content.decode()
    cases[0].refresh_from_db()
    assert cases[0].stage == Stage.NEW
    client.post(reverse("cases:assign_many"), {"case": numbers, "school": cast.own_school.pk})
    for case in cases:
        case.refresh_from_db()
        assert (case.stage, case.school) == (Stage.ASSIGNED, cast.own_school)


def test_an_illegal_action_answers_409_with_the_reason(client, cast, make_case):
    case = make_case(cast.own_school.district)
    client.force_login(cast.district)
    page = client.get(url(case, "name_teacher"))
    assert page.status_code == 409
    assert "ยังไม่ได้มอบหมายโรงเรียน" in page.content.decode()


def test_those_who_read_figures_land_on_their_dashboard_and_a_partner_on_what_was_referred(client, cast):
    client.force_login(cast.ministry)
    assert client.get("/")["Location"] == reverse("reports:dashboard", args=["nation"])
    client.force_login(cast.admin)
    assert client.get("/")["Location"] == reverse("schools:people_list")  # the administrator sees no child
    client.force_login(cast.partner)
    assert "ยังไม่มีเด็กที่ส่งต่อมาถึงหน่วยงานของท่าน" in client.get("/", follow=True).content.decode()


def test_a_visit_by_the_found_path_moves_the_case_and_clears_the_draft(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    form = visit_form(finding="1", outcome="5", wish="1", needs=["transport"], whereabouts="in_province")
    page = client.post(url(case, "visit_new"), form, follow=True)
    case.refresh_from_db()
    assert case.stage == Stage.FOUND
    assert f"draft:{cast.teacher.pk}:{case.number}" in page.content.decode()
    assert Visit.objects.get().fact.finding == Finding.FOUND


def test_the_file_says_in_which_province_the_child_is_whom_one_met_and_what_was_agreed_on(client, cast, make_case):
    case, day = make_case(cast.own_school), bangkok_today() + timedelta(days=7)
    client.force_login(cast.teacher)
    form = visit_form(finding="1", whereabouts="other_province", whereabouts_province="81", met="ยาย")
    client.post(url(case, "visit_new"), form | {"next_on": thai_date(day, "numeric", plain=True)})
    page = client.get(url(case, "case_detail"))
    assert page.context["last_words"]["where"] == "ต่างจังหวัด (กระบี่)"
    event = page.context["events"][0]
    assert (event["text"], event["next"]) == ("ได้พบหรือพูดคุยกับ ยาย", f"นัด {thai_date(day)}")


def test_the_card_of_a_found_child_who_wants_to_return_offers_the_return(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    queue = reverse("cases:queue")
    assert client.get(queue, {"tab": "all"}).context["cards"][0]["action_url"] == url(case, "visit_new")
    client.post(url(case, "visit_new"), visit_form(finding="1", outcome="5", wish="1"))
    assert client.get(queue, {"tab": "all"}).context["cards"][0]["action_url"] == url(case, "enrolment_new")


def test_the_list_can_be_narrowed_to_what_is_late_or_due_within_a_week(client, cast, make_case):
    today = bangkok_today()
    late = make_case(cast.own_school, name="สาย สมมุติ", listed_on=today - timedelta(days=40))
    soon = make_case(cast.own_school, name="ใกล้ สมมุติ", listed_on=today - timedelta(days=12))
    make_case(cast.own_school, name="ยังไม่ถึง สมมุติ", listed_on=today - timedelta(days=1))
    client.force_login(cast.district)
    for due, case in (("overdue", late), ("soon", soon)):
        rows = client.get(reverse("cases:case_list"), {"due": due}).context["rows"]
        assert [row["case"] for row in rows] == [case]


@pytest.mark.parametrize(("children", "said"), [(1, "1 child"), (2, "2 children")])
def test_one_child_is_one_in_english(client, cast, make_case, children, said):
    cases = [make_case(cast.own_school) for _ in range(children)]
    client.force_login(cast.district)
    english = {"accept-language": "en"}
    numbers = [case.number for case in cases]
    page = client.post(reverse("cases:assign_many"), {"case": numbers}, headers=english).content.decode()
    assert f"Assign {said}" in page


@pytest.mark.parametrize(("days", "said"), [(1, "1 day left"), (2, "2 days left")])
def test_one_day_is_one_in_english(cast, make_case, days, said):
    case = make_case(cast.own_school)
    case.due_at = clock.now() + timedelta(days=days)
    with translation.override("en"):
        assert lateness(case)[2] == said
        case.due_at = clock.now() - timedelta(days=days)
        assert lateness(case)[2] == said.replace("left", "overdue")
