"""One child's long way: ten changes of hands, two more drop-outs, a duplicate merged, parted and merged again.

The test keeps by hand what each day should say (where the child stands and which figures it is in) as the story goes,
late news included; then every past day is counted anew, at every unit of both trees, as known then and as known now.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.urls import reverse

from cases import answering, merging, requests, transfers
from cases.codes import EnrolmentRoute, Finding, FollowUp, Outcome, Sameness, Wish
from cases.duplicates import note_pair
from cases.enrolment import claim_enrolment, confirm_enrolment, deny_enrolment
from cases.follow_ups import drop_again, record_follow_up
from cases.models import Case
from cases.routing import assign_case
from cases.visits import VisitContent, record_visit
from dropout.testing import PASSWORD, SINCE
from reports import ladder, trees
from reports.identities import checks
from schools import clock, postings
from schools.models import Province
from schools.people import create_person
from schools.thaitime import bangkok_date
from schools.units import parse_unit

pytestmark = pytest.mark.django_db

BEGIN = datetime(2022, 2, 28, 17, tzinfo=UTC)  # 00:00 in Bangkok of 1 March
LAST = 245
WHY = "ย้ายตามผู้ปกครอง"

# where a child stands: the leaf first, then every unit above it along both trees
OFFICE = "district:P4603 province:46 region:12 department:obec nation"
OWN = f"school:46990001 {OFFICE}"
SISTER = f"school:46990002 {OFFICE}"
TOWN = "district:P4601 province:46 region:12 department:obec nation"
TOWN_SCHOOL = f"school:46990003 {TOWN}"
COLLEGES = "district:V4601 province:46 region:12 department:ovec nation"
COLLEGE = f"school:46990005 {COLLEGES}"
KORAT = "district:P3001 province:30 region:13 department:obec nation"
KORAT_SCHOOL = f"school:30990001 {KORAT}"
SOUTH = "school:81990001 district:P8101 province:81 region:6 department:obec nation"
PLACES = (OWN, SISTER, TOWN_SCHOOL, COLLEGE, KORAT_SCHOOL, SOUTH)
UNITS = sorted({unit for place in PLACES for unit in place.split()} | {"district:S4601", "school:46990004"})

# which figures a child is in
OPEN = "target dropout.target dropout.in_progress"
STARTS = f"{OPEN} to_start"
TRACKED = f"{OPEN} tracking"
FOUND = "target dropout.target dropout.traced found out_of_education"
WANTS = f"{FOUND} dropout.not_back wants wants_not_claimed"
RELOCATED, NO_CAUSE, DISASTER = "outcome=relocated", "outcome=unspecified", "outcome=disaster_affected"
CLAIMED = f"{FOUND} dropout.back wants returned_claimed"
WAITS = f"{CLAIMED} claimed_not_confirmed"
BACK = f"{CLAIMED} returned_confirmed observing"
VOID = ""


class Standing(NamedTuple):
    """What the test wrote down: from `since` on the child stood so, and that was known from `known` on."""

    since: datetime
    known: datetime
    place: str
    figures: str


class Story:
    """The people of the story, its clock, and the test's own book of it."""

    def __init__(self, cast):
        self.cast = cast
        self.book: dict[str, list[Standing]] = {}
        self.told: list[tuple[datetime, str, str]] = []  # the timeline: when, what, who
        self.eventful: set[int] = set()
        self.now = BEGIN

    @contextmanager
    def day(self, number, hour=10):
        """On this day of the story; the clock never goes back."""
        moment = BEGIN + timedelta(days=number, hours=hour)
        assert moment > self.now, "a story goes forward"
        self.now = moment
        self.eventful |= {number - 1, number}
        for person in vars(self.cast).values():
            person.__dict__.pop("_postings", None)  # what they may do is asked afresh each day
        with clock.simulated(moment):
            yield bangkok_date(moment)

    def stands(self, child, place, figures, *, since=None):
        """From now on; or since the beginning of an earlier day, of which the system learns now."""
        at = self.now if since is None else self._began(since)
        self.book.setdefault(child, []).append(Standing(at, self.now, place, figures))

    def stood(self, child, place, figures, *, since):
        """The same again for a stretch that began at an exact moment and is told differently from now on."""
        self.book[child].append(Standing(since, self.now, place, figures))

    def tells(self, what, who, *, on=None):
        self.told.append((self.now if on is None else self._began(on), what, who))

    def _began(self, day):
        return BEGIN + timedelta(days=day)

    # ── what the book says ────────────────────────────────────────────────────────────────────────────────────
    def standing(self, child, as_of, known_at):
        known = [one for one in self.book[child] if one.known <= known_at and one.since <= as_of]
        return max(known, key=lambda one: (one.since, one.known), default=None)

    def figures(self, as_of, known_at):
        """unit → counter → how many, by nothing but the book; leaves without a school under their office's "-"."""
        found: dict[str, dict[str, int]] = {}
        for child in self.book:
            standing = self.standing(child, as_of, known_at)
            if standing is None or not standing.figures:
                continue
            units = standing.place.split()
            leaf = units[0] if units[0].startswith("school") else f"{units[0]}-"
            for unit in {*units, leaf}:
                row = found.setdefault(unit, {})
                for counter in standing.figures.split():
                    row[counter] = row.get(counter, 0) + 1
        return found


