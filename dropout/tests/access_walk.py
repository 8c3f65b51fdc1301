"""Asks every route as every role and judges each answer: status, marks of other units, whole national IDs, writes.

Owns how a line of access_table.py becomes a request to access_world.py's world. What is right is said by the table.
"""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from urllib.parse import unquote, urlencode
from uuid import uuid4

from django.conf import settings
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cases.codes import FactKind
from cases.models import Case, Fact
from cases.tests.sheetmaker import child, delimited
from dropout.testing import SCHOOLS
from dropout.tests import access_table as table
from dropout.tests.access_table_trail import IF_WRITTEN, expected_acts
from dropout.tests.access_world import PLACES, WRITTEN, Owned, Place, World
from schools import audit
from schools.models import AuditEvent, Job, Person
from schools.thaitext import arabic_digits
from schools.thaitime import bangkok_today
from schools.tokens import create_token

ACTS_RECORDED, NAMED_ACTS = expected_acts(), audit.ACTIONS.keys()
UNITS = {place: f"school:{SCHOOLS[place][0]}" for place in PLACES} | {
    "unit_own_district": "district:P4603",
    "unit_other_district": "district:P4601",
    "unit_tray": "tray:46-obec",
    "unit_province": "province:46",
    "unit_other_province": "province:30",
    "unit_amphoe": "amphoe:4605",
    "unit_region": "region:12",
    "unit_department": "department:obec",
    "unit_other_department": "department:ovec",
    "unit_nation": "nation",
    "unit_partner": "partner:eef",
    "missing": "school:99999999",
}
TRICKS = {
    "by_number": {"national_id__startswith": "1"},
    "by_fields": {"fields": "national_id"},
    "by_order": {"ordering": "child__first_name"},
    "bad_filter": {"since": "เมื่อวาน"},
}
NO_CASE, NO_ROW = "0000-0000", 999_999_999


