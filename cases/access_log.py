"""Which cases' events a person may read in บันทึกการเข้าถึง: those of the cases in the scope they watch over."""

from django.db.models import QuerySet

from cases.models import Case
from schools import audit
from schools.models import Person
from schools.scope import visible


@audit.reaches("case")
def numbers_in_scope(person: Person, capability: str) -> QuerySet:
    """The numbers of the cases in which `person` may use `capability`, as a subquery."""
    return Case.objects.filter(visible(person, capability=capability)).order_by().values("number")