def officer(username, name, role, unit):
    said = {"first_name": name, "last_name": "สมมุติ", "password": PASSWORD, "since": SINCE}
    return create_person(username, role=role, unit=unit, **said).person


def again(case):
    return Case.objects.get(pk=case.pk)


def visit(case, person, finding, *, done=None, **said):
    content = VisitContent(finding=finding, done=done, **said)
    record_visit(again(case), content, person=person, uuid=uuid4())


def answer(case, person, decision, **more):
    asked = requests.visible_to(person).get(case=case, state="waiting")
    answering.answer(asked, person=person, decision=decision, answer="พิจารณาแล้วตามเอกสาร", **more)


# who, as the timeline should say it: the name, and the unit in which they did it
TEACHER = "กมล สมมุติครู · โรงเรียนบ้านทุ่งสมมุติ"
SISTER_TEACHER = "ขวัญใจ สมมุติครู · โรงเรียนบ้านดอนสมมุติ"
CHAN = "จันทร์ สมมุติเขต · สพป.กาฬสินธุ์ เขต 3"
CHAN_MOVED = "จันทร์ สมมุติเขต · สพป.กาฬสินธุ์ เขต 1"
PROVINCE = "ชลิต สมมุติจังหวัด · กาฬสินธุ์"
CENTRE = "ดารา สมมุติกรม · สพฐ."
COLLEGE_CENTRE = "วันดี สมมุติใต้ · สอศ."
TOWN_OFFICER = "มานพ สมมุติ · สพป.กาฬสินธุ์ เขต 1"
SECONDARY = "มาลัย สมมุติ · สพม.กาฬสินธุ์"
KORAT_PROVINCE = "ยุพา สมมุติ · นครราชสีมา"
KORAT_OFFICER = "โยธิน สมมุติ · สพป.นครราชสีมา เขต 1"
KORAT_HEAD = "รวี สมมุติ · โรงเรียนบ้านโคกสมมุติ"
COLLEGE_HEAD = "เรวัต สมมุติ · วิทยาลัยเทคนิคสมมุติ"
COLLEGE_TEACHER = "ลำดวน สมมุติ · วิทยาลัยเทคนิคสมมุติ"
ASKED = "ขอโอนหน่วยงานรับผิดชอบ"
GRANTED, REFUSED, RECALLED, PASSED = (f"{ASKED}: {end}" for end in ("อนุมัติ", "ไม่อนุมัติ", "เรียกคืนแล้ว", "ส่งต่อผู้พิจารณา"))


@pytest.fixture
def story(cast):
    for attribute, (name, role, unit) in {
        "town": ("มานพ", "district", "district:P4601"),
        "secondary": ("มาลัย", "district", "district:S4601"),
        "korat_province": ("ยุพา", "province", "province:30"),
        "korat": ("โยธิน", "district", "district:P3001"),
        "korat_head": ("รวี", "director", "school:30990001"),
        "college_head": ("เรวัต", "director", "school:46990005"),
        "college_teacher": ("ลำดวน", "teacher", "school:46990005"),
    }.items():
        setattr(cast, attribute, officer(attribute, name, role, unit))
    return Story(cast)


