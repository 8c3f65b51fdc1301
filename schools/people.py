"""Makes people and their postings, and says who may come in. With schools.postings the only writer of the two.

Every act is audited in its own transaction. `by` is the Person who did it; None is the operator's command line.
Whether that person may is asked by schools.postings and schools.invitations, through which pages and programs come.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools import audit, clock
from schools.language import in_both
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.roles import GRANTABLE, UNIT_KINDS, name_of
from schools.thaitext import clean
from schools.thaitime import bangkok_today
from schools.units import UnknownUnit, parse_unit

KIND_NAMES = {
    "nation": gettext_lazy("ส่วนกลาง"),
    "department": gettext_lazy("ส่วนราชการ"),
    "region": gettext_lazy("เขตตรวจราชการ"),
    "province": gettext_lazy("จังหวัด"),
    "amphoe": gettext_lazy("อำเภอ"),
    "district": gettext_lazy("เขตพื้นที่"),
    "tray": gettext_lazy("ยังไม่ระบุหน่วยงาน"),
    "school": gettext_lazy("สถานศึกษา"),
    "partner": gettext_lazy("หน่วยงานภาคี"),
}
DEMO_PASSWORD = "demo"  # noqa: S105 - known to all; the one exception to AN-02, while settings.DEMO
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,149}\Z")
NAME_LENGTH = 150


class PersonRefused(Refusal):
    """The person or posting cannot be made so; the two messages say why and what to do, `field` where it was typed."""

    status = 400

    def __init__(self, message_th: str = "", message_en: str = "", field: str = ""):
        self.field = field
        super().__init__(message_th, message_en)


@dataclass(frozen=True)
class Created:
    """What create_person did. `password` is the generated one, to be shown once; None when none was made."""

    person: Person
    posting: Posting
    is_new_person: bool
    is_new_posting: bool
    password: str | None = None


def may_come_in(person: Person) -> bool:
    """Whether the person may log in or use a token at all: active, and of the demo only while DEMO is on."""
    return person.is_active and (settings.DEMO or not person.is_demo)


class PersonBackend(AuthenticationBackend):
    """Log-in and every later request of a session: Django asks user_can_authenticate at both (AN-07)."""

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and may_come_in(user)


def create_person(
    username: str,
    *,
    role: str,
    unit: str,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    grants: tuple[str, ...] = (),
    since: date | None = None,
    is_demo: bool = False,
    by: Person | None = None,
) -> Created:
    """A person with a first posting; a known username gets a further posting, and the same one changes nothing.

    Without `password` a strong one is generated and must be changed at the first log-in. A known person's password
    and name are never changed here: a different one is refused. Raises PersonRefused.
    """
    username = clean(username).lower()
    first_name, last_name = clean(first_name), clean(last_name)
    check_words(username, first_name, last_name)
    check_posting(role, unit, grants)
    if is_demo and not settings.DEMO:
        raise PersonRefused("บุคคลสาธิตสร้างได้เฉพาะเมื่อเปิด DEMO=1", "Demo people can be made only while DEMO=1.")
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(username__iexact=username).first()
        if person is None:
            person = Person.objects.create(
                username=username, first_name=first_name, last_name=last_name, is_demo=is_demo
            )
            audit.record("person_create", person=by, object_kind="person", object_key=username[:60], is_demo=is_demo)
            posting, is_new = give_posting(person, role=role, unit=unit, grants=grants, since=since, by=by)
            return Created(person, posting, True, is_new, _set_first_password(person, password))
        _check_same(person, password, first_name, last_name, is_demo)
        posting, is_new = give_posting(person, role=role, unit=unit, grants=grants, since=since, by=by)
    return Created(person, posting, False, is_new)


def give_posting(
    person: Person,
    *,
    role: str,
    unit: str,
    grants: tuple[str, ...] = (),
    since: date | None = None,
    until: date | None = None,
    read_only: bool = False,
    by: Person | None = None,
) -> tuple[Posting, bool]:
    """The person's posting of this role and unit to that last day, and whether it is new. Missing `grants` are added.

    `since` is a Bangkok date, today by default; `until` is the last day, None leaves it open. Raises PersonRefused.
    """
    check_posting(role, unit, grants)
    unit, since = str(parse_unit(unit)), since or bangkok_today()
    if until is not None and until < since:
        raise PersonRefused("วันสิ้นสุดต้องไม่ก่อนวันเริ่ม", "The last day cannot be before the first.", "until")
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # two at once make one posting
        posting = person.postings.filter(role=role, unit=unit, until=until, cut_at=None, read_only=read_only).first()
        added = sorted(set(grants) - set(posting.extra if posting else ()))
        if posting is not None and not added:
            return posting, False
        is_new = posting is None
        if is_new:
            posting = person.postings.create(
                role=role, unit=unit, since=since, until=until, read_only=read_only, extra=added
            )
        else:
            posting.extra = sorted({*posting.extra, *added})
            posting.save(update_fields=["extra"])
        record_posting("posting_give" if is_new else "posting_grant", posting, by, grants=added)
    forget_postings(person)
    return posting, is_new


def end_posting(
    posting: Posting, *, on: date | None = None, at_once: bool = False, by: Person | None = None
) -> Posting:
    """The posting ends with the day `on` (today by default), which is its last; `at_once`: from this moment (AN-10).

    Raises PersonRefused.
    """
    last = on or bangkok_today()
    with transaction.atomic():
        posting = Posting.objects.select_for_update().get(pk=posting.pk)
        if at_once:
            return _cut(posting, by)
        if posting.until is not None:
            if posting.until == last:
                return posting
            raise PersonRefused(
                f"ตำแหน่งนี้สิ้นสุดแล้วเมื่อ {posting.until}", f"This posting has ended on {posting.until} already."
            )
        if last < posting.since:
            raise PersonRefused(
                f"ตำแหน่งเริ่ม {posting.since} จึงสิ้นสุดก่อนนั้นไม่ได้",
                f"The posting began on {posting.since}; it cannot end before.",
            )
        posting.until = last
        posting.save(update_fields=["until"])
        record_posting("posting_end", posting, by, until=last.isoformat())
    return posting


def _cut(posting: Posting, by: Person | None) -> Posting:
    """End a locked posting now, whatever its last day was to be; one that has not begun ends before it does."""
    today = bangkok_today()
    if posting.cut_at is not None or (posting.until is not None and posting.until < today):
        return posting
    before = posting.until
    posting.cut_at = clock.now()
    posting.until = max(posting.since, today)
    posting.save(update_fields=["cut_at", "until"])
    record_posting("posting_end", posting, by, until=today.isoformat(), until_before=before and before.isoformat())
    return posting


def find_person(username: str) -> Person:
    """The person of that user name, whatever its case. Raises PersonRefused."""
    person = Person.objects.filter(username__iexact=clean(username)).first()
    if person is None:
        raise PersonRefused(f"ไม่พบผู้ใช้ “{username[:150]}”", f"No person “{username[:150]}”.")
    return person


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def check_words(username: str, first_name: str, last_name: str) -> None:
    if not _USERNAME.match(username):
        raise PersonRefused(
            "ชื่อผู้ใช้ใช้ได้เฉพาะ a–z 0–9 . _ @ + - ไม่เกิน 150 ตัว และขึ้นต้นด้วยตัวอักษรหรือตัวเลข",
            "A user name takes a–z 0–9 . _ @ + -, at most 150 characters, beginning with a letter or digit.",
            "username",
        )
    if re.fullmatch(r"[0-9]{13}", username):
        raise PersonRefused("อย่าใช้เลขประจำตัวประชาชนเป็นชื่อผู้ใช้", "A national ID must not be a user name.", "username")
    for name in (first_name, last_name):
        if len(name) > NAME_LENGTH or not name.replace(" ", "x").isprintable():
            raise PersonRefused(
                f"ชื่อและนามสกุลยาวได้ไม่เกิน {NAME_LENGTH} ตัวอักษร",
                f"Names take at most {NAME_LENGTH} printable characters.",
                "first_name",
            )


def check_posting(role: str, unit: str, grants: tuple[str, ...]) -> None:
    """The role exists, is held in units of that kind, the unit exists, and every grant may be given."""
    if role not in UNIT_KINDS:
        raise PersonRefused(
            f"ไม่มีบทบาท “{role[:40]}” ใช้ได้: {', '.join(UNIT_KINDS)}",
            f"No role “{role[:40]}”. Roles: {', '.join(UNIT_KINDS)}.",
        )
    try:
        kind = parse_unit(unit).kind
    except UnknownUnit as error:
        raise PersonRefused(error.message_th, error.message_en) from error
    if kind not in UNIT_KINDS[role]:
        raise PersonRefused(*in_both(lambda: _held_elsewhere(role, kind)), "unit")
    unknown = sorted(set(grants) - GRANTABLE)
    if unknown:
        raise PersonRefused(
            f"ให้สิทธิ์ {', '.join(unknown)} ไม่ได้ ให้ได้เฉพาะ {', '.join(GRANTABLE)}",
            f"{', '.join(unknown)} cannot be granted; only {', '.join(GRANTABLE)}.",
        )


def _held_elsewhere(role: str, kind: str) -> str:
    """Where a role is held instead, in the words of the reader."""
    kinds = " · ".join(str(KIND_NAMES[other]) for other in UNIT_KINDS[role])
    words = {"role": name_of(role), "kind": KIND_NAMES[kind], "kinds": kinds}
    return _("บทบาท “%(role)s” ประจำหน่วยงานชนิด “%(kind)s” ไม่ได้ เลือกหน่วยงานชนิด: %(kinds)s") % words


def _set_first_password(person: Person, password: str | None) -> str | None:
    """Set the password of a person just made, whose posting stands (its unit's code is too familiar a word).

    None: a strong one is generated, must be changed, and is returned.
    """
    generated = None if password else secrets.token_urlsafe(15)
    if not (person.is_demo and settings.DEMO and password == DEMO_PASSWORD):
        try:
            validate_password(password or generated, person)
        except ValidationError as error:
            raise PersonRefused(
                f"รหัสผ่านใช้ไม่ได้: {_said(error, 'th')}", f"The password is refused: {_said(error, 'en')}"
            ) from error
    person.set_password(password or generated)
    person.must_change_password = generated is not None
    person.save(update_fields=["password", "must_change_password"])
    return generated


def _said(error: ValidationError, language: str) -> str:
    with translation.override(language):
        return " ".join(error.messages)


def _check_same(person: Person, password: str | None, first_name: str, last_name: str, is_demo: bool) -> None:
    """The command speaks of the person it finds: never a way to take over somebody's log-in or name."""
    for said, stored in ((first_name, person.first_name), (last_name, person.last_name)):
        if said and said != stored:
            raise PersonRefused(
                f"ชื่อผู้ใช้ “{person.username}” เป็นของ {person} อยู่แล้ว ใช้ชื่อผู้ใช้อื่น",
                f"The user name “{person.username}” belongs to {person} already. Choose another one.",
            )
    if password and not person.check_password(password):
        raise PersonRefused(
            f"“{person.username}” มีรหัสผ่านอยู่แล้ว ไม่ต้องระบุ --password",
            f"“{person.username}” has a password already; leave --password out.",
        )
    if is_demo and not person.is_demo:
        raise PersonRefused(
            f"“{person.username}” เป็นบุคคลจริง ทำเป็นบุคคลสาธิตไม่ได้", f"“{person.username}” is no demo person."
        )


def record_posting(action: str, posting: Posting, by: Person | None, **details) -> None:
    audit.record(
        action,
        person=by,
        object_kind="person",
        object_key=posting.person.username[:60],
        role_given=posting.role,
        unit_given=posting.unit,
        **details,
    )


def forget_postings(person: Person) -> None:
    person.__dict__.pop("_postings", None)
