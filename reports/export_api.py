"""Files for programs: asking for a workbook or a line list, fetching one's own when it is made (reports.exports)."""

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reports import exports, ladder
from schools.answers import FastJSON, StoredFile, StrictView
from schools.api import JobSerializer, job_row, own_job
from schools.models import JobFile
from schools.serializers import StrictSerializer

KINDS = {kind.role: slug for slug, kind in exports.KINDS.items()}


class ExportSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in KINDS])
    unit = serializers.CharField(max_length=40, help_text="like district:P4603")
    purpose = serializers.CharField(
        min_length=exports.SHORTEST_PURPOSE,
        max_length=exports.LONGEST_PURPOSE,
        help_text="what it is for: printed in the file and kept in the trail",
    )
    period = serializers.CharField(
        max_length=20, allow_blank=True, default="", help_text="2565-W09, 2565-02; empty for a line list of now"
    )
    figure = serializers.ChoiceField(
        choices=[(key, key) for key in ladder.KEYS], default="target", help_text="for a line list: whose children"
    )


class ExportNew(StrictView):
    """สั่งทำไฟล์."""

    @extend_schema(
        operation_id="exports_create",
        summary="สั่งทำไฟล์ · ask for a workbook or a line list, made in the background",
        request=ExportSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        said = ExportSerializer.of(request).validated_data
        asked = exports.Request(
            kind=KINDS[said["kind"]],
            unit=said["unit"],
            purpose=said["purpose"],
            period=said["period"],
            figure=said["figure"],
        )
        try:
            job = exports.request_export(asked, person=request.user)
        except exports.ExportRefused as refusal:
            if refusal.status == 404:  # a unit out of reach is as one that does not exist, to the letter (A02)
                raise Http404 from refusal
            raise
        return Response(job_row(own_job(request, job.pk)), status=202)


class Workbook(StoredFile):
    media_type, format = exports.XLSX, "xlsx"


class ExportFile(StrictView):
    """ดาวน์โหลดไฟล์: counted and recorded, three times at most, gone after a day."""

    renderer_classes = [Workbook, FastJSON]

    @extend_schema(
        operation_id="exports_file",
        summary="ดาวน์โหลดไฟล์ · the finished file of one's own export; three times at most, for a day",
        responses={(200, exports.XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, job: int) -> FileResponse:
        found = own_job(request, job, kind__in=exports.KINDS)
        file = next((file for file in found.files.all() if file.folder == JobFile.Folder.EXPORT), None)
        if file is None:
            raise Http404
        file, path = exports.fetch(file.pk, person=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type)