def the_north(story, make_case):
    """Listed, routed, moved within the district, to another district, and up to the centre: six changes of hands."""
    cast = story.cast
    with story.day(0, 9) as today:
        child = make_case(cast.own_school.district, name="มะลิ สมมุติ", listed_on=today)
        story.stands("child", OFFICE, STARTS)
        story.tells("เข้าสู่ระบบจากบัญชี", "สพป.กาฬสินธุ์ เขต 3")
        south = make_case(cast.south_school, name="ปลา สมมุติ", listed_on=today)
        story.stands("south", SOUTH, STARTS)
        make_case(cast.other_province_school.district, name="ดาว สมมุติ", listed_on=today)
        story.stands("korat", KORAT, STARTS)
    with story.day(2):
        assign_case(child, cast.own_school, person=cast.district)
        story.stands("child", OWN, STARTS)
        story.tells("มอบหมายให้ โรงเรียนบ้านทุ่งสมมุติ", CHAN)
    with story.day(8):
        transfers.request_transfer(child, person=cast.teacher, school_code="46990002", reason=WHY)
        story.tells(ASKED, TEACHER)
    with story.day(9):
        answer(child, cast.district, "grant")
        story.stands("child", SISTER, STARTS)
        story.tells(GRANTED, CHAN)
        story.tells("รับโอนไป โรงเรียนบ้านดอนสมมุติ", CHAN)
        moved = story.now
    with story.day(10) as today:  # late news: of a visit before the child changed hands
        visit(child, cast.sister_teacher, Finding.NONE, done=today - timedelta(days=5))
        story.stands("child", OWN, TRACKED, since=5)
        story.stood("child", SISTER, TRACKED, since=moved)
        story.tells("เยี่ยมบ้าน: ไม่พบตัว", SISTER_TEACHER, on=5)
    for asked, answered, who, decision, told in (
        (12, 13, cast.town, "refuse", (REFUSED, TOWN_OFFICER)),
        (14, 15, cast.sister_teacher, "recall", (RECALLED, SISTER_TEACHER)),
        (16, 18, cast.town, "grant", (GRANTED, TOWN_OFFICER)),
    ):
        with story.day(asked):
            transfers.request_transfer(child, person=cast.sister_teacher, to="district:P4601", reason=WHY)
            story.tells(ASKED, SISTER_TEACHER)
        with story.day(answered):
            answer(child, who, decision)
            story.tells(*told)
            if decision == "grant":
                story.stands("child", TOWN, TRACKED)
                story.tells("รับโอนไป สพป.กาฬสินธุ์ เขต 1", TOWN_OFFICER)
    with story.day(20):
        assign_case(child, cast.other_district_school, person=cast.town)
        story.stands("child", TOWN_SCHOOL, TRACKED)
        story.tells("มอบหมายให้ โรงเรียนเมืองสมมุติ", TOWN_OFFICER)
    with story.day(26):
        transfers.send_to_centre(child, person=cast.town, province=Province.objects.get(pk=30), reason=WHY)
        story.tells(ASKED, TOWN_OFFICER)
    with story.day(27):
        answer(child, cast.department, "pass_on", destination="province:30")
        story.tells(PASSED, CENTRE)
    with story.day(28):
        answer(child, cast.korat_province, "pass_on", destination="district:P3001")
        story.tells(PASSED, KORAT_PROVINCE)
    with story.day(30):
        answer(child, cast.korat, "grant")
        story.stands("child", KORAT, TRACKED)
        story.tells(GRANTED, KORAT_OFFICER)
        story.tells("รับโอนไป สพป.นครราชสีมา เขต 1", KORAT_OFFICER)
    with story.day(32):
        assign_case(child, cast.other_province_school, person=cast.korat)
        story.stands("child", KORAT_SCHOOL, TRACKED)
        story.tells("มอบหมายให้ โรงเรียนบ้านโคกสมมุติ", KORAT_OFFICER)
    return child, south


