"""Rounds: opened once whoever builds them, frozen for ever, confirmed, received, returned, locked; late stays late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.codes import Outcome, Rung, Stage, Wish
from reports import reporting_calendars, rollup, rounds
from reports.models import DeadlineException, Holiday, ReportingCalendar, Rollup, Round, RoundEvent
from reports.reporting_calendars import CalendarRefused
from reports.rounds import RoundRefused, StaleRound
from reports.tests.spans import places, span, store
from schools import clock
from schools.models import Department, District, Province, School
from schools.units import parse_unit

MONDAY = date(2022, 3, 14)
CUTOFF = datetime(2022, 3, 13, 17, tzinfo=UTC)  # 00:00 of that Monday in Bangkok
MORNING = CUTOFF + timedelta(hours=8)
EVENING = CUTOFF + timedelta(hours=17)  # 17.00 น., half an hour late
FOUND = {"rung": Rung.FOUND, "stage": Stage.FOUND}


@pytest.fixture
def calendars(reference_world):
    with clock.simulated(MORNING):
        reporting_calendars.load_calendars()


@pytest.fixture
def world(schools, calendars):
    """Two children of one school, one of another; one is found on the Sunday and told to the system on the Tuesday."""
    ground = places(schools)
    store(
        [
            span(ground[0]),
            span(ground[0], **FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS),
            span(ground[12]),
        ]
    )
    return ground


@pytest.fixture
def opened(world):
    open_on(MONDAY, "school")


def open_on(due: date, level: str) -> int:
    """The clock's work for one level and due day."""
    rule = next(rule for rule in reporting_calendars.rules_in_force() if rule.level == level)
    with clock.simulated(MORNING):
        return rounds.open_rounds(rule, due)


def of(unit: str, due: date = MONDAY) -> Round:
    return Round.objects.get(unit=unit, due_on=due)


# ── calendars ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_calendar_is_the_default_and_the_second_holds_from_the_day_it_is_chosen_for(calendars, cast):
    posting = cast.ministry.postings.get()
    second = ReportingCalendar.objects.get(code="s004")
    with clock.simulated(MORNING):
        reporting_calendars.choose_calendar(
            second, since=date(2022, 4, 1), reason="ตามบทบาทหน้าที่", person=cast.ministry, posting=posting
        )
    held = {(rule.level, rule.since, rule.until) for rule in reporting_calendars.rules_in_force()}
    assert ("province", date(2022, 1, 1), date(2022, 4, 1)) in held
    assert ("department", date(2022, 4, 1), None) in held
    assert len(held) == 7


@pytest.mark.parametrize("since", [date(2022, 2, 1), date(2022, 3, 14)])
def test_a_calendar_is_chosen_for_a_day_to_come_on_which_it_is_valid(calendars, cast, since):
    second = ReportingCalendar.objects.get(code="s004")
    with clock.simulated(MORNING), pytest.raises(CalendarRefused):
        reporting_calendars.choose_calendar(
            second, since=since, reason="ลอง", person=cast.ministry, posting=cast.ministry.postings.get()
        )


def test_loading_the_calendars_again_changes_nothing_and_keeps_what_people_entered(calendars):
    Holiday.objects.create(day=date(2022, 2, 16), name="วันมาฆบูชา")
    before = list(Holiday.objects.values()), list(ReportingCalendar.objects.values())
    with clock.simulated(MORNING):
        reporting_calendars.load_calendars()
    assert (list(Holiday.objects.values()), list(ReportingCalendar.objects.values())) == before


