"""A case's history in words: its facts as events, newest first, and its stages as a ladder."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from cases import correction_words, help_rounds, help_words
from cases.codes import (
    Category,
    CheckAnswer,
    EnrolmentRoute,
    FactKind,
    Finding,
    FollowUp,
    Need,
    Outcome,
    Remedy,
    RequestKind,
    RequestState,
    Stage,
    VisitMode,
)
from cases.confidential import Told, tells_outcome, told_needs, wish_words
from cases.corrections import is_correctable
from cases.lifecycle import DEADLINES
from cases.models import FOREVER, Case, Fact, Span
from schools.language import reader_language
from schools.thaitime import BANGKOK, bangkok_date, thai_date, thai_datetime
from schools.units import unit_names

ICONS = {
    FactKind.LISTED: "io",
    FactKind.ASSIGNED: "route",
    FactKind.VISITED: "pen",
    FactKind.NOT_FOUND_APPROVED: "notfound",
    FactKind.ENROLLED: "bag",
    FactKind.CATEGORY_SET: "pen",
    FactKind.TEACHER_NAMED: "user",
    FactKind.LEFT_LIST: "file",
    FactKind.CHILD_CHANGED: "pen",
    FactKind.REPORTED: "addkid",
    FactKind.ENROLMENT_CONFIRMED: "check",
    FactKind.ENROLMENT_DENIED: "x",
    FactKind.ENROLMENT_WITHDRAWN: "x",
    FactKind.FOLLOWED_UP: "bag",
    FactKind.DROPPED_AGAIN: "alert",
    FactKind.HANDED_OVER: "route",
    FactKind.HELP_PLANNED: "heart",
    FactKind.HELP_GIVEN: "heart",
    FactKind.CONFERRED: "user",
    FactKind.REFERRED: "io",
    FactKind.REFERRAL_ANSWERED: "io",
    FactKind.REFERRAL_ENDED: "io",
    FactKind.REQUESTED: "stamp",
    FactKind.REQUEST_ANSWERED: "stamp",
    FactKind.TRANSFERRED: "route",
    FactKind.CLOSED: "x",
    FactKind.REOPENED: "pen",
    FactKind.VOIDED: "x",
    FactKind.MERGED_AWAY: "dup",
    FactKind.MERGED_IN: "dup",
    FactKind.MERGE_UNDONE: "dup",
    FactKind.LIST_CHECKED: "checks",
    FactKind.FLAGGED_UNSAFE: "alert",
    FactKind.UNSAFE_CLEARED: "check",
}
MAIN_LADDER = (
    Stage.NEW,
    Stage.ASSIGNED,
    Stage.TRACKING,
    Stage.FOUND,
    Stage.ASSISTING,
    Stage.RETURNED_CLAIMED,
    Stage.RETURNED_CONFIRMED,
    Stage.OBSERVING,
    Stage.RETAINED,
)


class Step(NamedTuple):
    """One stage of the ladder as the page shows it."""

    label: str
    note: str
    state: str


def _day(moment: datetime) -> str:
    return thai_date(bangkok_date(moment), lang=reader_language())


def facts_of(case: Case) -> list[Fact]:
    """Every fact with what its words need, those of duplicates merged in included, newest first.

    A fixed number of queries, and that again for each further duplicate of a duplicate.
    """
    facts, merged = _facts([case.pk]), {case.pk}
    while fresh := _standing_merges(facts) - merged:
        merged |= fresh
        facts += [fact for fact in _facts(fresh) if not _told_by_survivor(fact, merged)]
    return sorted(facts, key=lambda fact: (fact.at, fact.pk), reverse=True)


def _facts(cases: Iterable[int]) -> list[Fact]:
    related = ("case", "by", "school", "district", "teacher", "list_version__list", "visit__whereabouts_province")
    rows = Fact.objects.filter(case_id__in=cases).select_related(*related)
    return list(rows.prefetch_related("visit__photos", "corrected_by"))


def _told_by_survivor(fact: Fact, cases: set[int]) -> bool:
    """Of a duplicate: that it was merged away, or parted again, stands in the survivor's own history already."""
    parted = fact.kind == FactKind.MERGE_UNDONE and fact.other_case_id in cases
    return parted or fact.kind == FactKind.MERGED_AWAY


