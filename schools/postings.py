"""What an administrator of people does with a posting: gives, ends, prolongs, changes, confirms it for the year.

Whether they may is schools.people_rules'; it is asked again under the row's lock (AZ-05). Every act is audited.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from schools import people, tenure
from schools.models import Person, Posting
from schools.people import PersonRefused, check_posting, forget_postings, record_posting
from schools.people_rules import giving_posting, may_change
from schools.thaitime import bangkok_today
from schools.units import parse_unit


class MayNotGive(PersonRefused):
    """403: the role or the unit is beyond what this person administers, or the posting is their own."""

    status = 403


class PostingEnded(PersonRefused):
    """409: what has ended is not changed any more."""

    status = 409


def refuse_beyond_reach(by: Person, person: Person | None, role: str, unit: str) -> None:
    """Raises MayNotGive unless `by` may give `role` in `unit` to `person` (None: somebody new), PersonRefused for
    a role or unit that cannot be.
    """
    check_posting(role, unit, ())
    if person is not None and person.pk == by.pk:
        raise MayNotGive(
            "แก้ตำแหน่งของตนเองไม่ได้ ให้ผู้ดูแลอีกคนหรือหน่วยงานระดับบนทำ",
            "Nobody changes their own postings. Ask another administrator or the level above.",
            "username",
        )
    if giving_posting(by, role, parse_unit(unit)) is None:
        raise MayNotGive(
            "ท่านไม่ได้ดูแลบทบาทนี้ในหน่วยงานนี้ เลือกบทบาทหรือหน่วยงานในความดูแลของท่าน",
            "You do not administer this role in this unit. Choose one within your own reach.",
            "unit",
        )


def give(
    person: Person,
    *,
    role: str,
    unit: str,
    by: Person,
    since: date | None = None,
    until: date | None = None,
    read_only: bool = False,
) -> tuple[Posting, bool]:
    """A posting of `person`, and whether it is new; the very same one changes nothing.

    Raises MayNotGive, PersonRefused: one of this role and unit that overlaps stands already, to be changed instead.
    """
    refuse_beyond_reach(by, person, role, unit)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        standing = overlapping(person.postings.all(), role, unit, since or bangkok_today(), until)
        if standing is not None:
            if (standing.until, standing.read_only) == (until, read_only):
                return standing, False
            raise PersonRefused(
                f"{person} มีตำแหน่งนี้อยู่แล้ว แก้วันสิ้นสุดหรือสิทธิ์ที่ตำแหน่งเดิม",
                f"{person} holds this posting already. Change its dates or rights instead.",
                "username",
            )
        return people.give_posting(person, role=role, unit=unit, since=since, until=until, read_only=read_only, by=by)


def overlapping(postings: Iterable[Posting], role: str, unit: str, since: date, until: date | None) -> Posting | None:
    """The one of `postings` of this role and unit that holds on a day of `since`…`until`; None if there is none."""
    for posting in postings:
        if (posting.role, posting.unit) != (role, unit) or posting.cut_at is not None:
            continue
        begins_in_time = until is None or posting.since <= until
        if begins_in_time and (posting.until is None or posting.until >= since):
            return posting
    return None


def end(posting: Posting, *, by: Person, on: date | None = None) -> Posting:
    """`posting` ends with the day `on`, which is its last; without `on` it ends this moment (AN-10).

    Raises MayNotGive, PersonRefused, PostingEnded.
    """
    with transaction.atomic():
        locked = _locked(posting, by)
        if on is None:
            return people.end_posting(locked, at_once=True, by=by)
        return _set_until(locked, on, by, "posting_end")


def prolong(posting: Posting, *, until: date | None, by: Person) -> Posting:
    """Move the last day of `posting`, further or nearer; None leaves it open. Raises as `end`."""
    with transaction.atomic():
        locked = _locked(posting, by)
        return locked if locked.until == until else _set_until(locked, until, by, "posting_prolong")


def _set_until(posting: Posting, until: date | None, by: Person, action: str) -> Posting:
    if until is not None and until < max(posting.since, bangkok_today()):
        raise PersonRefused(
            "วันสิ้นสุดต้องไม่ก่อนวันนี้และไม่ก่อนวันเริ่ม จะให้สิ้นสุดตอนนี้ให้เว้นวันว่างไว้",
            "The last day cannot be before today or before the first day. To end it now, leave the day empty.",
            "until",
        )
    before, posting.until = posting.until, until
    posting.save(update_fields=["until"])
    record_posting(action, posting, by, until_before=_iso(before), until=_iso(until))
    return posting


def set_read_only(posting: Posting, *, read_only: bool, by: Person) -> Posting:
    """Make `posting` one that only sees, or one that also acts. Raises as `end`."""
    with transaction.atomic():
        locked = _locked(posting, by)
        if locked.read_only != read_only:
            locked.read_only = read_only
            locked.save(update_fields=["read_only"])
            record_posting("posting_read_only", locked, by, before=not read_only, after=read_only)
    return locked


def change_role(posting: Posting, *, role: str, by: Person) -> Posting:
    """`posting` ends at once and one of another role in the same unit takes its place: history keeps the old one.

    Raises as `end`.
    """
    with transaction.atomic():
        locked = _locked(posting, by)
        if locked.role == role:
            return locked
        refuse_beyond_reach(by, locked.person, role, locked.unit)
        last = locked.until
        people.end_posting(locked, at_once=True, by=by)
        changed, _ = give(locked.person, role=role, unit=locked.unit, until=last, read_only=locked.read_only, by=by)
        record_posting("posting_role", changed, by, role_before=locked.role)
    return changed


def confirm(chosen: Iterable[Posting], *, by: Person) -> int:
    """Answer for `chosen` for this fiscal year; returns how many were due. All or none: raises MayNotGive."""
    today, confirmed = bangkok_today(), 0
    with transaction.atomic():
        for posting in sorted(chosen, key=lambda one: one.pk):  # one order of locks
            locked = _locked(posting, by)
            if not tenure.is_due(locked, today):
                continue
            before, locked.confirmed_on = locked.confirmed_on, today
            locked.save(update_fields=["confirmed_on"])
            record_posting("posting_confirm", locked, by, confirmed_before=_iso(before))
            confirmed += 1
    return confirmed


def _locked(posting: Posting, by: Person) -> Posting:
    """The row of `posting`, locked and judged anew."""
    locked = Posting.objects.select_for_update(of=("self",)).select_related("person").get(pk=posting.pk)
    if not may_change(by, locked):
        refuse_beyond_reach(by, locked.person, locked.role, locked.unit)
        raise MayNotGive("แก้ตำแหน่งนี้ไม่ได้", "This posting is not yours to change.")
    if tenure.is_ended(locked, bangkok_today()):
        raise PostingEnded(
            "ตำแหน่งนี้สิ้นสุดไปแล้ว จึงแก้ไม่ได้ ถ้ายังปฏิบัติงานอยู่ให้แต่งตั้งใหม่",
            "This posting has ended and is not changed any more. Give a new one instead.",
        )
    forget_postings(locked.person)
    return locked


def _iso(day: date | None) -> str | None:
    return day and day.isoformat()


def change(posting: Posting, *, role: str, until: date | None, read_only: bool, by: Person) -> Posting:
    """What the page and the API change of a posting, all or nothing; gives back the one that holds now.

    Raises as `end`.
    """
    with transaction.atomic():
        posting = prolong(posting, until=until, by=by)
        posting = set_read_only(posting, read_only=read_only, by=by)
        return change_role(posting, role=role, by=by)
