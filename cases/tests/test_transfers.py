"""A case goes to another unit: who is asked, who may take it, and where it counts meanwhile."""

import csv
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from cases import answering, requests, transfers
from cases.actions import IllegalAction
from cases.codes import Closing, FactKind, Outcome, RequestKind, RequestState, Stage
from cases.models import Case, Fact, Request
from cases.routing import name_teacher
from dropout.testing import SINCE
from dropout.tests.access_world import _picture
from schools import clock, reference
from schools.models import Department, District, Person, Province
from schools.people import create_person

WHY = "ย้ายตามผู้ปกครอง"
SOUTH = 81


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="น้องย้าย สมมุติ", last_grade="ป.4")


def officer(name, role, unit):
    return create_person(
        name, role=role, unit=unit, first_name=name, last_name="สมมุติ", password="แมวสามตัวข้ามถนน 17", since=SINCE
    ).person


def again(person):
    """The same person in a later request: what they may do is asked afresh."""
    return type(person).objects.get(pk=person.pk)


def ask(case, person, to="", **more):
    return transfers.request_transfer(case, person=person, to=to, reason=WHY, **more)


def stands(case):
    now = Case.objects.get(pk=case.pk)
    return now.school_id, now.district.code, now.province_id


def test_a_school_that_is_asked_takes_the_child_who_counts_at_the_origin_until_then(cast, case):
    name_teacher(case, cast.teacher, person=cast.director)
    asked = ask(case, cast.teacher, school_code="46990002")
    assert (asked.to_unit, asked.details["to"]) == ("district:P4603", "school:46990002")  # nobody answers at the school
    assert stands(case) == (cast.own_school.pk, "P4603", 46)
    moved = answering.answer(asked, person=cast.district, decision="grant")
    assert stands(case) == (cast.sister_school.pk, "P4603", 46)
    assert moved.teacher is None
    assert moved.facts.filter(kind=FactKind.TRANSFERRED).count() == 1


def test_who_sent_a_child_keeps_its_own_request_and_sees_no_more_of_the_child(client, cast, case):
    """AZ-09: one owner at any time; what the sender still reads is what it asked itself, without the child."""
    asked = ask(case, cast.teacher, school_code="46990004")  # a secondary school: another line of districts
    province = again(cast.province)
    while Case.objects.get(pk=case.pk).school_id == cast.own_school.pk:
        held = Request.objects.get(pk=asked.pk)
        answerer = province if held.to_unit == "province:46" else officer("รับ", "district", held.to_unit)
        answering.answer(held, person=answerer, decision="grant")
    assert Case.objects.filter(pk=case.pk).visible_to(again(cast.teacher)).count() == 0
    for person in (cast.teacher, cast.director, cast.district):
        client.force_login(person)
        assert client.get(reverse("cases:case_detail", args=[case.number])).status_code == 404
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()
    assert str(RequestState.GRANTED.label) in page
    assert "น้องย้าย" not in page
    assert WHY not in page


def test_an_office_without_officers_is_answered_for_by_its_province(cast, case):
    asked = ask(case, cast.district, "district:P4601")
    assert asked.to_unit == "province:46"
    answering.answer(asked, person=cast.province, decision="grant")
    assert stands(case) == (None, "P4601", 46)


@pytest.mark.parametrize(
    "code", ["lao", "bpp", "onab", "mhesi", "msociety", "djop", "sport", "culture", "home", "other"]
)
def test_a_destination_outside_the_system_is_a_real_one(cast, case, code):
    asked = ask(case, cast.district, f"district:X46-{code}")
    assert asked.to_unit == "province:46"
    answering.answer(asked, person=cast.province, decision="grant")
    assert stands(case) == (None, f"X46-{code}", 46)


def test_every_affiliation_that_is_a_destination_can_be_chosen(cast):
    with (reference.DATA / "affiliations.csv").open(encoding="utf-8-sig", newline="") as handle:
        named = [row["code"] for row in csv.DictReader(handle) if "destination" in row["role"]]
    assert sorted(named) == sorted(transfers.OUTSIDE)
    (_label, outside) = transfers.offices(46)[-1]
    assert [value for value, _name in outside] == [f"district:X46-{code}" for code in named if code != "bma"]
    (_label, of_bangkok) = transfers.offices(10)[-1]
    assert "district:X10-bma" in [value for value, _name in of_bangkok]