def _standing_merges(facts: Iterable[Fact]) -> set[int]:
    """The cases that stand merged into those of `facts`."""
    merged = set()
    for fact in sorted(facts, key=lambda fact: fact.pk):
        if fact.kind == FactKind.MERGED_IN:
            merged.add(fact.other_case_id)
        elif fact.kind == FactKind.MERGE_UNDONE:
            merged.discard(fact.other_case_id)
    return merged


def events(
    case: Case, facts: Iterable[Fact], told: Told, *, prints: bool = False, corrects: bool = False
) -> list[dict]:
    """The timeline. Without names it tells what happened and where, not what was written in free text.

    `prints`: with the way to each visit's form on paper; `corrects`: to the correction of what can be corrected.
    """
    facts = list(facts)
    units = unit_names({fact.unit for fact in facts})
    rounds = help_rounds.by_fact(facts)
    found = [_event(case, fact, told, units[fact.unit]) | _round(rounds.get(fact.pk)) for fact in facts]
    for event, fact in zip(found, facts, strict=True):
        if prints and hasattr(fact, "visit"):
            event["sheet"] = reverse("cases:visit_sheet", args=[case.number, fact.pk])
        if corrects and fact.case_id == case.pk and is_correctable(fact):
            event["correct"] = f"{reverse('cases:act', args=[case.number, 'request_correction'])}?record={fact.pk}"
    return found


def _round(number: int | None) -> dict[str, str]:
    return {"round": _("รอบที่ %(n)s") % {"n": number} if number else ""}


def _event(case: Case, fact: Fact, told: Told, unit: str) -> dict:
    visit = getattr(fact, "visit", None)
    written = visit if told.address else None  # what visits say may tell where an unsafe child is
    corrected = bool(fact.corrected_by.all())
    who = fact.by.get_full_name() if fact.by and told.names else ""
    late = bangkok_date(fact.at) != bangkok_date(fact.known_at)
    received = _("ถึงระบบ %(when)s") % {"when": thai_datetime(fact.known_at, lang=reader_language())} if late else ""
    changed = fact.after is not None and fact.before != fact.after
    return {
        "at": fact.at,
        "date": thai_date(bangkok_date(fact.at), lang=reader_language()),
        "clock": "" if late else _clock(fact.at),
        "icon": _icon(fact),
        "title": title(fact),
        "stage": str(Stage(fact.after).label) if changed else "",
        "text": text(fact, visit, told),
        "quote": written.situation if written and not corrected else "",  # it stands beside the correction
        "next": _plans(written) if written and not corrected else "",
        "photos": _photos(case, written) if written else [],
        "by": " · ".join(part for part in (who, unit, received) if part),
        "brand": False,
        "duplicate": fact.case.number if fact.case_id != case.pk else "",
        "corrected": corrected,
        "correction": correction_words.line(fact, told) if corrected else "",
        "corrects": "correction" in fact.details,
    }


def _plans(visit) -> str:
    """What is to be done next, and the day agreed on."""
    day = thai_date(visit.next_on, lang=reader_language()) if visit.next_on else ""
    return " · ".join(part for part in (visit.next_step, day and _("นัด %(day)s") % {"day": day}) if part)


def _clock(moment: datetime) -> str:
    local = moment.astimezone(BANGKOK)
    return f"{local:%H:%M}" if reader_language() == "en" else f"{local:%H.%M} น."


def _icon(fact: Fact) -> str:
    if fact.kind == FactKind.VISITED:
        return "found" if fact.finding == Finding.FOUND else "notfound" if fact.finding == Finding.NONE else "pin"
    return ICONS[fact.kind]


