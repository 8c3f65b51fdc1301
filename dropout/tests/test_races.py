"""Sixteen at the same instant, a hundred times: one wins, the others are told so, and nothing happens twice."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from cases import answering, closing, enrolment, transfers
from cases.codes import Closing, EnrolmentRoute, FactKind, Finding
from cases.lifecycle import facts_of, fold, state_of
from cases.models import FOREVER, Case, Fact, Request, Span
from cases.visits import VisitContent, record_visit
from schools.models import Person
from schools.refusal import Refusal
from schools.thaitime import bangkok_today

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS, ROUNDS = 16, 100  # of each of the four
WHY = "ตรวจแล้วตามหลักฐาน"


def at_once(calls) -> list[str]:
    """Start all of `calls` at the same instant, each with a connection of its own; what came of each."""
    ready, outcomes = Barrier(len(calls)), []

    def run(call):
        try:
            ready.wait(20)
            call()
            outcomes.append("done")
        except (Refusal, PermissionDenied):
            outcomes.append("told")
        finally:
            connection.close()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(outcomes) == len(calls), "somebody is still waiting: a deadlock"
    return outcomes


def fresh(person):
    return Person.objects.get(pk=person.pk)


def count(case, *kinds) -> int:
    return Fact.objects.filter(case=case, kind__in=kinds).count()


def stands_once(case) -> None:
    """One current span, and the case stands as its facts say."""
    now = Case.objects.get(pk=case.pk)
    (span,) = Span.objects.filter(case=case, gone=FOREVER)
    assert state_of(span) == state_of(now) == fold(facts_of([case.pk])[case.pk])[0][-1].state


def answers(request, people, decisions):
    """Sixteen answers to one request, the people and their decisions taking turns."""

    def answer(n):
        who, decision = people[n % len(people)], decisions[n % len(decisions)]
        asked = Request.objects.select_related("case").get(pk=request.pk)
        return lambda: answering.answer(asked, person=fresh(who), decision=decision, answer=WHY)

    return [answer(n) for n in range(THREADS)]


def test_a_closing_is_granted_refused_or_recalled_once_whatever_is_visited_meanwhile(cast, make_case):
    for _ in range(ROUNDS):
        case = make_case(cast.own_school)
        asked = closing.request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
        calls = answers(asked, [cast.district, cast.teacher, cast.district], ["grant", "recall", "refuse"])
        calls[-1] = lambda case=case: record_visit(
            case, VisitContent(finding=Finding.NONE), person=fresh(cast.director), uuid=uuid4()
        )
        at_once(calls)
        assert count(case, FactKind.REQUEST_ANSWERED) == 1
        assert count(case, FactKind.CLOSED) <= 1
        assert count(case, FactKind.VISITED) == 1
        stands_once(case)


def test_a_transfer_is_accepted_or_recalled_once(cast, make_case):
    for _ in range(ROUNDS):
        case = make_case(cast.own_school)
        asked = transfers.request_transfer(case, person=cast.district, to="district:P4601", reason=WHY)
        outcomes = at_once(answers(asked, [cast.province, cast.district], ["grant", "recall"]))
        assert outcomes.count("done") == 1
        assert count(case, FactKind.REQUEST_ANSWERED) == 1
        granted = Request.objects.get(pk=asked.pk).state == "granted"
        assert count(case, FactKind.TRANSFERRED) == granted
        stands_once(case)


def test_a_return_is_confirmed_denied_or_withdrawn_once(cast, make_case):
    for _ in range(ROUNDS):
        case = make_case(cast.own_school)
        enrolment.claim_enrolment(
            case, person=cast.teacher, route=EnrolmentRoute.SCHOOL, school=cast.sister_school, at=bangkok_today()
        )
        acts = (
            lambda case=case: enrolment.confirm_enrolment(case, person=fresh(cast.district)),
            lambda case=case: enrolment.deny_enrolment(case, person=fresh(cast.district), reason=WHY),
            lambda case=case: enrolment.withdraw_enrolment(case, person=fresh(cast.teacher), reason=WHY),
        )
        outcomes = at_once([acts[n % 3] for n in range(THREADS)])
        ended = (FactKind.ENROLMENT_CONFIRMED, FactKind.ENROLMENT_DENIED, FactKind.ENROLMENT_WITHDRAWN)
        assert outcomes.count("done") == count(case, *ended) == 1
        stands_once(case)


def test_one_visit_sent_sixteen_times_at_once_is_one_visit(cast, make_case):
    for _ in range(ROUNDS):
        case, uuid = make_case(cast.own_school), uuid4()
        content = VisitContent(finding=Finding.FOUND)
        outcomes = at_once(
            [
                lambda case=case, uuid=uuid, content=content: record_visit(
                    case, content, person=fresh(cast.teacher), uuid=uuid
                )
            ]
            * THREADS
        )
        assert outcomes == ["done"] * THREADS
        assert count(case, FactKind.VISITED) == 1
        stands_once(case)
