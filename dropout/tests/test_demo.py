"""The demo world is one the application could have made: by domain functions, and its figures agree."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from cases import rederiving
from cases.codes import OBSERVED, FactKind, PairState, ReferralState, RequestState, Stage
from cases.identity import unseal
from cases.lifecycle import STANDING_FIELDS, facts_of, fold, set_standing, state_of
from cases.models import (
    FOREVER,
    Case,
    CheckSignature,
    Child,
    Duplicate,
    Fact,
    Identifier,
    ListVersion,
    Referral,
    Request,
    Span,
    Visit,
)
from dropout.demo.children import given_names
from dropout.demo.world import DEMO_LOGINS
from reports import rollup, trees
from reports.models import Rollup
from schools.models import Invitation, Person, Posting
from schools.people import DEMO_PASSWORD
from schools.thaitime import bangkok_today
from schools.units import NATION


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The small world, once for this module, taken back at its end."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            call_command("seed_demo", scale="small", verbosity=0)
            yield
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_every_stage_is_in_it_and_a_few_hundred_children():
    stages = Counter(Case.objects.values_list("stage", flat=True))
    assert 300 <= sum(stages.values()) <= 500
    assert set(stages) == set(Stage)


def test_every_case_derived_again_from_its_facts_stands_where_it_stands():
    assert list(rederiving.differences()) == []


def test_what_is_asked_referred_and_checked_is_in_it_both_answered_and_waiting():
    assert set(Duplicate.objects.values_list("state", flat=True)) >= {PairState.OPEN, PairState.MERGED}
    assert Duplicate.objects.filter(state=PairState.OPEN).count() >= 2
    assert set(Request.objects.values_list("state", flat=True)) >= {RequestState.WAITING, RequestState.GRANTED}
    waiting = set(Request.objects.filter(state=RequestState.WAITING).values_list("kind", "to_unit"))
    assert waiting >= {("transfer", "district:P4601"), ("transfer", "department:obec")}
    assert ("escalation", "district:P4603") in waiting
    assert Referral.objects.filter(state=ReferralState.DONE).exists()
    assert Referral.objects.filter(state=ReferralState.SENT, due_on__lt=bangkok_today()).exists()
    assert Case.objects.filter(is_unsafe=True, referrals__for_safety=True).exists()
    assert Case.objects.filter(episode=2).exists()
    assert CheckSignature.objects.count() == 1


def test_every_span_and_standing_follows_from_the_facts():
    facts = facts_of(Case.objects.values_list("pk", flat=True))
    believed = {}
    for span in Span.objects.filter(known_until=FOREVER).order_by("case_id", "since"):
        believed.setdefault(span.case_id, []).append((span.since, span.until, state_of(span)))
    for case in Case.objects.all():
        pieces, progress = fold(facts[case.pk])
        assert believed[case.pk] == [tuple(piece) for piece in pieces], case.number
        stands = {field: getattr(case, field) for field in STANDING_FIELDS}
        set_standing(case, pieces, progress)
        assert {field: getattr(case, field) for field in STANDING_FIELDS} == stands, case.number


def test_its_figures_agree_now_and_in_every_week_kept():
    counts, checks = trees.proven(NATION)
    assert counts["target"] == Case.objects.exclude(stage=Stage.VOID).count()
    assert [check for check in checks if not check.holds] == []
    weeks = Rollup.objects.filter(kind="weekly")
    assert weeks.count() >= 20
    for week in weeks:
        trees.prove(rollup.leaves_of(week, NATION))


def test_a_list_was_issued_again_with_children_gone_and_new():
    again = ListVersion.objects.get(number=2)
    assert again.counts["gone"] == 5
    assert again.counts["new"] > 0
    assert again.counts["unchanged"] > again.counts["changed"] > 0


def test_late_visits_are_among_them_and_every_id_carries_the_unassigned_office():
    late = [visit for visit in Visit.objects.select_related("fact") if visit.fact.at < visit.fact.known_at]
    assert len(late) > 20
    numbers = [unseal(bytes(identifier.sealed)) for identifier in Identifier.objects.all()]
    assert numbers
    assert {number[1:5] for number in numbers} == {"9999"}


def test_guardians_are_called_as_their_given_names_are():
    names = Child.objects.exclude(guardian_name="").values_list("guardian_name", flat=True)
    called = {(name[:3], name[3:].split()[0]) for name in names}
    assert {title for title, _ in called} == {"นาย", "นาง"}
    assert {given for title, given in called if title == "นาย"} <= set(given_names()["M"])
    assert {given for title, given in called if title == "นาง"} <= set(given_names()["F"])


def test_children_wait_for_the_demo_officer_to_give_them_a_school():
    waiting = Case.objects.filter(district__code="P4603", school=None, stage=Stage.NEW).count()
    assert waiting >= 3


def test_every_role_has_its_log_in():
    assert {posting.role for posting in Posting.objects.all()} == set(Posting.Role.values)
    for username, unit in DEMO_LOGINS:
        person = Person.objects.get(username=username)
        assert person.check_password(DEMO_PASSWORD)
        assert [posting.unit for posting in person.postings.all()] == [unit]
    invited = Person.objects.filter(is_demo=False)
    assert [person.has_usable_password() for person in invited] == [False]
    assert Invitation.objects.filter(person__in=invited).count() == 1


def test_children_come_back_at_many_schools_and_are_planned_for_conferred_on_and_handed_over():
    assert Case.objects.filter(stage__in=OBSERVED).values("school").distinct().count() >= 5
    assert Case.objects.filter(stage=Stage.ASSISTING).values("school").distinct().count() >= 3
    told = set(Fact.objects.values_list("kind", flat=True).distinct())
    assert told >= {FactKind.CONFERRED, FactKind.HANDED_OVER, FactKind.FOLLOWED_UP, FactKind.HELP_PLANNED}


def test_it_is_made_once_and_only_for_demonstration(settings):
    with pytest.raises(CommandError, match="people already"):
        call_command("seed_demo", verbosity=0)
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("seed_demo", verbosity=0)
