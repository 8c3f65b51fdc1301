"""People, postings and invitations for programs: the same rules and domain calls as the pages."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from schools import invitations, people_list, postings, roles, tenure
from schools.access import is_fresh, permission
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    StrictView,
    choice,
    id_parameter,
    page_schema,
    paged,
    text_parameter,
)
from schools.models import Person, Posting
from schools.people_rules import may_change, visible_postings
from schools.roles import UNIT_KINDS
from schools.serializers import StrictSerializer

LARGEST_ID = (1 << 63) - 1
POSTING = id_parameter("posting")


class PeopleView(StrictView):
    """What only those may ask who administer people."""

    permission_classes = [IsAuthenticated, permission(roles.ADMINISTER_PEOPLE)]


class PostingSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    person = serializers.CharField(help_text="ชื่อผู้ใช้ · user name")
    name = serializers.CharField()
    role = serializers.CharField()
    unit = serializers.CharField(help_text="like district:P4603")
    unit_name = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="the last day")
    read_only = serializers.BooleanField()
    confirmed_on = serializers.DateField(help_text="when its unit's administrator last answered for it")
    state = serializers.ChoiceField(choices=[(state, state) for state in tenure.STATES])
    may_change = serializers.BooleanField()


def posting_row(row: dict) -> dict[str, Any]:
    """A row of people_list.rows as the API tells it."""
    posting = row["posting"]
    return {
        "id": posting.pk,
        "person": posting.person.username,
        "name": posting.person.get_full_name(),
        "role": posting.role,
        "unit": posting.unit,
        "unit_name": row["unit"],
        "since": posting.since,
        "until": posting.until,
        "read_only": posting.read_only,
        "confirmed_on": posting.confirmed_on,
        "state": row["state"],
        "may_change": row["may_change"],
    }


def _rows(request: Request, postings: Sequence[Posting]) -> list[dict[str, Any]]:
    return [posting_row(row) for row in people_list.rows(postings, request.user)]


def _told(request: Request, posting: Posting) -> dict[str, Any]:
    return _rows(request, [Posting.objects.select_related("person").get(pk=posting.pk)])[0]


def _in_sight(request: Request, posting: int) -> Posting:
    return get_object_or_404(visible_postings(request.user), pk=posting)


def _changeable(request: Request, posting: int) -> Posting:
    found = _in_sight(request, posting)
    if not may_change(request.user, found):
        raise PermissionDenied
    return found


def ask_for_fresh_password(request: Request) -> None:
    """A browser's session gives roles only with the password fresh (AN-09); a token is a credential of its own."""
    if request.auth is None and not is_fresh(request._request):
        raise PermissionDenied("The password was not given within the last ten minutes.")


# ── people and invitations ────────────────────────────────────────────────────────────────────────────────────────────
class InvitedSerializer(serializers.Serializer):
    posting = PostingSerializer()
    new_person = serializers.BooleanField()
    new_posting = serializers.BooleanField()
    link = serializers.CharField(allow_blank=True, help_text="shown this once; works once, for 24 hours")


class InviteSerializer(StrictSerializer):
    username = serializers.CharField(max_length=150)
    first_name = serializers.CharField(max_length=150)
    last_name = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=[(role, role) for role in UNIT_KINDS])
    unit = serializers.CharField(max_length=40, help_text="like school:46990001")
    email = serializers.EmailField(allow_blank=True, default="", max_length=254)
    phone = serializers.RegexField(r"^0[0-9]{8,9}\Z", allow_blank=True, default="")
    since = serializers.DateField(required=False, allow_null=True, default=None, help_text="today if left out")
    until = serializers.DateField(required=False, allow_null=True, default=None, help_text="the last day")
    read_only = serializers.BooleanField(default=False)


class PersonInvite(PeopleView):
    """เชิญผู้ใช้ หรือแต่งตั้งผู้ใช้เดิมเพิ่ม."""

    @extend_schema(
        operation_id="people_create",
        summary="เชิญผู้ใช้ · invite a person, or give a known one a further posting",
        request=InviteSerializer,
        responses={201: InvitedSerializer},
    )
    def post(self, request: Request) -> Response:
        body = InviteSerializer.of(request)
        ask_for_fresh_password(request)
        said = dict(body.validated_data)
        done = invitations.invite(said.pop("username"), by=request.user, **said)
        told = {
            "posting": _told(request, done.posting),
            "new_person": done.is_new_person,
            "new_posting": done.is_new_posting,
            "link": request.build_absolute_uri(invitations.link_path(done.token)) if done.token else "",
        }
        return Response(told, status=201)


class NewLinkSerializer(StrictSerializer):
    person = serializers.CharField(max_length=150, help_text="ชื่อผู้ใช้ · user name")


