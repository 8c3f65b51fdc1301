"""Requests and transfers for programs: what waits, what was asked, and the answer (cases.requests, cases.answering)."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cases import answering, requests
from cases.api import choice
from cases.codes import Remedy, RequestKind, RequestState
from cases.deeds.body import body_of, valid_form
from cases.models import Request
from schools import audit, roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    StrictView,
    page,
    page_schema,
    read_cursor,
    read_page_size,
    text_parameter,
    write_cursor,
)
from schools.scope import posting_for

ID = OpenApiParameter("pk", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH, description="id")
LISTS = ("waiting", "asked")
RELATED = (*answering.RELATED, "case__department")


class RequestSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.CharField(allow_null=True, help_text="its number; null for who asked about a child out of scope")
    name = serializers.CharField(allow_null=True, help_text="null for those who may not see names")
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    state = serializers.ChoiceField(choices=RequestState.choices)
    from_unit = serializers.CharField()
    to_unit = serializers.CharField(allow_null=True, help_text="where it waits, or was answered; null as `case`")
    asked_at = serializers.DateTimeField()
    since = serializers.DateTimeField(help_text="since when it waits there")
    due_at = serializers.DateTimeField(allow_null=True, help_text="then the level above is asked")
    escalated = serializers.BooleanField()
    answered_at = serializers.DateTimeField(allow_null=True)


class RequestFileSerializer(RequestSerializer):
    asks = serializers.CharField(allow_blank=True, help_text="what granting would do, in the reader's language")
    reason = serializers.CharField(allow_null=True, help_text="null for those who may not read what was written")
    answer = serializers.CharField(allow_null=True)
    pictures = serializers.IntegerField(help_text="how many pictures prove it")
    round = serializers.IntegerField(allow_null=True, help_text="of an escalation: which round of help it is")
    does = serializers.ChoiceField(
        choices=Remedy.choices,
        allow_null=True,
        help_text="of an escalation: what the level above does; help is not the end",
    )
    may_answer = serializers.BooleanField()
    may_recall = serializers.BooleanField()


def _row(asked: Request, person) -> dict[str, Any]:
    plain = [name for name in RequestSerializer().fields if name not in ("case", "name")]
    named = posting_for(person, roles.SEE_NAMES, asked.case) is not None
    about = {"case": asked.case.number, "name": str(asked.case.child) if named else None}
    if requests.unknown(asked, person):
        about = {"case": None, "name": None, "to_unit": None}
    return {name: getattr(asked, name) for name in plain} | about


def _file(asked: Request, person) -> dict[str, Any]:
    waits, written = asked.state == RequestState.WAITING, answering.reads(asked, person)
    return _row(asked, person) | {
        "asks": answering.asks(asked),
        "reason": asked.reason if written else None,
        "answer": asked.answer if written else None,
        "pictures": asked.pictures.count(),
        "round": asked.details.get("round"),
        "does": asked.details.get("does"),
        "may_answer": waits and requests.answering(asked, person) is not None,
        "may_recall": waits and asked.asked_by_id == person.pk,
    }


FILTERS = [
    text_parameter("list", "waiting: รอท่านพิจารณา, asked: ท่านส่ง", "waiting for you, asked by you", enum=LISTS),
    text_parameter("state", "สถานะ", "state", enum=RequestState.values),
]


class RequestList(StrictView):
    """อนุมัติ: the newest first."""

    known_parameters = PAGE_PARAMETERS | {"list", "state", "kind"}

    @extend_schema(
        operation_id="requests_list",
        summary="คำขอ · requests you may read: of the cases in scope, put to you, or asked by you",
        parameters=[
            *FILTERS,
            text_parameter("kind", "เรื่อง", "what is asked", enum=RequestKind.values),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("RequestPage", RequestSerializer),
    )
    def get(self, request) -> Response:
        size, place = read_page_size(request), read_cursor(request, int)
        rows = self.asked(request)
        if place:
            rows = rows.filter(pk__lt=place[0])
        found = list(rows.select_related(*RELATED).order_by("-pk")[: size + 1])
        cursor = write_cursor(found[size - 1].pk) if len(found) > size else ""
        return Response(page(request, [_row(one, request.user) for one in found[:size]], cursor))

    def asked(self, request) -> QuerySet[Request]:
        """What the parameters say, of what the person may read. Raises Refused."""
        which, state = choice(request, "list", LISTS), choice(request, "state", RequestState.values)
        kind = choice(request, "kind", RequestKind.values)
        person = request.user
        rows = requests.waiting_for(person) if which == "waiting" else requests.visible_to(person)
        rows = rows.filter(asked_by=person) if which == "asked" else rows
        wanted = {name: value for name, value in (("state", state), ("kind", kind)) if value}
        return rows.filter(**wanted)


class TransferList(RequestList):
    """ขอโอนหน่วยงานรับผิดชอบ: the requests of that kind."""

    known_parameters = PAGE_PARAMETERS | {"list", "state"}

    @extend_schema(
        operation_id="transfers_list",
        summary="คำขอโอน · transfers asked for; answered like other requests, at requests/{id}/answer/",
        parameters=[*FILTERS, *CURSOR_PARAMETERS],
        responses=page_schema("TransferPage", RequestSerializer),
    )
    def get(self, request) -> Response:
        return super().get(request)

    def asked(self, request) -> QuerySet[Request]:
        return super().asked(request).filter(kind=RequestKind.TRANSFER)


def _in_reach(request, pk: int) -> Request:
    found = requests.visible_to(request.user).select_related(*RELATED).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


class RequestDetail(StrictView):
    """One request. Looking is recorded."""

    @extend_schema(
        operation_id="requests_retrieve",
        summary="คำขอหนึ่งเรื่อง · one request, with what was written for those who may read it; looking is recorded",
        parameters=[ID],
        responses=RequestFileSerializer,
    )
    def get(self, request, pk: int) -> Response:
        asked = _in_reach(request, pk)
        about = requests.in_trail(asked, request.user)
        audit.record(audit.VIEW_CASE, person=request.user, request=asked.pk, **about)
        return Response(_file(asked, request.user))


AnswerBody = body_of("RequestAnswer", answering.AnswerForm.base_fields)


class RequestAnswered(StrictView):
    """Grant, refuse or recall."""

    @extend_schema(
        operation_id="requests_answer",
        summary="ตอบคำขอ · answer a request: grant, refuse (with a reason) or recall",
        parameters=[ID],
        request=AnswerBody,
        responses=RequestSerializer,
    )
    def post(self, request, pk: int) -> Response:
        asked = _in_reach(request, pk)
        form = valid_form(answering.AnswerForm, AnswerBody(data=request.data), kind=asked.kind)
        answering.answer(asked, person=request.user, **form.cleaned_data)
        now = Request.objects.select_related(*RELATED).get(pk=pk)
        return Response(_row(now, request.user))
