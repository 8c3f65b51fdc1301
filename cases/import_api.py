"""Lists of children brought in by programs: upload, dry run, commit, each a job (cases.intake.background)."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases.codes import Category
from cases.intake import background
from cases.intake.importing import MayNotImport
from cases.intake.refusal import SheetRefused
from cases.listing import slug
from cases.visit_api import CodeField
from schools import roles
from schools.answers import Refused, StrictView
from schools.api import JobSerializer, job_row, own_job
from schools.jobs import JobRefused
from schools.models import Job
from schools.serializers import StrictSerializer


def own_import(request: Request, job: int, *kinds: str) -> Job:
    """A check or commit of this person, who may import still; 404 otherwise, as on the page."""
    if not roles.can(request.user, roles.IMPORT_LISTS):
        raise Http404
    return own_job(request, job, kind__in=kinds)


class MayNot(Refused):
    status = 403


class NotNow(Refused):
    status = 409


class ImportSerializer(StrictSerializer):
    """What is uploaded. The same words as of the command import_children."""

    file = serializers.FileField(max_length=255, help_text=".xlsx, .xls, .csv")
    list = serializers.CharField(
        max_length=200, allow_blank=True, default="", help_text="ชื่อบัญชี · name of the list; the unit's own if left out"
    )
    list_date = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="as printed in the file, else today, if left out"
    )
    category = CodeField(
        {int(code): slug(code) for code in Category},
        required=False,
        allow_null=True,
        default=None,
        help_text="for rows that say none",
    )
    confirm_ages = serializers.BooleanField(default=False, help_text="ages out of the ordinary are meant")


class ImportNew(StrictView):
    """นำเข้ารายชื่อ: upload, and check without writing anything."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_create",
        summary="นำเข้ารายชื่อ: ตรวจก่อน · upload a list and have it checked; nothing is written yet",
        request={"multipart/form-data": ImportSerializer},
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        said = dict(ImportSerializer.of(request).validated_data)
        try:
            job = background.start_check(request.user, said.pop("file"), name=said.pop("list"), **said)
        except MayNotImport as refusal:
            raise MayNot("file", "may_not_import", refusal.message_th, refusal.message_en) from refusal
        except SheetRefused as refusal:
            raise Refused("file", refusal.code, refusal.message_th, refusal.message_en) from refusal
        return Response(job_row(own_job(request, job.pk)), status=202)


class ImportDetail(StrictView):
    """ผลการตรวจ หรือผลการนำเข้า."""

    @extend_schema(
        operation_id="imports_retrieve",
        summary="ผลการตรวจหรือนำเข้า · the state and result of a check or a commit",
        responses=JobSerializer,
    )
    def get(self, request: Request, job: int) -> Response:
        return Response(job_row(own_import(request, job, background.CHECK, background.COMMIT)))


class CommitSerializer(StrictSerializer):
    accept_good_rows = serializers.BooleanField(default=False, help_text="นำเข้าเฉพาะแถวที่ผ่าน · leave refused rows out")


class ImportCommit(StrictView):
    """นำเข้าตามผลการตรวจ."""

    @extend_schema(
        operation_id="imports_commit",
        summary="นำเข้าตามผลการตรวจ · land what was checked, within the hour, by the same person",
        request=CommitSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, job: int) -> Response:
        checked = own_import(request, job, background.CHECK)
        body = CommitSerializer.of(request)
        try:
            landing = background.start_commit(checked, request.user, **body.validated_data)
        except MayNotImport as refusal:
            raise MayNot("job", "may_not_import", refusal.message_th, refusal.message_en) from refusal
        except JobRefused as refusal:
            raise NotNow("job", "not_committable", refusal.message_th, refusal.message_en) from refusal
        return Response(job_row(own_job(request, landing.pk)), status=202)
