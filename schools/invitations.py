"""Inviting a person: a posting, and a link by which they set their own password, once and within a day (AN-07).

The link is shown to the inviter and to nobody else; what is kept of it is a digest. It works by sending the form: a
message program that opens it for a preview uses nothing up.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse

from schools import audit, clock, postings, tenure
from schools.models import Invitation, Person, Posting
from schools.people import PersonRefused, check_words, may_come_in
from schools.people_rules import giving_posting
from schools.refusal import Refusal
from schools.scope import unit_of_posting
from schools.thaitext import clean
from schools.thaitime import bangkok_today

VALID_FOR = timedelta(hours=24)


class LinkRefused(Refusal):
    """409: no link can be made for this person."""

    status, code = 409, "no_link"


class BadLink(Exception):
    """A link that is unknown, used, replaced or older than a day; which of them is nobody's business."""


@dataclass(frozen=True)
class Invited:
    """What `invite` did. `token` is that of the link, to be shown once; "" where the person has a password already."""

    person: Person
    posting: Posting
    is_new_person: bool
    is_new_posting: bool
    token: str = ""


def invite(
    username: str,
    *,
    role: str,
    unit: str,
    by: Person,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    phone: str = "",
    since: date | None = None,
    until: date | None = None,
    read_only: bool = False,
) -> Invited:
    """A person with a posting and, until they have a password, a link. A known user name of the same name gets a
    further posting. Raises PersonRefused, postings.MayNotGive; nothing is saved then.
    """
    username = clean(username).lower()
    first_name, last_name = clean(first_name), clean(last_name)
    check_words(username, first_name, last_name)
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(username__iexact=username).first()
        postings.refuse_beyond_reach(by, person, role, unit)
        is_new = person is None
        if is_new:
            person = _new_person(username, first_name, last_name, email, phone, by)
        elif (person.first_name, person.last_name) != (first_name, last_name):
            raise taken(username)
        posting, is_new_posting = postings.give(
            person, role=role, unit=unit, since=since, until=until, read_only=read_only, by=by
        )
        if is_new_posting:
            _withdraw(person, but_by=by)
        needs_link = not person.has_usable_password() and may_issue_link(by, person)
        token = _make_link(person, by) if needs_link and (is_new or is_new_posting) else ""
    return Invited(person, posting, is_new, is_new_posting, token)


def taken(username: str) -> PersonRefused:
    """A user name that is another person's; whose is not told (AZ-07)."""
    return PersonRefused(
        f"ชื่อผู้ใช้ “{username}” มีผู้ใช้แล้ว ถ้าเป็นคนเดียวกันให้พิมพ์ชื่อและนามสกุลให้ตรง ถ้าไม่ใช่ให้ใช้ชื่อผู้ใช้อื่น",
        f"The user name “{username}” is taken. For the same person type the very same names; else choose another.",
        "username",
    )


def _new_person(username: str, first_name: str, last_name: str, email: str, phone: str, by: Person) -> Person:
    if not first_name or not last_name:
        field = "first_name" if not first_name else "last_name"
        raise PersonRefused("ต้องมีทั้งชื่อและนามสกุล", "First and last name are both needed.", field)
    person = Person(username=username, first_name=first_name, last_name=last_name, email=email, phone=phone)
    person.set_unusable_password()
    person.save()
    audit.record(audit.CREATE_PERSON, person=by, object_kind="person", object_key=username[:60], invited=True)
    return person


def may_issue_link(by: Person, person: Person) -> bool:
    """Whether `by` may make a link for `person`: they administer every posting the person has or will have.

    Whoever holds the link could become the person, so it must open nothing that its maker could not give.
    """
    if by.pk == person.pk:
        return False
    today = bangkok_today()
    standing = [posting for posting in person.postings.all() if not tenure.is_ended(posting, today)]
    return bool(standing) and all(giving_posting(by, one.role, unit_of_posting(one)) is not None for one in standing)


def issue_link(person: Person, *, by: Person) -> str:
    """The token of a new link for an invited person; links made before stop working.

    Raises postings.MayNotGive, LinkRefused.
    """
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if not may_issue_link(by, locked):
            raise postings.MayNotGive(
                "ท่านไม่ได้ดูแลทุกตำแหน่งของคนนี้ ให้หน่วยงานที่ดูแลทุกตำแหน่งออกลิงก์",
                "You do not administer all postings of this person; who does must make the link.",
            )
        if locked.has_usable_password():
            raise LinkRefused(f"{locked} ตั้งรหัสผ่านแล้ว ไม่ต้องใช้ลิงก์", f"{locked} has a password already and needs no link.")
        return _make_link(locked, by)


def _make_link(person: Person, by: Person) -> str:
    _withdraw(person)
    token, moment = secrets.token_urlsafe(32), clock.now()
    Invitation.objects.create(
        person=person, by=by, digest=_digest(token), made_at=moment, expires_at=moment + VALID_FOR
    )
    audit.record("invitation_made", person=by, object_kind="person", object_key=person.username[:60])
    return token


def _withdraw(person: Person, *, but_by: Person | None = None) -> None:
    """Earlier links stop working: another one takes their place, or they would now open more than their maker gave."""
    earlier = Invitation.objects.filter(person=person, used_at=None, withdrawn_at=None)
    if but_by is not None:
        earlier = earlier.exclude(by=but_by)
    earlier.update(withdrawn_at=clock.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_path(token: str) -> str:
    """Where the link leads, without the host."""
    return reverse("schools:invitation", args=[token])


def open_link(token: str) -> Invitation:
    """The invitation of a link that still works. Raises BadLink."""
    found = Invitation.objects.select_related("person", "by").filter(digest=_digest(token)).first()
    if found is None or not _works(found):
        raise BadLink
    return found


def _works(invitation: Invitation) -> bool:
    if invitation.used_at is not None or invitation.withdrawn_at is not None or clock.now() > invitation.expires_at:
        return False
    person, maker = invitation.person, invitation.by
    if person.has_usable_password() or not may_come_in(person):
        return False
    # Asked again: the person may have been given more since, or the maker's own posting may have ended (AN-10).
    return maker is None or may_issue_link(maker, person)


def accept(token: str, password: str) -> Person:
    """Set the invited person's own password; the link is used up. Raises BadLink, ValidationError."""
    with transaction.atomic():
        found = Invitation.objects.select_for_update(of=("self",)).filter(digest=_digest(token)).first()
        if found is None or not _works(found):
            raise BadLink
        person = found.person
        validate_password(password, person)
        person.set_password(password)
        person.must_change_password = False
        person.save(update_fields=["password", "must_change_password"])
        found.used_at = clock.now()
        found.save(update_fields=["used_at"])
        _withdraw(person)
        audit.record("invitation_used", person=person, object_kind="person", object_key=person.username[:60])
    return person