def the_first_return(story, make_case, child, south):
    """Found, back in school and confirmed in another province; meanwhile a list at home names the child once more."""
    cast = story.cast
    with story.day(35):
        visit(child, cast.korat, Finding.FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS)
        story.stands("child", KORAT_SCHOOL, f"{WANTS} {RELOCATED}")
        story.tells("เยี่ยมบ้าน: พบตัว", KORAT_OFFICER)
    with story.day(37):
        claim(child, cast.korat_head, cast.other_province_school)
        story.stands("child", KORAT_SCHOOL, f"{WAITS} {RELOCATED}")
        story.tells("แจ้งกลับเข้าเรียน", KORAT_HEAD)
    with story.day(40):
        confirm_enrolment(again(child), person=cast.korat)
        story.stands("child", KORAT_SCHOOL, f"{BACK} {RELOCATED}")
        story.tells("ยืนยันการกลับเข้าเรียน", KORAT_OFFICER)
    with story.day(50):
        visit(south, cast.south_teacher, Finding.FOUND, wish=Wish.WANTS)
        story.stands("south", SOUTH, f"{WANTS} {NO_CAUSE}")
    with story.day(60) as today:
        twin = make_case(cast.sister_school, name="มะลิ สมมุติ", listed_on=today)
        story.stands("twin", SISTER, STARTS)
        story.tells("เข้าสู่ระบบจากบัญชี", "สพป.กาฬสินธุ์ เขต 3")
    with story.day(65):
        visit(twin, cast.sister_teacher, Finding.NONE)
        story.stands("twin", SISTER, TRACKED)
        story.tells("เยี่ยมบ้าน: ไม่พบตัว", SISTER_TEACHER)
    with story.day(100):
        record_follow_up(again(child), person=cast.korat_head, result=FollowUp.STILL)
        story.tells("ติดตามหลังกลับเข้าเรียน", KORAT_HEAD)
    with story.day(120):
        drop_again(again(child), person=cast.korat_head, reason="กลับบ้านเกิดกับยาย")
        story.stands("child", KORAT_SCHOOL, STARTS)
        story.tells("ออกกลางคันซ้ำ เริ่มติดตามรอบใหม่", KORAT_HEAD)
    return twin


def the_way_home(story, child):
    """Refused at home by one office and taken by another; on to a college of another department: nine changes."""
    cast = story.cast
    home = Province.objects.get(pk=46)
    for first, office, decision in ((125, "district:S4601", "refuse"), (130, "district:P4603", "grant")):
        with story.day(first):
            transfers.send_to_centre(child, person=cast.korat, province=home, reason=WHY)
            story.tells(ASKED, KORAT_OFFICER)
        with story.day(first + 1):
            answer(child, cast.department, "pass_on", destination="province:46")
            story.tells(PASSED, CENTRE)
        with story.day(first + 2):
            answer(child, cast.province, "pass_on", destination=office)
            story.tells(PASSED, PROVINCE)
        if decision == "refuse":
            with story.day(128):
                answer(child, cast.secondary, "refuse")
                story.tells(REFUSED, SECONDARY)
            with story.day(129):
                visit(child, cast.korat, Finding.HEARD_OF)
                story.stands("child", KORAT_SCHOOL, TRACKED)
                story.tells("เยี่ยมบ้าน: ไม่พบตัว แต่รู้ว่าอยู่ที่ไหน", KORAT_OFFICER)
    with story.day(133):
        answer(child, cast.district, "grant", destination="school:46990001")
        story.stands("child", OWN, TRACKED)
        story.tells(GRANTED, CHAN)
        story.tells("รับโอนไป โรงเรียนบ้านทุ่งสมมุติ", CHAN)
    with story.day(135):
        transfers.request_transfer(child, person=cast.teacher, to="district:V4601", reason=WHY)
        story.tells(ASKED, TEACHER)
    with story.day(137):
        answer(child, cast.province, "grant")
        story.stands("child", COLLEGES, TRACKED)
        story.tells(GRANTED, PROVINCE)
        story.tells("รับโอนไป อศจ.กาฬสินธุ์", PROVINCE)
    with story.day(139):
        assign_case(child, cast.college_school, person=cast.south_department)
        story.stands("child", COLLEGE, TRACKED)
        story.tells("มอบหมายให้ วิทยาลัยเทคนิคสมมุติ", COLLEGE_CENTRE)


