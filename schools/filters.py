"""By what the trail can be searched: person, act, case number, days. Nothing else (FL-03)."""

from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.audit import ACTIONS
from schools.date_field import ThaiDateField
from schools.models import AuditEvent
from schools.thaitime import bangkok_midnight


class ThaiDateFilter(django_filters.Filter):
    """A day as people write it, พ.ศ."""

    field_class = ThaiDateField


def _day(label):
    hint = {"placeholder": _("วว/ดด/ปปปป")}
    return ThaiDateFilter(method="within_days", label=label, widget=forms.TextInput(attrs=hint))


class AuditFilter(django_filters.FilterSet):
    """Days are whole days in Bangkok, both included."""

    person = django_filters.CharFilter(method="of_person", label=_("ผู้ใช้"), max_length=100)
    action = django_filters.ChoiceFilter(choices=list(ACTIONS.items()), label=_("การกระทำ"), empty_label=_("ทุกอย่าง"))
    case = django_filters.CharFilter(method="on_case", label=_("เลขที่แฟ้ม"), max_length=9)
    since = _day(_("ตั้งแต่วันที่"))
    until = _day(_("ถึงวันที่"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def of_person(self, events, name, value):
        for word in value.split():
            events = events.filter(
                Q(person__username__icontains=word)
                | Q(person__first_name__icontains=word)
                | Q(person__last_name__icontains=word)
            )
        return events

    def on_case(self, events, name, value):
        return events.filter(object_kind="case", object_key=value.strip().upper())

    def within_days(self, events, name, value):
        if name == "since":
            return events.filter(at__gte=bangkok_midnight(value))
        return events.filter(at__lt=bangkok_midnight(value + timedelta(days=1)))
