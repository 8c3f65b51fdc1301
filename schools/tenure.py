"""When a posting holds: from its first day to its last, unless it was cut short or nobody confirmed it this year.

Computed when it is read, in Python for one posting and as a condition for lists; no clock has to run for it.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from schools.models import Posting

ACTIVE, INVITED, DUE, SUSPENDED, COMING, ENDED = "active", "invited", "due", "suspended", "coming", "ended"
STATES = {
    ACTIVE: _("ใช้งานอยู่"),
    INVITED: _("เชิญแล้ว"),
    DUE: _("รอยืนยัน"),
    SUSPENDED: _("ระงับชั่วคราว"),
    COMING: _("ยังไม่เริ่ม"),
    ENDED: pgettext_lazy("posting", "สิ้นสุดแล้ว"),
}
NO_PASSWORD = "!"  # noqa: S105 - how Django begins a password that was never set


def due_day(today: date) -> date:
    """The latest day on which all postings fell due for confirming (settings.POSTINGS_DUE_ON, Thai fiscal year)."""
    month, day = settings.POSTINGS_DUE_ON
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


def suspension_day(today: date) -> date:
    """When those confirmed before `due_day(today)` stop showing anything."""
    return due_day(today) + _grace()


def _grace() -> timedelta:
    return timedelta(days=settings.POSTINGS_GRACE_DAYS)


def is_due(posting: Posting, today: date) -> bool:
    """Whether its unit's administrator has yet to confirm it for this year."""
    return posting.confirmed_on < due_day(today)


def is_suspended(posting: Posting, today: date) -> bool:
    """Whether it waited longer than the grace. Not the system administrator's, or nobody might be left to confirm;
    not the demo's, whose world stands still.
    """
    if posting.role == Posting.Role.ADMIN or posting.person.is_demo:
        return False
    return posting.confirmed_on < due_day(today - _grace())


def is_ended(posting: Posting, today: date) -> bool:
    return posting.cut_at is not None or (posting.until is not None and posting.until < today)


def holds(posting: Posting, today: date) -> bool:
    """Whether the posting shows anything on `today`: the one condition under schools.scope."""
    begun = posting.since <= today
    return begun and not is_ended(posting, today) and not is_suspended(posting, today)


def state_of(posting: Posting, today: date) -> str:
    """One of STATES, the first that applies."""
    if is_ended(posting, today) or not posting.person.is_active:
        return ENDED
    if not posting.person.has_usable_password():
        return INVITED
    if posting.since > today:
        return COMING
    if is_suspended(posting, today):
        return SUSPENDED
    return DUE if is_due(posting, today) else ACTIVE


# ── the same as conditions on Posting ─────────────────────────────────────────────────────────────────────────────
def ended(today: date) -> Q:
    return Q(cut_at__isnull=False) | Q(until__isnull=False, until__lt=today)


def suspended(today: date) -> Q:
    exempt = Q(role=Posting.Role.ADMIN) | Q(person__is_demo=True)
    return Q(confirmed_on__lt=due_day(today - _grace())) & ~exempt


def holding(today: date) -> Q:
    """The postings that show something on `today`."""
    return Q(since__lte=today) & ~ended(today) & ~suspended(today)


def in_state(state: str, today: date) -> Q:
    """The postings for which `state_of` gives `state`."""
    over = ended(today) | Q(person__is_active=False)
    invited = Q(person__password__startswith=NO_PASSWORD)
    here = ~over & ~invited & Q(since__lte=today)
    due = Q(confirmed_on__lt=due_day(today))
    match state:
        case "ended":
            return over
        case "invited":
            return ~over & invited
        case "coming":
            return ~over & ~invited & Q(since__gt=today)
        case "suspended":
            return here & suspended(today)
        case "due":
            return here & due & ~suspended(today)
        case _:
            return here & ~due