def claim(child, person, school):
    claim_enrolment(again(child), person=person, route=EnrolmentRoute.SCHOOL, school=school)


def the_second_return(story, child, twin):
    """Denied, claimed again, confirmed; the duplicate merged, parted, found, merged again; and out once more."""
    cast = story.cast
    with story.day(142):
        visit(child, cast.college_head, Finding.FOUND, wish=Wish.WANTS)
        story.stands("child", COLLEGE, f"{WANTS} {NO_CAUSE}")
        story.tells("เยี่ยมบ้าน: พบตัว", COLLEGE_HEAD)
    for claimed, answered, call in ((144, 146, deny_enrolment), (148, 150, confirm_enrolment)):
        with story.day(claimed):
            claim(child, cast.college_teacher, cast.college_school)
            story.stands("child", COLLEGE, f"{WAITS} {NO_CAUSE}")
            story.tells("แจ้งกลับเข้าเรียน", COLLEGE_TEACHER)
        with story.day(answered):
            if call is deny_enrolment:
                deny_enrolment(again(child), person=cast.college_head, reason="ยังไม่มาเรียน")
                story.stands("child", COLLEGE, f"{WANTS} {NO_CAUSE}")
                story.tells("ปฏิเสธการกลับเข้าเรียน", COLLEGE_HEAD)
            else:
                confirm_enrolment(again(child), person=cast.college_head)
                story.stands("child", COLLEGE, f"{BACK} {NO_CAUSE}")
                story.tells("ยืนยันการกลับเข้าเรียน", COLLEGE_HEAD)
    pair = note_pair(child, twin, Sameness.NAME_BIRTH)
    with story.day(160):
        merging.merge(pair, person=cast.province, reason="ชื่อ บ้าน และยายคนเดียวกัน")
        story.stands("twin", SISTER, VOID)
        story.tells("รวมแฟ้มที่ซ้ำเข้ามา", PROVINCE)
    with story.day(165):
        merging.undo_merge(pair, person=cast.province, reason="อาจเป็นลูกพี่ลูกน้อง")
        story.stands("twin", SISTER, TRACKED)
        story.tells("ยกเลิกการรวมแฟ้ม", PROVINCE)
    with story.day(166):
        visit(twin, cast.sister_teacher, Finding.FOUND, outcome=Outcome.FAMILY_NECESSITY, wish=Wish.DOES_NOT_WANT)
        story.stands("twin", SISTER, f"{FOUND} dropout.not_back does_not_want outcome=family_necessity")
        story.tells("เยี่ยมบ้าน: พบตัว", SISTER_TEACHER)
    with story.day(170):
        merging.merge(pair, person=cast.province, reason="ยายยืนยันว่าคนเดียวกัน")
        story.stands("twin", SISTER, VOID)  # and the outcome of the return that stands is frozen
        story.tells("รวมแฟ้มที่ซ้ำเข้ามา", PROVINCE)
    with story.day(215):
        left = {"result": FollowUp.LEFT, "reason": "น้ำท่วมบ้าน", "outcome": Outcome.DISASTER_AFFECTED}
        record_follow_up(again(child), person=cast.college_head, **left)
        story.stands("child", COLLEGE, STARTS)
        story.tells("ติดตามหลังกลับเข้าเรียน", COLLEGE_HEAD)
        story.tells("ออกกลางคันซ้ำ เริ่มติดตามรอบใหม่", COLLEGE_HEAD)


