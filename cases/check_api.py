"""ตรวจสอบบัญชี for programs: how far each list is, and answers to many of its lines at once (cases.checking)."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import check_pages, checking, checklists
from cases.checking import ONE_BY_ONE
from cases.codes import IN_EDUCATION, CheckAnswer
from cases.listing import slug
from cases.models import ListVersion
from cases.visit_api import CodeField
from schools import roles
from schools.answers import StrictView
from schools.serializers import StrictSerializer


class ListCheckSerializer(serializers.Serializer):
    version = serializers.IntegerField(help_text="the latest version of the list, as this API names it")
    list = serializers.CharField()
    owner = serializers.CharField(help_text="the unit whose list it is")
    number = serializers.IntegerField()
    as_of = serializers.DateField()
    lines = serializers.IntegerField(help_text="lines that stand in your units")
    answered = serializers.IntegerField()
    by_answer = serializers.DictField(child=serializers.IntegerField())
    state = serializers.ChoiceField(choices=[("", ""), ("signed", "signed"), ("returned", "returned")])


class ListChecks(StrictView):
    """บัญชีที่ต้องตรวจ."""

    @extend_schema(
        operation_id="list_checks_list",
        summary="บัญชีที่ต้องตรวจและความคืบหน้า · the lists to check in your units and how far they are",
        responses=ListCheckSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        if not checklists.may_look(request.user):
            raise PermissionDenied
        return Response([_row(one["version"], one["progress"]) for one in check_pages.lists(request.user)])


def _row(version: ListVersion, progress: checklists.Progress) -> dict:
    return {
        "version": version.pk,
        "list": version.list.name,
        "owner": version.list.owner,
        "number": version.number,
        "as_of": version.as_of,
        "lines": progress.lines,
        "answered": progress.answered,
        "by_answer": progress.by_answer,
        "state": progress.state,
    }


class AnswersSerializer(StrictSerializer):
    """One answer to many lines, named by the numbers of their cases."""

    cases = serializers.ListField(
        child=serializers.CharField(max_length=9), min_length=1, max_length=checking.MOST_AT_ONCE
    )
    answer = serializers.ChoiceField(
        choices=[(one.value, one.value) for one in CheckAnswer if one not in ONE_BY_ONE],
        help_text="amended: amend the child of the case; duplicate: on the page of the list",
    )
    evidence = serializers.CharField(max_length=500, allow_blank=True, default="")
    outcome = CodeField(
        {int(one): slug(one) for one in IN_EDUCATION},
        required=False,
        allow_null=True,
        default=None,
        help_text="of in_education: which line of education",
    )


class SkippedSerializer(serializers.Serializer):
    case = serializers.CharField()
    message_th = serializers.CharField()
    message_en = serializers.CharField()


class AnsweredSerializer(serializers.Serializer):
    done = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)


class ListCheckAnswers(StrictView):
    """ตอบหลายบรรทัดพร้อมกัน."""

    @extend_schema(
        operation_id="list_checks_answer",
        summary="ตอบหลายบรรทัดของบัญชีพร้อมกัน · answer many lines of a list at once",
        request=AnswersSerializer,
        responses=AnsweredSerializer,
    )
    def post(self, request: Request, version: int) -> Response:
        found = checklists.version_in_sight(request.user, version)
        if found is None:
            raise Http404
        if not roles.can(request.user, roles.CHECK_LISTS):
            raise PermissionDenied
        body = AnswersSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        numbers = set(said.pop("cases"))
        lines = dict(
            checklists.lines_of(found, request.user).filter(case__number__in=numbers).values_list("case__number", "pk")
        )
        skipped = [(number, *checking.ELSEWHERE) for number in sorted(numbers - lines.keys())]
        done = 0
        if lines:
            answered = checking.answer_lines(found, list(lines.values()), person=request.user, **said)
            done, skipped = answered.done, [*skipped, *answered.skipped]
        names = ("case", "message_th", "message_en")
        return Response({"done": done, "skipped": [dict(zip(names, one, strict=True)) for one in skipped]})
