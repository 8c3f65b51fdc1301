"""What of a child is told to whom beyond the name: health and disability, and where an unsafe child can be found.

The one place of both rules (SECURITY FL-05, seed 002). Pages, lists, line lists and API ask here; partners are asked
nothing: they are shown what cases.sharing allows their referral.
"""

from typing import NamedTuple

from django.db.models import BooleanField, Q, Value, When
from django.db.models import Case as Choose
from django.utils.translation import gettext as _

from cases.codes import SENSITIVE, Need, Stage, Wish
from cases.models import Case
from cases.survivors import survivor_of
from schools import roles
from schools.models import Person
from schools.scope import posting_for, visible

SENSITIVE_NEEDS = frozenset({Need.HEALTH})


def may_see_name(person: Person, case: Case) -> bool:
    """Whose case it is, and what people wrote about the child."""
    return posting_for(person, roles.SEE_NAMES, case) is not None


def may_see_sensitive(person: Person, case: Case) -> bool:
    """Health and disability (PDPA s.26): those who act on the case, not those above them."""
    return posting_for(person, roles.SEE_SENSITIVE, case) is not None


def is_unsafe(case: Case) -> bool:
    """Whether the child may not be safe; of a duplicate that was merged away the case that stands says it."""
    return survivor_of(case).is_unsafe if case.stage == Stage.VOID else case.is_unsafe


def may_see_address(person: Person, case: Case) -> bool:
    """Address, telephone, coordinates, map, pictures and what visits say of the place: of an unsafe child only those
    who act on the case."""
    return may_see_name(person, case) and (not is_unsafe(case) or may_see_sensitive(person, case))


class Told(NamedTuple):
    """What one reader may be told of one case."""

    names: bool
    sensitive: bool
    address: bool


def told(person: Person, case: Case) -> Told:
    """All three answers at once, for a page or file."""
    return Told(may_see_name(person, case), may_see_sensitive(person, case), may_see_address(person, case))


def tells_outcome(outcome: int | None, sensitive: bool) -> bool:
    """Whether an outcome may stand beside a case for a reader who may or may not see what is sensitive."""
    return bool(outcome) and (sensitive or outcome not in SENSITIVE)


def told_needs(needs, sensitive: bool) -> list[str]:
    """The needs of a visit without those that tell of health."""
    return [need for need in needs if sensitive or need not in SENSITIVE_NEEDS]


def wish_words(wish: int, sensitive: bool) -> str:
    """A wish in words; why a child cannot come back is of its health."""
    if wish == Wish.CANNOT and not sensitive:
        return _("ยังไม่สามารถ")
    return str(Wish(wish).label)


# ── the same rules, asked of the database row by row ──────────────────────────────────────────────────────────────────
def sensitive_rows(person: Person, prefix: str = "") -> Q:
    """The cases (or spans) of which `person` may see what is sensitive."""
    return visible(person, prefix, roles.SEE_SENSITIVE)


def as_column(rule: Q):
    """A rule of scope as a column of true and false."""
    if not rule:  # everywhere
        return Value(True, output_field=BooleanField())
    return Choose(When(Q(rule), then=Value(True)), default=Value(False), output_field=BooleanField())
