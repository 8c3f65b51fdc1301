"""One line of a checklist for programs: answered, put right, or called a duplicate (cases.checking)."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions, checking, checklists
from cases.check_api import (
    BOTH_PARSERS,
    SHOWN,
    VERSION,
    CheckLineSerializer,
    LineAnswerSerializer,
    bodies_of,
    said_in,
    to_check,
    told,
)
from cases.checking import SHORTEST_EVIDENCE
from cases.deeds.body import body_of, valid_form
from cases.deeds.child_data import ChildForm
from cases.models import ListEntry, ListVersion
from schools.answers import StrictView, id_parameter
from schools.parsing import StrictJSONParser
from schools.serializers import StrictSerializer

LINE = id_parameter("line")


class LineView(StrictView):
    """What is done with one line."""

    parser_classes = BOTH_PARSERS

    def of_line(self, version: int, line: int) -> tuple[ListVersion, ListEntry]:
        """A line this person checks; else 404."""
        found = to_check(self.request, version)
        places = ("case__child__tambon", "case__child__amphoe", "case__child__province")
        rows = checklists.lines_of(found, self.request.user).select_related(*SHOWN, *places)
        return found, get_object_or_404(rows, pk=line)


class CheckLine(LineView):
    """ตอบบรรทัดเดียว."""

    bodies = bodies_of(LineAnswerSerializer)

    @extend_schema(
        operation_id="list_checks_line_answer",
        summary="ตอบหนึ่งบรรทัดของบัญชี · answer one line of a list; 409 with the reason where it cannot take it",
        parameters=[VERSION, LINE],
        request=bodies,
        responses=CheckLineSerializer,
    )
    def post(self, request: Request, version: int, line: int) -> Response:
        found, entry = self.of_line(version, line)
        said = said_in(request, self.bodies)
        answered = checking.answer_lines(found, [entry.pk], person=request.user, **said)
        for _number, message_th, message_en in answered.skipped:
            raise checklists.CheckRefused(message_th, message_en)
        return told(request, found, entry.pk)


AmendBody = body_of("AmendLine", ChildForm.base_fields, sometimes=ChildForm.sometimes)


class CheckLineAmend(LineView):
    """แก้ไข: the child's data are put right, and the line is answered with it."""

    parser_classes = [StrictJSONParser]

    @extend_schema(
        operation_id="list_checks_line_amend",
        summary="แก้ไขข้อมูลเด็กในบรรทัด · put the child's data right; the line is answered with it",
        parameters=[VERSION, LINE],
        request=AmendBody,
        responses=CheckLineSerializer,
    )
    def post(self, request: Request, version: int, line: int) -> Response:
        found, entry = self.of_line(version, line)
        actions.may(entry.case, request.user, "amend_child")
        form = valid_form(ChildForm, AmendBody(data=request.data), case=entry.case, person=request.user)
        checking.amend_line(found, entry, person=request.user, **form.cleaned_data)
        return told(request, found, entry.pk)


class DuplicateLineSerializer(StrictSerializer):
    number = serializers.CharField(max_length=9, help_text="of the other case of the same child")
    evidence = serializers.CharField(min_length=SHORTEST_EVIDENCE, max_length=400)


class CheckLineDuplicate(LineView):
    """ซ้ำ: which other case is of the same child."""

    bodies = bodies_of(DuplicateLineSerializer)

    @extend_schema(
        operation_id="list_checks_line_duplicate",
        summary="แจ้งว่าบรรทัดนี้ซ้ำ · say which other case is of the same child",
        parameters=[VERSION, LINE],
        request=bodies,
        responses=CheckLineSerializer,
    )
    def post(self, request: Request, version: int, line: int) -> Response:
        found, entry = self.of_line(version, line)
        checking.call_duplicate(found, entry, person=request.user, **said_in(request, self.bodies))
        return told(request, found, entry.pk)