def test_an_office_that_stands_is_offered_once_and_whoever_works_there_takes_the_child(cast, case):
    office = reference.generated_office(Province.objects.get(pk=46), Department.objects.get(code="lao"))
    values = [value for _label, options in transfers.offices(46) for value, _name in options]
    assert values.count("district:X46-lao") == 1
    person = officer("lao46", "district", f"district:{office.code}")
    asked = ask(case, cast.district, "district:X46-lao")
    assert asked.to_unit == "district:X46-lao"
    answering.answer(asked, person=person, decision="grant")
    assert stands(case) == (None, "X46-lao", 46)


def test_bangkok_schools_are_no_destination_elsewhere(cast, case):
    with pytest.raises(transfers.TransferRefused):
        ask(case, cast.district, "district:X46-bma")
    assert not District.objects.filter(code="X46-bma").exists()


def test_abroad_is_a_destination_that_leads_to_a_closing_with_its_approval(client, cast, case):
    client.force_login(cast.teacher)
    page = reverse("cases:act", args=[case.number, "request_transfer"])
    assert "ต่างประเทศ" in client.get(page).content.decode()
    short = client.post(page, {"to": "abroad", "reason": "ไปแล้ว"})
    assert short.status_code == 400 and "อย่างน้อย 10 ตัวอักษร" in short.content.decode()
    both = client.post(page, {"to": "abroad", "school_code": "46990002", "reason": "ป้าเล่าว่าย้ายไปอยู่กับแม่ที่ญี่ปุ่น"})
    assert both.status_code == 400
    assert not Request.objects.exists()
    picture = SimpleUploadedFile("a.jpg", _picture(3).read(), content_type="image/jpeg")
    said = {"to": "abroad", "reason": "ป้าเล่าว่าย้ายไปอยู่กับแม่ที่ญี่ปุ่น", "pictures": picture}
    assert client.post(page, said).status_code == 302
    asked = Request.objects.get()
    assert (asked.kind, asked.details["why"], asked.pictures.count()) == (RequestKind.CLOSING, Closing.ABROAD, 1)
    assert Case.objects.get(pk=case.pk).stage != Stage.CLOSED
    closed = answering.answer(asked, person=cast.district, decision="grant")
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, Outcome.STUDYING_ABROAD)


@pytest.mark.parametrize("to", ["district:P8101", "school:81990001", "tray:81-lao"])
def test_another_province_is_refused_and_the_way_is_told(cast, case, to):
    with pytest.raises(transfers.TransferRefused) as refused:
        ask(case, cast.district, to)
    assert "ส่งส่วนกลาง" in refused.value.message_th
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    "to", ["nation", "province:46", "district:XX", "tray:46-zzz", "tray:99-lao", "school:46990001", ""]
)
def test_what_is_no_destination_is_refused(cast, case, to):
    with pytest.raises(transfers.TransferRefused):
        ask(case, cast.district, to)


def test_found_in_another_province_goes_by_the_centre_and_the_desk_of_that_province(cast, case):
    asked = transfers.send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=SOUTH), reason=WHY)
    assert asked.to_unit == "department:obec"
    with pytest.raises(transfers.TransferRefused):  # never directly
        answering.answer(asked, person=cast.department, decision="pass_on", destination="district:P8101")
    answering.answer(asked, person=cast.department, decision="pass_on", destination="province:81")
    with pytest.raises(transfers.TransferRefused):  # of the other province's officer: not theirs to send home
        answering.answer(
            again_request(asked), person=cast.south_province, decision="pass_on", destination="district:P4603"
        )
    with pytest.raises(transfers.TransferRefused):
        answering.answer(again_request(asked), person=cast.south_province, decision="grant")
    answering.answer(again_request(asked), person=cast.south_province, decision="pass_on", destination="district:P8101")
    assert stands(case) == (cast.own_school.pk, "P4603", 46)
    answering.answer(again_request(asked), person=cast.south_district, decision="grant", destination="school:81990001")
    assert stands(case) == (cast.south_school.pk, "P8101", SOUTH)