def title(fact: Fact) -> str:
    """What happened, in one line."""
    if fact.kind in help_words.KINDS:
        return help_words.title(fact)
    match fact.kind:
        case FactKind.VISITED:
            visit = getattr(fact, "visit", None)
            how = VisitMode(visit.mode).label if visit else _("ผลการติดตามตามบัญชี")
            return f"{how}: {Finding(fact.finding).label}"
        case FactKind.ASSIGNED if "undoes" in fact.details:
            return _("ยกเลิกการมอบหมาย กลับไปที่ %(unit)s") % {"unit": fact.school or fact.district}
        case FactKind.ASSIGNED:
            return _("มอบหมายให้ %(unit)s") % {"unit": fact.school or fact.district}
        case FactKind.TRANSFERRED:
            return _("รับโอนไป %(unit)s") % {"unit": fact.school or fact.district}
        case FactKind.LISTED if fact.list_version:
            return _("เข้าสู่ระบบจาก %(list)s") % {"list": fact.list_version.list}
        case FactKind.LEFT_LIST if fact.list_version:
            return _("ไม่อยู่ใน %(list)s ฉบับล่าสุด") % {"list": fact.list_version.list}
        case FactKind.REPORTED:
            return f"{FactKind.REPORTED.label}: {Finding(fact.finding).label}"
        case FactKind.TEACHER_NAMED if fact.teacher_id is None:
            return _("ส่งมอบงานคืนโรงเรียน รอกำหนดครูผู้รับผิดชอบ")
        case FactKind.TEACHER_NAMED:
            return str(FactKind.TEACHER_NAMED.label)
        case FactKind.LIST_CHECKED if fact.list_version and fact.details.get("answer"):
            said = {"list": fact.list_version.list, "answer": CheckAnswer(fact.details["answer"]).label}
            return _("ตรวจสอบบัญชี %(list)s: %(answer)s") % said
        case FactKind.DROPPED_AGAIN:
            return _("ออกกลางคันซ้ำ เริ่มติดตามรอบใหม่")
        case FactKind.REQUESTED | FactKind.REQUEST_ANSWERED if fact.details.get("request") in RequestKind.values:
            return _title_of_request(fact)
        case FactKind.NOT_FOUND_APPROVED if fact.approved_in_old_system:
            return _("ไม่พบตัว (อนุมัติแล้วจากระบบเดิม)")
    return str(FactKind(fact.kind).label)


def _title_of_request(fact: Fact) -> str:
    """What was asked, and what became of it."""
    asked = str(RequestKind(fact.details["request"]).label)
    if fact.kind == FactKind.REQUESTED:
        return asked
    answer = fact.details.get("answer", "")
    if (answer == RequestState.GRANTED or answer == "taken_up") and fact.details.get("does") in Remedy.values:
        does = fact.details["does"]
        return f"{asked}: {_('กำลังช่วย') if does == Remedy.HELP else Remedy(does).label}"
    if answer in RequestState.values:
        return f"{asked}: {RequestState(answer).label}"
    if answer == "unanswered" and "does" in fact.details:
        return _("%(asked)s: ช่วยยังไม่สำเร็จในกำหนด เลื่อนขึ้นระดับถัดไป") % {"asked": asked}
    if answer == "unanswered":
        return _("%(asked)s: ไม่มีคำตอบใน 7 วัน เลื่อนขึ้นระดับถัดไป") % {"asked": asked}
    return _("%(asked)s: ส่งต่อผู้พิจารณา") % {"asked": asked}


def text(fact: Fact, visit, told: Told) -> str:
    """The rest of what the fact says, as one readable line; what somebody typed stands in it only beside the name."""
    if fact.kind in help_words.KINDS:
        return " · ".join(help_words.words(fact, told))
    parts, show_names = [], told.names
    outcome = tells_outcome(fact.outcome, told.sensitive)
    if outcome:
        parts.append(str(Outcome(fact.outcome).label))
    if fact.source_words and show_names and (outcome or not fact.outcome) and fact.source_words not in parts:
        parts.append(_("คำเดิม “%(words)s”") % {"words": fact.source_words})
    if fact.wish:
        parts.append(wish_words(fact.wish, told.sensitive))
    parts += _of_return(fact, told.address)
    if fact.details.get("request") == RequestKind.TRANSFER and fact.details.get("name"):
        parts.append(_("ปลายทาง %(name)s") % {"name": fact.details["name"]})
    if fact.kind == FactKind.TEACHER_NAMED and show_names:
        if fact.teacher:
            parts.append(fact.teacher.get_full_name())
        if "handed_over_by" in fact.details:
            parts.append(_("รับช่วงจาก %(name)s") % {"name": fact.details["handed_over_by"]})
    if fact.kind == FactKind.CHILD_CHANGED:
        parts += [changed_cell(heading, cell, told) for heading, cell in fact.details.items()]
    if fact.kind == FactKind.LIST_CHECKED and "other" in fact.details:
        parts.append(_("แฟ้มที่ซ้ำ %(no)s") % {"no": fact.details["other"]})
    if visit:
        parts += [str(Need(need).label) for need in told_needs(visit.needs, told.sensitive)]
        if told.address:
            place = visit.whereabouts_province
            where = _("พบในจังหวัด%(name)s") % {"name": place} if place else ""
            met = _("ได้พบหรือพูดคุยกับ %(who)s") % {"who": visit.met} if visit.met else ""
            parts += [part for part in (where, met, visit.studying_at) if part]
    if fact.reason and told.address:
        parts.append(_("เหตุผล: %(reason)s") % {"reason": fact.reason})
    return " · ".join(parts)


