"""What a list of cases may be filtered by, for pages and API alike. Anything else is refused, not ignored."""

from collections.abc import Iterable

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases import queues
from cases.codes import SENSITIVE, Category, Outcome, Stage
from cases.confidential import sensitive_rows
from cases.intake import lineage
from cases.models import Case, ListVersion
from schools import roles
from schools.models import School
from schools.scope import visible, within
from schools.thaitext import search_key
from schools.units import UnknownUnit, parse_unit

UNASSIGNED = ("none", _("ยังไม่มอบหมายโรงเรียน"))


class CaseFilter(filters.FilterSet):
    """`q` is a name or a case number. A national ID is never a filter: it is searched by POST (cases.identity).

    `part` narrows `unit` to what the two share; `entry` says which count of an issue of a list is meant.
    Made with `request`: names are looked through only where its person may read them, or the answer would tell whose
    case a number is (SECURITY FL-03).
    """

    q = filters.CharFilter(method="by_words", label=_("ชื่อหรือเลขที่แฟ้ม"))
    stage = filters.ChoiceFilter(choices=Stage.choices, label=_("ขั้น"), empty_label=_("ทุกขั้น"))
    category = filters.ChoiceFilter(choices=Category.choices, label=_("ประเภท"), empty_label=_("ทุกประเภท"))
    outcome = filters.ChoiceFilter(
        method="by_outcome", choices=Outcome.choices, label=_("สาเหตุ"), empty_label=_("ทุกสาเหตุ")
    )
    unit = filters.CharFilter(method="by_unit", label=_("หน่วยงาน"))
    part = filters.CharFilter(method="by_unit", label=_("เฉพาะส่วนที่อยู่ใน"))
    school = filters.ChoiceFilter(
        method="by_school", choices=[UNASSIGNED], label=_("โรงเรียน"), empty_label=_("ทุกโรงเรียน")
    )
    due = filters.ChoiceFilter(
        method="by_due",
        choices=[
            ("overdue", _("เกินกำหนด")),
            ("soon", _("ใกล้ครบ")),
            ("all", _("ที่ต้องติดตามทั้งหมด")),
            ("answered", _("ภาคีตอบแล้ว")),
            ("no_teacher", _("ยังไม่มีครูผู้รับผิดชอบ")),
        ],
        label=_("กำหนด"),
        empty_label=_("ทุกกำหนด"),
    )
    list_version = filters.NumberFilter(method="by_version", label=_("ฉบับของบัญชีรายชื่อ"))
    entry = filters.ChoiceFilter(method="by_entry", choices=lineage.ENTRIES, label=_("ในฉบับนั้น"))

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, *args, schools: Iterable[School] = (), **kwargs):
        """`schools`: those a page offers beside "none"."""
        super().__init__(*args, **kwargs)
        self.filters["school"].extra["choices"] = [UNASSIGNED, *((school.code, str(school)) for school in schools)]

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        number = value.strip().upper()
        words = search_key(value)
        if not words:
            return rows.none()
        named = visible(self.request.user, capability=roles.SEE_NAMES)
        return rows.filter(Q(number=number) | Q(child__search__contains=words) & named)

    def by_outcome(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """A cause of health finds only whom its reader may know it of (SECURITY FL-05)."""
        rows = rows.filter(outcome=value)
        return rows.filter(sensitive_rows(self.request.user)) if int(value) in SENSITIVE else rows

    def by_unit(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        try:
            return rows.filter(within(parse_unit(value)))
        except UnknownUnit:
            return rows.none()

    def by_version(self, rows: QuerySet, name: str, value) -> QuerySet:
        version = ListVersion.objects.filter(pk=int(value)).first() if 0 <= value < 2**63 else None
        return rows.filter(lineage.cases_of(version, self.form.cleaned_data["entry"])) if version else rows.none()

    def by_entry(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Said with its `list_version`, which does the filtering; alone it means nothing and finds nothing."""
        return rows.none() if self.form.cleaned_data["list_version"] is None else rows

    def by_school(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(school__isnull=True) if value == UNASSIGNED[0] else rows.filter(school__code=value)

    def by_due(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "answered":
            return queues.answered(rows)
        if value == "no_teacher":
            return rows.filter(queues.WITHOUT_TEACHER)
        return queues.due(rows.filter(stage__in=queues.WORKING), value)
