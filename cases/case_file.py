"""A case's file as programs read it: where it stands, whose it is, what happened, what may be done next."""

from typing import Any

from rest_framework import serializers

from cases import correction_words, timeline
from cases.actions import allowed_actions
from cases.cards import address_of
from cases.codes import FactKind
from cases.confidential import Told, told
from cases.listing import CATEGORIES, OUTCOMES, REACHED, RUNGS, STAGES, WISHES, listed, slug
from cases.models import Case, Fact
from schools.models import Person

KINDS = {int(kind): slug(kind) for kind in FactKind}


def _codes(slugs: dict[int, str], **kwargs) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[(text, text) for text in slugs.values()], **kwargs)


class CaseRowSerializer(serializers.Serializer):
    number = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="null for those who may not see names")
    identifier = serializers.CharField(allow_null=True, help_text="masked, always")
    category = _codes(CATEGORIES)
    stage = _codes(STAGES)
    stage_since = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    episode = serializers.IntegerField()
    rung = _codes(RUNGS)
    outcome = _codes(OUTCOMES, allow_null=True, help_text="null where it is of health and the reader does not act")
    wish = _codes(WISHES)
    reached = _codes(REACHED)
    visits = serializers.IntegerField()
    last_visit_at = serializers.DateTimeField(allow_null=True)
    is_unsafe = serializers.BooleanField(help_text="the address is told only to those who act")
    unit = serializers.CharField(help_text="the responsible unit: a school, else a district or tray")
    unit_name = serializers.CharField()
    district = serializers.CharField()
    province = serializers.CharField()
    department = serializers.CharField()


class ChildSerializer(serializers.Serializer):
    title = serializers.CharField(allow_blank=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField(allow_blank=True)
    sex = serializers.CharField(allow_blank=True, help_text="M, F or empty")
    birth_date = serializers.DateField(allow_null=True)
    birth_year_only = serializers.BooleanField()
    last_grade = serializers.CharField(allow_blank=True)
    guardian_name = serializers.CharField(allow_blank=True)
    guardian_phone = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    lat = serializers.FloatField(allow_null=True)
    lon = serializers.FloatField(allow_null=True)


class EventSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="the record, to ask for its correction")
    kind = _codes(KINDS)
    at = serializers.DateTimeField(help_text="when it was so")
    known_at = serializers.DateTimeField(help_text="when the system knew it")
    title = serializers.CharField(help_text="in the reader's language")
    text = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_null=True)
    before = _codes(STAGES, allow_null=True)
    after = _codes(STAGES, allow_null=True)
    corrected = serializers.BooleanField()
    correction = serializers.CharField(allow_blank=True, help_text="what was put right, why, who asked, who approved")
    corrects = serializers.IntegerField(allow_null=True, help_text="the record in whose place this one stands")
    duplicate = serializers.CharField(allow_null=True, help_text="the case it was recorded in before the merge")


class AllowedSerializer(serializers.Serializer):
    action = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="why not, in the reader's language")


class CaseFileSerializer(CaseRowSerializer):
    version = serializers.IntegerField()
    teacher = serializers.CharField(allow_null=True)
    child = ChildSerializer(allow_null=True)
    timeline = EventSerializer(many=True)
    actions = AllowedSerializer(many=True)


def case_file(case: Case, person: Person) -> dict[str, Any]:
    """Everything `person`, who may see the case, may read of it; `case` with its relations fetched along."""
    seen = told(person, case)
    row = listed(Case.objects.filter(pk=case.pk), person, after=0, size=1)[0][0]
    return row | {
        "version": case.version,
        "teacher": case.teacher.get_full_name() if seen.names and case.teacher else None,
        "child": _child(case, seen) if seen.names else None,
        "timeline": [_event(fact, case, seen) for fact in timeline.facts_of(case)],
        "actions": [
            {
                "action": allowed.action.slug,
                "label": str(allowed.action.label),
                "allowed": not allowed.reason,
                "reason": allowed.reason,
            }
            for allowed in allowed_actions(case, person)
        ],
    }


_PLACE = {"guardian_phone": "", "address": "", "lat": None, "lon": None}  # of an unsafe child for those who do not act


def _child(case: Case, seen: Told) -> dict[str, Any]:
    child = case.child
    plain = [name for name in ChildSerializer().fields if name != "address"]
    said = {name: getattr(child, name) for name in plain} | {"address": address_of(case)}
    return said if seen.address else said | _PLACE


def _event(fact: Fact, case: Case, seen: Told) -> dict[str, Any]:
    return {
        "id": fact.pk,
        "kind": KINDS[fact.kind],
        "at": fact.at,
        "known_at": fact.known_at,
        "title": str(timeline.title(fact)),
        "text": timeline.text(fact, getattr(fact, "visit", None), seen),
        "unit": fact.unit,
        "by": fact.by.get_full_name() if fact.by and seen.names else None,
        "before": None if fact.before is None else STAGES[fact.before],
        "after": None if fact.after is None else STAGES[fact.after],
        "corrected": bool(fact.corrected_by.all()),
        "correction": correction_words.line(fact, seen),
        "corrects": fact.corrects_id,
        "duplicate": fact.case.number if fact.case_id != case.pk else None,
    }