@dataclass
class Asked:
    """One request of one role: what the line of the table is about, found in the world."""

    row: table.Row
    role: str
    world: World

    @property
    def place_name(self) -> str:
        """The place the relation speaks of; "" when of none."""
        return next(
            (place for place in PLACES if re.fullmatch(rf"((id|in|on|behind|before|their|post)_)?{place}", self.about)),
            "",
        )

    @property
    def about(self) -> str:
        return self.row.relation

    @property
    def place(self) -> Place | None:
        return self.world.places.get(self.place_name)

    @property
    def number(self) -> str:
        if self.about == "received":
            return self.world.received.number
        return self.place.case.number if self.place else NO_CASE

    @property
    def unit(self) -> str:
        return UNITS[self.place_name or self.about]

    @property
    def owned(self) -> Owned | None:
        who = "teacher" if self.role == "nobody" else self.role
        match self.about:
            case "mine" | "ended":
                return self.world.mine[who]
            case "colleague":
                return self.world.colleagues[who]
        return self.world.theirs[self.place_name] if self.place_name else None

    @property
    def posting(self) -> int:
        """The posting the relation speaks of: of a teacher of the place, of the place's officer, or one's own."""
        if self.about == "mine":
            actor = self.world.actors["teacher" if self.role == "nobody" else self.role]
            own = actor.postings.order_by("pk").first()
            return own.pk if own else NO_ROW
        if not self.place_name:
            return NO_ROW
        if self.about.startswith("post_"):
            return Person.objects.get(username=f"official_{self.place_name}").postings.get().pk
        return self.teacher.postings.get().pk

    @property
    def invitee(self) -> str:
        """Whom a new link is asked for: the invited one, else the teacher of the place, who needs none."""
        if self.about == "mine":
            return self.world.invited.username
        return self.teacher.username if self.place_name else "nobody.such"

    @property
    def target(self) -> str:
        """The code of the school a case is to be assigned to: another one than its own, of the same department."""
        return "46990002" if self.place_name == "own" else "46990001"

    @property
    def teacher(self):
        """Somebody who teaches where the case is."""
        return self.world.teachers[self.place_name or "own"]


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────────────────
def arguments(asked: Asked) -> list:
    """What stands in the path."""
    route = asked.row.route
    of_jobs = {"import_list", "import_new", "import_template"}
    if route in _WITHOUT_ARGUMENTS:
        return []
    if route in ("cases:help_done", "api:help_done"):
        return [asked.number, asked.place.help.pk if asked.place else NO_ROW]
    if route == "cases:referral_recall":
        return [asked.number, asked.place.referral.pk if asked.place else NO_ROW]
    if route.removeprefix("cases:").removeprefix("api:") in _REFERRALS:
        return [asked.place.referral.pk if asked.place else NO_ROW]
    if route in _POSTINGS:
        return [asked.posting]
    if route in ("schools:people_upload", "schools:people_upload_commit"):
        return [asked.owned.people.pk if asked.owned else NO_ROW]
    if route == "schools:people_upload_links":
        return [asked.owned.invited.pk if asked.owned else NO_ROW]
    if route == "schools:invitation":
        return [asked.world.token if asked.about == "mine" else "nonesuch"]
    if route == "cases:hand_over":
        return [asked.unit.partition(":")[2], asked.teacher.pk]
    if route.startswith("api:case_"):
        return [asked.number]
    if route in ("api:request", "api:request_answer"):
        return [asked.place.request.pk if asked.place else NO_ROW]
    if route == "cases:act":
        return [asked.number, asked.row.deed]
    if route in ("cases:request_detail", "cases:request_answer"):
        return [asked.place.request.pk if asked.place else NO_ROW]
    if route.startswith("api:transfer_") or route == "api:transfer":
        return [asked.place.transfer.pk if asked.place else NO_ROW]
    if route in ("cases:request_picture", "api:request_picture"):
        return [asked.place.request.pk, asked.place.request.pictures.get().pk] if asked.place else [NO_ROW, NO_ROW]
    if route in ("cases:photo", "api:photo"):
        return [asked.number, asked.place.photo.pk if asked.place else NO_ROW]
    if route.startswith(("cases:check_", "api:list_check_")) or route == "api:list_check":
        return _of_checks(asked)
    if route.removeprefix("cases:") in _CASE_PAGES or route in _CASE_API:
        return [asked.number]
    if route in ("cases:duplicate_detail", "cases:duplicate_decide", "api:duplicate_decide"):
        return [asked.place.pair.pk if asked.place else NO_ROW]
    if route in ("reports:dashboard", "reports:children", "api:unit"):
        return [asked.unit]
    if route == "api:rollup":
        return [asked.world.period]
    if route == "reports:export_file":
        return [asked.owned.file.pk if asked.owned else NO_ROW]
    if route == "api:export_file":
        return [asked.owned.export.pk if asked.owned else NO_ROW]
    if route in ("schools:job_cancel", "api:job_cancel") and asked.about != "ended":
        return [asked.owned.waiting.pk if asked.owned else NO_ROW]
    if route in _JOBS or (route.startswith("cases:import_") and route.removeprefix("cases:") not in of_jobs):
        job = asked.owned.check.pk if asked.owned else NO_ROW
        return [job, "result"] if route == "cases:import_file" else [job]
    return []


def _transfer(asked: Asked) -> dict:
    """To another office of the same province."""
    there = {"secondary": "district:P4601", "other_province": "district:P3002"}
    return {"to": there.get(asked.place_name, "district:S4601"), "reason": "ย้ายตามผู้ปกครอง"}


def _of_checks(asked: Asked) -> list[int]:
    version, line, proof = (
        (asked.place.version.pk, asked.place.line.pk, asked.place.proof.pk) if asked.place else [NO_ROW] * 3
    )
    more = {"amend": [line], "duplicate": [line], "line": [line], "picture": [proof]}
    return [version, *more.get(asked.row.route.rpartition("_")[2], [])]


