"""Random worlds in which people do whatever the tables let them, in any order, while the clock moves.

After every step: one responsible unit, one current span and at most one open case a child; spans tile; what stands is
what the facts say; every identity of both trees holds, also of earlier days; nobody sees beyond their scope; what was
once reported is reported again to the digit. 500 runs on PostgreSQL, fewer on SQLite; WHOLE_LIFE_RUNS asks for more.
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases import actions, answering, requests, visits
from cases.codes import EnrolmentRoute, Finding, Outcome, Remedy, RequestKind, RequestState, Rung, Sameness, Stage, Wish
from cases.deeds import deeds, perform
from cases.duplicates import note_pair
from cases.enrolment import claim_enrolment
from cases.lifecycle import STANDING_FIELDS, StaleCase, facts_of, fold, set_standing, state_of
from cases.merging import merge, request_merge, undo_merge
from cases.models import FOREVER, Case, Fact, Referral, Request, Span, Visit
from cases.models.referral import LIVE
from cases.routing import assign_case
from cases.visits import VisitContent, record_visit
from dropout.testing import make_cast, make_schools
from reports import ladder, trees
from schools import clock
from schools.models import School
from schools.refusal import Refusal
from schools.units import NATION

RUNS = int(os.environ.get("WHOLE_LIFE_RUNS", "0"))
PARTS = 8
BEGIN = datetime(2022, 3, 1, 3, tzinfo=UTC)
STEPS = 30

# Who sees a case that stands (district, province, department); the schools' own people and nobody else see by school.
SEES = {
    "teacher": lambda case: case.school.code == "46990001" if case.school else False,
    "sister_teacher": lambda case: case.school.code == "46990002" if case.school else False,
    "director": lambda case: case.school.code == "46990001" if case.school else False,
    "district": lambda case: case.district.code == "P4603",
    "province": lambda case: case.province_id == 46,
    "department": lambda case: case.department.code == "obec",
    "ministry": lambda case: True,
    "partner": lambda case: False,
    "auditor": lambda case: True,
    "admin": lambda case: False,
    "charlie": lambda case: False,
    "south_teacher": lambda case: case.school.code == "81990001" if case.school else False,
    "south_district": lambda case: case.district.code == "P8101",
    "south_province": lambda case: case.province_id == 81,
    "south_department": lambda case: case.department.code == "ovec",
    "south_ministry": lambda case: case.province.region_id == 6,
}
DOERS = [name for name in SEES if name not in ("auditor", "admin", "charlie", "partner", "south_ministry")]
OFFICES = ("district", "province", "department")
AT_WORK = {
    "46990001": ("teacher", "director", "district"),
    "46990002": ("sister_teacher", "district", "province"),
    "81990001": ("south_teacher", "south_director", "south_district"),
}
SOMEBODY = st.integers(0, 8) | st.integers(0, 8) | st.sampled_from(DOERS)
PLACES = ("own", "sister", "other_district", "secondary", "college", "other_province", "south", "nobody's")


class WholeLife(RuleBasedStateMachine):
    """A world in a transaction of its own, rolled back at its end."""

    make_case = None  # set by the test
    world = None

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.moment = BEGIN
        self.ticking = clock.simulated(self.moment)
        self.ticking.__enter__()
        self.numbers: list[int] = []
        self.reported: list[tuple[datetime, ladder.Counts]] = []
        self.sent: list[tuple[int, VisitContent, object, object]] = []

    def teardown(self):
        self.ticking.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────────
    @property
    def cast(self):
        return self.world

    def people(self, name):
        person = getattr(self.cast, name)
        person.__dict__.pop("_postings", None)
        return person

    def case(self, pick) -> Case:
        return Case.objects.get(pk=self.numbers[pick % len(self.numbers)])

    def one_near(self, case, who):
        """Mostly somebody whose work the case is: a number below NEAR; else anybody."""
        if isinstance(who, str):
            return self.people(who)
        school = case.school.code if case.school else ""
        return self.people(AT_WORK.get(school, OFFICES)[who % 3])

    def tick(self, moved: timedelta):
        self.moment += moved
        self.ticking.__exit__(None, None, None)
        self.ticking = clock.simulated(self.moment)
        self.ticking.__enter__()

    @initialize(places=st.lists(st.sampled_from(PLACES), min_size=2, max_size=3))
    def some_children_are_listed(self, places):
        for place in places:
            self.a_child_is_listed(place, 30)

    @precondition(lambda self: len(self.numbers) < 4)
    @rule(place=st.sampled_from(PLACES), ago=st.integers(0, 40))
    def a_child_is_listed(self, place, ago):
        self.tick(timedelta(minutes=1))
        where = self.cast.own_school.district if place == "nobody's" else getattr(self.cast, f"{place}_school")
        made = type(self).make_case(where, listed_on=(self.moment - timedelta(days=ago)).date())
        self.numbers.append(made.pk)

    @precondition(lambda self: self.numbers)
    @rule(
        pick=st.integers(0, 9),
        who=SOMEBODY,
        finding=st.sampled_from(Finding),
        mode=st.sampled_from(visits.VisitMode.values),
        outcome=st.sampled_from([None, Outcome.RELOCATED, Outcome.HEALTH, Outcome.ENROLLED_SAME_AFFILIATION]),
        wish=st.sampled_from([None, Wish.WANTS, Wish.DOES_NOT_WANT]),
        ago=st.integers(0, 6),
        unsafe=st.booleans(),
    )
    def a_visit_is_made(self, pick, who, finding, mode, outcome, wish, ago, unsafe):
        self.tick(timedelta(minutes=1))
        done = (self.moment - timedelta(days=ago)).date()
        content = VisitContent(
            finding=finding, mode=mode, outcome=outcome, wish=wish if finding else None, done=done, unsafe=unsafe
        )
        case, uuid = self.case(pick), uuid4()
        person = self.one_near(case, who)
        self.try_it(case, person, "visit", lambda: record_visit(case, content, person=person, uuid=uuid))
        if Visit.objects.filter(uuid=uuid).exists():
            self.sent.append((case.pk, content, person, uuid))

    @precondition(lambda self: self.sent)
    @rule(pick=st.integers(0, 9))
    def a_visit_is_sent_again(self, pick):
        pk, content, person, uuid = self.sent[pick % len(self.sent)]
        before = Fact.objects.count()
        visit, is_new = record_visit(Case.objects.get(pk=pk), content, person=person, uuid=uuid)
        assert (str(visit.uuid), is_new, Fact.objects.count()) == (str(uuid), False, before)

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), who=SOMEBODY, to=st.sampled_from(PLACES[:-1]))
    def a_case_is_assigned(self, pick, who, to):
        self.tick(timedelta(minutes=1))
        case = self.case(pick)
        person = self.one_near(case, who)
        school = getattr(self.cast, f"{to}_school")
        self.try_it(case, person, "assign", lambda: assign_case(case, school, person=person))

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), who=SOMEBODY, to=st.sampled_from([None, *PLACES[:-1]]))
    def a_return_is_claimed(self, pick, who, to):
        self.tick(timedelta(minutes=1))
        case = self.case(pick)
        person = self.one_near(case, who)
        says = {"route": EnrolmentRoute.NONFORMAL}
        if to:
            says = {"route": EnrolmentRoute.SCHOOL, "school": getattr(self.cast, f"{to}_school")}
        self.try_it(case, person, "claim_enrolment", lambda: claim_enrolment(case, person=person, **says))

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), who=SOMEBODY, data=st.data())
    def something_is_done(self, pick, who, data):
        """Mostly what the table allows this person now; sometimes what it does not."""
        self.tick(timedelta(minutes=1))
        case = self.case(pick)
        person = self.one_near(case, who)
        allowed = {one.action.slug for one in actions.allowed_actions(case, person) if not one.reason}
        legal = sorted(allowed & deeds().keys())
        slug = data.draw(st.sampled_from([*legal * 3, *sorted(deeds())]))
        form = deeds()[slug].form(self.filled(deeds()[slug].form, case, person, data), case=case, person=person)
        if form.is_valid():
            self.try_it(case, person, slug, lambda: perform(deeds()[slug], form))

    @precondition(lambda self: self.numbers)
    @rule(pick=st.integers(0, 9), slug=st.sampled_from(sorted(deeds())), data=st.data())
    def two_people_save_at_once(self, pick, slug, data):
        """The second saw what stood before the first saved, and is told so."""
        self.tick(timedelta(minutes=1))
        case, person = self.case(pick), self.people("district")
        form = deeds()[slug].form(self.filled(deeds()[slug].form, case, person, data), case=case, person=person)
        first = VisitContent(finding=Finding.NONE)
        if not form.is_valid() or not self.can(case, person, slug) or not self.can(case, person, "visit"):
            return
        record_visit(case, first, person=person, uuid=uuid4())
        self.tick(timedelta(minutes=1))
        facts = Fact.objects.count()
        if self.can(Case.objects.get(pk=case.pk), person, slug):
            with pytest.raises((StaleCase, Refusal)), transaction.atomic():
                perform(deeds()[slug], form)
            assert Fact.objects.count() == facts

    @precondition(lambda self: Request.objects.exists())
    @rule(
        pick=st.integers(0, 9),
        who=SOMEBODY,
        decision=st.sampled_from(["grant", "refuse", "recall"]),
        does=st.sampled_from(Remedy.values),
    )
    def a_request_is_answered(self, pick, who, decision, does):
        self.tick(timedelta(minutes=1))
        rows = list(Request.objects.order_by("pk"))
        waiting = [one for one in rows if one.state == "waiting"] or rows
        asked = waiting[pick % len(waiting)]
        person = self.one_near(asked.case, who)
        facts = Fact.objects.count()
        try:
            with transaction.atomic():
                answering.answer(asked, person=person, decision=decision, does=does, answer="ตามที่เห็นสมควร")
        except (PermissionDenied, Refusal):
            assert Fact.objects.count() == facts
        else:
            assert decision == "recall" or person.pk != asked.asked_by_id

    @precondition(lambda self: len(self.numbers) > 1)
    @rule(
        one=st.integers(0, 9),
        two=st.integers(0, 9),
        who=st.sampled_from(["district", "province", "department", "director", "south_district"]),
        call=st.sampled_from([merge, merge, request_merge, undo_merge]),
    )
    def two_cases_are_told_to_be_one_child_or_two_again(self, one, two, who, call):
        """A merge moves nothing but the duplicate out of the target; its undoing brings it back."""
        self.tick(timedelta(minutes=1))
        first, second = self.case(one), self.case(two)
        if first == second:
            return
        pair, target = note_pair(first, second, Sameness.NAME_BIRTH), ladder.count(NATION)["target"]
        try:
            with transaction.atomic():
                call(pair, person=self.people(who), reason="คนเดียวกัน ตรวจแล้ว")
        except (PermissionDenied, Refusal):
            return
        moved = {merge: -1, request_merge: 0, undo_merge: 1}[call]
        voided = {Stage.VOID, Stage.CLOSED} & {first.stage, second.stage}
        assert ladder.count(NATION)["target"] == target + moved or voided

    @rule(days=st.integers(1, 70))
    def days_pass(self, days):
        self.reported.append((self.moment, ladder.count(NATION)))
        self.tick(timedelta(days=days))
        requests.escalate_unanswered()
        self.tick(timedelta(minutes=1))

    # ── how ───────────────────────────────────────────────────────────────────────────────────────────────────
    def can(self, case, person, slug) -> bool:
        return slug in {one.action.slug for one in actions.allowed_actions(case, person) if not one.reason}

    def try_it(self, case, person, slug, call):
        """What the table does not allow raises and writes nothing; what it allows may still be refused with words."""
        allowed, facts = self.can(case, person, slug), Fact.objects.count()
        try:
            with transaction.atomic():
                call()
        except PermissionDenied:
            assert not allowed or slug in ("assign", "confirm_enrolment", "deny_enrolment"), slug
            assert Fact.objects.count() == facts
        except Refusal as refusal:
            assert refusal.message_th
            assert refusal.message_en
            assert Fact.objects.count() == facts
        else:
            passed_on = slug == "visit" and case.child.merged_into_id  # to the survivor
            assert allowed or passed_on, f"{slug} is not in the table for {person} and was done"

    def filled(self, form: type[forms.Form], case, person, data) -> dict:
        """Something for every field of a form."""
        said = {"version": case.version}
        for name, field in form(case=case, person=person).fields.items():
            if name == "version":
                continue
            if isinstance(field, forms.FileField):
                continue
            if isinstance(field, forms.ModelChoiceField):
                rows = list(field.queryset[:5])
                said[name] = data.draw(st.sampled_from(rows)).pk if rows else ""
            elif isinstance(field, forms.MultipleChoiceField):
                said[name] = [data.draw(st.sampled_from([str(key) for key, _ in field.choices]))]
            elif isinstance(field, forms.ChoiceField):
                said[name] = data.draw(st.sampled_from([str(key) for key, _ in field.choices] or [""]))
            elif isinstance(field, forms.BooleanField):
                said[name] = data.draw(st.booleans())
            elif isinstance(field, forms.DateField) or "Date" in type(field).__name__:
                day = self.moment - timedelta(days=data.draw(st.sampled_from([0, 0, 0, 0, 1, 3, -3, -20])))
                said[name] = f"{day.day}/{day.month}/{day.year + 543}"
            elif isinstance(field, forms.IntegerField):
                said[name] = data.draw(st.integers(1, 5))
            elif "school" in name:
                said[name] = data.draw(st.sampled_from(["46990001", "46990002", "46990003", "81990001"]))
            else:
                said[name] = "ทดสอบตามเรื่องสมมุติ"
        return said

    # ── what always holds ─────────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def every_case_stands_once_as_its_facts_say(self):
        stories = facts_of(self.numbers)
        for case in Case.objects.filter(pk__in=self.numbers):
            pieces, progress = fold(stories[case.pk])
            spans = list(Span.objects.filter(case=case))
            current = [span for span in spans if span.gone == FOREVER]
            assert len(current) == 1
            assert state_of(current[0]) == state_of(case) == pieces[-1].state
            believed = sorted((span for span in spans if span.known_until == FOREVER), key=lambda span: span.since)
            assert [(span.since, span.until, state_of(span)) for span in believed] == [tuple(one) for one in pieces]
            assert all(one.until == two.since for one, two in pairwise(believed))
            for place, one in enumerate(spans):
                for two in spans[place + 1 :]:
                    apart = one.until <= two.since or two.until <= one.since
                    assert apart or one.known_until <= two.known_from or two.known_until <= one.known_from
            again = Case(pk=case.pk, version=case.version)
            set_standing(again, pieces, progress)
            for field in STANDING_FIELDS:
                assert getattr(again, field) == getattr(case, field), field

    @invariant()
    def no_child_has_two_open_cases(self):
        children = list(Case.objects.exclude(stage__in=[Stage.CLOSED, Stage.VOID]).values_list("child_id", flat=True))
        assert len(children) == len(set(children))

    @invariant()
    def nothing_waits_where_nobody_would_answer(self):
        """What was asked of a void case, or that a child who is found be called not found, has ended or gone on."""
        waiting = Request.objects.filter(state=RequestState.WAITING)
        assert not waiting.filter(case__stage=Stage.VOID).exists()
        assert not waiting.filter(kind=RequestKind.NOT_FOUND, case__rung=Rung.FOUND).exists()
        duplicates = Case.objects.filter(stage=Stage.VOID, child__merged_into__isnull=False)
        assert not Referral.objects.filter(state__in=LIVE, case__in=duplicates).exists()

    @invariant()
    def the_figures_prove_themselves_today_and_on_earlier_days(self):
        leaves = ladder.count_leaves()
        trees.prove(leaves)
        total = ladder.total(leaves.values())
        assert total["target"] == Case.objects.exclude(stage=Stage.VOID).count()
        for moment, counts in self.reported[-2:]:
            assert ladder.count(NATION, moment, moment) == counts
            trees.prove(ladder.count_leaves(as_of=moment))

    @invariant()
    def nobody_sees_beyond_their_scope(self):
        cases = list(Case.objects.select_related("school", "district", "province", "department"))
        for name, sees in SEES.items():
            expected = {case.pk for case in cases if sees(case)}
            assert set(Case.objects.visible_to(self.people(name)).values_list("pk", flat=True)) == expected, name


@pytest.fixture
def world(reference_world, make_case):
    WholeLife.world = make_cast(make_schools())
    WholeLife.make_case = staticmethod(make_case)
    return WholeLife


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_people_do_in_any_order_every_promise_holds(world, part):
    runs = RUNS or (504 if connection.vendor == "postgresql" else 80)
    assert School.objects.exists()
    run_state_machine_as_test(
        world,
        settings=settings(
            max_examples=max(runs // PARTS, 1),
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            database=None,
        ),
    )