def again_request(request):
    return Request.objects.get(pk=request.pk)


def test_each_desk_is_offered_only_what_it_can_decide_the_usual_first(client, cast, case):
    def offered(asked, person):
        client.force_login(person)
        return client.get(reverse("cases:request_detail", args=[asked.pk])).context["ways"]

    asked = transfers.send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=SOUTH), reason=WHY)
    assert offered(asked, cast.department) == ["pass_on", "refuse"]
    answering.answer(asked, person=cast.department, decision="pass_on", destination="province:81")
    assert offered(asked, cast.south_province) == ["pass_on", "grant", "refuse"]
    answering.answer(again_request(asked), person=cast.south_province, decision="pass_on", destination="district:P8101")
    assert offered(asked, cast.south_district) == ["grant", "pass_on", "refuse"]


def test_the_centre_itself_asks_the_province_and_ones_own_province_is_refused(cast, case):
    south = Province.objects.get(pk=SOUTH)
    assert transfers.send_to_centre(case, person=cast.department, province=south, reason=WHY).to_unit == "province:81"
    with pytest.raises(transfers.TransferRefused):
        transfers.send_to_centre(case, person=cast.department, province=Province.objects.get(pk=46), reason=WHY)


def test_who_takes_it_takes_it_into_their_own_unit(cast, case):
    officer("neighbour", "district", "district:P4601")
    asked = ask(case, cast.district, "district:P4601")
    neighbour = Request.objects.get(pk=asked.pk)
    assert neighbour.to_unit == "district:P4601"
    person = type(cast.district).objects.get(username="neighbour")
    with pytest.raises(transfers.TransferRefused):
        answering.answer(neighbour, person=person, decision="grant", destination="school:46990002")
    answering.answer(neighbour, person=person, decision="grant")
    assert stands(case) == (None, "P4601", 46)


def test_the_asker_recalls_and_the_receiver_refuses_with_a_reason(cast, case):
    asked = ask(case, cast.district, "district:P4601")
    answering.answer(asked, person=cast.district, decision="recall")
    second = ask(case, cast.district, "district:P4601")
    answering.answer(second, person=cast.province, decision="refuse", answer="เด็กอยู่เขตเดิม")
    assert [one.state for one in Request.objects.all()] == ["recalled", "refused"]
    with pytest.raises(PermissionDenied):
        answering.answer(ask(case, cast.district, "district:P4601"), person=cast.south_district, decision="grant")


def test_who_says_not_ours_leaves_the_choice_to_the_level_above(cast, case):
    posting = cast.director.postings.get()
    with_list = {"list_version": 1}
    asked = requests.ask(
        Case.objects.get(pk=case.pk),
        RequestKind.TRANSFER,
        posting=posting,
        to=transfers.parse_unit("district:P4603"),
        reason="ไม่ใช่ของเรา",
        details=with_list,
    )
    assert answering.asks(asked)
    answering.answer(asked, person=cast.district, decision="pass_on", destination="province:46")
    answering.answer(again_request(asked), person=cast.province, decision="grant", destination="district:P4601")
    assert stands(case) == (None, "P4601", 46)


def test_what_goes_unanswered_for_seven_days_climbs_by_command(cast, case, monkeypatch, capsys):
    officer("neighbour2", "district", "district:P4601")
    ask(case, cast.district, "district:P4601")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=8))
    call_command("escalate_requests")
    assert "1" in capsys.readouterr().out
    asked = Request.objects.get()
    assert (asked.to_unit, asked.escalated) == ("province:46", True)
    answering.answer(asked, person=cast.province, decision="grant")
    assert stands(case) == (None, "P4601", 46)


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_pages_walk_a_child_to_another_province(client, cast, case):
    client.force_login(cast.teacher)
    page = client.post(
        reverse("cases:act", args=[case.number, "request_transfer"]), {"to": "district:P8101", "reason": WHY}
    )
    assert page.status_code == 400 and "ส่งส่วนกลาง" in page.content.decode()
    there = f"province:{SOUTH}"
    client.post(reverse("cases:act", args=[case.number, "send_to_centre"]), {"province": there, "reason": WHY})
    asked = Request.objects.get()
    for person, decision, to in (
        (cast.department, "pass_on", "province:81"),
        (cast.south_province, "pass_on", "district:P8101"),
        (cast.south_district, "grant", ""),
    ):
        client.force_login(person)
        shown = client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()
        assert "น้องย้าย" in shown and "ป.4" in shown
        said = client.post(reverse("cases:request_answer", args=[asked.pk]), {"decision": decision, "destination": to})
        assert said.status_code == 302
    assert stands(case) == (None, "P8101", SOUTH)
    told = client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
    assert "รับโอนไป" in told


