"""Referrals and the plan of help for programs: to partners what cases.sharing allows, to staff what is in scope."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import help as helping
from cases import referrals
from cases.api import NUMBER, case_in_scope, case_looked_at
from cases.codes import Need, ReferralAnswer, ReferralState
from cases.confidential import Told, may_see_address, told, told_needs
from cases.models import HelpAction, Referral
from cases.sharing import FIELDS, shared
from schools import audit, roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    StrictView,
    id_parameter,
    page_schema,
    paged,
)
from schools.models import Person
from schools.serializers import StrictSerializer

ID = id_parameter()


class ReferralSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.CharField(help_text="the number of the case")
    partner = serializers.CharField(help_text="partner:eef")
    unit = serializers.CharField(help_text="who referred")
    state = serializers.ChoiceField(choices=ReferralState.choices)
    purpose = serializers.CharField(allow_null=True, help_text="null for those who may not read what was written")
    sent_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="by when an answer is asked for")
    ends_at = serializers.DateTimeField(help_text="until when the partner sees it at most")
    ended_at = serializers.DateTimeField(allow_null=True)


class SharedSerializer(serializers.Serializer):
    """Of the fields of a child those the agency's agreement and this referral have; the others are not there."""

    def get_fields(self):
        return {name: serializers.CharField(required=False, allow_blank=True) for name in FIELDS}


class SaidSerializer(serializers.Serializer):
    answer = serializers.ChoiceField(choices=ReferralAnswer.choices)
    text = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class ReferralFileSerializer(ReferralSerializer):
    child = SharedSerializer(allow_null=True, help_text="for the partner; null for staff, who read the case")
    answers = SaidSerializer(many=True)


def _row(referral: Referral, *, written: bool) -> dict[str, Any]:
    plain = ("id", "unit", "state", "sent_at", "due_on", "ends_at", "ended_at")
    return {name: getattr(referral, name) for name in plain} | {
        "case": referral.case.number,
        "partner": f"partner:{referral.partner.code}",
        "purpose": referral.purpose if written else None,
    }


def _row_of_staff(referral: Referral, person: Person) -> dict[str, Any]:
    return _row(referral, written=may_see_address(person, referral.case))


def of_partner(request: Request) -> bool:
    """Whether who asks is of an agency, and not of the staff."""
    return roles.can(request.user, roles.SEE_REFERRALS)


class ReferralList(StrictView):
    """Of a partner the live ones to its office, the most urgent first; of staff those of the cases in scope."""

    known_parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="referrals_list",
        summary="เรื่องที่ส่งต่อภาคีเครือข่าย · referrals: to one's office, or of the cases in scope",
        parameters=CURSOR_PARAMETERS,
        responses=page_schema("ReferralPage", ReferralSerializer),
    )
    def get(self, request: Request) -> Response:
        if of_partner(request):
            rows = Referral.objects.open_to(request.user).select_related("partner", "case")
            return paged(request, rows, "due_on", "pk", tell=lambda found: [_row(one, written=True) for one in found])
        rows = Referral.objects.visible_to(request.user).select_related("partner", "case__school", "case__province")
        return paged(request, rows, "-pk", tell=lambda found: [_row_of_staff(one, request.user) for one in found])


def _referral(request: Request, pk: int) -> Referral:
    """In the partner's reach or the staff's scope; otherwise 404."""
    rows = Referral.objects.open_to(request.user) if of_partner(request) else Referral.objects.visible_to(request.user)
    related = ("partner", "case__school", "case__district", "case__province", "case__child__tambon")
    return get_object_or_404(rows.select_related(*related, "case__child__amphoe", "case__child__province"), pk=pk)


def _file(request: Request, referral: Referral) -> dict[str, Any]:
    partner = of_partner(request)
    written = partner or may_see_address(request.user, referral.case)
    return _row(referral, written=written) | {
        "child": shared(referral, referrals.needs_of(referral.case)) if partner else None,
        "answers": [
            {"answer": fact.details["answer"], "text": fact.reason if written else "", "at": fact.at}
            for fact in referrals.answers_of(referral)
        ],
    }