_CASE_PAGES = {"case_detail", "visit_new", "enrolment_new", "assign", "name_teacher", "reveal"} | {
    "visit_sheet",
    "guardian_letter",
    "received_detail",
}
_CASE_API = {"api:case", "api:visits", "api:help"}
_WITHOUT_ARGUMENTS = {
    *("api:imports", "api:exports", "api:jobs", "api:cases", "api:units"),
    *("api:people", "api:postings", "api:posting_confirm", "api:invitations", "api:hand_overs"),
    *("api:requests", "api:transfers", "api:enrolments", "api:follow_ups"),
    *("api:list_checks", "cases:check_list"),
}
_POSTINGS = {
    *("schools:posting_detail", "schools:posting_change", "schools:posting_end"),
    *("api:posting", "api:posting_end"),
}
_REFERRALS = {"referral_detail", "referral_answer", "referral", "referral_recall"}
_JOBS = {"schools:job", "schools:job_cancel", "api:job", "api:job_cancel", "api:import", "api:import_commit"}


def query(asked: Asked) -> dict:
    route, about = asked.row.route, asked.about
    if about in TRICKS:
        return TRICKS[about] | ({"unit": "nation"} if route == "api:figures" else {})
    if asked.row.method != "GET":
        return {}
    if about.startswith("in_"):
        return {"unit": asked.unit}
    if about.startswith("behind_"):
        return {"unit": asked.unit, "figure": "target"}
    if about.startswith("before_"):
        return {
            "figure": "target",
            "day": f"{bangkok_today().day}/{bangkok_today().month}/{bangkok_today().year + 542}",
        }
    if about.startswith("on_"):
        return {"case": asked.number}
    return {"unit": asked.unit} if route in ("api:figures", "api:rollup") else {}


def address(asked: Asked) -> str:
    path, asked_for = reverse(asked.row.route, args=arguments(asked)), query(asked)
    return f"{path}?{urlencode(asked_for)}" if asked_for else path


def sheet() -> SimpleUploadedFile:
    row = child(7)
    path = settings.UPLOAD_DIR / f"{uuid4().hex}.csv"
    delimited(path, [list(row), list(row.values())])
    file = SimpleUploadedFile("เล็ก.csv", path.read_bytes())
    path.unlink()
    return file


def school_pk(asked: Asked) -> int:
    return asked.world.cast.sister_school.pk if asked.target == "46990002" else asked.world.cast.own_school.pk


def _export(asked: Asked) -> dict:
    by_api = asked.row.route.startswith("api:")
    kind, period = ("line_list", "") if by_api else ("export_line_list", "now")
    return {"kind": kind, "unit": asked.unit, "purpose": WRITTEN, "period": period, "figure": "target"}


def _child(asked: Asked) -> dict:
    """A child of that place by number and birth date; of no place, one nobody knows."""
    place = asked.place
    if place is None:
        return {"first_name": "ใหม่", "last_name": "สมมุติ"}
    return {"first_name": "ใหม่", "identifier": place.national_id, "birth_date": place.case.child.birth_date.isoformat()}


def _correction(asked: Asked) -> dict:
    record = asked.place.visit.pk if asked.place else NO_ROW
    return {"record": record, "outcome": "family_necessity", "reason": "จดสมุดสลับกับน้องอีกคน"}


_DECISION = {"decision": "not_same", "reason": "ตรวจแล้วเป็นคนละคน"}


def _invited(asked: Asked) -> dict:
    who = {"username": "new.teacher", "first_name": "ใหม่", "last_name": "เพิ่งมา"}
    return who | {"role": "teacher", "unit": asked.unit}


