"""Months of work replayed under a moving clock: lists, assignments, visits, returns, all by domain functions."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from cases.codes import (
    IN_EDUCATION,
    OBSERVED,
    EnrolmentRoute,
    Finding,
    FollowUp,
    Need,
    Outcome,
    Stage,
    VisitMode,
    Whereabouts,
    Wish,
)
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.follow_ups import record_follow_up
from cases.help import plan_help
from cases.models import Case
from cases.routing import assign_case, name_teacher
from cases.visits import VisitContent, record_visit
from dropout.demo.children import facts
from dropout.demo.places import Staff
from reports import rollup
from schools import clock
from schools.models import Person, School
from schools.thaitime import BANGKOK, MONTHLY, WEEKLY, Period, bangkok_date

SAID_NOT_FOUND = (
    "บ้านปิด เพื่อนบ้านบอกว่าไปตลาด",
    "ยายบอกว่าไปช่วยพ่อทำงานต่างอำเภอ",
    "โทรแล้วไม่มีผู้รับสาย ฝากผู้ใหญ่บ้านช่วยดู",
    "ไม่มีใครอยู่บ้าน ทิ้งเบอร์โทรไว้กับเพื่อนบ้าน",
)
SAID_FOUND = (
    "อยู่กับยาย ช่วยเลี้ยงน้อง อยากกลับมาเรียนแต่กลัวเรียนไม่ทัน",
    "ช่วยพ่อรับจ้างตัดอ้อย พ่อยินดีให้กลับมาเรียนเทอมหน้า",
    "ทำงานร้านซ่อมรถ สนใจเรียนสายอาชีพ",
    "ย้ายตามแม่มาอยู่บ้านญาติ ยังไม่ได้เข้าเรียน",
    "พบที่บ้าน พูดคุยกับเด็กและผู้ปกครองแล้ว",
)
SAID_AGAIN = (
    "คุยเรื่องทางเลือกเรียนกับ สกร. ผู้ปกครองขอปรึกษากันก่อน",
    "ยังช่วยงานที่บ้าน นัดพาไปดูโรงเรียนสัปดาห์หน้า",
    "โทรติดตามผล ผู้ปกครองรับสาย ยังไม่ตัดสินใจ",
)
SAID_STUDYING = "ได้รับหลักฐานว่าเข้าเรียนแล้ว"
PLANS = (
    ("ขอทุนค่าอุปกรณ์และเครื่องแบบ", Need.SCHOLARSHIP),
    ("ประสานรถรับส่งนักเรียนของ อบต.", Need.TRANSPORT),
    ("พาไปดูหลักสูตรระยะสั้นที่ สกร. อำเภอ", Need.VOCATIONAL),
)


@dataclass
class Pace:
    """How diligent a district is: chances a day that a waiting case is taken up."""

    assign: float = 0.35
    visit: float = 0.035
    found: float = 0.5
    plan: float = 0.05  # help, for a child who wants to come back
    claim: float = 0.025
    confirm: float = 0.06
    follow_up: float = 0.2  # once it is due
    revisit: float = 0.06  # of a child found who is out of school
    late: float = 0.25  # of visits recorded a day or more after they were made


@dataclass
class Replay:
    """The moving clock and who works under it."""

    rng: random.Random
    staff: Staff
    pace: dict[str, Pace] = field(default_factory=dict)  # by district code
    visits: int = 0
    apart: list[int] = field(default_factory=list)  # cases whose life is told elsewhere (dropout.demo.lives)

    def run(self, start: datetime, end: datetime, events: dict[int, list[Callable[[], None]]]) -> None:
        """Live from `start` to `end`; `events` are what happens on the n-th day besides daily work."""
        day, moment = 0, start
        while moment < end:
            with clock.simulated(moment):
                for event in events.get(day, []):
                    event()
                self.work(moment)
                self.roll_up(moment)
            day, moment = day + 1, moment + timedelta(days=1)

    def roll_up(self, moment: datetime) -> None:
        """The ministry's own figures, as the clock would build them: weekly on Monday, monthly on the first."""
        today = moment.astimezone(BANGKOK)
        if today.weekday() == 0:
            rollup.build(Period.containing(moment, WEEKLY).previous())
        if today.day == 1:
            rollup.build(Period.containing(moment, MONTHLY).previous())

    def work(self, moment: datetime) -> None:
        """One working day of every school; offices rest at the weekend, teachers less."""
        weekday = moment.weekday()
        open_cases = Case.objects.exclude(stage__in=[Stage.NOT_FOUND, Stage.CLOSED, Stage.VOID, Stage.RETAINED])
        open_cases = open_cases.exclude(pk__in=self.apart).order_by("pk")
        for case in open_cases.select_related("district"):
            pace = self.pace.get(case.district.code, Pace())
            if case.school_id is None:
                if weekday < 5 and self.rng.random() < pace.assign:
                    self.assign(self._case(case.pk))
            elif case.stage in (Stage.FOUND, Stage.ASSISTING):
                self.help(case, moment, pace)
            elif case.stage == Stage.RETURNED_CLAIMED:
                if weekday < 5 and self.rng.random() < pace.confirm:
                    self.confirm(self._case(case.pk))
            elif case.stage in OBSERVED:
                if case.due_at <= moment and self.rng.random() < pace.follow_up:
                    self.follow_up(self._case(case.pk))
            elif self.rng.random() < pace.visit * (1 if weekday < 5 else 0.4):
                self.visit(self._case(case.pk), moment, pace)

    def help(self, case: Case, moment: datetime, pace: Pace) -> None:
        """What comes next for a child who was found: a plan, the return, or another visit."""
        wants = case.wish == Wish.WANTS
        if wants and case.stage == Stage.FOUND and self.rng.random() < pace.plan:
            self.plan(self._case(case.pk))
        elif wants and self.rng.random() < pace.claim:
            self.claim(self._case(case.pk))
        elif case.outcome not in IN_EDUCATION and self.rng.random() < pace.revisit:
            self.visit(self._case(case.pk), moment, pace, again=True)

    def _case(self, pk: int) -> Case:
        return Case.objects.select_related("child", "school__district", "district", "teacher").get(pk=pk)

    def assign(self, case: Case) -> None:
        officer = self.officer(case)
        if officer is None:
            return
        schools = School.objects.filter(district=case.district, province=case.province)
        near = schools.filter(amphoe=case.child.amphoe) if case.child.amphoe_id else schools
        school = near.order_by("code").first() or schools.order_by("code").first()
        if school is not None:
            assign_case(case, school, person=officer, reason="โรงเรียนใกล้บ้านที่สุดในอำเภอ")

    def officer(self, case: Case) -> Person | None:
        """The district officer of the demo who is responsible for this case, if there is one."""
        return self.staff.officers.get(case.district.code)

    def teacher(self, case: Case) -> Person:
        if case.teacher_id is not None:
            return case.teacher
        teacher = self.staff.of_school(case.school, "teacher")
        if self.rng.random() < 0.6:
            name_teacher(case, teacher, person=self.staff.of_school(case.school, "director"))
        return teacher

    def visit(self, case: Case, moment: datetime, pace: Pace, *, again: bool = False) -> None:
        opened = bangkok_date(case.opened_at)
        done = bangkok_date(moment)
        if self.rng.random() < pace.late:
            done = max(opened, done - timedelta(days=self.rng.randint(1, 4)))
        record_visit(
            case,
            self._again(done) if again else self._content(case, done, pace),
            person=self.teacher(case),
            uuid=UUID(int=self.rng.getrandbits(128), version=4),
        )
        self.visits += 1

    def _again(self, done: date) -> VisitContent:
        """A further visit to a child already found: the outcome stands, the talk goes on."""
        return VisitContent(
            finding=Finding.FOUND,
            mode=self.rng.choice([VisitMode.HOME, VisitMode.PHONE]),
            done=done,
            met="ผู้ปกครอง",
            situation=self.rng.choice(SAID_AGAIN),
            next_step="ติดตามอีกครั้งในสองสัปดาห์",
        )

    def _content(self, case: Case, done: date, pace: Pace) -> VisitContent:
        mode = self.rng.choices(list(VisitMode), weights=[6, 3, 1, 1])[0]
        if self.rng.random() > pace.found:
            finding = self.rng.choices([Finding.NONE, Finding.HEARD_OF], weights=[3, 1])[0]
            return VisitContent(
                finding=finding,
                mode=mode,
                done=done,
                situation=self.rng.choice(SAID_NOT_FOUND),
                next_step="ติดตามอีกครั้งผ่านผู้นำชุมชน",
            )
        outcome = self._outcome()
        if outcome in IN_EDUCATION:
            return VisitContent(finding=Finding.FOUND, mode=mode, done=done, outcome=outcome, situation=SAID_STUDYING)
        return VisitContent(
            finding=Finding.FOUND,
            mode=mode,
            done=done,
            outcome=outcome,
            wish=self._wish(outcome),
            whereabouts=Whereabouts.OTHER_PROVINCE if self.rng.random() < 0.06 else Whereabouts.IN_PROVINCE,
            met="เด็กและผู้ปกครอง",
            situation=self.rng.choice(SAID_FOUND),
            needs=tuple(sorted(self.rng.sample([need.value for need in Need][:6], self.rng.randint(0, 2)))),
            next_step="นัดคุยกับผู้ปกครองอีกครั้ง",
        )

    def _outcome(self) -> Outcome:
        """Drawn as the published table of 28 Feb 2565 has them."""
        rows = facts("causes")
        chosen = self.rng.choices(rows, weights=[float(row["pct_published"]) for row in rows])[0]
        return Outcome(int(chosen["seed_order"]))

    def _wish(self, outcome: Outcome) -> Wish | None:
        if outcome in (Outcome.COMPLETED_COMPULSORY_NO_FURTHER, Outcome.OVER_AGE_NO_FURTHER):
            return Wish.DOES_NOT_WANT
        if outcome in (Outcome.DISABILITY, Outcome.HEALTH):
            return Wish.CANNOT
        if outcome == Outcome.DECEASED:
            return None
        return self.rng.choices([Wish.WANTS, Wish.DOES_NOT_WANT, None], weights=[6, 2, 2])[0]

    def plan(self, case: Case) -> None:
        what, need = self.rng.choice(PLANS)
        due = bangkok_date(clock.now()) + timedelta(days=self.rng.choice([14, 21, 30]))
        plan_help(case, person=self.teacher(case), what=what, need=need, who="ครูผู้รับผิดชอบ", due_on=due)

    def claim(self, case: Case) -> None:
        route = self.rng.choices(
            [EnrolmentRoute.SCHOOL, EnrolmentRoute.NONFORMAL, EnrolmentRoute.VOCATIONAL], weights=[6, 3, 1]
        )[0]
        claim_enrolment(
            case,
            person=self.teacher(case),
            route=route,
            school=case.school if route == EnrolmentRoute.SCHOOL else None,
            grade=case.child.last_grade,
        )

    def confirm(self, case: Case) -> None:
        """By the school the child came to; where that is no school of ours, by the office that has the case."""
        school = case.enrolled_school
        person = self.staff.of_school(school, "director") if school else self.officer(case)
        if person is not None:
            confirm_enrolment(case, person=person, note="มารายงานตัวและเข้าเรียนแล้ว")

    def follow_up(self, case: Case) -> None:
        result = self.rng.choices([FollowUp.STILL, FollowUp.ABSENT, FollowUp.LEFT], weights=[88, 9, 3])[0]
        reason = "ไปช่วยครอบครัวทำงาน" if result == FollowUp.LEFT else ""
        record_follow_up(case, person=self.teacher(case), result=result, reason=reason)
