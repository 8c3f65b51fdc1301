"""ตรวจสอบบัญชี for programs: the lists, their lines, answers in bulk, what proves them, and the signature."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases import check_pages, checking, checklists, photos, pictures
from cases.check_forms import ALL, NOT_YET
from cases.checking import ONE_BY_ONE
from cases.codes import IN_EDUCATION, CheckAnswer
from cases.listing import CATEGORIES, slug
from cases.models import ListEntry, ListVersion
from cases.visit_api import CodeField, PhotosField
from schools import roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    UNIT_PARAMETER,
    FastJSON,
    PictureFile,
    StrictView,
    choice,
    id_parameter,
    page_schema,
    paged,
    text_parameter,
)
from schools.parsing import StrictJSONParser
from schools.scope import posting_for
from schools.serializers import OneOfField, StrictSerializer
from schools.units import parse_unit, unit_of

VERSION = id_parameter("version")
GROUPS, ANSWERS = ("present", "gone"), (ALL, NOT_YET, *CheckAnswer.values)
BOTH_PARSERS = [StrictJSONParser, MultiPartParser]


# ── the lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class ProgressSerializer(serializers.Serializer):
    lines = serializers.IntegerField(help_text="lines that stand in your units")
    answered = serializers.IntegerField()
    by_answer = serializers.DictField(child=serializers.IntegerField())
    state = serializers.ChoiceField(choices=[("", ""), ("signed", "signed"), ("returned", "returned")])


class ListCheckSerializer(ProgressSerializer):
    version = serializers.IntegerField(help_text="the latest version of the list, as this API names it")
    list = serializers.CharField()
    owner = serializers.CharField(help_text="the unit whose list it is")
    number = serializers.IntegerField()
    as_of = serializers.DateField()


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


def _progress(progress: checklists.Progress) -> dict[str, Any]:
    return {name: getattr(progress, name) for name in ProgressSerializer().fields}


def _row(version: ListVersion, progress: checklists.Progress) -> dict[str, Any]:
    return _progress(progress) | {
        "version": version.pk,
        "list": version.list.name,
        "owner": version.list.owner,
        "number": version.number,
        "as_of": version.as_of,
    }


def _in_sight(request: Request, pk: int) -> ListVersion:
    """The version of a list with lines this person checks or watches; else 404."""
    version = checklists.version_in_sight(request.user, pk)
    if version is None:
        raise Http404
    return version


def to_check(request: Request, pk: int) -> ListVersion:
    """The same, for those who answer lines; 403 for those who only watch."""
    version = _in_sight(request, pk)
    if not roles.can(request.user, roles.CHECK_LISTS):
        raise PermissionDenied
    return version


# ── the lines ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class CheckLineSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.CharField(help_text="the number of the case")
    name = serializers.CharField(allow_null=True, help_text="null for those who may not see names")
    last_grade = serializers.CharField(allow_blank=True)
    category = serializers.ChoiceField(choices=[(text, text) for text in CATEGORIES.values()])
    unit = serializers.CharField(help_text="the responsible unit")
    group = serializers.ChoiceField(choices=[(group, group) for group in GROUPS], help_text="gone: no longer named")
    is_new = serializers.BooleanField(help_text="first named by this version")
    changed = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True)),
        help_text="column: before, after; what this version changed",
    )
    answer = serializers.ChoiceField(choices=CheckAnswer.choices, allow_null=True, help_text="null: not yet")
    evidence = serializers.CharField(allow_null=True, allow_blank=True)
    checked_by = serializers.CharField(allow_null=True, help_text="the unit that answered")
    picture = serializers.CharField(allow_null=True, help_text="its address, where one proves the answer")


def _line_rows(request: Request, version: ListVersion, entries: Sequence[ListEntry]) -> list[dict[str, Any]]:
    return [_line_row(request, version, row) for row in check_pages.line_rows(version, entries, request.user)]


def _line_row(request: Request, version: ListVersion, row: dict[str, Any]) -> dict[str, Any]:
    entry, case = row["entry"], row["case"]
    named = posting_for(request.user, roles.SEE_NAMES, case) is not None
    return {
        "id": entry.pk,
        "case": case.number,
        "name": str(case.child) if named else None,
        "last_grade": case.child.last_grade,
        "category": CATEGORIES[case.category],
        "unit": str(unit_of(case.school or case.district)),
        "group": "gone" if checklists.is_gone(version, entry) else "present",
        "is_new": row["is_new"],
        "changed": row["changed"],
        "answer": entry.answer,
        "evidence": entry.evidence,
        "checked_by": entry.checked_unit,
        "picture": _address(request, version, entry.picture) if entry.picture else None,
    }


def _address(request: Request, version: ListVersion, picture: int) -> str:
    return request.build_absolute_uri(reverse("api:list_check_picture", args=[version.pk, picture]))


SHOWN = ("case__child", "case__school", "case__district", "case__province")


def told(request: Request, version: ListVersion, line: int) -> Response:
    """A line as it stands now."""
    entry = checklists.lines_of(version, request.user).select_related(*SHOWN).get(pk=line)
    return Response(_line_rows(request, version, [entry])[0])


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class LineAnswerSerializer(StrictSerializer):
    """One answer, with what proves it."""

    answer = OneOfField(
        choices=[(one.value, one.value) for one in CheckAnswer if one not in ONE_BY_ONE],
        help_text="amended and duplicate have addresses of their own, under lines/",
    )
    evidence = serializers.CharField(max_length=500, allow_blank=True, default="")
    outcome = CodeField(
        {int(one): slug(one) for one in IN_EDUCATION},
        required=False,
        allow_null=True,
        default=None,
        help_text="of in_education: which line of education",
    )


class LinesAnswerSerializer(LineAnswerSerializer):
    """One answer to many lines, named by the numbers of their cases."""

    cases = serializers.ListField(
        child=serializers.CharField(max_length=9), min_length=1, max_length=checking.MOST_AT_ONCE
    )


def _with_pictures(body: type[StrictSerializer]) -> type[StrictSerializer]:
    """The same as multipart/form-data, with pictures that prove it."""
    taken = PhotosField(required=False, default=list, max_length=photos.MAX_PER_VISIT)
    return type(body.__name__.replace("Serializer", "WithPicturesSerializer"), (body,), {"pictures": taken})


def bodies_of(body: type[StrictSerializer]) -> dict[str, type[StrictSerializer]]:
    return {StrictJSONParser.media_type: body, MultiPartParser.media_type: _with_pictures(body)}


def said_in(request: Request, bodies: dict[str, type[StrictSerializer]]) -> dict[str, Any]:
    """What the body says, whether JSON or with pictures. Raises ValidationError, Refused."""
    media_type = (request.content_type or "").partition(";")[0]
    return bodies.get(media_type, bodies[StrictJSONParser.media_type]).of(request).validated_data


class SkippedSerializer(serializers.Serializer):
    case = serializers.CharField()
    message_th = serializers.CharField()
    message_en = serializers.CharField()


class AnsweredSerializer(serializers.Serializer):
    done = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)


class ListCheck(StrictView):
    """รายชื่อในบัญชีที่ต้องตรวจ: read, and answered by the hundred."""

    known_parameters = PAGE_PARAMETERS | {"group", "answer", "unit"}
    parser_classes = BOTH_PARSERS
    bodies = bodies_of(LinesAnswerSerializer)

    @extend_schema(
        operation_id="list_checks_lines",
        summary="รายชื่อที่ต้องตรวจ · the lines of a list that are yours to check, by name",
        parameters=[
            VERSION,
            text_parameter("group", "present: อยู่ในบัญชี, gone: ไม่อยู่ในฉบับนี้", "named, or named no longer", enum=GROUPS),
            text_parameter(
                "answer", "all, none: ยังไม่ได้ตรวจ, หรือคำตอบ", "all if left out; not yet; or the answer", enum=ANSWERS
            ),
            UNIT_PARAMETER,
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("CheckLinePage", CheckLineSerializer),
    )
    def get(self, request: Request, version: int) -> Response:
        found = to_check(request, version)
        unit = request.query_params.get("unit")
        asked = {
            "group": choice(request, "group", GROUPS, "present"),
            "answer": choice(request, "answer", ANSWERS, ALL),
        }
        asked["unit"] = parse_unit(unit) if unit is not None else None
        rows = check_pages.filtered(found, request.user, asked).select_related(*SHOWN)
        return paged(request, rows, *check_pages.KEYS, tell=lambda lines: _line_rows(request, found, lines))

    @extend_schema(
        operation_id="list_checks_answer",
        summary="ตอบหลายบรรทัดของบัญชีพร้อมกัน · answer many lines of a list at once",
        parameters=[VERSION],
        request=bodies,
        responses=AnsweredSerializer,
    )
    def post(self, request: Request, version: int) -> Response:
        found, said = to_check(request, version), said_in(request, self.bodies)
        numbers = set(said.pop("cases"))
        mine = checklists.lines_of(found, request.user).filter(case__number__in=numbers)
        lines = dict(mine.values_list("case__number", "pk"))
        skipped = [(number, *checking.ELSEWHERE) for number in sorted(numbers - lines.keys())]
        done = 0
        if lines:
            answered = checking.answer_lines(found, list(lines.values()), person=request.user, **said)
            done, skipped = answered.done, [*skipped, *answered.skipped]
        names = ("case", "message_th", "message_en")
        return Response({"done": done, "skipped": [dict(zip(names, one, strict=True)) for one in skipped]})


class CheckPictureFile(StrictView):
    """What proves an answer, for those who check the line; looking is recorded."""

    renderer_classes = [PictureFile, FastJSON]

    @extend_schema(
        operation_id="list_checks_picture",
        summary="รูปหลักฐานของคำตอบ · a picture that proves an answer; looking is recorded",
        parameters=[VERSION, id_parameter("picture")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, version: int, picture: int) -> FileResponse:
        found = to_check(request, version)
        return pictures.of_check(found, picture, person=request.user)


# ── signature ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class SignSerializer(StrictSerializer):
    unit = serializers.CharField(max_length=40, help_text="whose lines; your own unit")
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class GiveBackSerializer(StrictSerializer):
    unit = serializers.CharField(max_length=40, help_text="a unit below yours that signed")
    note = serializers.CharField(min_length=checklists.SHORTEST_NOTE, max_length=500, help_text="what to mend")


class SignedSerializer(ProgressSerializer):
    unit = serializers.CharField()


def _signature(request: Request, pk: int, body: type[StrictSerializer], call) -> Response:
    version, said = _in_sight(request, pk), body.of(request).validated_data
    unit = checklists.unit_for(request.user, said["unit"])
    if unit is None:
        raise PermissionDenied
    call(version, unit, person=request.user, note=said["note"])
    return Response(_progress(checklists.progress_of(version, unit)) | {"unit": str(unit)})


class ListCheckSign(StrictView):
    """ลงนามรับรอง, of one's own unit."""

    @extend_schema(
        operation_id="list_checks_sign",
        summary="ลงนามรับรองบัญชี · sign your unit's lines; 409 while one is not answered",
        parameters=[VERSION],
        request=SignSerializer,
        responses=SignedSerializer,
    )
    def post(self, request: Request, version: int) -> Response:
        return _signature(request, version, SignSerializer, checklists.sign)


class ListCheckReturn(StrictView):
    """ส่งกลับให้แก้ไข, of a unit below."""

    @extend_schema(
        operation_id="list_checks_return",
        summary="ส่งบัญชีกลับให้แก้ไข · give a signed checklist back to a unit below, saying what to mend",
        parameters=[VERSION],
        request=GiveBackSerializer,
        responses=SignedSerializer,
    )
    def post(self, request: Request, version: int) -> Response:
        return _signature(request, version, GiveBackSerializer, checklists.give_back)