def changed_cell(heading: str, cell: list, told: Told) -> str:
    """What of the child was changed, and from what to what for those who may see it; a code of a place says nothing."""
    words = [str(value) if isinstance(value, str) and value else "–" for value in cell]
    return f"{heading}: {words[0]} → {words[1]}" if told.names and told.address and words != ["–", "–"] else heading


def _of_return(fact: Fact, written: bool) -> list[str]:
    """Where the child goes, in which grade; what a follow-up found; as what the child is listed again."""
    parts = []
    if fact.kind in (FactKind.ENROLLED, FactKind.HANDED_OVER):
        untold = ("", EnrolmentRoute.SCHOOL, EnrolmentRoute.FROM_LIST)
        route = "" if fact.route in untold else str(EnrolmentRoute(fact.route).label)
        where = fact.details.get("name", "") if written or "school" in fact.details else ""
        parts += [part for part in (route, where, fact.grade) if part]
    if fact.kind == FactKind.ENROLMENT_CONFIRMED and fact.grade:
        parts.append(fact.grade)
    if fact.follow_up:
        parts.append(str(FollowUp(fact.follow_up).label))
    if fact.kind == FactKind.DROPPED_AGAIN and fact.category:
        parts.append(str(Category(fact.category).label))
    return parts


def _photos(case: Case, visit) -> list[dict]:
    return [
        {
            "url": (url := reverse("cases:photo", args=[case.number, photo.pk])),
            "thumb": url,
            "label": _("รูปที่ %(n)s") % {"n": n},
        }
        for n, photo in enumerate(visit.photos.all(), start=1)
    ]


def ladder(case: Case) -> list[Step]:
    """The stages of this child: when each was entered, where it stands, and by when it should go on."""
    entered: dict[int, datetime] = {}
    for span in Span.objects.filter(case=case, known_until=FOREVER).order_by("since"):
        entered.setdefault(span.stage, span.since)
    stages = list(MAIN_LADDER)
    if case.stage not in stages:  # not found, closed, void: beside the ladder
        stages.insert(stages.index(Stage.FOUND) + 1, Stage(case.stage))
    here = stages.index(Stage(case.stage))
    return [_step(case, stage, n, here, entered) for n, stage in enumerate(stages)]


def _step(case: Case, stage: Stage, n: int, here: int, entered: dict[int, datetime]) -> Step:
    if n < here:
        return Step(str(stage.label), _day(entered[stage]) if stage in entered else "", "past")
    if n == here:
        return Step(str(stage.label), _("ตั้งแต่ %(day)s") % {"day": _day(case.stage_since)}, "now")
    if n == here + 1 and case.due_at:
        return Step(str(stage.label), _("ภายใน %(day)s") % {"day": _day(case.due_at)}, "next")
    days = DEADLINES.get(stage)
    return Step(str(stage.label), _("ใน %(n)s วัน") % {"n": days.days} if days and n > here + 1 else "", "")


def last_words(facts: Iterable[Fact], told: Told) -> dict[str, str]:
    """What the latest visits said of needs, whom they met and where the child is, for the facts of the page."""
    said: dict[str, str] = {}
    for fact in facts:  # newest first
        visit = getattr(fact, "visit", None)
        if visit is None or fact.corrected_by.all():
            continue
        said.setdefault("needs", "")
        said["needs"] = said["needs"] or " · ".join(
            str(Need(need).label) for need in told_needs(visit.needs, told.sensitive)
        )
        if told.address:
            said["next"] = said.get("next") or visit.next_step
            place = visit.whereabouts_province or (visit.get_whereabouts_display() if visit.whereabouts else "")
            said["where"] = said.get("where") or str(place)  # "another province" is one's own once it took the child
    return said
