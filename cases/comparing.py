"""Two cases side by side: what each says of the child, and where they differ."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import duplicates, merging
from cases.cards import address_of, name_of
from cases.codes import CheckAnswer, FactKind, PairState, Sameness, Stage
from cases.confidential import told as reader
from cases.models import Case, Child, Duplicate, Fact
from cases.survivors import masks_of, own_masks
from schools.language import reader_language
from schools.models import Person
from schools.thaitext import name_key, search_key
from schools.thaitime import bangkok_date, be_year, thai_date
from schools.units import unit_names

SEXES = {Child.Sex.MALE: gettext_lazy("ชาย"), Child.Sex.FEMALE: gettext_lazy("หญิง")}


class Line(NamedTuple):
    """One thing said of both. `differs`: both say it, and not the same."""

    label: str
    first: str
    second: str
    differs: bool


def page(pair: Duplicate, person: Person) -> dict[str, Any]:
    """Everything the page of one pair shows; `pair` with its cases' relations fetched along."""
    decides = duplicates.deciding_posting(pair, person) is not None
    open_cases = all(case.stage != Stage.VOID for case in pair.cases())
    undoing = merging.why_not_undo(pair) if pair.state == PairState.MERGED else None
    return {
        "pair": pair,
        "heads": [_head(case, pair, person) for case in pair.cases()],
        "lines": lines(pair, person),
        "said": _said(pair, person),
        "decides": decides and open_cases and pair.state != PairState.MERGED,
        "asks": not decides and open_cases and pair.state == PairState.OPEN,
        "undoes": decides and pair.state == PairState.MERGED and undoing is None,
        "stands": undoing and undoing[0 if reader_language() == "th" else 1],
        "kept": min(pair.cases(), key=lambda case: (case.opened_at, case.pk)),
    }


def _head(case: Case, pair: Duplicate, person: Person) -> dict[str, Any]:
    return {"case": case, "name": name_of(case, person), "stays": pair.survivor_id == case.pk}


def _said(pair: Duplicate, person: Person) -> dict[str, str] | None:
    """Who said in checking a list that the two are one child, when, and by what evidence; None where nobody did."""
    if pair.why != Sameness.SAID:
        return None
    cases = {case.pk: case for case in pair.cases()}
    facts = Fact.objects.filter(case__in=cases, kind=FactKind.LIST_CHECKED, details__answer=CheckAnswer.DUPLICATE)
    fact = facts.select_related("by").order_by("-pk").first()
    if fact is None:
        return None
    seen = reader(person, cases[fact.case_id])
    who = [fact.by.get_full_name() if seen.names and fact.by else "", unit_names({fact.unit})[fact.unit]]
    day = thai_date(bangkok_date(fact.at), lang=reader_language())
    return {"by": " · ".join([*filter(None, who), day]), "reason": fact.reason if seen.address else ""}


def lines(pair: Duplicate, person: Person) -> list[Line]:
    """What both say, line by line; what tells who the child is only to those who may see both names."""
    readers = [reader(person, case) for case in pair.cases()]
    named, placed = (all(getattr(one, what) for one in readers) for what in ("names", "address"))
    read = own_masks if pair.state == PairState.MERGED else masks_of
    masks = read([case.child_id for case in pair.cases()]) if named else {}
    shown = [(label, *(say(case) for case in pair.cases())) for label, say in _plain()]
    told = [Line(label, one, two, False) for label, one, two in shown]  # where cases stand tells nobody apart
    who = [_of_child(label, say, same, pair, named) for label, say, same in _personal(masks)]
    who += [_of_child(label, say, same, pair, placed) for label, say, same in _places()]
    return who + told


def _of_child(label: str, say, same, pair: Duplicate, shown: bool) -> Line:
    one, two = (say(case) for case in pair.cases())
    differs = bool(one and two) and same(one) != same(two)
    if shown:
        return Line(label, one, two, differs)
    word = _("ต่างกัน") if differs else _("ตรงกัน") if one and two else ""
    return Line(label, word, word, differs)


def _personal(masks: dict[int, str]) -> list[tuple]:
    """(label, what a case says, what of it is compared)."""

    def of(name):
        return lambda case: getattr(case.child, name)

    return [
        (_("ชื่อ"), lambda case: str(case.child), lambda text: search_key(text)),
        (_("เลขประจำตัว"), lambda case: masks.get(case.child_id, ""), str),
        (_("วันเกิด"), lambda case: _born(case.child), str),
        (_("เพศ"), lambda case: str(SEXES.get(case.child.sex, "")), str),
        (_("ผู้ปกครอง"), of("guardian_name"), search_key),
    ]


def _places() -> list[tuple]:
    """The same of where the child can be found: of an unsafe one for those who act alone."""
    return [
        (_("โทร"), lambda case: case.child.guardian_phone, lambda text: "".join(filter(str.isdigit, text))),
        (_("ที่อยู่"), address_of, lambda text: name_key(text, "")),
    ]


def _born(child: Child) -> str:
    if child.birth_date is None:
        return ""
    if child.birth_year_only:
        return _("ปี %(year)s") % {"year": be_year(child.birth_date)}
    return thai_date(child.birth_date, lang=reader_language(), plain=True)  # a narrow cell may break it between words


def _times(n: int) -> str:
    return ngettext("%(n)s ครั้ง", "%(n)s ครั้ง", n) % {"n": n}


def _plain() -> list[tuple]:
    def day(moment) -> str:
        return thai_date(bangkok_date(moment), lang=reader_language(), plain=True)

    return [
        (_("ชั้นล่าสุด"), lambda case: case.child.last_grade),
        (_("หน่วยงานรับผิดชอบ"), lambda case: str(case.school or case.district)),
        (_("ประเภท"), lambda case: str(case.get_category_display())),
        (_("ขั้น"), lambda case: str(Stage(case.stage).label)),
        (_("เปิดแฟ้มเมื่อ"), lambda case: day(case.opened_at)),
        (_("ติดตามแล้ว"), lambda case: _times(case.visits_count)),
    ]