SENT: dict[str, Callable[[Asked], dict]] = {
    "cases:visit_new": lambda asked: {
        "uuid": str(uuid4()),
        "finding": "1",
        "mode": "home",
        "done_on": typed(bangkok_today()),
        "outcome": "",
        "wish": "1",
        "situation": "เล่า",
    },
    "cases:enrolment_new": lambda asked: {"route": "outside", "where": "ศูนย์สมมุติ", "at": typed(bangkok_today())},
    "cases:assign": lambda asked: {"school": school_pk(asked)},
    "cases:assign_many": lambda asked: {"case": [asked.number], "school": school_pk(asked)},
    "cases:name_teacher": lambda asked: {"teacher": asked.teacher.pk},
    "cases:name_teachers": lambda asked: {"case": [asked.number], "teacher": asked.teacher.pk},
    "cases:act=request_transfer": _transfer,
    "api:case_request_transfer": _transfer,
    "cases:act=send_to_centre": lambda asked: {"province": "province:81", "reason": "พบเด็กที่กระบี่"},
    "api:case_send_to_centre": lambda asked: {"province": "province:81", "reason": "พบเด็กที่กระบี่"},
    "cases:act=escalate": lambda asked: {"reason": "ไปสามครั้งแล้ว ผู้ปกครองไม่ยอมพบ"},
    "api:case_escalate": lambda asked: {"reason": "ไปสามครั้งแล้ว ผู้ปกครองไม่ยอมพบ"},
    "cases:act=request_closing": lambda asked: {"why": "in_education", "reason": "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"},
    "cases:act=request_removal": lambda asked: {"why": "wrong_entry", "reason": "ตรวจทะเบียนบ้านแล้วไม่มีเด็กคนนี้"},
    "cases:act=request_not_found": lambda asked: {"reason": "ถามผู้ใหญ่บ้านและญาติแล้ว"},
    "cases:act=reopen": lambda asked: {"reason": "พบตัวอีกครั้ง"},
    "cases:request_grant_many": lambda asked: {
        "request": asked.place.request.pk if asked.place else NO_ROW,
        "confirm": "1",
    },
    "cases:request_answer": lambda asked: {"decision": "grant"},
    "cases:reveal": lambda asked: {"reason": "document", "explanation": "ตรวจกับทะเบียนบ้านตัวจริง"},
    "cases:duplicate_decide": lambda asked: _DECISION,
    "cases:report_child": lambda asked: {"step": "check"} | _child(asked),
    "api:duplicate_decide": lambda asked: _DECISION,
    "api:child_check": _child,
    "api:child_ask": lambda asked: _child(asked) | {"reason": "พบน้องที่ตลาดนัด"},
    "api:children": lambda asked: _child(asked) | {"province": "province:46", "is_new": True},
    "cases:search": lambda asked: {"q": asked.place.national_id if asked.place else "1999999999999"},
    "cases:check_lines": lambda asked: {"line": asked.place.line.pk if asked.place else NO_ROW, "answer": "correct"},
    "api:list_check": lambda asked: {"cases": [asked.number], "answer": "correct"},
    "api:list_check_line": lambda asked: {"answer": "correct"},
    "api:list_check_amend": lambda asked: {"guardian_name": "ป้าสมมุติ"},
    "api:list_check_duplicate": lambda asked: {
        "number": asked.place.waiting.number if asked.place else NO_CASE,
        "evidence": "คนเดียวกัน",
    },
    "api:list_check_sign": lambda asked: {"unit": asked.unit},
    "api:list_check_return": lambda asked: {"unit": asked.unit, "note": "ตรวจอีกครั้ง"},
    "api:transfers": lambda asked: _transfer(asked) | {"case": asked.number},
    "api:transfer_answer": lambda asked: {"decision": "grant"},
    "cases:check_amend": lambda asked: {
        "version": Case.objects.get(pk=asked.place.case.pk).version if asked.place else 1,
        "guardian_name": "ป้าสมมุติ",
    },
    "cases:act=amend_child": lambda asked: {"first_name": "สมมุติ", "guardian_name": "ป้าสมมุติ"},
    "cases:act=request_correction": _correction,
    "api:case_request_correction": _correction,
    "cases:act=plan_help": lambda asked: {
        "what": "หาชุด",
        "need": "uniform",
        "who": "ครู",
        "due_on": typed(bangkok_today()),
    },
    "cases:act=confer": lambda asked: {"held_on": typed(bangkok_today()), "sat": "ครูและผู้ใหญ่บ้าน", "agreed": "ช่วยหาทุน"},
    "cases:act=flag_unsafe": lambda asked: {"reason": "เด็กอาจถูกทำร้าย"},
    "cases:act=clear_unsafe": lambda asked: {"reason": "เด็กปลอดภัยแล้วแน่นอน"},
    "cases:act=refer": lambda asked: {
        "partner": "partner:moph",
        "purpose": "ขอให้ช่วยเหลือครอบครัวของเด็ก",
        "basis": "consent",
        "basis_note": "ผู้ปกครองยินยอมด้วยวาจา",
        "shares": ["age"],
        "due_on": typed(bangkok_today()),
    },
    "cases:act=confirm_enrolment": lambda asked: {},
    "cases:act=deny_enrolment": lambda asked: {"reason": "ไม่ได้มาเรียน"},
    "cases:act=withdraw_enrolment": lambda asked: {"reason": "แจ้งผิดคน"},
    "cases:act=follow_up": lambda asked: {"result": "still"},
    "cases:act=hand_over": lambda asked: {"route": "nonformal"},
    "cases:act=drop_again": lambda asked: {"reason": "ไม่มาเรียนแล้ว"},
    "cases:check_duplicate": lambda asked: {
        "number": asked.place.waiting.number if asked.place else NO_CASE,
        "evidence": "คนเดียวกัน",
    },
    "cases:check_sign": lambda asked: {"unit": asked.unit},
    "cases:check_return": lambda asked: {"unit": asked.unit, "note": "ตรวจอีกครั้ง"},
    "cases:import_new": lambda asked: {"file": sheet()},
    "cases:import_map": lambda asked: {"column_0": "-"},
    "reports:export_new": _export,
    "cases:hand_over": lambda asked: {"successor": ""},
    "schools:person_new": lambda asked: _invited(asked) | {"since": "", "until": "", "email": "", "phone": ""},
    "schools:people_upload_new": lambda asked: {"file": sheet()},
    "schools:invitation_new": lambda asked: {"posting": asked.posting},
    "schools:posting_confirm": lambda asked: {"posting": asked.posting},
    "schools:posting_change": lambda asked: {"role": "teacher", "until": "", "read_only": ""},
    "schools:invitation": lambda asked: dict.fromkeys(("password1", "password2"), "ช้างเดินข้ามสะพาน 29"),
    "api:people": lambda asked: _invited(asked),
    "api:posting_confirm": lambda asked: {"postings": [asked.posting]},
    "api:invitations": lambda asked: {"person": asked.invitee},
    "api:hand_overs": lambda asked: {"school": asked.unit, "from_person": asked.teacher.username},
    "csp_report": lambda asked: {"csp-report": {"violated-directive": "img-src", "blocked-uri": "https://x.example"}},
    "set_language": lambda asked: {"language": "th", "next": "/privacy/"},
    "account_login": lambda asked: {"login": "ไม่มีคนนี้", "password": "ผิด"},
    "api:visits": lambda asked: {"uuid": str(uuid4()), "finding": "found", "wish": "wants"},
    "api:case_assign": lambda asked: {"school": f"school:{asked.target}"},
    "api:case_enrolment": lambda asked: {"route": "outside", "where": "ศูนย์สมมุติ"},
    "api:case_teacher": lambda asked: {"teacher": asked.teacher.username},
    "api:case_amend_child": lambda asked: {"last_grade": "ป.6"},
    "api:case_plan_help": lambda asked: {"what": "ซื้อชุด", "need": "uniform", "who": "ครู", "due_on": in_days(9)},
    "api:case_confer": lambda asked: {"held_on": in_days(0), "sat": "ครูและผู้ใหญ่บ้าน", "agreed": "พาไปสมัครเรียน"},
    "api:case_refer": lambda asked: {
        "partner": "partner:mol",
        "purpose": "ขอทุนการศึกษาให้เด็ก",
        "basis": "protection",
        "shares": ["name"],
        "due_on": in_days(9),
    },
    "api:case_flag_unsafe": lambda asked: {"reason": "เพื่อนบ้านเล่าว่าถูกตี"},
    "api:case_clear_unsafe": lambda asked: {"reason": "ย้ายไปอยู่กับย่าแล้ว"},
    "api:case_confirm_enrolment": lambda asked: {"grade": "ม.1"},
    "api:case_deny_enrolment": lambda asked: {"reason": "ไม่มารายงานตัว"},
    "api:case_withdraw_enrolment": lambda asked: {"reason": "แจ้งผิดคน"},
    "api:case_follow_up": lambda asked: {"result": "still", "at": in_days(0)},
    "api:case_hand_over": lambda asked: {"route": "outside", "where": "ศูนย์", "grade": "ม.4", "at": in_days(0)},
    "api:case_drop_again": lambda asked: {"reason": "ไปทำงานต่างจังหวัด", "category": "dropout", "at": in_days(0)},
    "api:case_request_not_found": lambda asked: {"reason": "ถามผู้ใหญ่บ้านและญาติแล้ว"},
    "api:case_request_closing": lambda asked: {"why": "abroad", "reason": "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"},
    "api:case_request_removal": lambda asked: {"why": "wrong_entry", "reason": "ตรวจทะเบียนบ้านแล้วไม่มีเด็กคนนี้"},
    "api:case_reopen": lambda asked: {"reason": "พบตัวอีกครั้ง"},
    "api:request_answer": lambda asked: {"decision": "grant"},
    "cases:help_done": lambda asked: {"result": "ได้ชุดแล้ว", "done_on": typed(bangkok_today())},
    "cases:referral_answer": lambda asked: {"answer": "accepted"},
    "cases:referral_recall": lambda asked: {"reason": "ส่งผิดหน่วยงาน"},
    "api:help_done": lambda asked: {"result": "ได้ชุดแล้ว"},
    "api:referral_answer": lambda asked: {"answer": "accepted"},
    "api:referral_recall": lambda asked: {"reason": "ส่งผิดหน่วยงาน"},
    "api:imports": lambda asked: {"file": sheet()},
    "api:exports": _export,
}