# ── opening ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_war_room_of_a_due_day_gets_its_round_once_however_often_the_clock_strikes(world):
    with clock.simulated(MORNING):
        rounds.open_due_rounds()
    before = list(Round.objects.order_by("pk").values())
    schools = Round.objects.filter(level="school", due_on=MONDAY)
    assert schools.count() == School.objects.filter(closed_on=None).count()
    fridays = Round.objects.filter(level="district", due_on=date(2022, 3, 11))
    assert fridays.count() == District.objects.exclude(kind=District.Kind.TRAY).count()
    assert Round.objects.filter(level="province", due_on=date(2022, 3, 15)).count() == Province.objects.count()
    firsts = Round.objects.filter(level="department", due_on=date(2022, 3, 1))
    assert firsts.count() == Department.objects.filter(is_war_room=True).count()
    with clock.simulated(EVENING):
        assert rounds.open_due_rounds() == 0
    assert list(Round.objects.order_by("pk").values()) == before


def test_a_round_whose_cut_off_is_still_to_come_is_not_opened(world):
    with clock.simulated(MORNING):
        rounds.open_due_rounds()
    assert not Round.objects.filter(level="school", due_on__gt=MONDAY).exists()
    assert not Round.objects.filter(level="province", due_on__gt=date(2022, 3, 15)).exists()


def test_all_rounds_of_one_cut_off_read_the_same_frozen_figures(opened):
    school = of("school:46990001")
    assert (school.frozen.as_of, school.frozen.known_at) == (CUTOFF, CUTOFF)
    assert Rollup.objects.filter(kind=Rollup.Kind.ROUND, as_of=CUTOFF).count() == 1
    counts = rollup.counts_for(school.frozen, parse_unit("school:46990001"))
    assert (counts["target"], counts["found"]) == (2, 1)


def test_a_closed_school_owes_no_round(world):
    School.objects.filter(code="46990002").update(closed_on=date(2022, 3, 1))
    open_on(MONDAY, "school")
    open_on(date(2022, 2, 28), "school")
    assert not Round.objects.filter(unit="school:46990002", due_on=MONDAY).exists()
    assert Round.objects.filter(unit="school:46990002", due_on=date(2022, 2, 28)).exists()


def test_a_round_opened_weeks_late_is_still_as_of_and_as_known_at_its_own_cut_off(world):
    with clock.simulated(CUTOFF + timedelta(days=30)):
        rounds.open_due_rounds()
    assert of("school:46990001").frozen.known_at == CUTOFF


def test_freezing_before_the_cut_off_is_refused(world):
    with clock.simulated(CUTOFF - timedelta(seconds=1)), pytest.raises(rollup.RollupRefused):
        rollup.freeze(CUTOFF)


def test_a_unit_with_an_exception_is_late_only_from_the_day_it_was_given(world, cast):
    flood = CUTOFF + timedelta(days=3)
    posting = cast.district.postings.get()
    DeadlineException.objects.create(
        unit="school:46990001",
        due_on=MONDAY,
        late_from=flood,
        reason="น้ำท่วม",
        by=posting.person,
        posting=posting,
        at=MORNING,
    )
    open_on(MONDAY, "school")
    assert of("school:46990001").late_from == flood
    assert of("school:46990002").late_from == CUTOFF + timedelta(hours=16, minutes=30)


# ── reporting ─────────────────────────────────────────────────────────────────────────────────────────────────
def confirmed(cast, at=MORNING) -> Round:
    with clock.simulated(at):
        rounds.write_report(of("school:46990001"), person=cast.director, activities="เยี่ยมบ้าน 5 หลัง")
        return rounds.confirm_round(of("school:46990001"), person=cast.director)


def test_a_report_walks_from_opened_to_locked_and_every_step_is_kept(opened, cast):
    confirmed(cast)
    with clock.simulated(EVENING):
        rounds.receive_round(of("school:46990001"), person=cast.district)
        locked = rounds.lock_round(of("school:46990001"), person=cast.district)
    assert (locked.state, locked.is_late) == ("locked", False)
    assert list(RoundEvent.objects.values_list("before", "after", "by")) == [
        ("opened", "confirmed", cast.director.pk),
        ("confirmed", "received", cast.district.pk),
        ("received", "locked", cast.district.pk),
    ]


