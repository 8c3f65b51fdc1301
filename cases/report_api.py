"""แจ้งพบเด็ก for programs: the check, the report, a word to those who have the child. Numbers stand in bodies alone."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import identity as numbers
from cases import reporting
from cases.cards import name_of
from cases.codes import RequestState
from cases.models import Case
from cases.reporting import Found, Identity
from schools import clock
from schools.answers import Refused, StrictView
from schools.api import unit_said
from schools.models import Province
from schools.places import BadPlace, Places
from schools.serializers import StrictSerializer
from schools.thaitime import bangkok_date


def _text(longest: int, **more) -> serializers.CharField:
    return serializers.CharField(max_length=longest, allow_blank=True, default="", **more)


class IdentitySerializer(StrictSerializer):
    identifier = _text(40, help_text="national ID or G-code")
    birth_date = serializers.DateField(required=False, allow_null=True, default=None)
    first_name = serializers.CharField(max_length=120)
    last_name = _text(120)

    def identity(self) -> Identity:
        """Raises cases.identity.BadIdentifier, Refused."""
        said = self.validated_data
        born = said["birth_date"]
        if born is not None and born > bangkok_date(clock.now()):
            raise Refused("birth_date", "V01", "วันเกิดอยู่ในอนาคต", "The birth date is in the future.")
        return Identity(
            number=numbers.parse_identifier(said["identifier"]),
            birth_date=born,
            first_name=said["first_name"],
            last_name=said["last_name"],
        )


class NewReportSerializer(IdentitySerializer):
    is_new = serializers.BooleanField(default=False, help_text="none of the cases of the same name is this child")
    unit = _text(40, help_text="in whose name, where the person reports for several units")
    found = serializers.BooleanField(default=True, help_text="false: only heard of")
    on = serializers.DateField(required=False, allow_null=True, default=None, help_text="today if left out")
    sex = serializers.ChoiceField(choices=["", "M", "F"], default="")
    last_grade = _text(40)
    guardian_name = _text(200)
    guardian_phone = _text(40)
    house_no = _text(60)
    moo = _text(10)
    tambon = _text(80)
    amphoe = _text(80)
    province = _text(40, help_text="province:46")
    situation = _text(2000)
    reporter_name = _text(200, help_text="confidential: never given out by the API")
    reporter_phone = _text(40)
    relation = _text(100)

    def said(self) -> Found:
        """Raises Refused for a place that there is not."""
        said = self.validated_data
        if said["on"] is not None and said["on"] > bangkok_date(clock.now()):
            raise Refused("on", "V01", "วันที่พบอยู่ในอนาคต", "The day is in the future.")
        return Found(
            identity=self.identity(),
            **_place(said),
            **{name: said[name] for name in _PLAIN},
        )


_PLAIN = ("found", "on", "sex", "last_grade", "guardian_name", "guardian_phone", "house_no", "moo", "situation")
_PLAIN += ("reporter_name", "reporter_phone", "relation")


def _place(said: dict[str, Any]) -> dict[str, int | None]:
    province: Province | None = unit_said("province", said["province"], "province").row if said["province"] else None
    if not (said["amphoe"] or said["tambon"]):
        return {"province_id": province.pk if province else None}
    place = Places.load().find(province.name_th if province else "", said["amphoe"], said["tambon"])
    if isinstance(place, BadPlace):
        field = {"จังหวัด": "province", "อำเภอ": "amphoe", "ตำบล": "tambon"}[place.column]
        raise Refused(field, "place", place.message_th, place.message_en)
    return {"province_id": place.province_id, "amphoe_id": place.amphoe_id, "tambon_id": place.tambon_id}


class KnownCaseSerializer(serializers.Serializer):
    number = serializers.CharField()
    name = serializers.CharField()


class KnownSerializer(serializers.Serializer):
    inside = KnownCaseSerializer(many=True, help_text="cases in the asker's scope")
    sure = serializers.BooleanField(help_text="the number is that of the one case inside")
    elsewhere = serializers.BooleanField(help_text="มีอยู่ในระบบ: exact number and birth date, outside the scope")


class ChildCheck(StrictView):
    """ตรวจว่าเด็กมีในระบบหรือไม่."""

    @extend_schema(
        operation_id="children_check",
        summary="ตรวจว่าเด็กมีในระบบหรือไม่ · is the child known? counted a day and recorded",
        request=IdentitySerializer,
        responses=KnownSerializer,
    )
    def post(self, request: Request) -> Response:
        body = IdentitySerializer.of(request)
        known = reporting.check_identity(body.identity(), person=request.user)
        inside = [{"number": case.number, "name": name_of(case, request.user)} for case in (*known.sure, *known.alike)]
        return Response({"inside": inside, "sure": bool(known.sure), "elsewhere": known.elsewhere})


class ReportedSerializer(serializers.Serializer):
    number = serializers.CharField(allow_null=True, help_text="of the new case; null for those who may not see it")


class Children(StrictView):
    """แจ้งพบเด็ก."""

    @extend_schema(
        operation_id="children_report",
        summary="แจ้งพบเด็ก · register a child no list names; 409 where the child is known",
        request=NewReportSerializer,
        responses={201: ReportedSerializer},
    )
    def post(self, request: Request) -> Response:
        body = NewReportSerializer.of(request)
        postings = reporting.reporting_postings(request.user)
        unit = body.validated_data["unit"]
        posting = next((one for one in postings if one.unit == unit), None)
        if unit and postings and posting is None:
            raise Refused("unit", "X59", "ท่านไม่ได้แจ้งในนามหน่วยงานนี้", "You do not report for this unit.")
        is_new = body.validated_data["is_new"]
        case = reporting.report_child(body.said(), person=request.user, posting=posting, is_new=is_new)
        sees = Case.objects.visible_to(request.user).filter(pk=case.pk).exists()
        return Response({"number": case.number if sees else None}, status=201)


class AskSerializer(IdentitySerializer):
    reason = serializers.CharField(min_length=10, max_length=2000)


class AskedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in RequestState])


class ChildAsk(StrictView):
    """A word to those who have the child; no name, no unit."""

    @extend_schema(
        operation_id="children_ask",
        summary="ส่งเรื่องถึงผู้ดูแลเด็กที่มีอยู่ในระบบ · tell those who have the child, and ask to be called back",
        request=AskSerializer,
        responses={201: AskedSerializer},
    )
    def post(self, request: Request) -> Response:
        body = AskSerializer.of(request)
        asked = reporting.request_known(body.identity(), person=request.user, reason=body.validated_data["reason"])
        return Response({"id": asked.pk, "state": asked.state}, status=201)
