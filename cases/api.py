"""Cases for programs: the same scope, the same filters and the same domain calls as the pages."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions, pictures, routing, visits
from cases.case_file import CaseFileSerializer, CaseRowSerializer, case_file
from cases.codes import EnrolmentRoute
from cases.confidential import is_unsafe, told
from cases.enrolment import claim_enrolment
from cases.filters import CaseFilter
from cases.listing import CATEGORIES, STAGES, listed
from cases.models import Case, Visit
from cases.models.case import ALPHABET
from cases.survivors import cases_of_person
from cases.visit_api import (
    DayOrMomentField,
    NewVisitSerializer,
    NewVisitWithPhotosSerializer,
    VisitSerializer,
    visit_row,
)
from schools import audit
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    UNIT_PARAMETER,
    FastJSON,
    PictureFile,
    Refused,
    StrictView,
    id_parameter,
    one_of,
    page,
    page_schema,
    read_cursor,
    read_page_size,
    text_parameter,
    write_cursor,
)
from schools.api import unit_said
from schools.models import School
from schools.parsing import StrictJSONParser
from schools.serializers import OneOfField, StrictSerializer
from schools.thaitext import arabic_digits
from schools.thaitime import bangkok_date
from schools.units import parse_unit

NUMBER = OpenApiParameter(
    "number",
    {"type": "string", "pattern": f"^[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$"},
    OpenApiParameter.PATH,
    description="เลขที่แฟ้ม · the case number",
)
VERSION = "as you saw it; who saves second is answered 409, with what stands now"
LONGEST_WORDS = 100
DIGITS_OF_AN_ID = 9  # from here on it may be (part of) a national ID, which never stands in a URL


class CaseApiFilter(CaseFilter):
    """The filters of the pages, with codes by their slugs."""

    def __init__(self, asked: Mapping[str, str], *, queryset: QuerySet[Case], request: Request):
        said = dict(asked)
        for name, slugs in (("stage", STAGES), ("category", CATEGORIES)):
            if name in said:
                numbers = {text: str(code) for code, text in slugs.items()}
                if said[name] not in numbers:
                    one_of(name, numbers)
                said[name] = numbers[said[name]]
        super().__init__(said, queryset=queryset, request=request)


FILTERS = frozenset({"q", "stage", "category", "unit", "school", "due"})


def check_words(request: Request) -> None:
    """A name or a case number; a national ID is looked for by POST on the page, so that no log ever holds one (A04)."""
    words = request.query_params.get("q", "")
    digits = sum(character.isdigit() for character in arabic_digits(words))
    if len(words) > LONGEST_WORDS or digits >= DIGITS_OF_AN_ID:
        raise Refused(
            "q",
            "A04",
            "ค้นได้ด้วยชื่อหรือเลขที่แฟ้ม ไม่ใช่เลขประจำตัวประชาชน",
            "Search by name or case number, not by a national ID.",
        )


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────
CaseFilterParameters = [
    text_parameter("q", "ชื่อหรือเลขที่แฟ้ม", "name or case number"),
    text_parameter("stage", "ขั้น", "stage", enum=STAGES.values()),
    text_parameter("category", "ประเภท", "category", enum=CATEGORIES.values()),
    text_parameter("school", "none: ยังไม่มอบหมายโรงเรียน", "none: not yet assigned to a school", enum=["none"]),
    text_parameter("due", "overdue: เกินกำหนด, soon: ใกล้ครบ", "overdue, or due soon", enum=["overdue", "soon"]),
    UNIT_PARAMETER,
    *CURSOR_PARAMETERS,
]
CasePage = page_schema("CasePage", CaseRowSerializer)


class CaseList(StrictView):
    """ทะเบียนเด็ก, in the order of their registration."""

    known_parameters = PAGE_PARAMETERS | FILTERS

    @extend_schema(operation_id="cases_list", parameters=CaseFilterParameters, responses=CasePage)
    def get(self, request: Request) -> Response:
        size = read_page_size(request)
        place = read_cursor(request, int) or (0,)
        rows, following = listed(self.cases(request), request.user, after=place[0], size=size)
        if "q" in request.query_params:
            audit.record(audit.SEARCH, person=request.user, object_kind="case_list", found=len(rows))
        return Response(page(request, rows, write_cursor(following) if following else ""))

    def cases(self, request: Request, *, but: frozenset[str] = frozenset()) -> QuerySet[Case]:
        """What was asked for, of what the person may see, the filters in `but` left aside.

        Raises Refused, UnknownUnit, ValidationError.
        """
        check_words(request)
        asked = {name: request.query_params[name] for name in FILTERS - but if name in request.query_params}
        if "unit" in asked:
            parse_unit(asked["unit"])
        cases = Case.objects.visible_to(request.user)
        if not asked:  # the form of a filter costs as much as the page
            return cases
        found = CaseApiFilter(asked, queryset=cases, request=request)
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found.qs


# ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def case_in_scope(request: Request, number: str) -> Case:
    """The case, with what its file shows, if this person may see it; else 404, as if it did not exist (A02)."""
    rows = Case.objects.visible_to(request.user).select_related(
        "school", "district", "province", "department", "teacher", "child__tambon", "child__amphoe", "child__province"
    )
    return get_object_or_404(rows, number=number)


def case_looked_at(request: Request, number: str) -> Case:
    """The same for who reads what is in the file: looking is recorded."""
    case = case_in_scope(request, number)
    audit.record(audit.VIEW_CASE, person=request.user, object_kind="case", object_key=case.number)
    return case


def _file(request: Request, number: str) -> dict[str, Any]:
    return case_file(case_in_scope(request, number), request.user)


class CaseDetail(StrictView):
    """แฟ้มรายบุคคล. Looking is recorded."""

    @extend_schema(
        operation_id="cases_retrieve",
        summary="แฟ้มรายบุคคล · one case with its timeline; looking is recorded",
        parameters=[NUMBER],
        responses=CaseFileSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(case_file(case_looked_at(request, number), request.user))


# ── visits ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _visit_rows(request: Request, case: Case, rows: QuerySet[Visit]) -> list[dict[str, Any]]:
    seen = told(request.user, case)

    def photo_url(photo) -> str:
        return request.build_absolute_uri(reverse("api:photo", args=[case.number, photo.pk]))

    rows = rows.select_related("case", "fact__by").prefetch_related("photos", "fact__corrected_by")
    unsafe = is_unsafe(case)
    return [visit_row(visit, photo_url, seen, unsafe=unsafe) for visit in rows]


class VisitList(StrictView):
    """บันทึกการติดตาม of one case: read them, or record one; a resend gives the first one again."""

    parser_classes = [StrictJSONParser, MultiPartParser]

    @extend_schema(
        operation_id="visits_list",
        summary="บันทึกการติดตามของเด็ก · the visits of a case, the newest first; looking is recorded",
        parameters=[NUMBER],
        responses=VisitSerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        case = case_looked_at(request, number)
        visits = Visit.objects.filter(case__in=cases_of_person(case))
        return Response(_visit_rows(request, case, visits.order_by("-fact__at", "-pk")))

    @extend_schema(
        operation_id="visits_create",
        summary="บันทึกการติดตาม · record a visit: 201; a resend 200; other content under its UUID 409",
        parameters=[NUMBER],
        request={"application/json": NewVisitSerializer, "multipart/form-data": NewVisitWithPhotosSerializer},
        responses={201: VisitSerializer, 200: VisitSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        case = case_in_scope(request, number)
        is_json = request.content_type.startswith(StrictJSONParser.media_type)
        body = (NewVisitSerializer if is_json else NewVisitWithPhotosSerializer)(data=request.data)
        body.is_valid(raise_exception=True)
        visit, is_new = _record(case, body, request)
        # Read again, so that a resend gets to the letter what the first one got.
        (row,) = _visit_rows(request, case, Visit.objects.filter(pk=visit.pk))
        return Response(row, status=201 if is_new else 200)


class VisitPhoto(StrictView):
    """One picture of a visit, for those who may see where the child is; looking is recorded."""

    renderer_classes = [PictureFile, FastJSON]

    @extend_schema(
        operation_id="photos_retrieve",
        summary="รูปของการติดตาม · a picture of a visit; looking is recorded",
        parameters=[NUMBER, id_parameter("photo")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, number: str, photo: int) -> FileResponse:
        return pictures.of_visit(case_in_scope(request, number), photo, person=request.user)


def _record(case: Case, body: NewVisitSerializer, request: Request) -> tuple[Visit, bool]:
    """The domain call. Raises PermissionDenied, actions.IllegalAction, visits.UuidTaken, Refused."""
    uuid = body.validated_data["uuid"]
    try:
        return visits.record_visit(
            case,
            body.content(),
            person=request.user,
            uuid=uuid,
            pictures=body.validated_data.get("photos", ()),
        )
    except visits.VisitRefused as refusal:
        refusal.field = "done" if refusal.field == "done_on" else refusal.field
        raise


# ── what else is done with a case ─────────────────────────────────────────────────────────────────────────────────────
def _school(text: str) -> School:
    return School.objects.select_related("district", "province").get(pk=unit_said("school", text, "school").pk)


class ActSerializer(StrictSerializer):
    """What is done with a case, with the version of it that the writer saw."""

    version = serializers.IntegerField(required=False, allow_null=True, default=None, help_text=VERSION)


class AssignSerializer(ActSerializer):
    school = serializers.CharField(max_length=40, help_text="school:46990001")
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class CaseAssign(StrictView):
    """มอบหมายโรงเรียน."""

    @extend_schema(
        operation_id="cases_assign",
        summary="มอบหมายโรงเรียน · make a school responsible",
        parameters=[NUMBER],
        request=AssignSerializer,
        responses=CaseFileSerializer,
    )
    def post(self, request: Request, number: str) -> Response:
        case, said = case_in_scope(request, number), AssignSerializer.of(request).validated_data
        actions.may(case, request.user, "assign")
        routing.assign_case(case, _school(said.pop("school")), person=request.user, **said)
        return Response(_file(request, number))


class EnrolmentSerializer(ActSerializer):
    route = OneOfField(choices=[choice for choice in EnrolmentRoute.choices if choice[0] != EnrolmentRoute.FROM_LIST])
    at = DayOrMomentField(required=False, allow_null=True, default=None, help_text="since when; today if left out")
    school = serializers.CharField(max_length=40, allow_blank=True, default="", help_text="school:46990001")
    where = serializers.CharField(max_length=200, allow_blank=True, default="")
    grade = serializers.CharField(max_length=40, allow_blank=True, default="")


class CaseEnrolment(StrictView):
    """แจ้งกลับเข้าเรียน."""

    @extend_schema(
        operation_id="cases_enrolment",
        summary="แจ้งกลับเข้าเรียน · claim that the child is back in education",
        parameters=[NUMBER],
        request=EnrolmentSerializer,
        responses=CaseFileSerializer,
    )
    def post(self, request: Request, number: str) -> Response:
        case, said = case_in_scope(request, number), EnrolmentSerializer.of(request).validated_data
        actions.may(case, request.user, "claim_enrolment")
        said["school"] = _school(said["school"]) if said["school"] else None
        if hasattr(said["at"], "tzinfo"):  # enrolments are told by the day
            said["at"] = bangkok_date(said["at"])
        claim_enrolment(case, person=request.user, **said)
        return Response(_file(request, number))


class TeacherSerializer(ActSerializer):
    teacher = serializers.CharField(max_length=150, help_text="ชื่อผู้ใช้ · the user name, of somebody at the case's school")


class CaseTeacher(StrictView):
    """กำหนดครูผู้รับผิดชอบ."""

    @extend_schema(
        operation_id="cases_teacher",
        summary="กำหนดครูผู้รับผิดชอบ · name the responsible teacher",
        parameters=[NUMBER],
        request=TeacherSerializer,
        responses=CaseFileSerializer,
    )
    def post(self, request: Request, number: str) -> Response:
        case, said = case_in_scope(request, number), TeacherSerializer.of(request).validated_data
        actions.may(case, request.user, "name_teacher")
        teacher = next((one for one in routing.teachers_of(case.school) if one.username == said["teacher"]), None)
        if teacher is None:
            raise Refused(
                "teacher", "teacher", "ไม่พบครูชื่อผู้ใช้นี้ที่โรงเรียนของเด็ก", "Nobody of this user name is at the child's school."
            )
        routing.name_teacher(case, teacher, person=request.user, version=said["version"])
        return Response(_file(request, number))
