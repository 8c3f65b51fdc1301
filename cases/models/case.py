"""A case: at most one open case per child. Its state columns are written by cases.lifecycle alone."""

import re
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import connection, models

from cases.codes import RECEIVED, Category, Outcome, Reached, Rung, Stage, Wish
from cases.models.child import Child
from schools.models import Department, District, Province, School
from schools.scope import received, visible

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I L O U


def case_number(pk: int) -> str:
    """The public number of case `pk`, like `7Q2K-M4TX`: a fixed shuffle of 40 bits, so it never collides.

    It hides the order of registration, not the case: what may be seen is decided by scope.
    """
    shuffled = (pk * 0x5_DEEC_E66D + 0x9E_3779_B97F) % (1 << 40)
    letters = "".join(ALPHABET[(shuffled >> shift) & 31] for shift in range(35, -5, -5))
    return f"{letters[:4]}-{letters[4:]}"


_NUMBER = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


def read_numbers(texts: Iterable[str], most: int) -> list[str]:
    """The numbers of cases that a form ticked, at most so many; what is no such number is left out."""
    return [text for text in list(texts)[:most] if _NUMBER.fullmatch(text)]


def take_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """`count` primary keys nobody else gets. On SQLite this needs the write lock the transaction already holds."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or [0])[0]
        return range(last + 1, last + 1 + count)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, person):
        """The cases `person` may see now; none without a posting (schools.scope)."""
        return self.filter(visible(person))

    def received_by(self, person):
        """The cases whose child is enrolled, claimed or confirmed, in a school of `person`'s, whoever has the case."""
        return self.filter(received(person), stage__in=RECEIVED)


class Case(models.Model):
    number = models.CharField(max_length=9, unique=True)
    child = models.ForeignKey(Child, models.PROTECT, related_name="cases")
    opened_at = models.DateTimeField()
    # computed by cases.lifecycle from facts ───────────────────────────────────────────────────────
    stage = models.PositiveSmallIntegerField(choices=Stage.choices)
    stage_since = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    category = models.PositiveSmallIntegerField(choices=Category.choices)
    episode = models.PositiveSmallIntegerField(default=1)
    rung = models.PositiveSmallIntegerField(choices=Rung.choices)
    outcome = models.PositiveSmallIntegerField(choices=Outcome.choices, default=Outcome.NOT_GIVEN)
    wish = models.PositiveSmallIntegerField(choices=Wish.choices, default=Wish.NOT_ASKED)
    reached = models.PositiveSmallIntegerField(choices=Reached.choices, default=Reached.NOWHERE)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="cases")
    district = models.ForeignKey(District, models.PROTECT, related_name="cases", db_index=False)
    province = models.ForeignKey(Province, models.PROTECT, related_name="cases", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="cases", db_index=False)
    # where the standing return was claimed for, if that is a school of ours: it confirms and follows up
    enrolled_school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="enrolled_cases")
    # who made the claim or hand-over that waits for the receiving side's word: another must give it
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_unsafe = models.BooleanField(default=False)  # the address is hidden from all but those who act
    # ──────────────────────────────────────────────────────────────────────────────────────────────
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="responsible_cases"
    )
    visits_count = models.PositiveSmallIntegerField(default=0)
    last_visit_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["district", "id"], name="case_of_district"),
            models.Index(fields=["province", "id"], name="case_of_province"),
            models.Index(fields=["department", "id"], name="case_of_department"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=~models.Q(stage__in=[Stage.CLOSED, Stage.VOID]),
                name="case_one_open_per_child",
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="case_stage_exists"),
            models.CheckConstraint(condition=models.Q(rung__in=Rung.values), name="case_rung_exists"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="case_outcome_exists"),
        ]

    def __str__(self):
        return self.number
