"""Children whose whole life is told: an older list, and what people did with each child of it up to today.

They draw from a chance of their own, so that the rest of the world stays as it is without them.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from cases import (
    answering,
    checking,
    checklists,
    closing,
    duplicates,
    enrolment,
    escalation,
    follow_ups,
    help,
    merging,
    notfound,
    referrals,
    transfers,
)
from cases.codes import (
    Basis,
    CheckAnswer,
    Closing,
    EnrolmentRoute,
    Finding,
    FollowUp,
    Need,
    Outcome,
    ReferralAnswer,
    Remedy,
    Removal,
    VisitMode,
    Wish,
)
from cases.models import Case, Duplicate, ListVersion, Request
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import Partner, Person, Province, School
from schools.thaitime import bangkok_date
from schools.units import unit_of

NAME = "บัญชีเด็กออกกลางคัน สพฐ. 1/2568"
AGAIN = "บัญชีเด็กนอกระบบจากชุมชน 1/2568"
CHILDREN = 32
MODES = (VisitMode.HOME, VisitMode.PHONE, VisitMode.COMMUNITY)
SHARES = ("name", "age", "sex", "last_grade", "needs")


class Lives:
    """The children of the older list by their place in it, and who works for them."""

    def __init__(self, rng: random.Random, people: dict[str, Person], officer: Person, school: School):
        self.rng, self.people, self.officer, self.school = rng, people, officer, school
        self.cases: list[int] = []

    def listed(self) -> None:
        """Take up the cases the two lists made."""
        # in place: who replays the days leaves these alone
        self.cases[:] = list(Case.objects.order_by("pk").values_list("pk", flat=True))

    def case(self, place: int) -> Case:
        return Case.objects.get(pk=self.cases[place])

    def grant(self, request: Request) -> Case:
        return answering.answer(request, person=self.officer, decision="grant", answer="ตรวจหลักฐานแล้ว")

    # ── what is done with one child ───────────────────────────────────────────────────────────────────────────────
    def visit(self, place: int, finding: Finding, mode: VisitMode = VisitMode.HOME, **said) -> None:
        content = VisitContent(finding=finding, mode=mode, situation="ติดตามตามแผนของโรงเรียน", **said)
        uuid = UUID(int=self.rng.getrandbits(128), version=4)
        record_visit(self.case(place), content, person=self.people["teacher"], uuid=uuid)

    def find(self, place: int) -> None:
        cause = self.rng.choice([Outcome.FAMILY_NECESSITY, Outcome.LOW_INCOME_GUARDIAN, Outcome.RELOCATED])
        self.visit(place, Finding.FOUND, outcome=cause, wish=Wish.WANTS, needs=(Need.SCHOLARSHIP, Need.UNIFORM))

    def miss(self, place: int, turn: int) -> None:
        self.visit(place, Finding.NONE, MODES[turn])

    def claim(self, place: int) -> None:
        enrolment.claim_enrolment(
            self.case(place),
            person=self.people["teacher"],
            route=EnrolmentRoute.SCHOOL,
            school=self.school,
            grade=self.case(place).child.last_grade,
        )

    def confirm(self, place: int) -> None:
        enrolment.confirm_enrolment(self.case(place), person=self.people["director"], note="มาเรียนแล้ว")

    def deny(self, place: int) -> None:
        enrolment.deny_enrolment(self.case(place), person=self.people["director"], reason="ยังไม่มารายงานตัว")

    def follow(self, place: int, result: FollowUp = FollowUp.STILL) -> None:
        follow_ups.record_follow_up(self.case(place), person=self.people["teacher"], result=result)

    def drop(self, place: int) -> None:
        follow_ups.drop_again(self.case(place), person=self.people["teacher"], reason="ไปช่วยครอบครัวทำงาน")

    def plan(self, place: int) -> None:
        due = bangkok_date(clock.now()) + timedelta(days=21)
        help.plan_help(
            self.case(place),
            person=self.people["teacher"],
            what="ขอทุนค่าอุปกรณ์การเรียน",
            need=Need.SCHOLARSHIP,
            who="ครูแนะแนว",
            due_on=due,
        )

    def refer(self, place: int, *, safety: bool = False) -> None:
        case = self.case(place)
        team = Partner.objects.get(province_id=case.province_id) if safety else Partner.objects.get(code="eef")
        referrals.refer(
            case,
            person=self.people["director"],
            partner=team,
            purpose="ขอให้คุ้มครองและดูแลเด็ก" if safety else "ขอรับทุนเพื่อกลับเข้าเรียน",
            basis=Basis.PROTECTION if safety else Basis.PUBLIC_TASK,
            shares=SHARES,
            due_on=bangkok_date(clock.now()) + timedelta(days=14),
        )

    def partner_answers(self, place: int) -> None:
        sent = self.case(place).referrals.get()
        for said, text in ((ReferralAnswer.ACCEPTED, ""), (ReferralAnswer.DONE, "มอบทุนให้แล้ว")):
            referrals.answer(sent, person=self.people["partner"], answer=said, text=text)

    def flag(self, place: int) -> None:
        help.flag_unsafe(self.case(place), person=self.people["teacher"], reason="มีร่องรอยถูกทำร้าย")
        self.refer(place, safety=True)

    def ask_not_found(self, place: int) -> Request:
        return notfound.request_not_found(self.case(place), person=self.people["teacher"], reason="ติดตามครบแล้วยังไม่พบตัว")

    def ask_closing(self, place: int) -> Request:
        return closing.request_closing(
            self.case(place), person=self.people["director"], why=Closing.ABROAD, reason="ย้ายตามมารดาไปต่างประเทศ"
        )

    def ask_removal(self, place: int) -> Request:
        return closing.request_removal(
            self.case(place), person=self.people["director"], why=Removal.WRONG_ENTRY, reason="ไม่มีเด็กคนนี้ในพื้นที่"
        )

    def ask_transfer(self, place: int) -> Request:
        return transfers.request_transfer(
            self.case(place), person=self.people["director"], to="district:P4601", reason="ย้ายไปอยู่กับยายในอำเภอเมือง"
        )

    def send_to_centre(self, place: int) -> Request:
        return transfers.send_to_centre(
            self.case(place),
            person=self.people["director"],
            province=Province.objects.get(pk=81),
            reason="ผู้ปกครองพาไปทำงานที่กระบี่",
        )

    def confer(self, place: int) -> None:
        help.confer(
            self.case(place),
            person=self.people["director"],
            held_on=bangkok_date(clock.now()),
            sat="ผอ. ครูแนะแนว อบต. พัฒนาสังคม ผู้ปกครอง",
            agreed=("อบต. ดูแลค่าเดินทาง", "โรงเรียนจัดสอนเสริมวันเสาร์"),
        )

    def hand_over(self, place: int) -> None:
        """On to the next school level, in another school of the district, whose word is still wanted."""
        enrolment.hand_over(
            self.case(place),
            person=self.people["director"],
            route=EnrolmentRoute.SCHOOL,
            school=self.school.district.schools.exclude(pk=self.school.pk).order_by("code").first(),
            grade="ม.1",
        )

    def escalate(self, place: int) -> Request:
        return escalation.escalate(
            self.case(place), person=self.people["director"], reason="ไปหลายครั้งแล้ว ขอให้เขตช่วยประสานผู้ใหญ่บ้าน"
        )

    def help_round(self, place: int) -> None:
        """What the district does in one round of help, until it gives the case back (seed 002, steps 2–5)."""
        asked = self.case(place).requests.get()
        self.answer_escalation(asked, Remedy.HELP, "จะลงพื้นที่กับผู้ใหญ่บ้านและทีมสหวิชาชีพ")
        today = bangkok_date(clock.now())
        help.confer(
            self.case(place),
            person=self.officer,
            held_on=today,
            sat="เขตพื้นที่ ผู้ใหญ่บ้าน พัฒนาสังคมจังหวัด ครู",
            agreed=["ผู้ใหญ่บ้านช่วยสอบถามญาติ", "โรงเรียนเยี่ยมบ้านทุกสัปดาห์"],
        )
        self.answer_escalation(asked, Remedy.RETURN, "ให้ครูเยี่ยมบ้านกับผู้ใหญ่บ้านอีกครั้ง ถ้ายังไม่พบให้แจ้งใหม่")

    def answer_escalation(self, asked: Request, does: Remedy, answer: str) -> None:
        asked = Request.objects.get(pk=asked.pk)
        answering.answer(asked, person=self.officer, decision="grant", does=does, answer=answer)

    # ── what is done with many ────────────────────────────────────────────────────────────────────────────────────
    def pair_up(self) -> None:
        """The nightly search for duplicates; the district merges the first pair of the twins it finds."""
        duplicates.find_duplicates()
        own = Duplicate.objects.filter(second_id__in=self.cases[CHILDREN:])
        merging.merge(own.order_by("pk")[0], person=self.people["district"], reason="เด็กคนเดียวกัน เทียบทะเบียนแล้ว")

    def check(self, name: str, *, half: bool) -> None:
        """The school answers the lines of a list that stand with it, or half of them."""
        version = ListVersion.objects.get(list__name=name)
        ids = list(checklists.lines_of(version, self.people["teacher"]).order_by("pk").values_list("pk", flat=True))
        checking.answer_lines(
            version, ids[: len(ids) // 2] if half else ids, person=self.people["teacher"], answer=CheckAnswer.CORRECT
        )

    def sign(self) -> None:
        version = ListVersion.objects.get(list__name=AGAIN)
        checklists.sign(version, unit_of(self.school), person=self.people["director"])


def twins(rows: list[dict[str, str]], numbers: list[str]) -> list[dict[str, str]]:
    """Some children once more, under another number: what two offices write of one child."""
    return [row | {"เลขประจำตัวประชาชน": number} for row, number in zip(rows, numbers, strict=True)]


# places: 0-3 untouched (0 merged with its twin), 4-6 retained (6 handed over), 7-9 observed, 10 out again, 11 absent,
# 12-14 confirmed, 15 denied, 16 claimed, 18-19 helped, 20-22 referred, 24-25 closing, 26-29 not found, 30 removed
def calendar(lives: Lives) -> dict[int, list[Callable[[], Any]]]:
    """What happens on which day after the older list came; children by their place in it."""
    days: dict[int, list[Callable[[], Any]]] = {}

    def on(day: int, act: Callable[..., Any], *said: Any) -> None:
        days.setdefault(day, []).append(lambda: act(*said))

    for place in range(4, 26):
        on(6 + place % 4, lives.find, place)
    for place in range(4, 17):
        on(20 + place % 3, lives.claim, place)
    for place in range(4, 15):
        on(32, lives.confirm, place)
    on(34, lives.deny, 15)
    for turn, day in enumerate((93, 153, 213, 273)):  # retained: 4 to 6; observed: 7 to 9
        for place in range(4, 10 if turn < 2 else 7):
            on(day, lives.follow, place)
    on(100, lives.drop, 10)
    on(110, lives.follow, 11, FollowUp.ABSENT)
    for place in (16, 17):
        on(45, lives.plan, place + 2)
    on(52, lives.confer, 18)
    on(310, lives.hand_over, 6)
    on(60, lives.refer, 20)
    on(63, lives.partner_answers, 20)
    on(290, lives.refer, 21)  # nobody answers: overdue
    on(70, lives.flag, 22)
    on(80, lambda: lives.grant(lives.ask_closing(24)))
    on(325, lives.ask_closing, 25)
    for turn, day in enumerate((12, 26, 40)):
        for place in range(26, 30):
            on(day, lives.miss, place, turn)
    for place in (26, 27):
        on(50, lambda place=place: lives.grant(lives.ask_not_found(place)))
    on(326, lives.ask_not_found, 28)
    on(55, lambda: lives.grant(lives.ask_removal(30)))
    on(327, lives.ask_transfer, 31)
    on(327, lives.send_to_centre, 23)
    on(300, lives.escalate, 29)
    on(303, lives.help_round, 29)
    on(328, lives.escalate, 29)  # the second round
    on(5, lives.pair_up)
    on(8, lambda: lives.check(NAME, half=True))
    on(9, lambda: lives.check(AGAIN, half=False))
    on(9, lives.sign)
    return days