def test_a_zero_report_is_a_report_and_an_empty_one_is_not(opened, cast):
    with clock.simulated(MORNING):
        with pytest.raises(RoundRefused):
            rounds.confirm_round(of("school:46990001"), person=cast.director)
        told = rounds.confirm_round(of("school:46990001"), person=cast.director, zero=True)
    assert (told.state, told.is_zero) == ("confirmed", True)


def test_what_is_confirmed_after_the_offices_closed_is_late_and_a_correction_does_not_move_it(opened, cast):
    assert confirmed(cast, at=EVENING).is_late
    with clock.simulated(EVENING + timedelta(days=1)):
        rounds.return_round(of("school:46990001"), person=cast.district, reason="จำนวนครั้งไม่ตรง")
        again = rounds.confirm_round(of("school:46990001"), person=cast.director)
    assert again.confirmed_at == EVENING


def test_what_was_on_time_stays_on_time_when_it_is_corrected_later(opened, cast):
    confirmed(cast)
    with clock.simulated(EVENING + timedelta(days=1)):
        rounds.return_round(of("school:46990001"), person=cast.district, reason="เพิ่มรูปภาพ")
        again = rounds.confirm_round(of("school:46990001"), person=cast.director)
    assert not again.is_late


def test_a_locked_round_opens_only_by_the_level_above_with_a_reason_and_its_figures_stay(opened, cast):
    confirmed(cast)
    with clock.simulated(EVENING):
        rounds.receive_round(of("school:46990001"), person=cast.district)
        rounds.lock_round(of("school:46990001"), person=cast.district)
        frozen = of("school:46990001").frozen_id
        with pytest.raises(RoundRefused):
            rounds.write_report(of("school:46990001"), person=cast.director, problems="แก้")
        with pytest.raises(RoundRefused):
            rounds.unlock_round(of("school:46990001"), person=cast.district, reason="x")
        with pytest.raises(PermissionDenied):
            rounds.unlock_round(of("school:46990001"), person=cast.director, reason="ขอแก้ไขรายงาน")
        unlocked = rounds.unlock_round(of("school:46990001"), person=cast.district, reason="ขอแก้ไขรายงาน")
    assert (unlocked.state, unlocked.frozen_id) == ("returned", frozen)


@pytest.mark.parametrize(
    "who", ["teacher", "sister_teacher", "south_director", "province", "partner", "auditor", "charlie"]
)
def test_only_the_war_room_itself_reports(opened, cast, who):
    with clock.simulated(MORNING), pytest.raises(PermissionDenied):
        rounds.confirm_round(of("school:46990001"), person=getattr(cast, who), zero=True)


@pytest.mark.parametrize("who", ["director", "south_district", "province", "department", "ministry"])
def test_only_the_level_above_receives(opened, cast, who):
    confirmed(cast)
    with clock.simulated(MORNING), pytest.raises(PermissionDenied):
        rounds.receive_round(of("school:46990001"), person=getattr(cast, who))


def test_a_district_reports_to_its_department_and_a_province_to_the_ministry(world, cast):
    open_on(date(2022, 3, 11), "district")
    open_on(date(2022, 3, 15), "province")
    office, province = of("district:P4603", date(2022, 3, 11)), of("province:46", date(2022, 3, 15))
    assert (rounds.receiver(office), rounds.receiver(province)) == ("department:obec", "nation")
    with clock.simulated(MORNING):
        rounds.confirm_round(office, person=cast.district, zero=True)
        rounds.confirm_round(province, person=cast.province, zero=True)
        assert rounds.receive_round(office, person=cast.department).state == "received"
        assert rounds.receive_round(province, person=cast.ministry).state == "received"


def test_who_saves_second_is_told_and_loses_nothing_that_stands(opened, cast):
    seen = of("school:46990001").version
    with clock.simulated(MORNING):
        rounds.write_report(of("school:46990001"), person=cast.director, version=seen, activities="ฉบับแรก")
        with pytest.raises(StaleRound) as told:
            rounds.write_report(of("school:46990001"), person=cast.director, version=seen, activities="ฉบับหลัง")
    assert told.value.round.activities == "ฉบับแรก"