class ReferralDetail(StrictView):
    """One referral. Looking is recorded."""

    @extend_schema(
        operation_id="referrals_retrieve",
        summary="เรื่องที่ส่งต่อหนึ่งเรื่อง · one referral with what its partner may see; looking is recorded",
        parameters=[ID],
        responses=ReferralFileSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        referral = _referral(request, pk)
        audit.record(
            audit.VIEW_REFERRAL if of_partner(request) else audit.VIEW_CASE,
            person=request.user,
            object_kind="case",
            object_key=referral.case.number,
            referral=referral.pk,
        )
        return Response(_file(request, referral))


class AnswerSerializer(StrictSerializer):
    answer = serializers.ChoiceField(choices=ReferralAnswer.choices)
    text = serializers.CharField(max_length=2000, allow_blank=True, default="")


class ReferralAnswered(StrictView):
    """The partner's answer; after `done` and `rejected` it sees the referral no more."""

    @extend_schema(
        operation_id="referrals_answer",
        summary="ตอบเรื่องที่ส่งต่อ · answer a referral: accepted, note, done or rejected",
        parameters=[ID],
        request=AnswerSerializer,
        responses=ReferralSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        if not of_partner(request):
            raise Http404
        referral = _referral(request, pk)
        body = AnswerSerializer.of(request)
        answered = referrals.answer(referral, person=request.user, **body.validated_data)
        return Response(_row(answered, written=True))


class RecallSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class ReferralRecalled(StrictView):
    """เรียกคืน, by the sending side."""

    @extend_schema(
        operation_id="referrals_recall",
        summary="เรียกคืนเรื่องที่ส่งต่อ · take a referral back",
        parameters=[ID],
        request=RecallSerializer,
        responses=ReferralSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        referral = get_object_or_404(Referral.objects.visible_to(request.user).select_related("case"), pk=pk)
        body = RecallSerializer.of(request)
        recalled = referrals.recall(referral, person=request.user, **body.validated_data)
        return Response(_row_of_staff(recalled, request.user))


# ── the plan of help ──────────────────────────────────────────────────────────────────────────────────────────────────
class HelpActionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    what = serializers.CharField(allow_null=True)
    need = serializers.ChoiceField(choices=Need.choices, allow_null=True, help_text="null where it is of health")
    who = serializers.CharField(allow_null=True)
    due_on = serializers.DateField()
    done_on = serializers.DateField(allow_null=True)
    result = serializers.CharField(allow_null=True)


def _help_row(action: HelpAction, seen: Told) -> dict[str, Any]:
    said = {name: getattr(action, name) for name in ("id", "due_on", "done_on")}
    said |= {name: getattr(action, name) if seen.address else None for name in ("what", "who", "result")}
    return said | {"need": next(iter(told_needs([action.need], seen.sensitive)), None)}


class HelpList(StrictView):
    """แผนช่วยเหลือ of one case."""

    @extend_schema(
        operation_id="help_list",
        summary="แผนช่วยเหลือของเด็ก · the plan of help of a case",
        parameters=[NUMBER],
        responses=HelpActionSerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        case = case_looked_at(request, number)
        seen = told(request.user, case)
        return Response([_help_row(action, seen) for action in helping.plan_of(case)])


class HelpDoneSerializer(StrictSerializer):
    result = serializers.CharField(min_length=3, max_length=2000)
    done_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="today if left out")


class HelpDone(StrictView):
    """บันทึกผลการช่วยเหลือ."""

    @extend_schema(
        operation_id="help_done",
        summary="บันทึกผลการช่วยเหลือ · an action of the plan is done",
        parameters=[NUMBER, ID],
        request=HelpDoneSerializer,
        responses=HelpActionSerializer,
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        case = case_in_scope(request, number)
        action = get_object_or_404(HelpAction, pk=pk, case=case)
        body = HelpDoneSerializer.of(request)
        done = helping.finish_help(action, person=request.user, **body.validated_data)
        return Response(_help_row(done, told(request.user, case)))