def in_days(days: int) -> str:
    return (bangkok_today() + timedelta(days=days)).isoformat()


def typed(day) -> str:
    return f"{day.day}/{day.month}/{day.year + 543}"


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Answer:
    """What came back, read to its end: the status, everything a reader could read of it, what it wrote, what stands of
    it in the trail, and which guarding headers it lacks."""

    status: int
    text: str
    touched: set[int]
    queued: bool
    events: set[str]
    unguarded: list[str]


@dataclass
class Walk:
    """A walk through a world; keeps each role's way in and counts its checks."""

    world: World
    checks: int = 0
    _missing: dict[tuple, str] = field(default_factory=dict)
    _clients: dict[str, tuple] = field(default_factory=dict)

    def failures(self, rows: Iterable[table.Row], roles: Iterable[str] = table.ROLES) -> list[str]:
        """Everything that is not as the table says, one sentence each."""
        wrong = []
        for role in roles:
            for row in rows:
                wrong += self._judge(Asked(row, role, self.world))
        return wrong

    def ask(self, asked: Asked, *, more: dict | None = None) -> Answer:
        """Ask, with `more` in the body than is usually sent, and take back whatever it changed."""
        caches["limits"].clear()
        self.way_in(asked.role)  # before the savepoint: the log-in is to last
        facts = Fact.objects.order_by("-pk").values_list("pk", flat=True).first()
        jobs = Job.objects.order_by("-pk").values_list("pk", flat=True).first()
        trail = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        with transaction.atomic():
            answer = self._send(asked, more or {})
            text = readable(answer)
            changing = asked.row.method != "GET"
            written = Fact.objects.filter(pk__gt=facts)
            opened = written.filter(kind=FactKind.REPORTED).values("case_id")  # the asker's own new child
            fresh = written.exclude(case_id__in=opened).values_list("case_id", flat=True)
            touched = set(fresh) if changing else set()
            queued = changing and Job.objects.filter(pk__gt=jobs).exists()
            events = set(AuditEvent.objects.filter(pk__gt=trail).values_list("action", flat=True))
            transaction.set_rollback(True)
        return Answer(answer.status_code, text, touched, queued, events, unguarded(answer))

    def _send(self, asked: Asked, beyond: dict):
        client, token = self.way_in(asked.role)
        route, method = asked.row.route, asked.row.method
        by_token = route.startswith("api:") and route != "api:docs"
        client = Client(raise_request_exception=False) if by_token else client()
        path = address(asked)
        headers = {"Authorization": f"Token {token}"} if by_token and token else {}
        make = SENT.get(asked.row.name)
        data = make(asked) if method == "POST" and make and asked.row.expected["nobody"] != 405 else {}
        data = data | beyond  # what is usually sent stays as it is
        if (by_token and route != "api:imports") or (route == "csp_report" and method == "POST"):
            more = {"data": json.dumps(data) if method != "GET" else None, "content_type": "application/json"}
            if method == "GET":
                more = {}
            return getattr(client, method.lower())(path, headers=headers, **more)
        return (
            getattr(client, method.lower())(path, data, headers=headers)
            if data
            else getattr(client, method.lower())(path, headers=headers)
        )

    def way_in(self, role: str) -> tuple:
        """A role's client and token, made once."""
        if role not in self._clients:
            key = token = ""
            if role != "nobody":
                person = self.world.actors[role]
                client = Client()
                client.force_login(person)
                session = client.session
                session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
                session["account_authentication_methods_user"] = str(person.pk)
                session.save()
                key, token = session.session_key, create_token(person)
            self._clients[role] = (key, token)
        key, token = self._clients[role]

        def client() -> Client:
            made = Client(raise_request_exception=False)
            if key:
                made.cookies[settings.SESSION_COOKIE_NAME] = key
            return made

        return client, token

    # ── judging ───────────────────────────────────────────────────────────────────────────────────
    def _judge(self, asked: Asked) -> Iterable[str]:
        answer, expected = self.ask(asked), asked.row.expected[asked.role]
        here = f"{asked.row} as {asked.role}"
        self.checks += 1
        if answer.status != expected:
            yield f"{here}: {answer.status} instead of {expected}"
        sent = unquote(address(asked))  # what the asker said already may be repeated: the log-in's `next`, a filter
        for mark, place in self.forbidden[asked.role]:
            if mark in answer.text and mark not in sent:
                yield f"{here}: tells {mark!r} of {place}"
        if (asked.row.route, asked.row.method) not in table.WHOLE_NUMBERS:
            for number in whole_numbers(answer.text):
                yield f"{here}: a whole national ID {number}"
        yield from self._wrote(asked, answer, here)
        yield from (f"{here}: lacks {header}" for header in answer.unguarded)
        act = ACTS_RECORDED.get((asked.row.name, asked.row.method))
        done = answer.status < 400 and (asked.row.name not in IF_WRITTEN or answer.touched)
        if act and done and asked.role != "nobody" and act not in answer.events:
            yield f"{here}: done, and no {act!r} in the trail"
        yield from (f"{here}: records {name!r}, which the trail has no word for" for name in answer.events - NAMED_ACTS)
        if answer.status == expected == 404 and asked.about != "missing":
            missing = self._missing_body(asked)
            if missing is not None and missing != bare(answer.text, asked):
                yield f"{here}: its 404 differs from that of what does not exist"

    def _wrote(self, asked: Asked, answer: Answer, here: str) -> Iterable[str]:
        own = set()
        may_write = (*table.NAMED.get(asked.role, ()), *table.ANSWERED.get(asked.role, ()))
        if asked.place_name in may_write and answer.status < 400:
            own = {asked.place.case.pk, asked.place.waiting.pk}
        if asked.about == "received" and answer.status < 400:
            own = {self.world.received.pk}
        if answer.touched - own and asked.row.route not in table.WRITES_ELSEWHERE:
            yield f"{here}: wrote facts of cases {sorted(answer.touched - own)}"
        if answer.queued and answer.status >= 400:
            yield f"{here}: refused, and queued a job all the same"

    def _missing_body(self, asked: Asked) -> str | None:
        """What this role is told of an object that does not exist; None where the table asks for none."""
        row = self._missing_rows.get((asked.row.name, asked.row.method))
        if row is None or row.expected[asked.role] != 404:
            return None
        if (row.name, row.method, asked.role) not in self._missing:
            other = Asked(row, asked.role, self.world)
            self._missing[row.name, row.method, asked.role] = bare(self.ask(other).text, other)
        return self._missing[row.name, row.method, asked.role]

    @cached_property
    def _missing_rows(self) -> dict[tuple[str, str], table.Row]:
        return {(row.name, row.method): row for row in table.rows() if row.relation == "missing"}

    @cached_property
    def forbidden(self) -> dict[str, list[tuple[str, str]]]:
        """role → the marks it may read nowhere, with whose they are."""
        return {role: list(self._forbidden(role)) for role in table.ROLES}

    def _forbidden(self, role: str) -> Iterable[tuple[str, str]]:
        for name, place in self.world.places.items():
            kinds = ((table.NAMED, place.person), (table.LISTED, place.number), (table.STAFF, place.staff))
            for allowed, marks in (*kinds, (table.JOBS, place.job)):
                if name not in allowed.get(role, ()):
                    yield from ((mark, name) for mark in marks)
        for owner, owned in self.world.mine.items():
            if owner != role and owner not in table.OFFICE.get(role, ()):
                yield from ((mark, f"the {owner}'s jobs") for mark in owned.marks)
        for owner, owned in self.world.colleagues.items():
            if owner not in table.OFFICE.get(role, ()):
                yield from ((mark, f"the {owner}'s colleague's jobs") for mark in owned.marks)


