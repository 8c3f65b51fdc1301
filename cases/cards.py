"""A case as a card of the queue and as a row of a table: the same words, names only for those who may see them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.actions import BY_SLUG, WITH_FINDING, is_open_to
from cases.codes import OBSERVED, Category, Finding, Outcome, Stage, Whereabouts, Wish
from cases.confidential import may_see_address, may_see_name, may_see_sensitive, tells_outcome, wish_words
from cases.escalation import round_words
from cases.models import Case, Request
from schools import clock
from schools.language import reader_language
from schools.models import Person
from schools.scope import home_unit
from schools.thaitime import bangkok_date, bangkok_today, thai_date

NEXT_STEP = {
    Stage.NEW: gettext_lazy("มอบหมายโรงเรียน"),
    Stage.ASSIGNED: gettext_lazy("ติดตามครั้งแรก"),
    Stage.TRACKING: gettext_lazy("ติดตามครั้งต่อไป"),
    Stage.FOUND: gettext_lazy("แจ้งกลับเข้าเรียน หรือวางแผนช่วยเหลือ"),
    Stage.ASSISTING: gettext_lazy("พาเข้าเรียน แล้วแจ้งกลับเข้าเรียน"),
    Stage.RETURNED_CLAIMED: gettext_lazy("รอโรงเรียนปลายทางยืนยัน"),
    Stage.RETURNED_CONFIRMED: gettext_lazy("ติดตามว่ายังเรียนอยู่"),
    Stage.OBSERVING: gettext_lazy("ติดตามว่ายังเรียนอยู่"),
    Stage.RETAINED: gettext_lazy("ติดตามว่ายังเรียนอยู่"),
}


def name_of(case: Case, person: Person) -> str:
    """The child's name, or the case number where names may not be seen."""
    return str(case.child) if may_see_name(person, case) else _("กรณี %(no)s") % {"no": case.number}


def age_of(case: Case) -> str:
    born = case.child.birth_date
    if born is None:
        return _("ไม่ทราบอายุ")
    today = bangkok_today()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return ngettext("%(n)s ปี", "%(n)s ปี", years) % {"n": years}


def address_of(case: Case) -> str:
    """The child's address in one line, as Thais write it, in both languages: it is what the postman reads."""
    child = case.child
    bangkok = child.province_id == 10
    parts = [
        child.house_no,
        f"ม.{child.moo}" if child.moo else "",
        f"{'แขวง' if bangkok else 'ต.'}{child.tambon}" if child.tambon_id else "",
        f"{'เขต' if bangkok else 'อ.'}{child.amphoe}" if child.amphoe_id else "",
        f"{'' if bangkok else 'จ.'}{child.province}" if child.province_id else "",
    ]
    return " ".join(part for part in parts if part)


def lateness(case: Case | Request) -> tuple[str, str, str]:
    """How urgent what has a `due_at` is: chip kind, icon and words; empty words when nothing is due.

    An unsafe child is said to be first.
    """
    kind, icon, words = _lateness(case)
    if isinstance(case, Case) and case.is_unsafe:
        return "bad", "alert", " · ".join(part for part in (_("เด็กอาจไม่ปลอดภัย"), words) if part)
    return kind, icon, words


def _lateness(case: Case | Request) -> tuple[str, str, str]:
    if case.due_at is None:
        return "", "", ""
    days = (bangkok_date(case.due_at) - bangkok_today()).days
    if case.due_at < clock.now():
        over = max(-days, 1)
        return "bad", "alert", ngettext("เกินกำหนด %(n)s วัน", "เกินกำหนด %(n)s วัน", over) % {"n": over}
    if days == 0:
        return "due", "clock", _("ครบกำหนดวันนี้")
    left = ngettext("เหลือ %(n)s วัน", "เหลือ %(n)s วัน", days) % {"n": days}
    return ("due", "clock", left) if days <= 7 else ("", "", left)


def row(case: Case, person: Person) -> dict[str, Any]:
    """One line of a list of cases; a health matter is told to those who act (cases.confidential)."""
    kind, icon, words = lateness(case)
    sensitive = may_see_sensitive(person, case)
    return {
        "case": case,
        "name": name_of(case, person),
        "url": reverse("cases:case_detail", args=[case.number]),
        "age": age_of(case),
        "stage": str(Stage(case.stage).label),
        "category": str(Category(case.category).label),
        "outcome": str(Outcome(case.outcome).label) if tells_outcome(case.outcome, sensitive) else "",
        "wish": wish_words(case.wish, sensitive),
        "unit": str(case.school or case.district),
        "late_kind": kind,
        "late_icon": icon,
        "late_words": words,
    }


def work_row(case: Case, person: Person) -> dict[str, Any]:
    """The same line in the queue of an officer, with the last visit and the next step."""
    last = thai_date(bangkok_date(case.last_visit_at), "short", lang=reader_language()) if case.last_visit_at else ""
    step = str(NEXT_STEP.get(Stage(case.stage), "")) if case.due_at else ""
    if getattr(case, "awaits_referral", False):
        step = _("ส่งต่อหน่วยงานคุ้มครองเด็กภายในวันนี้")
    else:
        step = " · ".join(filter(None, [step, *(f"{one['term']} {one['strong']}" for one in _help(case))]))
    return row(case, person) | {"last": last, "visits": case.visits_count, "next": step}


