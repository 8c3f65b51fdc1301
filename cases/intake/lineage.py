"""What one issue of a list did to the register: the cases it opened, changed, and no longer names."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.codes import FactKind
from cases.models import Fact, ListEntry, ListVersion

NEW, CHANGED, GONE = "new", "changed", "gone"
ENTRIES = [(NEW, _("ใหม่")), (CHANGED, _("เปลี่ยน")), (GONE, _("ไม่อยู่ในฉบับนี้"))]


def cases_of(version: ListVersion, entry: str = "") -> Q:
    """The cases behind one count of `version` (`new`, `changed`, `gone`), or all that stand on it; not yet scoped.

    As cases.intake.plan counts them: a child known before who joins the list is changed, not new.
    """
    entries = ListEntry.objects.filter(list_id=version.list_id).order_by()
    joined = Q(joined=version.number)
    # The fact by which this issue opened the case; of a child known before, the stage before it is written.
    opened = Fact.objects.filter(
        case_id=OuterRef("case_id"), kind=FactKind.LISTED, list_version=version, before__isnull=True
    )
    match entry:
        case "new":
            entries = entries.filter(joined, Exists(opened))
        case "changed":
            told = Q(pk__in=version.changes.exclude(kind=GONE).values("entry_id"))
            entries = entries.filter(told | joined & ~Exists(opened))
        case "gone":
            entries = entries.filter(pk__in=version.changes.filter(kind=GONE).values("entry_id"))
        case _:
            still = Q(left__isnull=True) | Q(left__gt=version.number)
            entries = entries.filter(still, joined__lte=version.number)
    return Q(pk__in=entries.values("case_id"))