def test_the_receiving_side_sees_what_it_needs_and_no_more(client, cast, make_case):
    case = make_case(cast.own_school, name="น้องลับ สมมุติ", guardian_name="ยายลับ สมมุติ", guardian_phone="0810000000")
    asked = transfers.send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=SOUTH), reason=WHY)
    answering.answer(asked, person=cast.department, decision="pass_on", destination="province:81")
    client.force_login(cast.south_province)
    shown = client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()
    assert "น้องลับ" in shown and WHY in shown
    assert "ยายลับ" not in shown and "0810000000" not in shown
    assert client.get(reverse("cases:case_detail", args=[case.number])).status_code == 404
    answering.answer(again_request(asked), person=cast.south_province, decision="refuse", answer="ไม่พบในจังหวัด")
    assert "น้องลับ" not in client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()


def test_the_centre_never_accepts_for_a_province_nor_the_province_for_a_district_that_answers(cast, case):
    asked = transfers.send_to_centre(case, person=cast.teacher, province=Province.objects.get(pk=SOUTH), reason=WHY)
    with pytest.raises(transfers.TransferRefused):
        answering.answer(asked, person=cast.department, decision="grant", destination="district:P8101")
    answering.answer(asked, person=cast.department, decision="pass_on", destination="province:81")
    with pytest.raises(transfers.TransferRefused):
        answering.answer(asked, person=cast.south_province, decision="grant", destination="district:P8101")
    assert stands(case) == (cast.own_school.pk, "P4603", 46)
    answering.answer(asked, person=cast.south_province, decision="pass_on", destination="district:P8101")
    answering.answer(asked, person=cast.south_district, decision="grant")
    assert stands(case) == (None, "P8101", 81)


def test_a_district_passes_on_only_within_the_province_it_was_asked_for(cast, case):
    officer("s46", "district", "district:S4601")
    asked = ask(case, cast.district, "district:S4601")
    with pytest.raises(transfers.TransferRefused):
        answering.answer(
            asked, person=Person.objects.get(username="s46"), decision="pass_on", destination="district:P8101"
        )


def test_the_receiving_desk_reads_of_the_child_only_until_it_has_answered(client, cast, case):
    officer("p4601", "district", "district:P4601")
    asked = ask(case, cast.district, "district:P4601")
    client.force_login(Person.objects.get(username="p4601"))
    page = reverse("cases:request_detail", args=[asked.pk])
    assert WHY in client.get(page).content.decode()
    answering.answer(asked, person=Person.objects.get(username="p4601"), decision="refuse", answer="ไม่ใช่พื้นที่เรา")
    after = client.get(page)
    assert WHY not in after.content.decode()
    assert "ป.4" not in after.content.decode()


# ── two at once ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_sixteen_accept_and_recall_at_once_and_one_wins(cast, make_case):
    for round_ in range(4):
        case = make_case(cast.own_school, name=f"น้องแข่ง{round_} สมมุติ")
        asked = ask(case, cast.district, "district:P4601")
        ready, won = Barrier(16), []

        def go(n, asked=asked, ready=ready, won=won):
            person = again(cast.province if n % 2 else cast.district)
            request = Request.objects.select_related("case").get(pk=asked.pk)
            ready.wait()
            try:
                answering.answer(request, person=person, decision="grant" if n % 2 else "recall")
                won.append(n)
            except IllegalAction:
                pass
            finally:
                connection.close()

        threads = [Thread(target=go, args=(n,)) for n in range(16)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        assert len(won) == 1
        assert Fact.objects.filter(case=case, kind=FactKind.REQUEST_ANSWERED).count() == 1
        assert Fact.objects.filter(case=case, kind=FactKind.TRANSFERRED).count() == won[0] % 2
