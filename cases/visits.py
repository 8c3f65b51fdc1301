"""Recording a visit (บันทึกการติดตาม): once, whoever sends it how often, and never without its content."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases import actions, photos
from cases.codes import FactKind, Finding, Outcome, VisitMode, Whereabouts, Wish
from cases.identity import scrub
from cases.lifecycle import add_facts, lock
from cases.models import Case, Fact, Photo, Visit
from cases.survivors import survivor_of
from schools import audit, clock, roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import posting_for
from schools.thaitime import bangkok_date, thai_date

MAX_TEXT = 20_000


class VisitRefused(Refusal):
    """The visit cannot be so; `field` is the form field to mend, `code` the id of bad_inputs.tsv."""

    def __init__(self, field_name: str, code: str, message_th: str, message_en: str):
        self.field, self.code = field_name, code
        super().__init__(message_th, message_en)


class UuidTaken(Refusal):
    """V17: this UUID was sent before with other content, or for another case."""

    message_th = "ข้อมูลไม่ตรงกับที่ส่งก่อนหน้า ระบบเก็บฉบับแรกไว้ กรุณาตรวจสอบแล้วบันทึกเป็นรายการใหม่"
    message_en = "Differs from the copy sent earlier, which is kept. Check, then record it as a new visit."


@dataclass(frozen=True, kw_only=True)
class VisitContent:
    """What a visit says. `done`: a Bangkok date, or an aware datetime; None is now."""

    finding: int = Finding.NONE
    mode: str = VisitMode.HOME
    done: date | datetime | None = None
    whereabouts: str = ""
    whereabouts_province_id: int | None = None
    outcome: int | None = None
    studying_at: str = ""
    wish: int | None = None
    met: str = ""
    situation: str = ""
    needs: Sequence[str] = field(default_factory=tuple)
    next_step: str = ""
    next_on: date | None = None
    unsafe: bool = False
    lat: float | None = None
    lon: float | None = None
    device_at: datetime | None = None

    def digest(self, pictures: Sequence[photos.Picture]) -> str:
        """One hash of everything said, to tell a resend from another visit under the same UUID."""
        said = asdict(self) | {"photos": sorted(picture.source_sha256 for picture in pictures)}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def record_visit(
    case: Case, content: VisitContent, *, person: Person, uuid: UUID, pictures: Sequence[photos.Picture] = ()
) -> tuple[Visit, bool]:
    """Record one visit; returns it and whether it is new. The same UUID with the same content gives the first one.

    A visit to a duplicate, made before it was merged away or sent late, passes to the survivor: whoever might visit the
    duplicate loses nothing by the merge. Raises PermissionDenied, actions.IllegalAction, VisitRefused, UuidTaken. All
    or nothing, pictures included.
    """
    digest = content.digest(pictures)
    addressed, case = case, survivor_of(case)
    kept: list[str] = []
    try:
        with transaction.atomic():
            locked = lock(case)
            if sent := _sent_before(
                uuid, {addressed.pk, case.pk}, digest
            ):  # under the lock: of two that arrive at once one is first
                return sent, False
            posting = visiting_posting(addressed, locked, person)
            judge(locked, content, len(pictures))
            fact = _fact(content, person, posting)
            add_facts(locked, [fact, *_alarm(locked, content, person, posting)])
            visit = _visit(locked, fact, content, uuid, digest)
            for picture in pictures:
                path = photos.keep(picture)
                kept.append(path)
                _photo(visit, path, picture)
            audit.record("visit_recorded", person=person, posting=posting, object_kind="case", object_key=locked.number)
    except BaseException as error:
        for path in kept:
            photos.forget(path)
        if isinstance(error, IntegrityError) and Visit.objects.filter(uuid=uuid).exists():
            raise UuidTaken from None  # for two cases at once: each holds its own lock, the database decides
        raise
    return visit, True


def visiting_posting(addressed: Case, case: Case, person: Person) -> Posting:
    """By which `person` visits `case`, or the duplicate of it that was `addressed`.

    Raises PermissionDenied, actions.IllegalAction.
    """
    if addressed.pk == case.pk:
        return actions.may(case, person, "visit")
    posting = posting_for(person, roles.RECORD_VISIT, addressed)
    if posting is None:
        raise PermissionDenied
    actions.still(case, "visit")
    return posting


def _sent_before(uuid: UUID, cases: set[int], digest: str) -> Visit | None:
    visit = Visit.objects.filter(uuid=uuid).first()
    if visit is not None and (visit.case_id not in cases or visit.content_digest != digest):
        raise UuidTaken
    return visit


def judge(case: Case, content: VisitContent, pictures: int = 0) -> None:
    """Refuse what cannot be so. Raises VisitRefused with field, code and remedy."""
    today = bangkok_date(clock.now())
    done = content.done
    day = bangkok_date(done) if isinstance(done, datetime) else done or today
    opened = bangkok_date(case.opened_at)
    if day > today:
        raise VisitRefused("done_on", "V01", "วันที่เยี่ยมอยู่ในอนาคต", "Visit date is in the future.")
    if day < opened:
        raise VisitRefused(
            "done_on",
            "V02",
            f"วันที่เยี่ยมก่อนวันเปิดรายการนี้ ({thai_date(opened, plain=True)})",
            f"Visit date is before the case opened ({opened.isoformat()}).",
        )
    if content.next_on is not None and content.next_on < day:
        raise VisitRefused(
            "next_on", "V02", "วันนัดครั้งต่อไปอยู่ก่อนวันที่ติดตาม", "The next appointment is before the day of the visit."
        )
    if len(content.situation) > MAX_TEXT:
        raise VisitRefused("situation", "V06", "บันทึกยาวเกิน 20,000 ตัวอักษร", "Note longer than 20,000 characters.")
    if content.wish and content.finding == Finding.NONE:
        raise VisitRefused(
            "wish",
            "V05",
            "ระบุความประสงค์ได้เมื่อพบตัวหรือทราบข่าวเด็ก",
            "A wish can be recorded when the child was found or heard of.",
        )
    if pictures > photos.MAX_PER_VISIT:
        raise VisitRefused("photos", "UP-07", "แนบรูปได้ไม่เกิน 10 รูป", "At most ten pictures a visit.")


def _fact(content: VisitContent, person: Person, posting) -> Fact:
    return Fact(
        kind=FactKind.VISITED,
        at=content.done,
        by=person,
        posting=posting,
        unit=posting.unit,
        finding=Finding(content.finding),
        outcome=Outcome(content.outcome) if content.outcome else None,
        wish=Wish(content.wish) if content.wish else None,
    )


def _alarm(case: Case, content: VisitContent, person: Person, posting) -> list[Fact]:
    """Of a child met in danger: the flag, unless it stands already (cases.progress: referred the same day)."""
    if not content.unsafe or case.is_unsafe:
        return []
    return [Fact(kind=FactKind.FLAGGED_UNSAFE, at=content.done, by=person, posting=posting, unit=posting.unit)]


def _visit(case: Case, fact: Fact, content: VisitContent, uuid: UUID, digest: str) -> Visit:
    return Visit.objects.create(
        fact=fact,
        case=case,
        uuid=uuid,
        content_digest=digest,
        mode=VisitMode(content.mode),
        whereabouts=Whereabouts(content.whereabouts) if content.whereabouts else "",
        whereabouts_province_id=content.whereabouts_province_id,
        studying_at=scrub(content.studying_at),
        met=scrub(content.met),
        situation=scrub(content.situation),
        needs=list(content.needs),
        next_step=scrub(content.next_step),
        next_on=content.next_on,
        unsafe=content.unsafe,
        lat=content.lat,
        lon=content.lon,
        device_at=content.device_at,
    )


def _photo(visit: Visit, path: str, picture: photos.Picture) -> None:
    Photo.objects.create(
        visit=visit,
        path=path,
        sha256=hashlib.sha256(picture.jpeg).hexdigest(),
        source_sha256=picture.source_sha256,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        received_at=clock.now(),
    )
