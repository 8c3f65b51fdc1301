"""Handing over for programs: the same domain call as the page."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import handover, routing
from schools import roles
from schools.answers import Refused, StrictView
from schools.models import Person, School
from schools.scope import posting_for
from schools.serializers import StrictSerializer


class HandOverSerializer(StrictSerializer):
    school = serializers.RegexField(r"^school:[0-9]{8,10}\Z", help_text="school:46990001")
    from_person = serializers.CharField(max_length=150, help_text="ชื่อผู้ใช้ของผู้ที่ย้าย · the user name of who leaves")
    to_person = serializers.CharField(
        max_length=150,
        allow_blank=True,
        default="",
        help_text="ชื่อผู้ใช้ของผู้รับช่วง · of the successor; empty: back to the school, to be named anew",
    )


class HandedOverSerializer(serializers.Serializer):
    cases = serializers.ListField(child=serializers.CharField(), help_text="numbers of the cases that changed hands")


class HandOver(StrictView):
    """ส่งมอบงานเมื่อย้าย."""

    @extend_schema(
        operation_id="hand_overs_create",
        summary="ส่งมอบงาน · give somebody's open cases at a school to a successor, or back to the school",
        request=HandOverSerializer,
        responses=HandedOverSerializer,
    )
    def post(self, request: Request) -> Response:
        said = HandOverSerializer.of(request).validated_data
        code = said["school"].partition(":")[2]
        school = School.objects.select_related("district", "province").filter(code=code).first()
        if school is None or posting_for(request.user, roles.SEE_CASES, routing.SchoolPlace(school)) is None:
            raise Http404
        handover.refuse_strangers(request.user, school)
        leaving = Person.objects.filter(username=said["from_person"], responsible_cases__school=school).first()
        if leaving is None:
            raise Refused(
                "from_person",
                "from_person",
                "คนนี้ไม่ได้รับผิดชอบเด็กของโรงเรียนนี้",
                "This person is responsible for no child of the school.",
            )
        moved = handover.hand_over_cases(leaving, _successor(school, said["to_person"]), school, person=request.user)
        return Response({"cases": [case.number for case in moved]})


def _successor(school: School, username: str) -> Person | None:
    if not username:
        return None
    found = next((one for one in routing.teachers_of(school) if one.username == username), None)
    if found is None:
        raise Refused("to_person", "to_person", "ไม่พบครูชื่อผู้ใช้นี้ที่โรงเรียน", "Nobody of this user name is at the school.")
    return found
