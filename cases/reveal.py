"""แสดงเลขโดยมีเหตุผล: the only way to a whole national ID or G-code.

Each look has its reason, its row in the trail, and counts against a daily cap (FL-02).
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from cases.identity import scrub, unseal
from cases.models import Case
from cases.survivors import identifiers_of
from schools import audit, clock, roles
from schools.models import AuditEvent, Person
from schools.refusal import Refusal
from schools.scope import posting_for
from schools.thaitime import bangkok_midnight, bangkok_today

DAILY_CAP = 30
SHOWN_SECONDS = 60
SHORTEST_EXPLANATION = 10


class Reason(models.TextChoices):
    """What a whole number is needed for; the trail keeps the word, the person writes the rest."""

    DOCUMENT = "document", _("ตรวจให้ตรงกับเอกสารราชการ")
    ENROLMENT = "enrolment", _("ลงทะเบียนเข้าเรียนหรือออกหลักฐานการศึกษา")
    WELFARE = "welfare", _("ขอทุน สวัสดิการ หรือส่งต่อความช่วยเหลือ")
    DUPLICATE = "duplicate", _("ตรวจสอบข้อมูลซ้ำหรือแก้ข้อมูลที่ผิด")
    OTHER = "other", _("เหตุผลอื่น (เขียนให้ชัดด้านล่าง)")


class RevealRefused(Refusal):
    """The number is not shown; `status` is the HTTP status, the messages say why in two languages."""

    def __init__(self, status: int, code: str, message_th: str, message_en: str):
        self.status, self.code = status, code
        super().__init__(message_th, message_en)


@dataclass(frozen=True, slots=True)
class Shown:
    """A number in clear, to be shown for SHOWN_SECONDS and kept nowhere; `left_today` is how many looks remain."""

    kind: str
    value: str = field(repr=False)
    left_today: int


def check_explanation(text: str) -> str:
    """`text` tidied, if it can be an explanation; else RevealRefused 400 (A22).

    Ten characters are not enough when they are one key held down: it needs six different ones. And the trail must not
    become the place where numbers stand in clear.
    """
    tidy = re.sub(r"\s+", " ", text).strip()
    if len(tidy) < SHORTEST_EXPLANATION or len({letter for letter in tidy.casefold() if letter.isalnum()}) < 6:
        raise RevealRefused(
            400,
            "reason_too_short",
            "กรุณาระบุเหตุผลอย่างน้อย 10 ตัวอักษร ให้ผู้ตรวจสอบอ่านเข้าใจ",
            "Give a reason (10+ characters) that an auditor can understand.",
        )
    if scrub(tidy) != tidy:
        raise RevealRefused(
            400,
            "reason_holds_identifier",
            "อย่าเขียนเลขประจำตัวประชาชนหรือรหัส G ในเหตุผล",
            "Do not write a national ID or G-code in the reason.",
        )
    return tidy


def reveal_id(case: Case, *, by: Person, reason: Reason | str, explanation: str) -> Shown:
    """The present identifier of the child of `case` in clear, after its audit row is written in the same transaction.

    Raises RevealRefused: 400 for a poor explanation, 403 without the capability on this case, 404 when the child has
    no number, 429 after DAILY_CAP looks today. The case is checked again under its lock: it may just have moved away.
    """
    explanation = check_explanation(explanation)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=by.pk)  # two looks at once must not both be the thirtieth
        case = Case.objects.select_for_update(of=("self",)).select_related("school", "province").get(pk=case.pk)
        posting = posting_for(by, roles.REVEAL_ID, case)
        if posting is None:
            raise RevealRefused(
                403, "not_allowed", "ท่านไม่มีสิทธิ์เปิดดูเลขของแฟ้มนี้", "You may not see the number of this case."
            )
        identifier = identifiers_of(case.child).last()
        if identifier is None:
            raise RevealRefused(404, "no_number", "เด็กคนนี้ไม่มีเลขในระบบ", "This child has no number in the system.")
        looks = looks_today(by)
        if looks >= DAILY_CAP:
            raise RevealRefused(429, "daily_limit", "ครบ 30 ครั้งวันนี้ เปิดดูได้อีกในวันพรุ่งนี้", "Daily limit of 30 reached.")
        audit.record(
            audit.REVEAL_ID,
            person=by,
            posting=posting,
            object_kind="case",
            object_key=case.number,
            reason=explanation,
            reason_code=Reason(reason).value,
        )
        return Shown(identifier.kind, unseal(identifier.sealed), DAILY_CAP - looks - 1)


def looks_today(person: Person) -> int:
    """How many numbers `person` was shown since midnight in Bangkok."""
    since = bangkok_midnight(bangkok_today(clock.now()))
    return AuditEvent.objects.filter(person=person, action=audit.REVEAL_ID, result="ok", at__gte=since).count()


def seconds_to_midnight() -> int:
    """How long until the daily cap begins anew in Bangkok."""
    now = clock.now()
    return int((bangkok_midnight(bangkok_today(now) + timedelta(days=1)) - now).total_seconds()) + 1
