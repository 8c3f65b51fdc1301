"""What is done once at a time and a hundred times a second: one visit recorded, one ID sealed and indexed."""

import hashlib
from itertools import cycle
from uuid import uuid4

from cryptography.fernet import Fernet
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from cases import actions, gate
from cases.codes import FactKind, Finding
from cases.identity import blind_index, make_synthetic_id, seal
from cases.models import Case, Fact, Visit
from cases.visits import VisitContent, judge, record_visit
from dropout.bench.measuring import Row, in_turn, timed
from dropout.bench.world import World
from schools import audit
from schools.models import School

IDS = 5_000
VISITS = 5  # of each side in a run


def measure(world: World, runs: int) -> list[Row]:
    return [*_visit(world, runs), _sealed(runs)]


def _visit(world: World, runs: int) -> list[Row]:
    """Each side records its own visits, of different children of the school that has most."""
    counted = Case.objects.filter(school__isnull=False, stage__lt=3).values_list("school").annotate(n=Count("pk"))
    school = School.objects.get(pk=counted.order_by("-n")[0][0])
    teacher = world.teacher_at(school)
    cases = list(Case.objects.filter(school=school, stage__lt=3).order_by("pk"))
    mine, bare_ones, spanless_ones = (cycle(cases[at::3] or cases) for at in range(3))
    times = runs * VISITS
    posting = teacher.postings.get()
    content = VisitContent(finding=Finding.NONE, situation="ไม่มีใครอยู่บ้าน")

    def ours() -> float:
        case = next(mine)
        return timed(lambda: record_visit(case, content, person=teacher, uuid=uuid4()))

    def bare() -> float:
        return timed(lambda: _record_bare(next(bare_ones), teacher, posting))

    def spanless() -> float:
        return timed(lambda: _record_spanless(next(spanless_ones), content, teacher))

    ours(), bare(), spanless()
    spent = in_turn(times, floor=bare, ours=ours, spanless=spanless)
    work = "one visit recorded (facts, span, event)"
    return [
        Row(
            work,
            "lock case, insert fact and visit, update case",
            spent["floor"],
            spent["ours"],
            2,
            times,
            note="ours also asks the scope, judges the content, looks for a resend, passes the gate, reads the case's "
            "facts and spans and writes the audit line: 15 statements beside 6.",
        ),
        Row(
            f"{work}, against the same without spans",
            "the same without spans",
            spent["spanless"],
            spent["ours"],
            2,
            times,
            note="floor: all that ours does but reading, cutting and adding spans: what the design's aim is of.",
        ),
    ]


@transaction.atomic
def _record_bare(case: Case, teacher, posting, uuid=None, digest: str = "") -> None:
    """The least that keeps a visit: no span, no scope, no rule, no audit."""
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    now = timezone.now()
    fact = Fact.objects.create(
        case=locked,
        kind=FactKind.VISITED,
        at=now,
        known_at=now,
        by=teacher,
        posting=posting,
        unit=posting.unit,
        finding=Finding.NONE,
        before=locked.stage,
        after=locked.stage,
    )
    Visit.objects.create(
        fact=fact, case=locked, uuid=uuid or uuid4(), content_digest=digest, mode="home", situation="ไม่มีใครอยู่บ้าน"
    )
    locked.visits_count += 1
    locked.last_visit_at = now
    locked.save(update_fields=["visits_count", "last_visit_at"])


@transaction.atomic
def _record_spanless(case: Case, content: VisitContent, teacher) -> None:
    """A visit with its scope, resend, judgement, gate, facts and audit line, the case's spans aside."""
    uuid = uuid4()
    Visit.objects.filter(uuid=uuid).first()
    posting = actions.may(case, teacher, "visit")
    judge(case, content)
    gate.enter()
    list(Fact.objects.filter(case=case).order_by("pk"))
    _record_bare(case, teacher, posting, uuid, content.digest(()))
    audit.record(audit.RECORD_VISIT, person=teacher, posting=posting, object_kind="case", object_key=case.number)


def _sealed(runs: int) -> Row:
    values = [make_synthetic_id(number) for number in range(IDS)]
    fernet = Fernet(Fernet.generate_key())

    def each(work) -> float:
        return timed(lambda: [work(value) for value in values]) / IDS

    spent = in_turn(
        runs,
        floor=lambda: each(lambda value: hashlib.sha256(value.encode()).digest()),
        ours=lambda: each(lambda value: (seal(value), blind_index("national_id", value))),
        rival=lambda: each(lambda value: (fernet.encrypt(value.encode()), hashlib.sha256(value.encode()).digest())),
    )
    return Row(
        "seal and index a national ID", "SHA-256", spent["floor"], spent["ours"], 6, runs, {"Fernet": spent["rival"]}
    )
