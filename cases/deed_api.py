"""What may be done with a case, and doing it: one route for each deed of cases.deeds, made from its form.

The form judges the shape and the domain call the rest, as on the page; illegal is 409, not allowed 403.
"""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, path, reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions
from cases.api import NUMBER
from cases.deeds import Deed, deeds, perform
from cases.deeds.body import body_of, takes_files, valid_form
from cases.listing import STAGES
from cases.models import Case
from cases.models import Request as Asked
from schools.answers import StrictView
from schools.language import in_both
from schools.parsing import StrictJSONParser

NO_DEED = {"visit": "visits", "claim_enrolment": "case_enrolment", "name_teacher": "case_teacher"}  # have their own


class StandingSerializer(serializers.Serializer):
    number = serializers.CharField()
    stage = serializers.ChoiceField(choices=[(text, text) for text in STAGES.values()])
    stage_since = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="send it back: who saves second is answered 409")


class DoneSerializer(StandingSerializer):
    request = serializers.IntegerField(allow_null=True, help_text="the request that now waits for its answer")
    message_th = serializers.CharField()
    message_en = serializers.CharField()


class ActionSerializer(serializers.Serializer):
    action = serializers.CharField()
    label_th = serializers.CharField()
    label_en = serializers.CharField()
    allowed = serializers.BooleanField()
    reason_th = serializers.CharField(allow_blank=True, help_text="why not")
    reason_en = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_null=True, help_text="where to POST it")


class ActionsSerializer(StandingSerializer):
    actions = ActionSerializer(many=True)


def case_to_act(request: Request, number: str, slug: str = "") -> Case:
    """The case on which this person may ask for the action `slug`, or for any. Raises Http404."""
    seen = Case.objects.visible_to(request.user) | Case.objects.received_by(request.user)
    cases = actions.cases_for(request.user, slug) if slug else seen
    related = ("child", "school", "district", "province", "department", "enrolled_school__district")
    return get_object_or_404(cases.select_related(*related), number=number)


def _standing(case: Case) -> dict[str, Any]:
    plain = ("number", "stage_since", "due_at", "version")
    return {name: getattr(case, name) for name in plain} | {"stage": STAGES[case.stage]}


def _told(allowed: actions.Allowed, case: Case) -> dict[str, Any]:
    action = allowed.action
    label_th, label_en = in_both(lambda: action.label)
    reason_th, reason_en = in_both(lambda: actions.why_not(case, action)) if allowed.reason else ("", "")
    return {
        "action": action.slug,
        "label_th": label_th,
        "label_en": label_en,
        "allowed": not allowed.reason,
        "reason_th": reason_th,
        "reason_en": reason_en,
        "url": _url(action.slug, case.number),
    }


def _url(slug: str, number: str) -> str | None:
    try:
        return reverse(f"api:{NO_DEED.get(slug, f'case_{slug}')}", args=[number])
    except NoReverseMatch:  # not for programs
        return None


class CaseActions(StrictView):
    """What this person may do with the case now, and why not the rest."""

    @extend_schema(
        operation_id="cases_actions",
        summary="ทำอะไรกับแฟ้มนี้ได้ · what you may do with a case now; what is not possible says why",
        parameters=[NUMBER],
        responses=ActionsSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        case = case_to_act(request, number)
        may = actions.allowed_actions(case, request.user)
        if not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
            may = [one for one in may if one.action.receiver]
        return Response(_standing(case) | {"actions": [_told(one, case) for one in may]})


class CaseDeed(StrictView):
    """One action on one case; `deed_view` makes the view of each."""

    slug: str
    deed: Deed

    def post(self, request: Request, number: str) -> Response:
        case = case_to_act(request, number, self.slug)
        actions.may(case, request.user, self.slug)
        is_json = (request.content_type or "").startswith(StrictJSONParser.media_type)
        asked = self.deed.form(case=case, person=request.user).fields
        body = body_of("Body", asked, files=not is_json, sometimes=self.deed.form.sometimes)(data=request.data)
        done = perform(self.deed, valid_form(self.deed.form, body, case=case, person=request.user))
        said_th, said_en = in_both(lambda: self.deed.done)
        asked = done.pk if isinstance(done, Asked) else None
        told = {"request": asked, "message_th": said_th, "message_en": said_en}
        case.refresh_from_db()
        return Response(_standing(case) | told)


def deed_view(slug: str, deed: Deed) -> type[CaseDeed]:
    """The view of one deed, with the body its form asks for in the OpenAPI document."""
    name = "Do" + slug.title().replace("_", "")
    fields, sometimes = deed.form.base_fields, deed.form.sometimes
    bodies = {StrictJSONParser.media_type: body_of(name, fields, sometimes=sometimes)}
    parsers = [StrictJSONParser]
    if takes_files(deed.form):
        bodies[MultiPartParser.media_type] = body_of(f"{name}WithFiles", fields, files=True, sometimes=sometimes)
        parsers.append(MultiPartParser)
    th, en = in_both(lambda: actions.BY_SLUG[slug].label)
    described = extend_schema(
        operation_id=f"cases_{slug}",
        summary=f"{th} · {en}",
        parameters=[NUMBER],
        request=bodies,
        responses=DoneSerializer,
    )
    view = type(name, (CaseDeed,), {"slug": slug, "deed": deed, "parser_classes": parsers, "__doc__": th})
    return extend_schema_view(post=described)(view)


def deed_routes() -> list:
    """`cases/{number}/{action}/` for every deed; an action that is none is 404."""
    return [
        path(f"cases/<case_number:number>/{slug}/", deed_view(slug, deed).as_view(), name=f"case_{slug}")
        for slug, deed in deeds().items()
    ]
