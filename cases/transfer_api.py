"""ขอโอน for programs: asked with a destination, listed as on the routing desk, answered and recalled."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from cases import desk, transfers
from cases.api import ActSerializer
from cases.codes import RequestKind
from cases.deed_api import case_to_act
from cases.models import Request
from cases.request_api import (
    ID,
    STATE,
    AnswerBody,
    RequestAnswered,
    RequestDetail,
    RequestFileSerializer,
    RequestList,
    RequestSerializer,
    RequestView,
    told_in_full,
)
from schools.answers import CURSOR_PARAMETERS, PAGE_PARAMETERS, page_schema, text_parameter
from schools.api import unit_said
from schools.serializers import StrictSerializer

OF_TRANSFERS = (RequestKind.TRANSFER,)
LISTS = {"incoming": desk.incoming, "outgoing": desk.outgoing, "unanswered": desk.unanswered}


class AskTransferSerializer(ActSerializer):
    case = serializers.CharField(max_length=9, help_text="the number of the case")
    to = serializers.CharField(
        max_length=40,
        help_text="district:P4601, school:46990002 or tray:46-lao of the same province; province:81: the child was "
        "found there, and the centre is asked to send the case on",
    )
    reason = serializers.CharField(min_length=5, max_length=1000)


class TransferList(RequestList):
    """ขอโอนหน่วยงานรับผิดชอบ: what comes in, what was sent out, what nobody answered."""

    known_parameters = PAGE_PARAMETERS | {"list", "state"}
    lists = LISTS

    @extend_schema(
        operation_id="transfers_list",
        summary="คำขอโอน · transfers asked for",
        parameters=[
            text_parameter(
                "list",
                "incoming: รอท่านรับ, outgoing: หน่วยงานท่านส่ง, unanswered: ไม่มีคำตอบ",
                "waiting for you, sent by your units and waiting, of both what is overdue or climbed",
                enum=LISTS,
            ),
            STATE,
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("TransferPage", RequestSerializer),
    )
    def get(self, request) -> Response:
        return super().get(request)

    def asked(self, request) -> QuerySet[Request]:
        return super().asked(request).filter(kind__in=OF_TRANSFERS)

    @extend_schema(
        operation_id="transfers_create",
        summary="ขอโอนหน่วยงานรับผิดชอบ · ask another unit to take a case; it counts where it is until accepted",
        request=AskTransferSerializer,
        responses={201: RequestFileSerializer},
    )
    def post(self, request) -> Response:
        said = AskTransferSerializer.of(request).validated_data
        number, to = said.pop("case"), said.pop("to")
        far = to.startswith("province:")
        case = case_to_act(request, number, "send_to_centre" if far else "request_transfer")
        try:
            if far:
                province = unit_said("to", to, "province").row
                asked = transfers.send_to_centre(case, person=request.user, province=province, **said)
            else:
                asked = transfers.request_transfer(case, person=request.user, to=to, **said)
        except transfers.TransferRefused as refusal:
            refusal.field = "to"
            raise
        return Response(told_in_full(request, asked), status=201)


@extend_schema_view(
    get=extend_schema(operation_id="transfers_retrieve", summary="คำขอโอนหนึ่งเรื่อง · one transfer; looking is recorded")
)
class TransferDetail(RequestDetail):
    """One transfer. Looking is recorded."""

    kinds = OF_TRANSFERS


@extend_schema_view(
    post=extend_schema(
        operation_id="transfers_answer",
        summary="ตอบคำขอโอน · answer a transfer: grant, refuse (with a reason) or pass_on to another unit",
        request=AnswerBody,
    )
)
class TransferAnswered(RequestAnswered):
    """รับ, ไม่รับ or ส่งต่อ."""

    kinds = OF_TRANSFERS


class RecallTransferSerializer(StrictSerializer):
    answer = serializers.CharField(max_length=2000, allow_blank=True, default="", help_text="why")


class TransferRecalled(RequestView):
    """เรียกคืน, by the unit that asked."""

    kinds = OF_TRANSFERS

    @extend_schema(
        operation_id="transfers_recall",
        summary="เรียกคืนคำขอโอน · take a transfer back before it is answered",
        parameters=[ID],
        request=RecallTransferSerializer,
        responses=RequestSerializer,
    )
    def post(self, request, pk: int) -> Response:
        asked = self.in_reach(pk)
        said = RecallTransferSerializer.of(request).validated_data
        return self.answered(asked, decision="recall", **said)