def the_last_hands(story, child):
    """Found once more, of which late news tells what came before; an officer has moved; the tenth change of hands."""
    cast = story.cast
    with story.day(218):
        visit(child, cast.college_head, Finding.FOUND, outcome=Outcome.DISASTER_AFFECTED, wish=Wish.WANTS)
        story.stands("child", COLLEGE, f"{WANTS} {DISASTER}")
        story.tells("เยี่ยมบ้าน: พบตัว", COLLEGE_HEAD)
    with story.day(220) as today:
        postings.end(cast.district.postings.get(), by=cast.department)
        postings.give(cast.district, role="district", unit="district:P4601", by=cast.department, since=today)
    with story.day(226) as today:
        visit(child, cast.college_head, Finding.NONE, done=today - timedelta(days=10))
        story.stands("child", COLLEGE, TRACKED, since=216)
        story.tells("เยี่ยมบ้าน: ไม่พบตัว", COLLEGE_HEAD, on=216)
    with story.day(228):
        transfers.request_transfer(child, person=cast.college_head, to="district:P4601", reason=WHY)
        story.tells(ASKED, COLLEGE_HEAD)
    with story.day(229):
        answer(child, cast.town, "refuse")
        story.tells(REFUSED, TOWN_OFFICER)
    with story.day(230):
        transfers.request_transfer(child, person=cast.college_head, school_code="46990003", reason=WHY)
        story.tells(ASKED, COLLEGE_HEAD)
    with story.day(232):
        answer(child, cast.district, "grant")
        story.stands("child", TOWN_SCHOOL, f"{WANTS} {DISASTER}")
        story.tells(GRANTED, CHAN_MOVED)
        story.tells("รับโอนไป โรงเรียนเมืองสมมุติ", CHAN_MOVED)


@pytest.fixture
def told(story, make_case):
    child, south = the_north(story, make_case)
    twin = the_first_return(story, make_case, child, south)
    the_way_home(story, child)
    the_second_return(story, child, twin)
    the_last_hands(story, child)
    return story, again(child), again(twin)


# ── what must be seen ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_timeline_tells_the_whole_story_in_order_with_the_units_as_they_were(told, client):
    story, child, twin = told
    expected = [line[1:] for line in sorted(story.told, key=lambda line: line[0])]
    with story.day(LAST):
        client.force_login(story.cast.district)
        events = client.get(reverse("cases:case_detail", args=[child.number])).context["events"]
    said = [(event["title"], event["by"].partition(" · ถึงระบบ")[0]) for event in reversed(events)]
    assert said == expected
    of_twin = [event["title"] for event in reversed(events) if event["duplicate"] == twin.number]
    assert of_twin == ["เข้าสู่ระบบจากบัญชี", "เยี่ยมบ้าน: ไม่พบตัว", "เยี่ยมบ้าน: พบตัว"]
    hands = [title for title, _ in said if title.startswith(("มอบหมายให้", "รับโอนไป"))]
    assert (len(hands), child.episode) == (10, 3)


def test_every_past_day_adds_up_at_every_unit_as_known_then_and_as_known_now(told):
    story, *_ = told
    end = BEGIN + timedelta(days=LAST)
    with clock.simulated(end):
        for number in range(LAST):
            evening = BEGIN + timedelta(days=number, hours=20)
            for known_at in (evening, end):
                assert_adds_up(story, evening, known_at, live=number in story.eventful)


def test_every_tenth_day_is_counted_the_same_as_known_on_every_tenth_day_since(told):
    story, *_ = told
    evenings = [BEGIN + timedelta(days=number, hours=20) for number in range(0, LAST, 10)]
    with clock.simulated(BEGIN + timedelta(days=LAST)):
        for place, as_of in enumerate(evenings):
            for known_at in evenings[place:]:
                assert_adds_up(story, as_of, known_at)


def assert_adds_up(story, as_of, known_at, *, live=False):
    """The book's figures are the product's: of every unit added up from the leaves; `live`: also asked by itself."""
    expected = story.figures(as_of, known_at)
    leaves = ladder.count_leaves(as_of=as_of, known_at=known_at)
    trees.prove(leaves)
    counted = {}
    for level in trees.LEVELS:
        lines = trees.lines(leaves, level)
        assert ladder.total(line.counts for line in lines) == ladder.total(leaves.values()), level
        counted |= {f"{line.unit}-" if line.is_unassigned else line.unit: line.counts.not_zero() for line in lines}
    assert counted == expected, (as_of, known_at)
    for unit in UNITS if live else ():
        counts = ladder.count(parse_unit(unit), as_of=as_of, known_at=known_at)
        assert counts.not_zero() == expected.get(unit, {}), (unit, as_of, known_at)
        assert all(check.holds for check in checks(counts))