class LinkSerializer(serializers.Serializer):
    link = serializers.CharField(help_text="shown this once; works once, for 24 hours")


class InvitationNew(PeopleView):
    """ออกลิงก์ใหม่."""

    @extend_schema(
        operation_id="invitations_create",
        summary="ออกลิงก์เชิญใหม่ · a new link for somebody invited; earlier links stop working",
        request=NewLinkSerializer,
        responses={201: LinkSerializer},
    )
    def post(self, request: Request) -> Response:
        body = NewLinkSerializer.of(request)
        wanted = body.validated_data["person"]
        posting = visible_postings(request.user).filter(person__username__iexact=wanted).first()
        if posting is None:
            raise Http404
        ask_for_fresh_password(request)
        token = invitations.issue_link(Person.objects.get(pk=posting.person_id), by=request.user)
        return Response({"link": request.build_absolute_uri(invitations.link_path(token))}, status=201)


# ── postings ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class PostingList(PeopleView):
    """ผู้ใช้ในความดูแล."""

    known_parameters = PAGE_PARAMETERS | {"q", "unit", "role", "state"}

    @extend_schema(
        operation_id="postings_list",
        summary="ผู้ใช้ในความดูแล · the people one administers, a row a posting",
        parameters=[
            text_parameter("q", "ชื่อหรือชื่อผู้ใช้", "name or user name"),
            text_parameter("unit", "อยู่ภายในหน่วยงานนี้", "in this unit or below"),
            text_parameter("role", "บทบาท", "role", enum=UNIT_KINDS),
            text_parameter("state", "สถานะ", "state", enum=tenure.STATES),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("PostingPage", PostingSerializer),
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        choice(request, "role", UNIT_KINDS)
        choice(request, "state", tenure.STATES)
        narrow = {name: asked[name] for name in ("q", "unit", "role", "state") if name in asked}
        rows = people_list.narrowed(request.user, **narrow)
        return paged(request, rows, "pk", tell=lambda found: _rows(request, found))


class PostingChangeSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=[(role, role) for role in UNIT_KINDS], required=False)
    until = serializers.DateField(required=False, allow_null=True, help_text="the last day; null leaves it open")
    read_only = serializers.BooleanField(required=False)


class PostingDetail(PeopleView):
    """ตำแหน่งเดียว."""

    @extend_schema(
        operation_id="postings_retrieve",
        summary="ตำแหน่ง · one posting",
        parameters=[POSTING],
        responses=PostingSerializer,
    )
    def get(self, request: Request, posting: int) -> Response:
        return Response(_told(request, _in_sight(request, posting)))

    @extend_schema(
        operation_id="postings_change",
        summary="แก้ตำแหน่ง · another role in the same unit, another last day, read-only or not",
        parameters=[POSTING],
        request=PostingChangeSerializer,
        responses=PostingSerializer,
    )
    def patch(self, request: Request, posting: int) -> Response:
        found = _changeable(request, posting)
        body = PostingChangeSerializer.of(request)
        ask_for_fresh_password(request)
        stands = {"role": found.role, "until": found.until, "read_only": found.read_only}
        changed = postings.change(found, **(stands | body.validated_data), by=request.user)
        return Response(_told(request, changed))


class PostingEndSerializer(StrictSerializer):
    on = serializers.DateField(required=False, allow_null=True, default=None, help_text="the last day; empty: now")


class PostingEnd(PeopleView):
    """สิ้นสุดตำแหน่ง."""

    @extend_schema(
        operation_id="postings_end",
        summary="สิ้นสุดตำแหน่ง · end a posting now or on a day",
        parameters=[POSTING],
        request=PostingEndSerializer,
        responses=PostingSerializer,
    )
    def post(self, request: Request, posting: int) -> Response:
        found = _changeable(request, posting)
        body = PostingEndSerializer.of(request)
        return Response(_told(request, postings.end(found, by=request.user, on=body.validated_data["on"])))


class ConfirmSerializer(StrictSerializer):
    postings = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST_ID), min_length=1, max_length=500
    )


class ConfirmedSerializer(serializers.Serializer):
    confirmed = serializers.IntegerField(help_text="how many of them were due")


class PostingConfirm(PeopleView):
    """ยืนยันตำแหน่งประจำปี."""

    @extend_schema(
        operation_id="postings_confirm",
        summary="ยืนยันตำแหน่งประจำปี · answer for postings for this fiscal year, all or none",
        request=ConfirmSerializer,
        responses=ConfirmedSerializer,
    )
    def post(self, request: Request) -> Response:
        body = ConfirmSerializer.of(request)
        wanted = set(body.validated_data["postings"])
        found = list(visible_postings(request.user).filter(pk__in=wanted))
        if len(found) < len(wanted):
            raise Http404
        return Response({"confirmed": postings.confirm(found, by=request.user)})
