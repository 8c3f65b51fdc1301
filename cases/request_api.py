"""Requests for programs: what waits, what was asked, its evidence, and the answer (cases.requests, cases.answering).

Who may not learn whose case it is (requests.unknown, AZ-07) is told neither its number nor where it is.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cases import answering, pictures, requests
from cases.codes import Remedy, RequestKind, RequestState
from cases.deeds.body import body_of, valid_form
from cases.models import Request
from schools import audit, roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    FastJSON,
    PictureFile,
    StrictView,
    choice,
    id_parameter,
    page_schema,
    paged,
    text_parameter,
)
from schools.models import Person
from schools.scope import posting_for

ID = id_parameter()
RELATED = (
    *answering.RELATED,
    "case__department",
    "case__child__tambon",
    "case__child__amphoe",
    "case__child__province",
)


class RequestSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.CharField(allow_null=True, help_text="its number; null for those who may not learn whose it is")
    name = serializers.CharField(allow_null=True, help_text="null for those who may not see names")
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    state = serializers.ChoiceField(choices=RequestState.choices)
    from_unit = serializers.CharField()
    to_unit = serializers.CharField(allow_null=True, help_text="where it waits, or was answered")
    destination = serializers.CharField(
        allow_null=True, help_text="of a transfer: where the child is to go, or went; a province while it is so far"
    )
    asked_at = serializers.DateTimeField()
    since = serializers.DateTimeField(help_text="since when it waits there")
    due_at = serializers.DateTimeField(allow_null=True, help_text="then the level above is asked")
    escalated = serializers.BooleanField()
    answered_at = serializers.DateTimeField(allow_null=True)


class EvidenceSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    size = serializers.IntegerField(help_text="bytes")
    url = serializers.CharField(help_text="looking is recorded")


class ToTakeSerializer(serializers.Serializer):
    age = serializers.CharField(allow_blank=True)
    grade = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True, help_text="empty for a child who is not safe")


class RequestFileSerializer(RequestSerializer):
    asks = serializers.CharField(allow_blank=True, help_text="what granting would do, in the reader's language")
    reason = serializers.CharField(allow_null=True, help_text="null for those who may not read what was written")
    answer = serializers.CharField(allow_null=True)
    pictures = EvidenceSerializer(many=True, help_text="what proves it; none for those who may not read the reason")
    to_take = ToTakeSerializer(allow_null=True, help_text="of a transfer, for who answers it: enough to decide")
    round = serializers.IntegerField(allow_null=True, help_text="of an escalation: which round of help it is")
    does = serializers.ChoiceField(
        choices=Remedy.choices,
        allow_null=True,
        help_text="of an escalation: what the level above does; help is not the end",
    )
    may_answer = serializers.BooleanField()
    may_recall = serializers.BooleanField()


def _row(asked: Request, person: Person) -> dict[str, Any]:
    told = {name: getattr(asked, name) for name in RequestSerializer().fields if name not in _TOLD}
    hidden = requests.unknown(asked, person)
    named = posting_for(person, roles.SEE_NAMES, asked.case) is not None or answering.named_at_desk(asked, person)
    return told | {
        "case": None if hidden else asked.case.number,
        "name": str(asked.case.child) if named else None,
        "to_unit": None if hidden else asked.to_unit,
        "destination": _destination(asked.details),
    }


_TOLD = ("case", "name", "to_unit", "destination")


def _destination(details: dict[str, Any]) -> str | None:
    return details.get("to") or (f"province:{details['province']}" if details.get("province") else None)


def told_in_full(request, asked: Request) -> dict[str, Any]:
    """One request as RequestFileSerializer describes it."""
    person, waits = request.user, asked.state == RequestState.WAITING
    written = answering.reads(asked, person)
    answers = waits and requests.answering(asked, person) is not None
    return _row(asked, person) | {
        "asks": answering.asks(asked),
        "reason": asked.reason if written else None,
        "answer": asked.answer if written else None,
        "pictures": [_evidence(request, asked, picture) for picture in asked.pictures.all()] if written else [],
        "to_take": answering.child_to_take(asked) if answers and asked.kind == RequestKind.TRANSFER else None,
        "round": asked.details.get("round"),
        "does": asked.details.get("does"),
        "may_answer": answers,
        "may_recall": waits and requests.recalling(asked, person) is not None,
    }


def _evidence(request, asked: Request, picture) -> dict[str, Any]:
    where = reverse("api:request_picture", args=[asked.pk, picture.pk])
    kept = {name: getattr(picture, name) for name in ("width", "height", "size")}
    return {"id": picture.pk, **kept, "url": request.build_absolute_uri(where)}


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
STATE = text_parameter("state", "สถานะ", "state", enum=RequestState.values)


class RequestList(StrictView):
    """อนุมัติ: the newest first."""

    known_parameters = PAGE_PARAMETERS | {"list", "state", "kind"}
    lists: dict[str, Callable[[Person], QuerySet[Request]]] = {
        "waiting": requests.waiting_for,
        "asked": lambda person: requests.visible_to(person).filter(asked_by=person),
    }

    @extend_schema(
        operation_id="requests_list",
        summary="คำขอ · requests you may read: of the cases in scope, put to you, or asked by you",
        parameters=[
            text_parameter("list", "waiting: รอท่านพิจารณา, asked: ท่านส่ง", "waiting for you, asked by you", enum=lists),
            STATE,
            text_parameter("kind", "เรื่อง", "what is asked", enum=RequestKind.values),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("RequestPage", RequestSerializer),
    )
    def get(self, request) -> Response:
        rows = self.asked(request).select_related(*RELATED)
        return paged(request, rows, "-pk", tell=lambda found: [_row(one, request.user) for one in found])

    def asked(self, request) -> QuerySet[Request]:
        """What the parameters say, of what the person may read. Raises Refused."""
        rows = self.lists.get(choice(request, "list", self.lists), requests.visible_to)(request.user)
        wanted = {"state": choice(request, "state", RequestState.values)}
        wanted["kind"] = choice(request, "kind", RequestKind.values)
        return rows.filter(**{name: value for name, value in wanted.items() if value})


# ── one request ───────────────────────────────────────────────────────────────────────────────────────────────────────
class RequestView(StrictView):
    """What is asked of one request; `kinds` narrows which there are at this address."""

    kinds = tuple(RequestKind)

    def in_reach(self, pk: int) -> Request:
        """The request if this person may read it; else 404."""
        rows = requests.visible_to(self.request.user).filter(kind__in=self.kinds)
        return get_object_or_404(rows.select_related(*RELATED), pk=pk)

    def answered(self, asked: Request, **said) -> Response:
        answering.answer(asked, person=self.request.user, **said)
        return Response(_row(Request.objects.select_related(*RELATED).get(pk=asked.pk), self.request.user))


class RequestDetail(RequestView):
    """One request. Looking is recorded."""

    @extend_schema(
        operation_id="requests_retrieve",
        summary="คำขอหนึ่งเรื่อง · one request, with what was written for those who may read it; looking is recorded",
        parameters=[ID],
        responses=RequestFileSerializer,
    )
    def get(self, request, pk: int) -> Response:
        asked = self.in_reach(pk)
        about = requests.in_trail(asked, request.user)
        audit.record(audit.VIEW_CASE, person=request.user, request=asked.pk, **about)
        return Response(told_in_full(request, asked))


class RequestPictureFile(RequestView):
    """One picture of the evidence, for those who may read the request's words; looking is recorded."""

    renderer_classes = [PictureFile, FastJSON]

    @extend_schema(
        operation_id="requests_picture",
        summary="รูปหลักฐานของคำขอ · a picture that proves a request; looking is recorded",
        parameters=[ID, id_parameter("picture")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request, pk: int, picture: int) -> FileResponse:
        return pictures.of_request(self.in_reach(pk), picture, person=request.user)


AnswerBody = body_of("RequestAnswer", answering.AnswerForm.base_fields)


class RequestAnswered(RequestView):
    """Grant, refuse, pass on or recall."""

    @extend_schema(
        operation_id="requests_answer",
        summary="ตอบคำขอ · answer a request: grant, refuse (with a reason), pass_on (a transfer) or recall",
        parameters=[ID],
        request=AnswerBody,
        responses=RequestSerializer,
    )
    def post(self, request, pk: int) -> Response:
        asked = self.in_reach(pk)
        form = valid_form(answering.AnswerForm, AnswerBody(data=request.data), kind=asked.kind)
        return self.answered(asked, **form.cleaned_data)
