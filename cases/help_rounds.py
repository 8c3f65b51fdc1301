"""The loop of help (seed 002, steps 2–7) as rounds of one case: asked, help found, conference, agreed, given back.

A round begins when the school asks again after one in which it asked or conferred. Where nobody ever asks, the school
goes round by itself, and each further conference begins the next. A new episode begins anew.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.codes import FactKind, Remedy, RequestKind, RequestState
from cases.models import Case, Fact
from schools.language import reader_language
from schools.thaitime import bangkok_date, thai_date

OF_HELP = frozenset(
    {
        FactKind.HELP_PLANNED,
        FactKind.HELP_GIVEN,
        FactKind.CONFERRED,
        FactKind.REFERRED,
        FactKind.REFERRAL_ANSWERED,
        FactKind.REFERRAL_ENDED,
    }
)
_ENDS = (Remedy.RETURN, Remedy.TAKE_OVER)


def is_asked(fact: Fact) -> bool:
    """The school asks the level above."""
    return fact.kind == FactKind.REQUESTED and fact.details.get("request") == RequestKind.ESCALATION


def is_answered(fact: Fact) -> bool:
    """What the level above, or the clock, says to that."""
    return fact.kind == FactKind.REQUEST_ANSWERED and fact.details.get("request") == RequestKind.ESCALATION


def numbered(facts: Iterable[Fact]) -> Iterator[tuple[Fact, int]]:
    """Each fact that belongs to a round, with its number. `facts` oldest first."""
    number, asked, conferred = 1, False, False
    for fact in facts:
        if fact.kind == FactKind.DROPPED_AGAIN:
            number, asked, conferred = 1, False, False
        if not (fact.kind in OF_HELP or is_asked(fact) or is_answered(fact)):
            continue
        again = (asked or conferred) if is_asked(fact) else conferred and not asked and fact.kind == FactKind.CONFERRED
        if again:
            number, asked, conferred = number + 1, False, False
        asked, conferred = asked or is_asked(fact), conferred or fact.kind == FactKind.CONFERRED
        yield fact, number


def by_fact(facts: Iterable[Fact]) -> dict[int, int]:
    """fact id → its round. `facts` in the order of the timeline, newest first."""
    return {fact.pk: number for fact, number in numbered(reversed(list(facts)))}


def next_round(case: Case) -> int:
    """Which round begins when the school asks now."""
    asks = Fact(kind=FactKind.REQUESTED, details={"request": RequestKind.ESCALATION})
    return [number for _fact, number in numbered([*case.facts.order_by("at", "pk"), asks])][-1]


def told(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """The rounds of the present episode as the file shows them, the latest first; none where nobody asked for help.

    Of each its number and its steps: when it was asked, what help was found, when one conferred, what was agreed on and
    done, how it ended. What somebody wrote stands in the timeline, for those who may read it.
    """
    facts = list(facts)  # newest first
    episode = next((at for at, fact in enumerate(facts) if fact.kind == FactKind.DROPPED_AGAIN), len(facts))
    rounds: dict[int, list[Fact]] = {}
    for fact, number in numbered(reversed(facts[:episode])):
        rounds.setdefault(number, []).append(fact)
    if not any(is_asked(fact) for held in rounds.values() for fact in held):
        return []
    return [{"number": number, "steps": _steps(held)} for number, held in sorted(rounds.items(), reverse=True)]


def _steps(facts: list[Fact]) -> list[tuple[str, str]]:
    steps = [(_("ขอให้ช่วย"), _days(fact for fact in facts if is_asked(fact)))]
    found = [fact for fact in facts if _is_taken_up(fact) or fact.kind == FactKind.REFERRED]
    steps.append((_("หาความช่วยเหลือ"), "; ".join(_found(fact) for fact in found)))
    steps.append((_("ประชุมรายกรณี"), _days(fact for fact in facts if fact.kind == FactKind.CONFERRED)))
    steps.append((_("ตกลงและช่วยเหลือ"), _agreed(facts)))
    steps.append((_("ผลของรอบ"), "; ".join(_end(fact) for fact in facts if _end(fact))))
    return steps


def _is_taken_up(fact: Fact) -> bool:
    return is_answered(fact) and fact.details.get("answer") == "taken_up"


def _days(facts: Iterable[Fact]) -> str:
    return ", ".join(_day(fact) for fact in facts)


def _day(fact: Fact) -> str:
    return thai_date(bangkok_date(fact.at), "short", lang=reader_language())


def _found(fact: Fact) -> str:
    what = fact.details.get("name", "") if fact.kind == FactKind.REFERRED else _("ระดับเหนือรับช่วย")
    return f"{what} {_day(fact)}"


def _agreed(facts: list[Fact]) -> str:
    planned = sum(
        len(what) if isinstance(what := fact.details.get("what", []), list) else 1
        for fact in facts
        if fact.kind == FactKind.HELP_PLANNED
    )
    given = sum(fact.kind == FactKind.HELP_GIVEN for fact in facts)
    if not planned and not given:
        return ""
    words = ngettext("ในแผน %(n)s เรื่อง ช่วยแล้ว %(done)s", "ในแผน %(n)s เรื่อง ช่วยแล้ว %(done)s", planned)
    return words % {"n": planned, "done": given}


def _end(fact: Fact) -> str:
    """How the round ended, if `fact` says it."""
    if not is_answered(fact):
        return ""
    answer = fact.details.get("answer", "")
    if answer == RequestState.GRANTED:
        does = fact.details.get("does", "")
        words = str(Remedy(does).label) if does in _ENDS else _("ระดับเหนือรับเรื่อง")
    elif answer in (RequestState.REFUSED, RequestState.RECALLED, RequestState.ENDED):
        words = str(RequestState(answer).label)
    else:
        return ""
    return f"{words} {_day(fact)}"
