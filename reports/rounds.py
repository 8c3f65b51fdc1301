"""The war rooms' rounds: opened and frozen by the clock, reported, confirmed, received, locked.

The only writer of rounds. One round per war room and due day, whoever builds it and however often: a level's rounds of
one day are opened together, in one transaction, behind the gate. Source: PRODUCT §4.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from cases import gate
from reports import rollup
from reports.calendar import Rule, due_rounds, late_from
from reports.models import DeadlineException, Level, Round, RoundEvent
from reports.models.rollups import Rollup
from reports.reporting_calendars import is_holiday, rules_in_force
from schools import audit, clock, roles
from schools.models import Department, District, Person, Posting, Province, School
from schools.refusal import Refusal
from schools.scope import postings_of, unit_of_posting
from schools.thaitime import bangkok_date

_LOOK_BACK = timedelta(days=35)  # rounds no clock opened are opened late, as of their own cut-off
_LOOK_AHEAD = timedelta(days=28)  # a monthly round is cut off on the 1st and due as late as the 28th
_TOGETHER = 2_000
State = Round.State


class RoundRefused(Refusal):
    """409: the round does not stand where this may be done, or says too little; the messages say what to mend."""

    status = 409


class StaleRound(RoundRefused):
    """409: somebody saved first; `round` is what stands now."""

    def __init__(self, held: Round):
        self.round = held
        super().__init__(
            "มีผู้แก้ไขรายงานนี้ก่อนท่าน กรุณาดูข้อความปัจจุบันแล้วบันทึกอีกครั้ง",
            "Someone saved first. Look at what stands now and save again.",
        )


# ── opening ───────────────────────────────────────────────────────────────────────────────────────────────────
def open_due_rounds() -> int:
    """Open every round whose cut-off has come and freeze its figures; returns how many were opened. Idempotent.

    Raises rollup's BrokenIdentity: then the rounds of that cut-off are not opened.
    """
    now = clock.now()
    today = bangkok_date(now)
    opened = 0
    for due, rule in due_rounds(rules_in_force(), today - _LOOK_BACK, today + _LOOK_AHEAD):
        if rule.cutoff(due) <= now and not Round.objects.filter(level=rule.level, due_on=due).exists():
            opened += open_rounds(rule, due)
    return opened


def open_rounds(rule: Rule, due: date) -> int:
    """Open the rounds of one level and due day, all or none; returns how many, none when they are open already."""
    with transaction.atomic():
        gate.close()  # of two clocks the second waits here, and finds the first one's rounds
        if Round.objects.filter(level=rule.level, due_on=due).exists():
            return 0
        frozen = rollup.freeze(rule.cutoff(due))
        deadline = late_from(due, is_holiday=is_holiday, grace_days=rule.grace_days)
        granted = dict(DeadlineException.objects.filter(due_on=due).values_list("unit", "late_from"))
        rows = [
            _round(rule, due, frozen, granted.get(unit["unit"], deadline), unit) for unit in expected(rule.level, due)
        ]
        Round.objects.bulk_create(rows, batch_size=_TOGETHER)
    return len(rows)


def expected(level: str, due: date) -> Iterator[dict]:
    """The units whose war rooms owe a round of `level` on `due`: `unit` and its columns."""
    match level:
        case Level.SCHOOL:
            rows = School.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=due)).order_by("pk")
            for pk, code, district, province, department in rows.values_list(
                "pk", "code", "district_id", "province_id", "district__department_id"
            ).iterator():
                yield {"unit": f"school:{code}", "school_id": pk, "district_id": district} | {
                    "province_id": province,
                    "department_id": department,
                }
        case Level.DISTRICT:
            rows = District.objects.exclude(kind=District.Kind.TRAY).order_by("pk")
            for pk, code, seat, department in rows.values_list("pk", "code", "seat_id", "department_id"):
                yield {
                    "unit": f"district:{code}",
                    "district_id": pk,
                    "province_id": seat,
                    "department_id": department,
                }
        case Level.PROVINCE:
            for pk in Province.objects.order_by("pk").values_list("pk", flat=True):
                yield {"unit": f"province:{pk}", "province_id": pk}
        case Level.DEPARTMENT:
            rows = Department.objects.filter(is_war_room=True).order_by("pk")
            for pk, code in rows.values_list("pk", "code"):
                yield {"unit": f"department:{code}", "department_id": pk}


def _round(rule: Rule, due: date, frozen: Rollup, deadline: datetime, unit: dict) -> Round:
    return Round(
        level=rule.level,
        reports_to=rule.reports_to,
        due_on=due,
        covers_from=rule.covers(due)[0],
        frozen=frozen,
        late_from=deadline,
        opened_at=clock.now(),
        **unit,
    )


# ── who does what ─────────────────────────────────────────────────────────────────────────────────────────────
def receiver(round_: Round) -> str:
    """The unit that receives a round: the one above, by the calendar it fell due by."""
    match round_.reports_to:
        case Level.DISTRICT:
            return f"district:{round_.district.code}"
        case Level.PROVINCE:
            return f"province:{round_.province_id}"
        case Level.DEPARTMENT:
            return f"department:{round_.department.code}"
        case _:
            return "nation"


def reporting_posting(round_: Round, person: Person) -> Posting | None:
    """The posting by which `person` speaks for the war room, or None."""
    return _posted(person, round_.unit, roles.REPORT_ROUND)


def receiving_posting(round_: Round, person: Person) -> Posting | None:
    """The posting by which `person` receives the round at the level above, or None."""
    return _posted(person, receiver(round_), roles.RECEIVE_ROUND)


def _posted(person: Person, unit: str, capability: str) -> Posting | None:
    for posting in postings_of(person):
        if posting.unit == unit and unit_of_posting(posting) and capability in roles.capabilities_of(posting):
            return posting
    return None


# ── reporting ─────────────────────────────────────────────────────────────────────────────────────────────────
_WRITTEN = ("activities", "problems", "suggestions")
_OPEN_TO_WRITING = (State.OPENED, State.RETURNED)


@transaction.atomic
def write_report(round_: Round, *, person: Person, version: int | None = None, **said: str) -> Round:
    """Keep a draft of what the secretary says: `activities`, `problems`, `suggestions`.

    Raises PermissionDenied, RoundRefused (confirmed already), StaleRound.
    """
    held, _ = _held(round_, person, reporting_posting, _OPEN_TO_WRITING, version)
    for name in _WRITTEN:
        setattr(held, name, said.get(name, getattr(held, name)).strip())
    return _save(held, *_WRITTEN)


@transaction.atomic
def confirm_round(round_: Round, *, person: Person, version: int | None = None, zero: bool = False) -> Round:
    """The war room stands by its report. `zero`: nothing was done, said by one tap; a zero report is a report.

    Late is late: the first confirmation is the one that counts, a correction does not move it. Raises PermissionDenied,
    RoundRefused (nothing written and not a zero report), StaleRound.
    """
    held, posting = _held(round_, person, reporting_posting, _OPEN_TO_WRITING, version)
    if not zero and not any(getattr(held, name) for name in _WRITTEN):
        raise RoundRefused(
            "ยังไม่ได้เขียนกิจกรรม ปัญหา หรือข้อเสนอแนะ ถ้าไม่มีให้กด “รายงานศูนย์”",
            "Nothing is written yet. If there is nothing to tell, send a zero report.",
        )
    held.is_zero = zero
    held.confirmed_at = held.confirmed_at or clock.now()
    held.confirmed_by = person
    return _move(held, State.CONFIRMED, posting, "", "is_zero", "confirmed_at", "confirmed_by")


@transaction.atomic
def receive_round(round_: Round, *, person: Person) -> Round:
    """The level above takes the report. Raises PermissionDenied, RoundRefused."""
    held, posting = _held(round_, person, receiving_posting, (State.CONFIRMED,))
    return _move(held, State.RECEIVED, posting, "")


@transaction.atomic
def return_round(round_: Round, *, person: Person, reason: str) -> Round:
    """The level above wants it corrected, and says what. Raises PermissionDenied, RoundRefused."""
    held, posting = _held(round_, person, receiving_posting, (State.CONFIRMED, State.RECEIVED))
    return _move(held, State.RETURNED, posting, _reason(reason))


@transaction.atomic
def lock_round(round_: Round, *, person: Person) -> Round:
    """Nothing of it changes any more. Raises PermissionDenied, RoundRefused."""
    held, posting = _held(round_, person, receiving_posting, (State.RECEIVED,))
    return _move(held, State.LOCKED, posting, "")


@transaction.atomic
def unlock_round(round_: Round, *, person: Person, reason: str) -> Round:
    """What was locked may be corrected again. Its figures stay frozen. Raises PermissionDenied, RoundRefused."""
    held, posting = _held(round_, person, receiving_posting, (State.LOCKED,))
    return _move(held, State.RETURNED, posting, _reason(reason))


def _held(round_, person, posting_of, states, version=None) -> tuple[Round, Posting]:
    held = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    posting = posting_of(held, person)
    if posting is None:
        raise PermissionDenied
    if held.state not in states:
        raise RoundRefused(
            f"ทำไม่ได้ในขั้น “{State(held.state).label}”", f"Not possible while the round is “{held.state}”."
        )
    if version is not None and version != held.version:
        raise StaleRound(held)
    return held, posting


def _reason(text: str) -> str:
    if len(text.strip()) < 5:
        raise RoundRefused("บอกเหตุผล อย่างน้อย 5 ตัวอักษร", "Give a reason of at least 5 characters.")
    return text.strip()


def _move(held: Round, after: str, posting: Posting, reason: str, *fields: str) -> Round:
    before, held.state = held.state, after
    RoundEvent.objects.create(
        round=held, before=before, after=after, reason=reason, at=clock.now(), by=posting.person, posting=posting
    )
    audit.record(
        "round_moved",
        person=posting.person,
        posting=posting,
        object_kind="round",
        object_key=f"{held.unit}/{held.due_on.isoformat()}",
        after=after,
    )
    return _save(held, "state", *fields)


def _save(held: Round, *fields: str) -> Round:
    held.version += 1
    held.save(update_fields=["version", *fields])
    return held