# ── guarding headers (HD-01, HD-02) ───────────────────────────────────────────────────────────────────────────────────
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store, private",
}


def unguarded(answer) -> list[str]:
    """The headers that every answer carries, whatever the route, and this one does not."""
    lacking = [name for name, value in GUARDS.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "http" in policy:
        lacking.append("Content-Security-Policy")
    return lacking + [name for name in ("Access-Control-Allow-Origin",) if name in answer.headers]


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def readable(answer) -> str:
    """Headers and body as a person or program could read them: sheets unpacked, JSON unescaped, addresses unquoted."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    kind = answer.headers.get("Content-Type", "")
    headers = unquote(" ".join(str(answer.headers.get(name, "")) for name in ("Location", "Content-Disposition")))
    if kind.startswith("image/"):
        return headers
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join([headers, *(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())])
    text = body.decode("utf-8", "replace")
    if "json" in kind and text[:1] in ("{", "["):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return f"{headers}\n{text}"


_WHOLE = re.compile(r"(?<![0-9A-Za-z])[0-9][- ]?[0-9]{4}[- ]?[0-9]{5}[- ]?[0-9]{2}[- ]?[0-9](?![0-9A-Za-z])")


def whole_numbers(text: str) -> list[str]:
    """Every national ID in clear, whatever its digits and dashes: thirteen digits whose last proves the others."""
    found = []
    for written in _WHOLE.findall(arabic_digits(text)):
        digits = [int(character) for character in written if character.isdigit()]
        weighed = sum(digit * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False))
        if (11 - weighed % 11) % 10 == digits[12]:
            found.append(written)
    return found


def bare(text: str, asked: Asked) -> str:
    """A body without what differs each time: the request's id, the form's token, and the unit that was asked for."""
    text = re.sub(r'"request_id": ?"[^"]*"', "", text)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    return text.replace(f"“{asked.unit}”", "“”") if asked.about in UNITS else text