def card(case: Case, person: Person) -> dict[str, Any]:
    """A child who waits, for the queue; the case as queues.with_last_visit and with_help fitted it out."""
    kind, icon, words = lateness(case)
    address = may_see_address(person, case)
    grade = _("ชั้นล่าสุด %(grade)s") % {"grade": case.child.last_grade} if case.child.last_grade else ""
    place = _place(case, person)
    mine = _("ครูผู้รับผิดชอบ: ท่าน") if case.teacher_id == person.pk else ""
    phone = "".join(digit for digit in case.child.guardian_phone if digit.isdigit()) if address else ""
    return {
        "name": name_of(case, person),
        "url": reverse("cases:case_detail", args=[case.number]),
        "number": case.number,
        "chip_kind": kind,
        "chip_icon": icon,
        "chip_text": words,
        "about": [
            " · ".join(part for part in (age_of(case), grade) if part),
            " · ".join(part for part in (str(Category(case.category).label), place, mine) if part),
        ],
        "facts": [_last(case, address), *_help(case), _next(case)],
        "phone_url": f"tel:{phone}" if phone else "",
        "map_url": _map_url(case) if address else "",
        **_main_action(case, person),
    }


def _place(case: Case, person: Person) -> str:
    """The school responsible; nothing for those who belong to it: it would be the same on every card."""
    if case.school is None:
        return _("ยังไม่มอบหมายโรงเรียน")
    return "" if str(home_unit(person)) == f"school:{case.school.code}" else str(case.school)


def _main_action(case: Case, person: Person) -> dict[str, str]:
    """The one next step: of an unsafe child the referral; of one found who wants to come back the return, of one back
    at school a follow-up; else a visit. Of one in another province the file says how far the centre has come."""
    wanted = "visit"
    if getattr(case, "awaits_referral", False):
        wanted = "refer"
    elif case.stage in WITH_FINDING and _lives_elsewhere(case):
        return {"action_url": reverse("cases:case_detail", args=[case.number]), "action_label": _("เปิดแฟ้ม")}
    elif case.stage == Stage.FOUND and case.wish == Wish.WANTS:
        wanted = "claim_enrolment"
    elif case.stage in OBSERVED:
        wanted = "follow_up"
    action = BY_SLUG[wanted] if is_open_to(case, person, wanted) else BY_SLUG["visit"]
    return {"action_url": action.url(case.number), "action_label": str(action.label)}


def _lives_elsewhere(case: Case) -> bool:
    """Whether the last visit says so; the case as queues.with_last_visit fitted it out."""
    visit = getattr(getattr(case, "last_visit_fact", None), "visit", None)
    where = visit.whereabouts_province_id if visit and visit.whereabouts == Whereabouts.OTHER_PROVINCE else None
    return where not in (None, case.province_id)


def _last(case: Case, written: bool) -> dict[str, str]:
    fact = getattr(case, "last_visit_fact", None)
    if fact is None:
        return {"term": _("ล่าสุด"), "text": _("ยังไม่เคยติดตาม")}
    words = f"{thai_date(bangkok_date(fact.at), 'short', lang=reader_language())} {Finding(fact.finding).label}"
    count = _("(ครั้งที่ %(n)s)") % {"n": case.visits_count}
    visit = getattr(fact, "visit", None)
    quote = visit.situation[:120] if visit and written else ""
    return {"term": _("ล่าสุด"), "text": f"{words} {count}", "quote": quote}


def _help(case: Case) -> list[dict[str, str]]:
    """Which round of help is open, and what of the plan is late; both as queues.with_help sets them."""
    said = []
    asked, late = getattr(case, "help_asked", None), getattr(case, "help_overdue", 0)
    if asked is not None:
        said.append({"term": _("ขอให้ช่วย"), "strong": round_words(asked)})
    if late:
        words = ngettext("เกินกำหนด %(n)s เรื่อง", "เกินกำหนด %(n)s เรื่อง", late) % {"n": late}
        said.append({"term": _("ช่วยเหลือ"), "strong": words})
    return said


def _next(case: Case) -> dict[str, str]:
    if getattr(case, "awaits_referral", False):
        return {"term": _("ถัดไป"), "strong": _("ส่งต่อหน่วยงานคุ้มครองเด็กภายในวันนี้"), "text": _("โดยผู้อำนวยการหรือเขตพื้นที่")}
    if case.due_at is None:
        return {"term": _("ถัดไป"), "text": _("ไม่มีงานค้าง")}
    step = NEXT_STEP.get(Stage(case.stage), str(Stage(case.stage).label))
    if case.stage in WITH_FINDING and _lives_elsewhere(case):
        step = _("อยู่จังหวัดอื่น ส่งให้จังหวัดนั้นดูแลต่อ")
    elif case.stage == Stage.FOUND and case.wish != Wish.WANTS:
        step = _("พูดคุยต่อ หรือวางแผนช่วยเหลือ")
    elif case.stage in OBSERVED and case.claimed_by_id is not None:
        step = NEXT_STEP[Stage.RETURNED_CLAIMED]
    due = thai_date(bangkok_date(case.due_at), "short", lang=reader_language()) if case.due_at else ""
    return {"term": _("ถัดไป"), "strong": str(step), "text": _("ภายใน %(day)s") % {"day": due} if due else ""}


def _map_url(case: Case) -> str:
    """A `geo:` address: the phone's own map opens it; nothing is sent to anybody by our page."""
    child = case.child
    return f"geo:{child.lat},{child.lon}" if child.lat is not None and child.lon is not None else ""
