"""Returns for programs: standing claims and confirmed returns, and who is to be asked after at school, by the day.

Of cases in scope, and of children received by a school of one's own, of whom no more is told than cases.receiving
shows. What is done with them is posted to the case (cases.deed_api).
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cases.codes import OBSERVED, RECEIVED, EnrolmentRoute, Stage
from cases.lifecycle import progress_of
from cases.listing import REACHED, STAGES
from cases.models import Case
from cases.progress import MILESTONES, Progress
from cases.queues import SOON
from cases.receiving import RELATED
from cases.survivors import masks_of
from schools import clock, roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    StrictView,
    choice,
    page_schema,
    paged,
    text_parameter,
)
from schools.models import Person
from schools.scope import posting_for

SIDES = ("sent", "received")
STATES = ("claimed", "confirmed")
DUE = ("overdue", "soon")


class EnrolmentRowSerializer(serializers.Serializer):
    number = serializers.CharField(help_text="of the case")
    name = serializers.CharField(allow_null=True, help_text="null for those who may not see names")
    identifier = serializers.CharField(allow_null=True, help_text="masked, always")
    stage = serializers.ChoiceField(choices=[(STAGES[stage], STAGES[stage]) for stage in RECEIVED])
    reached = serializers.ChoiceField(choices=[(text, text) for text in REACHED.values()])
    route = serializers.ChoiceField(choices=EnrolmentRoute.choices)
    school = serializers.CharField(allow_null=True, help_text="school:46990001, where it is a school of ours")
    grade = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(help_text="since when the child is said to be there")
    confirmed_at = serializers.DateTimeField(allow_null=True)
    waits = serializers.BooleanField(help_text="for the receiving side's word")
    unit = serializers.CharField(help_text="the responsible unit")
    due_at = serializers.DateTimeField(allow_null=True)


class FollowUpRowSerializer(EnrolmentRowSerializer):
    day = serializers.IntegerField(allow_null=True, help_text="60, 120, 180 or 240 days after the confirmation")
    was_absent = serializers.BooleanField(help_text="at the last follow-up")


def returns(person: Person, side: str) -> QuerySet[Case]:
    """The returns `person` may see, of one side or both."""
    sent, received = Case.objects.visible_to(person), Case.objects.received_by(person)
    found = {"sent": sent, "received": received}.get(side, sent | received)
    return found.filter(stage__in=RECEIVED)


def _rows(cases: Sequence[Case], person: Person, *, watched: bool = False) -> list[dict[str, Any]]:
    """In a fixed number of queries: the facts, the masks, who was received. `watched`: with the follow-up to come."""
    keys = [case.pk for case in cases]
    received = set(Case.objects.received_by(person).filter(pk__in=keys).values_list("pk", flat=True))
    named = received | {case.pk for case in cases if posting_for(person, roles.SEE_NAMES, case)}
    masks = masks_of([case.child_id for case in cases if case.pk in named])
    known = progress_of(cases)
    rows = [_row(case, known[case.pk], masks, named=case.pk in named) for case in cases]
    if watched:
        rows = [row | _watched(known[case.pk]) for row, case in zip(rows, cases, strict=True)]
    return rows


def _row(case: Case, known: Progress, masks: dict[int, str], *, named: bool) -> dict[str, Any]:
    said = known.entry()
    district = f"{'tray' if case.district.kind == 'tray' else 'district'}:{case.district.code}"
    return {
        "number": case.number,
        "name": str(case.child) if named else None,
        "identifier": masks.get(case.child_id) if named else None,
        "stage": STAGES[case.stage],
        "reached": REACHED[case.reached],
        "route": said.route or EnrolmentRoute.FROM_LIST,
        "school": f"school:{case.enrolled_school.code}" if case.enrolled_school else None,
        "grade": known.grade(),
        "since": said.at,
        "confirmed_at": known.confirmed_at,
        "waits": case.stage == Stage.RETURNED_CLAIMED or known.handed_over is not None,
        "unit": f"school:{case.school.code}" if case.school else district,
        "due_at": case.due_at,
    }


def _watched(known: Progress) -> dict[str, Any]:
    waits = known.confirmed_at is not None and known.handed_over is None and known.passed < len(MILESTONES)
    return {"day": MILESTONES[known.passed].days if waits else None, "was_absent": known.absent_at is not None}


SIDE = text_parameter("side", "sent: ของหน่วยงานท่าน, received: รับกลับเข้าเรียน", "sent or received by you", enum=SIDES)


class EnrolmentList(StrictView):
    """แจ้งกลับเข้าเรียน: what is claimed and what is confirmed, in the order of registration."""

    known_parameters = PAGE_PARAMETERS | {"side", "state"}

    @extend_schema(
        operation_id="enrolments_list",
        summary="การกลับเข้าเรียน · returns claimed and confirmed, of the cases in scope and of children you received",
        parameters=[SIDE, text_parameter("state", "สถานะ", "state", enum=STATES), *CURSOR_PARAMETERS],
        responses=page_schema("EnrolmentPage", EnrolmentRowSerializer),
    )
    def get(self, request) -> Response:
        stages = {"claimed": [Stage.RETURNED_CLAIMED], "confirmed": OBSERVED, "": RECEIVED}
        found = returns(request.user, choice(request, "side", SIDES))
        found = found.filter(stage__in=stages[choice(request, "state", STATES)])
        found = found.select_related(*RELATED, "province")
        return paged(request, found, "pk", tell=lambda cases: _rows(cases, request.user))


class FollowUpList(StrictView):
    """ติดตามหลังกลับเข้าเรียน: who is to be asked after, the most urgent first."""

    known_parameters = PAGE_PARAMETERS | {"side", "due"}

    @extend_schema(
        operation_id="follow_ups_list",
        summary="กำหนดติดตามหลังกลับเข้าเรียน · who is to be asked after at school, the most urgent first",
        parameters=[
            SIDE,
            text_parameter("due", "overdue: เกินกำหนด, soon: ใน 7 วัน", "overdue, or within 7 days", enum=DUE),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("FollowUpPage", FollowUpRowSerializer),
    )
    def get(self, request) -> Response:
        found = returns(request.user, choice(request, "side", SIDES)).filter(stage__in=OBSERVED, due_at__isnull=False)
        now = clock.now()
        within = {"overdue": Q(due_at__lt=now), "soon": Q(due_at__gte=now, due_at__lt=now + SOON), "": Q()}
        found = found.filter(within[choice(request, "due", DUE)])
        found = found.select_related(*RELATED, "province")
        return paged(request, found, "due_at", "pk", tell=lambda cases: _rows(cases, request.user, watched=True))
